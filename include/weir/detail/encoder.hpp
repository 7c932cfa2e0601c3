// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A content coding at work: bytes in, coded bytes out.
///
/// What its library works with, hundreds of kilobytes, is taken by the first put() and given back
/// by the last: a thread keeps one of each coding for its next content. An encoder that goes before
/// its end frees it.
///
/// Thread: one at a time.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/accept_encoding.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class WEIR_API Encoder {
 public:
  enum class Flush : std::uint8_t {
    none,  ///< more follows at once
    sync,  ///< what was put in can be decoded from what has come out
    end,   ///< nothing follows
  };

  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder() = default;

  /// Codes `bytes` and appends what comes out. Throws std::bad_alloc, and std::runtime_error for
  /// what the coding's library refuses.
  virtual void put(std::string_view bytes, Flush flush, std::string& out) = 0;

  /// One of `coding`, not identity, with `level` in the terms of its library. Throws as put().
  static std::unique_ptr<Encoder> make(http::ContentCoding coding, int level);

  /// How often this thread had to make a library's context, because it kept none.
  static std::uint64_t contexts_made() noexcept;
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/encoder.ipp>
#endif
