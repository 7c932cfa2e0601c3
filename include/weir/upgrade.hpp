// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Taking a connection over for another protocol (RFC 9110 §7.8).
///
///     server.get("/lines", [](const weir::Request&, weir::Response& res) {
///       res.upgrade("line-echo", std::make_unique<LineEcho>());
///     });
#include <cstddef>
#include <string_view>
#include <weir/config.hpp>
#include <weir/fwd.hpp>

WEIR_BEGIN_NAMESPACE

/// What a connection speaks after its upgrade. Owned by the connection and destroyed with it.
///
/// Thread: the connection's loop, for every call. What they throw costs the connection.
class WEIR_API Upgrade {
 public:
  Upgrade() = default;
  Upgrade(const Upgrade&) = delete;
  Upgrade& operator=(const Upgrade&) = delete;
  virtual ~Upgrade() = default;

  /// The switch has been announced (101). `out` writes to the peer, from any thread and with
  /// back-pressure; end() closes the connection after what was written, abort() at once. When the
  /// last copy goes the connection is broken off: keep it.
  virtual void on_open(Stream out) = 0;

  /// Takes from `bytes`, the oldest first, and returns how many it is done with; those that came
  /// together with the request are the first. What is left is given again with what has come behind
  /// it, up to Options::max_request_line_bytes; a protocol that keeps more copies it.
  virtual std::size_t on_bytes(std::string_view bytes) = 0;

  /// The peer sends no more; it may still read.
  virtual void on_end() = 0;

  /// The server is stopping: say goodbye and end(). By default the connection is broken off at
  /// once.
  virtual bool on_stopping() { return false; }
};

WEIR_END_NAMESPACE
