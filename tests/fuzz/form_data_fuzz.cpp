// SPDX-License-Identifier: MIT
// A whole form of either kind: however it is cut it must come out the same, its limits must hold,
// and every byte of a file on disk must be handed out, in order.
//
// Input: a byte whose lowest bit says multipart, then sizes of the pieces up to the first zero
// byte, then the body. The boundary is "X".
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <utility>
#include <vector>
#include <weir/detail/form_builder.hpp>

namespace {

using namespace weir;
using test::require;

weir::FormOptions options() {
  weir::FormOptions limits;
  limits.form_bytes = 4000;
  limits.fields = 8;
  limits.field_bytes = 100;
  limits.fields_bytes = 300;
  limits.files = 4;
  limits.file_bytes = 200;
  limits.memory_limit = 40;
  limits.memory_total = 60;
  limits.multipart.parts = 10;
  limits.multipart.name = 30;
  limits.multipart.filename = 30;
  return limits;
}

struct Seen {
  Status status = Status::ok;
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::string> files;  // name, file name, type and content

  bool operator==(const Seen& other) const {
    return status == other.status && fields == other.fields && files == other.files;
  }
};

Seen read(bool multipart, std::string_view body, std::string_view cuts) {
  static const weir::FormOptions limits = options();
  detail::FormBuilder builder(limits, multipart ? "X" : "");
  std::vector<std::pair<const UploadedFile*, std::string>> disk;
  const auto work = [&] {
    for (detail::FileWork::Piece& piece : builder.take_work().pieces) {
      require(!piece.bytes.empty());
      if (disk.empty() || disk.back().first != piece.file) disk.emplace_back(piece.file, "");
      disk.back().second += piece.bytes;
    }
    require(builder.waiting() == 0 && !builder.has_work());
  };
  Seen seen;
  std::size_t at = 0;
  while (!body.empty() && seen.status == Status::ok) {
    std::size_t size = body.size();
    if (!cuts.empty()) size = static_cast<unsigned char>(cuts[at++ % cuts.size()]);
    const std::string piece(body.substr(0, size));
    body.remove_prefix(piece.size());
    seen.status = builder.feed(piece).status;
    if (at % 3 == 0) work();
  }
  if (seen.status == Status::ok) seen.status = builder.finish().status;
  require(seen.status == Status::ok || seen.status == Status::bad_request ||
          seen.status == Status::content_too_large);
  work();
  if (seen.status != Status::ok) return seen;

  const FormData form = builder.take_data();
  require(form.fields().size() <= limits.fields && form.files().size() <= limits.files);
  std::size_t memory = 0;
  std::size_t next = 0;
  for (const FormField& field : form.fields()) {
    require(field.name.size() <= limits.multipart.name);
    require(field.value.size() <= limits.field_bytes);
    require(form.get(field.name).has_value() && !form.all(field.name).empty());
    seen.fields.emplace_back(field.name, field.value);
  }
  for (const UploadedFile& file : form.files()) {
    require(file.size() <= limits.file_bytes);
    require(file.size() > 0 || !file.filename().empty());
    std::string content(file.bytes());
    memory += content.size();
    if (content.size() != file.size()) {  // then all of it went to disk
      require(content.empty() && next < disk.size() && disk[next].first == &file);
      content = disk[next++].second;
    }
    require(content.size() == file.size());
    seen.files.push_back(std::string(file.name()) + '\n' + std::string(file.filename()) + '\n' +
                         std::string(file.content_type()) + '\n' + content);
  }
  require(memory <= limits.memory_total && next == disk.size());
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view wire(reinterpret_cast<const char*>(data), size);
  if (wire.empty()) return 0;
  const bool multipart = (data[0] & 1U) != 0;
  wire.remove_prefix(1);
  const std::size_t zero = wire.find('\0');
  if (zero == std::string_view::npos) return 0;
  const std::string_view cuts = wire.substr(0, zero);
  const std::string_view body = wire.substr(zero + 1);
  require(read(multipart, body, {}) == read(multipart, body, cuts));
  return 0;
}
