// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Errors that become answers.
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE

using http::reason;
using http::Status;

/// Thrown by a handler or a middleware to answer `status` with `message`:
/// `throw weir::HttpError{weir::Status::conflict, "name is taken"}`.
///
/// The message is sent to the client.
class HttpError : public std::runtime_error {
 public:
  explicit HttpError(Status status, const std::string& message = {})
      : std::runtime_error(message), status_(status) {}

  Status status() const noexcept { return status_; }

  /// Makes the answer, where Server::on_error has not. By default nothing: the usual text is sent.
  /// `response` has the status.
  virtual void shape(Response& response) const { static_cast<void>(response); }

 private:
  Status status_;
};

/// What `Server::on_error` is told: one for every answer that is an error of the server's making
/// (from the parser, a limit, a time-out, the router, an exception).
struct Error {
  Status status = Status::internal_server_error;
  std::string_view message;           ///< a short English clause, safe to send; may be empty
  std::exception_ptr exception;       ///< what the handler threw, if it threw
  const Request* request = nullptr;   ///< null when no request could be read
  const HttpError* thrown = nullptr;  ///< `exception`, if it is one of these
};

WEIR_END_NAMESPACE
