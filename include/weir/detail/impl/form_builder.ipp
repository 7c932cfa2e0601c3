// SPDX-License-Identifier: MIT
#pragma once
#include <cerrno>
#include <cstdlib>
#include <utility>
#include <weir/detail/form_builder.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/form.hpp>
#include <weir/http/media_type.hpp>
#include <weir/request.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

WEIR_INLINE FormFailure read_form_type(const Request& request, bool urlencoded_too,
                                       std::string& boundary) {
  boundary.clear();
  std::string_view type;
  bool found = false;
  for (const auto [name, value] : request.headers()) {
    if (!http::equals_ignoring_case(name, "Content-Type")) continue;
    // Two readers would take two of them (RFC 9110 §5.3).
    if (found) return {Status::bad_request, "more than one Content-Type"};
    found = true;
    type = value;
  }
  if (urlencoded_too && http::is_urlencoded_form(type)) return {};
  const http::MultipartError error =
      found ? http::read_boundary(type, boundary) : http::MultipartError::not_form_data;
  if (error == http::MultipartError::none) return {};
  if (error == http::MultipartError::not_form_data)
    return {Status::unsupported_media_type,
            urlencoded_too ? "a form was expected" : "multipart/form-data was expected"};
  return {http::status_of(error), http::message_of(error)};
}

/// Where temporary files go when nobody says.
WEIR_INLINE std::string default_temp_folder() {
  const char* const folder = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): at set-up
  return folder != nullptr && *folder != '\0' ? folder : "/var/tmp";
}

WEIR_INLINE int FileWork::run(const std::string& folder) {
  for (const Piece& piece : pieces) {
    net::TempFile& file = piece.file->file_;
    int error = 0;
    if (!file) error = file.create(folder);
    if (error == 0) error = file.append(piece.bytes);
    if (error != 0) return error;
  }
  return 0;
}

WEIR_INLINE FormBuilder::FormBuilder(const FormOptions& options, const std::string& boundary)
    : options_(options) {
  if (!boundary.empty()) parser_.emplace(boundary, options.multipart);
}

WEIR_INLINE FormFailure FormBuilder::feed(std::string_view piece) {
  body_bytes_ += piece.size();
  if (options_.form_bytes != 0 && body_bytes_ > options_.form_bytes)
    return {Status::content_too_large, "the form is too large"};
  if (!parser_) {
    const FormFailure failure = count(piece.size());
    if (!failure) text_.append(piece);
    return failure;
  }
  using Event = http::MultipartParser::Event;
  for (;;) {
    const http::MultipartParser::Progress progress = parser_->step(piece.data(), piece.size());
    FormFailure failure;
    switch (progress.event) {
      case Event::part:
        failure = on_part(parser_->part());
        break;
      case Event::data:
        failure = on_data(progress.data);
        break;
      case Event::part_end:
        on_part_end();
        break;
      case Event::none:
        return {};
      case Event::error:
        return {http::status_of(progress.error), http::message_of(progress.error)};
    }
    if (failure) return failure;
    piece.remove_prefix(progress.consumed);
  }
}

WEIR_INLINE FormFailure FormBuilder::finish() {
  if (parser_) {
    const http::MultipartError error = parser_->finish();
    if (error == http::MultipartError::none) return {};
    return {http::status_of(error), http::message_of(error)};
  }
  http::FormLimits limits;
  limits.fields = options_.fields;
  limits.name = options_.multipart.name;
  limits.value = options_.field_bytes;
  http::Form form;
  const http::FormError error = form.parse(text_, limits);
  if (error != http::FormError::none) return {http::status_of(error), http::message_of(error)};
  text_ = {};
  content_->fields.reserve(form.size());
  for (const auto [name, value] : form)
    content_->fields.push_back({std::string(name), std::string(value)});
  return {};
}

WEIR_INLINE FileWork FormBuilder::take_work() {
  waiting_ = 0;
  return {content_, std::exchange(pieces_, {})};
}

WEIR_INLINE FormData FormBuilder::take_data() noexcept {
  pieces_.clear();
  waiting_ = 0;
  return FormData(std::move(content_));
}

WEIR_INLINE FormFailure FormBuilder::on_part(const http::MultipartPart& part) {
  FormFailure failure = count(part.name.size());
  if (failure) return failure;
  if (!part.filename) {
    file_ = nullptr;
    if (content_->fields.size() >= options_.fields)
      return {Status::content_too_large, "too many fields"};
    content_->fields.push_back({std::string(part.name), {}});
    return {};
  }
  if (++files_ > options_.files) return {Status::content_too_large, "too many files"};
  failure = count(part.filename->size() + part.content_type.size());
  if (failure) return failure;
  file_ = &content_->files.emplace_back();
  file_->name_ = part.name;
  file_->filename_ = *part.filename;
  file_->content_type_ = part.content_type;
  return {};
}

WEIR_INLINE FormFailure FormBuilder::on_data(std::string_view bytes) {
  if (file_ == nullptr) {
    std::string& value = content_->fields.back().value;
    if (bytes.size() > options_.field_bytes - value.size())
      return {Status::content_too_large, "a field is too long"};
    const FormFailure failure = count(bytes.size());
    if (!failure) value.append(bytes);
    return failure;
  }
  UploadedFile& file = *file_;
  file.size_ += bytes.size();
  if (options_.file_bytes != 0 && file.size_ > options_.file_bytes)
    return {Status::content_too_large, "a file is too large"};
  if (!file.on_disk_) {
    if (file.size_ <= options_.memory_limit && bytes.size() <= options_.memory_total - memory_) {
      file.bytes_.append(bytes);
      memory_ += bytes.size();
      return {};
    }
    file.on_disk_ = on_disk_ = true;
    memory_ -= file.bytes_.size();
    to_disk(std::exchange(file.bytes_, {}));
  }
  to_disk(bytes);
  return {};
}

WEIR_INLINE void FormBuilder::on_part_end() {
  // What browsers send of a file field in which nothing was chosen.
  if (file_ != nullptr && file_->size_ == 0 && file_->filename_.empty()) content_->files.pop_back();
  file_ = nullptr;
}

WEIR_INLINE FormFailure FormBuilder::count(std::size_t bytes) noexcept {
  if (bytes > options_.fields_bytes - fields_bytes_)
    return {Status::content_too_large, "the fields are too long together"};
  fields_bytes_ += bytes;
  return {};
}

WEIR_INLINE void FormBuilder::to_disk(std::string_view bytes) {
  if (bytes.empty()) return;
  if (pieces_.empty() || pieces_.back().file != file_) pieces_.push_back({file_, {}});
  pieces_.back().bytes.append(bytes);
  waiting_ += bytes.size();
}

}  // namespace detail
WEIR_END_NAMESPACE
