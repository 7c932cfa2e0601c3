// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstring>
#include <weir/http/access_line.hpp>
#include <weir/http/percent.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {
namespace detail {

enum class Escape : std::uint8_t { bare, quoted, json };

inline char* put(char* out, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

template <std::size_t kSize>
char* put(char* out, const char (&literal)[kSize]) noexcept {
  std::memcpy(out, literal, kSize - 1);
  return out + kSize - 1;
}

inline char* put_decimal(char* out, std::uint64_t number) noexcept {
  return std::to_chars(out, out + 20, number).ptr;
}

constexpr bool is_plain(unsigned char c, bool space) noexcept {
  return c > 0x1f && c < 0x7f && c != '"' && c != '\\' && (space || c != ' ');
}

/// Whether eight bytes are plain. May say no to some that are, never yes to one that is not.
inline bool are_plain(const char* bytes, bool space) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  const auto less_one = [](std::uint64_t w) { return w - kOnes; };  // a zero byte gets its high bit
  std::uint64_t high = word | (word - kOnes * 0x20) | (word + kOnes);
  high |= less_one(word ^ kOnes * '"') | less_one(word ^ kOnes * '\\');
  if (!space) high |= less_one(word ^ kOnes * ' ');
  return (high & kOnes * 0x80) == 0;
}

inline bool are_plain(std::string_view text, bool space) noexcept {
  if (text.size() < 8) {
    for (const char c : text)
      if (!is_plain(static_cast<unsigned char>(c), space)) return false;
    return true;
  }
  const char* at = text.data();
  const char* const last = at + text.size() - 8;
  for (; at < last; at += 8)
    if (!are_plain(at, space)) return false;
  return are_plain(last, space);
}

/// What stands for the start of `text`: writes at most 6 bytes to `piece`, drops what is read.
WEIR_INLINE std::size_t escape_one(std::string_view& text, Escape how, char* piece) noexcept {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto c = static_cast<unsigned char>(text.front());
  std::size_t used = 1;
  std::size_t size = 0;
  if (is_plain(c, how != Escape::bare)) {
    piece[size++] = text.front();
  } else if (how != Escape::json) {
    const char escaped[] = {'\\', 'x', kHex[c >> 4U], kHex[c & 15U]};
    std::memcpy(piece, escaped, size = sizeof escaped);
  } else if (c == '"' || c == '\\') {
    piece[size++] = '\\';
    piece[size++] = text.front();
  } else {
    unsigned code = c;
    if (c >= 0x80) {
      const std::size_t sequence = utf8_size(text);
      const bool c1 = c == 0xc2 && sequence == 2 && static_cast<unsigned char>(text[1]) < 0xa0;
      if (sequence != 0) used = sequence;
      if (sequence != 0 && !c1) {
        std::memcpy(piece, text.data(), sequence);
        text.remove_prefix(sequence);
        return sequence;
      }
      code = c1 ? static_cast<unsigned char>(text[1]) : 0xfffdU;
    }
    piece[size++] = '\\';
    piece[size++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
      piece[size++] = kHex[(code >> static_cast<unsigned>(shift)) & 15U];
  }
  text.remove_prefix(used);
  return size;
}

WEIR_INLINE char* put_escaped_slowly(char* out, std::string_view text, std::size_t most,
                                     Escape how) noexcept {
  const char* const end = out + most;
  while (!text.empty()) {
    char piece[8];
    const std::size_t size = escape_one(text, how, piece);
    if (size > static_cast<std::size_t>(end - out)) return put(out, "...");
    std::memcpy(out, piece, size);
    out += size;
  }
  return out;
}

/// Writes at most `most` + 3 bytes.
inline char* put_escaped(char* out, std::string_view text, std::size_t most, Escape how) noexcept {
  if (WEIR_LIKELY(text.size() <= most && are_plain(text, how != Escape::bare)))
    return put(out, text);
  return put_escaped_slowly(out, text, most, how);
}

inline char* put_bare(char* out, std::string_view text, std::size_t most) noexcept {
  if (text.empty()) {
    *out++ = '-';
    return out;
  }
  return put_escaped(out, text, most, Escape::bare);
}

inline char* put_quoted(char* out, std::string_view text, std::size_t most) noexcept {
  if (text.empty()) return put(out, " \"-\"");
  out = put(out, " \"");
  out = put_escaped(out, text, most, Escape::quoted);
  *out++ = '"';
  return out;
}

WEIR_INLINE char* put_common(const AccessEntry& entry, char* out) noexcept {
  out = put_bare(out, entry.remote, kAccessRemoteMax);
  out = put(out, " - ");
  out = put_bare(out, entry.user, kAccessUserMax);
  out = put(out, " [");
  out = put(out, entry.time);
  out = put(out, "] \"");
  if (entry.method.empty()) {
    *out++ = '-';
  } else {
    out = put_escaped(out, entry.method, kAccessMethodMax, Escape::quoted);
    *out++ = ' ';
    out = put_escaped(out, entry.target, kAccessTargetMax, Escape::quoted);
    out = entry.version == 10 ? put(out, " HTTP/1.0") : put(out, " HTTP/1.1");
  }
  out = put(out, "\" ");
  if (entry.status == 0) {
    *out++ = '-';
  } else {
    out = put_decimal(out, entry.status);
  }
  *out++ = ' ';
  if (entry.content_bytes == 0) {
    *out++ = '-';
  } else {
    out = put_decimal(out, entry.content_bytes);
  }
  return out;
}

/// `,"name":"text"`, or nothing for an empty text.
template <std::size_t kSize>
char* put_member(char* out, const char (&key)[kSize], std::string_view text,
                 std::size_t most) noexcept {
  if (text.empty()) return out;
  out = put(out, key);
  out = put_escaped(out, text, most, Escape::json);
  *out++ = '"';
  return out;
}

}  // namespace detail

WEIR_INLINE std::size_t write_common_line(const AccessEntry& entry, char* out) noexcept {
  char* end = detail::put_common(entry, out);
  *end++ = '\n';
  return static_cast<std::size_t>(end - out);
}

WEIR_INLINE std::size_t write_combined_line(const AccessEntry& entry, char* out) noexcept {
  char* end = detail::put_common(entry, out);
  end = detail::put_quoted(end, entry.referer, kAccessRefererMax);
  end = detail::put_quoted(end, entry.user_agent, kAccessUserAgentMax);
  *end++ = '\n';
  return static_cast<std::size_t>(end - out);
}

WEIR_INLINE std::size_t write_json_line(const AccessEntry& entry, char* out) noexcept {
  using detail::put;
  using detail::put_member;
  char* end = put(out, "{\"time\":\"");
  end = put(end, entry.time);
  *end++ = '"';
  end = put_member(end, ",\"remote\":\"", entry.remote, kAccessRemoteMax);
  end = put_member(end, ",\"user\":\"", entry.user, kAccessUserMax);
  if (!entry.method.empty()) {
    end = put_member(end, ",\"method\":\"", entry.method, kAccessMethodMax);
    end = put_member(end, ",\"target\":\"", entry.target, kAccessTargetMax);
    end = entry.version == 10 ? put(end, ",\"protocol\":\"HTTP/1.0\"")
                              : put(end, ",\"protocol\":\"HTTP/1.1\"");
  }
  if (entry.status != 0) {
    end = put(end, ",\"status\":");
    end = detail::put_decimal(end, entry.status);
  }
  end = put(end, ",\"bytes\":");
  end = detail::put_decimal(end, entry.content_bytes);
  end = put(end, ",\"duration_ms\":");
  end = detail::put_decimal(end, entry.duration_ms);
  end = put_member(end, ",\"outcome\":\"", entry.outcome, kAccessMethodMax);
  end = put_member(end, ",\"referer\":\"", entry.referer, kAccessRefererMax);
  end = put_member(end, ",\"user_agent\":\"", entry.user_agent, kAccessUserAgentMax);
  end = put_member(end, ",\"request_id\":\"", entry.request_id, kAccessRequestIdMax);
  end = put(end, "}\n");
  return static_cast<std::size_t>(end - out);
}

}  // namespace http
WEIR_END_NAMESPACE
