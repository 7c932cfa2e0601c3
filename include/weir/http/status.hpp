// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Status codes and their phrases: the IANA registry (RFC 9110 §15 and the RFCs named below).
///
/// Thread: any.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

enum class Status : std::uint16_t {
  continue_ = 100,
  switching_protocols = 101,
  processing = 102,   ///< RFC 2518
  early_hints = 103,  ///< RFC 8297
  ok = 200,
  created = 201,
  accepted = 202,
  non_authoritative_information = 203,
  no_content = 204,
  reset_content = 205,
  partial_content = 206,
  multi_status = 207,      ///< RFC 4918
  already_reported = 208,  ///< RFC 5842
  im_used = 226,           ///< RFC 3229
  multiple_choices = 300,
  moved_permanently = 301,
  found = 302,
  see_other = 303,
  not_modified = 304,
  use_proxy = 305,
  temporary_redirect = 307,
  permanent_redirect = 308,
  bad_request = 400,
  unauthorized = 401,
  payment_required = 402,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  not_acceptable = 406,
  proxy_authentication_required = 407,
  request_timeout = 408,
  conflict = 409,
  gone = 410,
  length_required = 411,
  precondition_failed = 412,
  content_too_large = 413,
  uri_too_long = 414,
  unsupported_media_type = 415,
  range_not_satisfiable = 416,
  expectation_failed = 417,
  im_a_teapot = 418,  ///< RFC 2324; reserved as unused by RFC 9110 §15.5.19
  misdirected_request = 421,
  unprocessable_content = 422,
  locked = 423,             ///< RFC 4918
  failed_dependency = 424,  ///< RFC 4918
  too_early = 425,          ///< RFC 8470
  upgrade_required = 426,
  precondition_required = 428,            ///< RFC 6585
  too_many_requests = 429,                ///< RFC 6585
  request_header_fields_too_large = 431,  ///< RFC 6585
  unavailable_for_legal_reasons = 451,    ///< RFC 7725
  internal_server_error = 500,
  not_implemented = 501,
  bad_gateway = 502,
  service_unavailable = 503,
  gateway_timeout = 504,
  http_version_not_supported = 505,
  variant_also_negotiates = 506,          ///< RFC 2295
  insufficient_storage = 507,             ///< RFC 4918
  loop_detected = 508,                    ///< RFC 5842
  not_extended = 510,                     ///< RFC 2774
  network_authentication_required = 511,  ///< RFC 6585
};

namespace detail {

struct StatusPhrase {
  Status status;
  std::string_view phrase;
};

// Ordered by code.
inline constexpr std::array kStatusPhrases = {
    StatusPhrase{Status::continue_, "Continue"},
    StatusPhrase{Status::switching_protocols, "Switching Protocols"},
    StatusPhrase{Status::processing, "Processing"},
    StatusPhrase{Status::early_hints, "Early Hints"},
    StatusPhrase{Status::ok, "OK"},
    StatusPhrase{Status::created, "Created"},
    StatusPhrase{Status::accepted, "Accepted"},
    StatusPhrase{Status::non_authoritative_information, "Non-Authoritative Information"},
    StatusPhrase{Status::no_content, "No Content"},
    StatusPhrase{Status::reset_content, "Reset Content"},
    StatusPhrase{Status::partial_content, "Partial Content"},
    StatusPhrase{Status::multi_status, "Multi-Status"},
    StatusPhrase{Status::already_reported, "Already Reported"},
    StatusPhrase{Status::im_used, "IM Used"},
    StatusPhrase{Status::multiple_choices, "Multiple Choices"},
    StatusPhrase{Status::moved_permanently, "Moved Permanently"},
    StatusPhrase{Status::found, "Found"},
    StatusPhrase{Status::see_other, "See Other"},
    StatusPhrase{Status::not_modified, "Not Modified"},
    StatusPhrase{Status::use_proxy, "Use Proxy"},
    StatusPhrase{Status::temporary_redirect, "Temporary Redirect"},
    StatusPhrase{Status::permanent_redirect, "Permanent Redirect"},
    StatusPhrase{Status::bad_request, "Bad Request"},
    StatusPhrase{Status::unauthorized, "Unauthorized"},
    StatusPhrase{Status::payment_required, "Payment Required"},
    StatusPhrase{Status::forbidden, "Forbidden"},
    StatusPhrase{Status::not_found, "Not Found"},
    StatusPhrase{Status::method_not_allowed, "Method Not Allowed"},
    StatusPhrase{Status::not_acceptable, "Not Acceptable"},
    StatusPhrase{Status::proxy_authentication_required, "Proxy Authentication Required"},
    StatusPhrase{Status::request_timeout, "Request Timeout"},
    StatusPhrase{Status::conflict, "Conflict"},
    StatusPhrase{Status::gone, "Gone"},
    StatusPhrase{Status::length_required, "Length Required"},
    StatusPhrase{Status::precondition_failed, "Precondition Failed"},
    StatusPhrase{Status::content_too_large, "Content Too Large"},
    StatusPhrase{Status::uri_too_long, "URI Too Long"},
    StatusPhrase{Status::unsupported_media_type, "Unsupported Media Type"},
    StatusPhrase{Status::range_not_satisfiable, "Range Not Satisfiable"},
    StatusPhrase{Status::expectation_failed, "Expectation Failed"},
    StatusPhrase{Status::im_a_teapot, "I'm a teapot"},
    StatusPhrase{Status::misdirected_request, "Misdirected Request"},
    StatusPhrase{Status::unprocessable_content, "Unprocessable Content"},
    StatusPhrase{Status::locked, "Locked"},
    StatusPhrase{Status::failed_dependency, "Failed Dependency"},
    StatusPhrase{Status::too_early, "Too Early"},
    StatusPhrase{Status::upgrade_required, "Upgrade Required"},
    StatusPhrase{Status::precondition_required, "Precondition Required"},
    StatusPhrase{Status::too_many_requests, "Too Many Requests"},
    StatusPhrase{Status::request_header_fields_too_large, "Request Header Fields Too Large"},
    StatusPhrase{Status::unavailable_for_legal_reasons, "Unavailable For Legal Reasons"},
    StatusPhrase{Status::internal_server_error, "Internal Server Error"},
    StatusPhrase{Status::not_implemented, "Not Implemented"},
    StatusPhrase{Status::bad_gateway, "Bad Gateway"},
    StatusPhrase{Status::service_unavailable, "Service Unavailable"},
    StatusPhrase{Status::gateway_timeout, "Gateway Timeout"},
    StatusPhrase{Status::http_version_not_supported, "HTTP Version Not Supported"},
    StatusPhrase{Status::variant_also_negotiates, "Variant Also Negotiates"},
    StatusPhrase{Status::insufficient_storage, "Insufficient Storage"},
    StatusPhrase{Status::loop_detected, "Loop Detected"},
    StatusPhrase{Status::not_extended, "Not Extended"},
    StatusPhrase{Status::network_authentication_required, "Network Authentication Required"},
};

}  // namespace detail

constexpr std::uint16_t code(Status status) noexcept { return static_cast<std::uint16_t>(status); }

/// The phrase of the status line; empty for a code outside the registry, as RFC 9112 §4 allows.
constexpr std::string_view reason(Status status) noexcept {
  for (const detail::StatusPhrase& entry : detail::kStatusPhrases)
    if (entry.status == status) return entry.phrase;
  return {};
}

/// Whether an answer of this status never has content: 1xx, 204 and 304 (RFC 9110 §6.4.1).
constexpr bool forbids_content(Status status) noexcept {
  return code(status) < 200 || status == Status::no_content || status == Status::not_modified;
}

}  // namespace http

using http::Status;

WEIR_END_NAMESPACE
