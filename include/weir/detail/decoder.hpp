// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A content coding undone: coded bytes in, bytes out, a bounded piece at a time.
///
/// Thread: one at a time.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class WEIR_API Decoder {
 public:
  enum class State : std::uint8_t {
    wants_input,
    has_output,  ///< call again
    complete,    ///< the coded content has ended
    broken,
  };

  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  /// Takes from the front of `bytes` and writes at most `room` bytes to `to`.
  virtual State step(std::string_view& bytes, char* to, std::size_t room, std::size_t& written) = 0;

  /// One of a coding's name, in any case, of RFC 9110 §8.4.1, 7932 and 8878; null for others.
  /// Throws std::bad_alloc.
  static std::unique_ptr<Decoder> make(std::string_view coding);
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/decoder.ipp>
#endif
