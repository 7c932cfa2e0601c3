// SPDX-License-Identifier: MIT
// Chapters on files: preconditions, ranges and codings, of files on a disk and of embedded ones.
#include <string>
#include <string_view>
#include <utility>

#include "conformance/rows.hpp"

namespace weir::conformance {

namespace {

/// One of the two places in which application.hpp has the same files, with its entity tags: those
/// of embedded files are given, those of files made of time and size.
struct Place {
  std::string_view name;
  std::string_view top;
  std::string_view letters;  // of letters.txt
  std::string_view plain;    // of app.js
  std::string_view gzip;     // of app.js.gz
};

constexpr Place kPlaces[] = {
    {"embedded: ", "/embedded/", "\"letters\"", "\"plain\"", "\"gzip\""},
    {"disk: ", "/disk/", "\"ae1b981bc490a00-1a\"", "\"ae1b981bc490a00-11\"",
     "\"ae1b981bc490a00-9-gzip\""},
};

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kTime = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view kAfter = "Mon, 07 Nov 1994 08:49:37 GMT";

std::string field(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value).append("\r\n");
}

/// Adds rows to a chapter for one place.
struct Rows {
  Chapter& chapter;
  const Place& place;

  std::string target(std::string_view file) const { return std::string(place.top).append(file); }
  std::string named(std::string_view name) const { return std::string(place.name).append(name); }

  /// GET of `file` with `fields`, and a request behind it: each answer is to end where it ends.
  void get(std::string_view name, std::string_view file, std::string_view fields,
           const Answer& answer, std::string_view source) const {
    chapter.add(named(name), conformance::get(target(file), fields) + std::string(kNext),
                {answer, {200, "next"}}, End::keep, source);
  }
  void head(std::string_view name, std::string_view file, std::string_view fields,
            const Answer& answer, std::string_view source) const {
    chapter.add(named(name),
                "HEAD " + target(file) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" +
                    std::string(kNext),
                {answer.to_head(), {200, "next"}}, End::keep, source);
  }
};

void add_conditions(const Rows& rows) {
  const Answer whole(200, kLetters);
  const std::string_view tag = rows.place.letters;
  const std::string weak = std::string("W/").append(tag);
  const auto get = [&rows](std::string_view name, std::string_view fields, const Answer& answer,
                           std::string_view source) {
    rows.get(name, "letters.txt", fields, answer, source);
  };
  const std::string same = field("If-None-Match", tag);
  const Answer not_modified(304, "");
  get("ETag", "", whole.with("ETag", tag), "RFC 9110 §8.8.3");
  get("Last-Modified", "", whole.with("Last-Modified", kTime), "RFC 9110 §8.8.2");
  rows.head("HEAD has the validators", "letters.txt", "", Answer(200).with("ETag", tag),
            "RFC 9110 §9.3.2");
  rows.head("HEAD has the length", "letters.txt", "", Answer(200).with("Content-Length", "26"),
            "RFC 9110 §8.6");

  get("If-None-Match: the tag", same, not_modified.with("ETag", tag), "RFC 9110 §15.4.5");
  get("304 has the Cache-Control of 200", same,
      not_modified.with("Cache-Control", "public, max-age=60"), "RFC 9110 §15.4.5");
  get("304 has no Content-Type", same, not_modified.without("Content-Type"), "RFC 9110 §15.4.5");
  rows.head("If-None-Match: the tag, HEAD", "letters.txt", same, 304, "RFC 9110 §13.1.2");
  for (const auto& [name, value] :
       {std::pair{"weak", weak}, std::pair{"among others", "\"x\" , " + weak + ",\"y\""},
        std::pair{"any", std::string("*")}})
    get(std::string("If-None-Match: ") + name, field("If-None-Match", value), not_modified,
        "RFC 9110 §13.1.2");
  get("If-None-Match: on two lines", field("If-None-Match", "\"x\"") + same, not_modified,
      "RFC 9110 §5.3");
  get("If-None-Match: another", field("If-None-Match", "\"x\""), whole, "RFC 9110 §13.1.2");
  get("If-None-Match: no tag", field("If-None-Match", "x"), whole, "RFC 9110 §8.8.3");
  get("If-None-Match: any, among others", field("If-None-Match", "\"x\", *"), whole,
      "RFC 9110 §13.1.2");

  const auto since = [](std::string_view value) { return field("If-Modified-Since", value); };
  get("If-Modified-Since: then", since(kTime), not_modified, "RFC 9110 §13.1.3");
  get("If-Modified-Since: later", since(kAfter), not_modified, "RFC 9110 §13.1.3");
  get("If-Modified-Since: earlier", since(kBefore), whole, "RFC 9110 §13.1.3");
  get("If-Modified-Since: as of RFC 850", since("Sunday, 06-Nov-94 08:49:37 GMT"), not_modified,
      "RFC 9110 §5.6.7");
  get("If-Modified-Since: as of asctime()", since("Sun Nov  6 08:49:37 1994"), not_modified,
      "RFC 9110 §5.6.7");
  get("If-Modified-Since: no date", since("yesterday"), whole, "RFC 9110 §13.1.3");
  get("If-Modified-Since: twice", since(kTime) + since(kTime), whole, "RFC 9110 §13.1.3");
  get("If-None-Match counts, not If-Modified-Since", field("If-None-Match", "\"x\"") + since(kTime),
      whole, "RFC 9110 §13.1.3");
  get("If-None-Match counts, though it has changed since", same + since(kBefore), not_modified,
      "RFC 9110 §13.1.3");

  get("If-Match: the tag", field("If-Match", tag), whole, "RFC 9110 §13.1.1");
  get("If-Match: any", field("If-Match", "*"), whole, "RFC 9110 §13.1.1");
  get("If-Match: among others", field("If-Match", "\"x\", " + std::string(tag)), whole,
      "RFC 9110 §13.1.1");
  get("If-Match: another", field("If-Match", "\"x\""), 412, "RFC 9110 §13.1.1");
  get("If-Match: weak", field("If-Match", weak), 412, "RFC 9110 §13.1.1");
  get("If-Unmodified-Since: then", field("If-Unmodified-Since", kTime), whole, "RFC 9110 §13.1.4");
  get("If-Unmodified-Since: earlier", field("If-Unmodified-Since", kBefore), 412,
      "RFC 9110 §13.1.4");
  get("If-Unmodified-Since: no date", field("If-Unmodified-Since", "1"), whole, "RFC 9110 §13.1.4");
  get("If-Match counts, not If-Unmodified-Since",
      field("If-Match", tag) + field("If-Unmodified-Since", kBefore), whole, "RFC 9110 §13.1.4");

  get("first If-Match, then If-None-Match", field("If-Match", "\"x\"") + same, 412,
      "RFC 9110 §13.2.2");
  get("both hold", field("If-Match", tag) + same, not_modified, "RFC 9110 §13.2.2");
  get("first If-Unmodified-Since, then If-None-Match", field("If-Unmodified-Since", kBefore) + same,
      412, "RFC 9110 §13.2.2");
  get("412 instead of 206", field("Range", "bytes=0-1") + field("If-Match", "\"x\""), 412,
      "RFC 9110 §13.2.2");
  get("304 instead of 206", field("Range", "bytes=0-1") + same, not_modified, "RFC 9110 §13.2.2");
  get("304 instead of 416", field("Range", "bytes=99-") + same, not_modified, "RFC 9110 §13.2.2");
  rows.get("404, whatever the preconditions", "nothing", field("If-Match", "\"x\""), 404,
           "RFC 9110 §13.2.1");
  rows.chapter.add(rows.named("405, whatever the preconditions"),
                   "DELETE " + rows.target("letters.txt") + " HTTP/1.1\r\nHost: a\r\n" +
                       field("If-Match", "\"x\"") + "\r\n",
                   {405}, End::keep, "RFC 9110 §13.2.1");
}

void add_ranges(const Rows& rows) {
  const Answer whole(200, kLetters);
  const std::string_view tag = rows.place.letters;
  const auto get = [&rows](std::string_view name, std::string_view fields, const Answer& answer,
                           std::string_view source) {
    rows.get(name, "letters.txt", fields, answer, source);
  };
  const auto of = [](std::string_view set) { return field("Range", set); };
  get("Accept-Ranges", "", whole.with("Accept-Ranges", "bytes"), "RFC 9110 §14.3");
  struct Case {
    std::string_view set;
    std::string_view body;
    std::string_view range;
  };
  for (const Case& one : {
           Case{"bytes=0-4", "abcde", "bytes 0-4/26"},
           Case{"bytes=0-0", "a", "bytes 0-0/26"},
           Case{"bytes=25-25", "z", "bytes 25-25/26"},
           Case{"bytes=24-", "yz", "bytes 24-25/26"},
           Case{"bytes=-2", "yz", "bytes 24-25/26"},
           Case{"bytes=20-99", "uvwxyz", "bytes 20-25/26"},
           Case{"bytes=0-99999999999999999999", kLetters, "bytes 0-25/26"},
           Case{"bytes=-99", kLetters, "bytes 0-25/26"},
           Case{"Bytes=1-2", "bc", "bytes 1-2/26"},
           Case{"bytes=1-2,99-", "bc", "bytes 1-2/26"},
           Case{"bytes=,1-2,,", "bc", "bytes 1-2/26"},
       })
    get(std::string("206: ").append(one.set), of(one.set),
        Answer(206, one.body).with("Content-Range", one.range), "RFC 9110 §14.1.2");
  get("206: ranges that overlap are one", of("bytes=0-4,2-6"),
      Answer(206, "abcdefg").with("Content-Range", "bytes 0-6/26"), "RFC 9110 §15.3.7.2 (MAY)");
  get("206 has the length of the range", of("bytes=0-4"), Answer(206).with("Content-Length", "5"),
      "RFC 9110 §15.3.7");
  get("206 has the validators", of("bytes=0-4"), Answer(206).with("ETag", tag), "RFC 9110 §15.3.7");
  get("206 has Cache-Control", of("bytes=0-4"),
      Answer(206).with("Cache-Control", "public, max-age=60"), "RFC 9110 §15.3.7");
  for (const std::string_view set : {"bytes=26-"sv, "bytes=26-30"sv, "bytes=-0"sv,
                                     "bytes=99999999999999999999-"sv, "bytes=30-40,50-"sv})
    get(std::string("416: ").append(set), of(set), Answer(416).with("Content-Range", "bytes */26"),
        "RFC 9110 §15.5.17");
  for (const std::string_view set : {"lines=0-1"sv, "bytes=5-4"sv, "bytes=a-b"sv, "bytes 0-4"sv,
                                     "bytes="sv, "bytes=-"sv, "bytes=0-1;2-3"sv, ""sv})
    get(std::string("200: ").append(set.empty() ? "an empty field" : set), of(set), whole,
        "RFC 9110 §14.2");
  get("200: on two lines", of("bytes=0-1") + of("bytes=2-3"), whole, "RFC 9110 §14.2 (MAY)");
  rows.head("HEAD has no range", "letters.txt", of("bytes=0-4"),
            Answer(200).with("Content-Length", "26"), "RFC 9110 §14.2");
  rows.get("an empty file, its end", "empty", of("bytes=-5"), {200, ""}, "RFC 9110 §14.2 (MAY)");
  rows.get("several, far apart", "long.txt", of("bytes=0-4,900-904,-1"),
           Answer(206).without("Content-Range"), "RFC 9110 §15.3.7.2");
  rows.get("a flood of them: the whole", "long.txt", of("bytes=0-0" + times(16, ",-1")),
           Answer(200).with("Content-Length", "1000"), "RFC 9110 §17.15");

  const auto if_range = [&of](std::string_view value) {
    return of("bytes=0-4") + field("If-Range", value);
  };
  const Answer part(206, "abcde");
  get("If-Range: the tag", if_range(tag), part, "RFC 9110 §13.1.5");
  get("If-Range: another", if_range("\"x\""), whole, "RFC 9110 §13.1.5");
  get("If-Range: weak", if_range(std::string("W/").append(tag)), whole, "RFC 9110 §13.1.5");
  get("If-Range: the time", if_range(kTime), part, "RFC 9110 §13.1.5");
  get("If-Range: a later time", if_range(kAfter), whole, "RFC 9110 §13.1.5");
  get("If-Range: no validator", if_range("x"), whole, "RFC 9110 §13.1.5");
  get("If-Range without Range", field("If-Range", "\"x\""), whole, "RFC 9110 §13.1.5");
  get("If-Range: another, and a range that is not there",
      of("bytes=99-") + field("If-Range", "\"x\""), whole, "RFC 9110 §14.2");
  get("If-Range: the tag, and a range that is not there", of("bytes=99-") + field("If-Range", tag),
      416, "RFC 9110 §14.2");
}

void add_codings(const Rows& rows) {
  const auto get = [&rows](std::string_view name, std::string_view fields, const Answer& answer,
                           std::string_view source) {
    rows.get(name, "app.js", fields, answer, source);
  };
  const auto accept = [](std::string_view codings) { return field("Accept-Encoding", codings); };
  const std::string gzip = accept("gzip");
  const Answer plain(200, "plain plain plain");
  const Answer coded(200, "gzip gzip");
  get("nothing accepted is named", "", plain.without("Content-Encoding"), "RFC 9110 §12.5.3");
  get("gzip is accepted", gzip, coded.with("Content-Encoding", "gzip"), "RFC 9110 §12.5.3");
  get("by its old name", accept("x-gzip"), coded, "RFC 9110 §8.4.1.3");
  get("all are accepted", accept("*"), coded, "RFC 9110 §12.5.3");
  get("gzip is refused", accept("gzip;q=0, *"), plain, "RFC 9110 §12.4.2");
  get("others are accepted", accept("br, zstd"), plain, "RFC 9110 §12.5.3");
  get("the plain one is refused", accept("identity;q=0, gzip"), coded, "RFC 9110 §12.5.3");
  get("all are refused", accept("*;q=0"), plain, "RFC 9110 §12.4.1");
  get("Vary, plain", "", plain.with("Vary", "Accept-Encoding"), "RFC 9110 §12.5.5");
  get("Vary, coded", gzip, coded.with("Vary", "Accept-Encoding"), "RFC 9110 §12.5.5");
  rows.get("no Vary where there is no choice", "letters.txt", gzip,
           Answer(200, kLetters).without("Vary"), "RFC 9110 §12.5.5");
  get("the tag, plain", "", plain.with("ETag", rows.place.plain), "RFC 9110 §8.8.3.3");
  get("the tag, coded", gzip, coded.with("ETag", rows.place.gzip), "RFC 9110 §8.8.3.3");
  get("the type is the plain one's", gzip,
      coded.with("Content-Type", "text/javascript; charset=utf-8"), "RFC 9110 §8.4");
  get("the coded one's tag", gzip + field("If-None-Match", rows.place.gzip),
      Answer(304, "").with("Vary", "Accept-Encoding"), "RFC 9110 §15.4.5");
  get("the other one's tag", gzip + field("If-None-Match", rows.place.plain), coded,
      "RFC 9110 §8.8.3.3");
  get("a range is one of coded bytes", gzip + field("Range", "bytes=5-8"),
      Answer(206, "gzip").with("Content-Range", "bytes 5-8/9"), "RFC 9110 §14.1.2");
  get("206 has the coding", gzip + field("Range", "bytes=5-8"),
      Answer(206, "gzip").with("Content-Encoding", "gzip"), "RFC 9110 §15.3.7");
  get("a range of the plain one under the coded one's tag",
      field("Range", "bytes=0-1") + field("If-Range", rows.place.gzip), plain, "RFC 9110 §13.1.5");
  get("416 is not coded", gzip + field("Range", "bytes=9-"),
      Answer(416).without("Content-Encoding"), "RFC 9110 §15.5.17");
}

void add_names(const Rows& rows) {
  const auto get = [&rows](std::string_view name, std::string_view file, const Answer& answer,
                           std::string_view source) { rows.get(name, file, "", answer, source); };
  get("Content-Type", "letters.txt",
      Answer(200, kLetters).with("Content-Type", "text/plain; charset=utf-8"), "RFC 9110 §8.3");
  get("an empty file", "empty", Answer(200, "").with("Content-Length", "0"), "RFC 9110 §8.6");
  get("a directory's index", "sub/", {200, "index"}, "docs/static-files.md");
  get("a directory without the slash", "sub", Answer(301).with("Location", "./sub/"),
      "RFC 9110 §15.4.2");
  get("a name with a space and a question mark", "sub/a%20b%3F.txt", {200, "odd"}, "RFC 3986 §2.1");
  rows.chapter.add(rows.named("a method that files have not"),
                   line("PUT " + rows.target("letters.txt") + " HTTP/1.1"),
                   {Answer(405).with("Allow", "GET, HEAD, OPTIONS")}, End::keep,
                   "RFC 9110 §15.5.6");
  for (const std::string_view file :
       {"nothing"sv, "letters.txt/"sv, "letters.txt/x"sv, "LETTERS.TXT"sv, "letters.txt%20"sv,
        ".hidden"sv, "%2ehidden"sv, "sub/.hidden"sv, "..%2fsecret"sv, "%2e%2e%2fsecret"sv,
        "..%5csecret"sv, "%252e%252e/secret"sv, "%2fetc%2fpasswd"sv, "sub%2findex.html"sv, "out"sv})
    get(std::string("404: ").append(file), file, 404, "docs/static-files.md");
  rows.chapter.refuse(rows.named("overlong dots"), conformance::get(rows.target("%c0%ae%c0%ae/x")),
                      400, "RFC 3629 §3");
}

Chapter of_both(std::string_view title, void (*add)(const Rows&)) {
  Chapter t{title, {}};
  for (const Place& place : kPlaces) add({t, place});
  return t;
}

}  // namespace

Chapter files_names() { return of_both("Files", &add_names); }
Chapter files_conditions() { return of_both("Files: preconditions", &add_conditions); }
Chapter files_ranges() { return of_both("Files: ranges", &add_ranges); }
Chapter files_codings() { return of_both("Files: codings", &add_codings); }

}  // namespace weir::conformance
