// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Which content coding an answer gets (RFC 9110 §12.5.3): what the client takes, against what the
/// server has.
///
/// Nothing is allocated.
///
/// Thread: any; an AcceptedCodings its owner's.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/request_head.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// The content codings that weir knows (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
enum class ContentCoding : std::uint8_t {
  identity,  ///< none
  gzip,
  br,
  zstd,
};
inline constexpr std::size_t kContentCodingCount = 4;

/// Its name, as Content-Encoding says it; "identity" is never written there.
constexpr std::string_view to_string(ContentCoding coding) noexcept {
  constexpr std::string_view kNames[kContentCodingCount] = {"identity", "gzip", "br", "zstd"};
  return kNames[static_cast<std::size_t>(coding)];
}

/// What a file's name has behind it when its content has this coding: ".gz"; nothing for identity.
constexpr std::string_view suffix_of(ContentCoding coding) noexcept {
  constexpr std::string_view kSuffixes[kContentCodingCount] = {"", ".gz", ".br", ".zst"};
  return kSuffixes[static_cast<std::size_t>(coding)];
}

/// What a server has to offer of one representation, the best first.
class CodingOffer {
 public:
  constexpr CodingOffer() noexcept = default;
  constexpr CodingOffer(std::initializer_list<ContentCoding> codings) noexcept {
    for (const ContentCoding coding : codings) add(coding);
  }

  /// Behind those that are there; one that is there already stays where it is.
  constexpr void add(ContentCoding coding) noexcept {
    for (std::size_t i = 0; i < size_; ++i)
      if (items_[i] == coding) return;
    items_[size_++] = coding;
  }
  constexpr void remove(ContentCoding coding) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i)
      if (items_[i] != coding) items_[kept++] = items_[i];
    size_ = kept;
  }

  constexpr std::size_t size() const noexcept { return size_; }
  constexpr const ContentCoding* begin() const noexcept { return items_; }
  constexpr const ContentCoding* end() const noexcept { return items_ + size_; }

 private:
  ContentCoding items_[kContentCodingCount] = {};
  std::size_t size_ = 0;
};

/// The answer of a negotiation.
struct CodingChoice {
  ContentCoding coding = ContentCoding::identity;
  /// Whether the client takes it. If not, nothing that was offered would do: `coding` is identity,
  /// and the server either answers 406 (RFC 9110 §15.5.7) or sends that in spite of the wish, as
  /// §12.4.1 lets it. Only who says `identity;q=0` or `*;q=0` gets there, unless identity was not
  /// offered.
  bool acceptable = true;
};

/// What a request says of codings: read once, asked as often as there are files to look for.
class WEIR_API AcceptedCodings {
 public:
  /// Nothing has been said.
  AcceptedCodings() noexcept = default;

  /// All Accept-Encoding lines of `head`.
  ///
  /// - No such field, or none of its elements can be read: every coding is acceptable, and identity
  ///   is preferred, since who says nothing most likely decodes nothing.
  /// - An empty field: identity alone.
  /// - Else what is listed with a weight above 0, and what `*` stands for. identity needs no
  ///   mention to be acceptable, and is then liked least. Of one coding named twice the lower
  ///   weight counts.
  /// - An element that is no coding with at most a weight is as if it were not there.
  explicit AcceptedCodings(const RequestHead& head) noexcept;

  /// One more line. Lines and elements may come in any order.
  void add_line(std::string_view value) noexcept;

  /// Whether an answer may have this coding.
  bool accepts(ContentCoding coding) const noexcept { return weight(coding) != 0; }

  /// The acceptable one of the greatest weight; of equal ones that which is offered first.
  CodingChoice choose(const CodingOffer& offer) const noexcept;

 private:
  static constexpr std::uint16_t kUnsaid = UINT16_MAX;

  /// Whether there is a field, and it means something.
  bool is_said() const noexcept { return is_readable_ || (has_line_ && !has_element_); }

  /// 0: not acceptable; 1: acceptable, without having been asked for; else the weight's thousandths
  /// and 1.
  std::uint16_t weight(ContentCoding coding) const noexcept;

  std::uint16_t* slot_of(std::string_view name) noexcept;

  std::uint16_t weights_[kContentCodingCount] = {kUnsaid, kUnsaid, kUnsaid, kUnsaid};
  std::uint16_t any_ = kUnsaid;  // that of "*"
  bool has_line_ = false;
  bool has_element_ = false;  // in any line, readable or not
  bool is_readable_ = false;  // at least one of them
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/accept_encoding.ipp>
#endif
