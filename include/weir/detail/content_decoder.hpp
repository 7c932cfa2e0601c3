// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Undoes a request's content coding on its way to the handler: what weir::decompress() installs.
///
/// Thread: the connection's loop.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>
#include <weir/net/task.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class WEIR_API ContentDecoder {
 public:
  enum class Result : std::uint8_t {
    ok,
    broken,     ///< not of this coding, or more behind its end
    too_large,  ///< more than the limit, or than the ratio allows: a bomb
    waiting,    ///< the sink has said so; go_on() has more
    stopped,    ///< the sink has said so
  };
  enum class Take : std::uint8_t {
    more,
    wait,  ///< no more before go_on()
    stop,  ///< no more at all
  };
  /// Takes a decoded piece of at most kPiece bytes.
  using Sink = net::UniqueFunction<Take(std::string_view)>;

  static constexpr std::size_t kPiece = 16 * 1024;

  ContentDecoder() = default;
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;
  virtual ~ContentDecoder() = default;

  /// Decodes the next bytes; all decoded ones together are at most `limit`. When the sink wants to
  /// wait, what is not decoded yet of `bytes` is copied. Not while is_waiting().
  virtual Result put(std::string_view bytes, std::uint64_t limit, Sink& sink) = 0;

  /// Goes on with what put() has left.
  virtual Result go_on(std::uint64_t limit, Sink& sink) = 0;
  virtual bool is_waiting() const noexcept = 0;

  /// Bytes that are kept for go_on().
  virtual std::size_t memory() const noexcept = 0;

  /// Whether the coded content was whole.
  virtual bool is_complete() const noexcept = 0;
};

}  // namespace detail
WEIR_END_NAMESPACE
