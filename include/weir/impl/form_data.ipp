// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <weir/form_data.hpp>
#include <weir/http/multipart_parser.hpp>
#include <weir/net/error.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE std::string UploadedFile::safe_filename(std::string_view fallback) const {
  return http::safe_filename(filename_, fallback);
}

WEIR_INLINE std::size_t UploadedFile::read(char* to, std::size_t size, std::uint64_t offset) const {
  if (offset >= size_) return 0;
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
  if (!file_) {
    std::memcpy(to, bytes_.data() + offset, size);
    return size;
  }
  for (;;) {
    const net::sys::Ssize n =
        net::sys::pread(file_.fd(), to, size, static_cast<net::sys::Offset>(offset));
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) net::throw_errno(errno, "pread", "an uploaded file");
  }
}

WEIR_INLINE void UploadedFile::move_to(const std::string& path, Overwrite overwrite) const {
  const bool replace = overwrite == Overwrite::yes;
  const int error = file_ ? file_.save_as(path, replace) : net::save_bytes(bytes_, path, replace);
  if (error != 0) net::throw_errno(error, "move_to", path);
}

WEIR_INLINE FormData::FormData() : content_(std::make_shared<detail::FormContent>()) {}

WEIR_INLINE const std::vector<FormField>& FormData::fields() const noexcept {
  return content_->fields;
}

WEIR_INLINE const std::deque<UploadedFile>& FormData::files() const noexcept {
  return content_->files;
}

WEIR_INLINE std::optional<std::string_view> FormData::get(std::string_view name) const noexcept {
  for (const FormField& field : content_->fields)
    if (field.name == name) return field.value;
  return std::nullopt;
}

WEIR_INLINE std::vector<std::string_view> FormData::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const FormField& field : content_->fields)
    if (field.name == name) values.emplace_back(field.value);
  return values;
}

WEIR_INLINE const UploadedFile* FormData::file(std::string_view name) const noexcept {
  for (const UploadedFile& file : content_->files)
    if (file.name() == name) return &file;
  return nullptr;
}

WEIR_END_NAMESPACE
