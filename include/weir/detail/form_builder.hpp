// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// From the bytes of a form's body to FormData, without a thread: what has to go to disk is handed
/// out as work.
///
/// Thread: one at a time; FileWork::run() on another, one at a time.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/error.hpp>
#include <weir/form_data.hpp>
#include <weir/form_options.hpp>
#include <weir/http/multipart_parser.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Why a form was refused; Status::ok: it was not.
struct FormFailure {
  Status status = Status::ok;
  std::string_view message;  // a literal

  explicit operator bool() const noexcept { return status != Status::ok; }
};

/// Finds out what kind of form a request has: the boundary of multipart/form-data, or an empty one
/// of application/x-www-form-urlencoded. 415 for another type, 400 for one that is malformed.
FormFailure read_form_type(const Request& request, bool urlencoded_too, std::string& boundary);

/// Bytes on their way to files. It holds the form: a worker may outlive all else.
struct FileWork {
  struct Piece {
    UploadedFile* file;
    std::string bytes;
  };

  /// Makes the files that are new and writes. 0 or an errno.
  int run(const std::string& folder);

  std::shared_ptr<FormContent> form;
  std::vector<Piece> pieces;
};

class WEIR_API FormBuilder {
 public:
  /// Bytes that are collected for one write.
  static constexpr std::size_t kBlock = std::size_t{256} * 1024;

  /// `boundary`: of multipart/form-data; empty: the form is urlencoded. `options` must outlive the
  /// builder.
  FormBuilder(const FormOptions& options, const std::string& boundary);
  FormBuilder(const FormBuilder&) = delete;
  FormBuilder& operator=(const FormBuilder&) = delete;

  /// The next piece of the body. After a failure no more.
  FormFailure feed(std::string_view piece);

  /// The body has ended.
  FormFailure finish();

  /// Bytes that wait for take_work().
  std::size_t waiting() const noexcept { return waiting_; }
  bool has_work() const noexcept { return !pieces_.empty(); }
  bool has_files_on_disk() const noexcept { return on_disk_; }
  FileWork take_work();

  /// The form: whole once finish() was content and all work is done. Leaves the builder without.
  FormData take_data() noexcept;

 private:
  FormFailure on_part(const http::MultipartPart& part);
  FormFailure on_data(std::string_view bytes);
  void on_part_end();
  FormFailure count(std::size_t bytes) noexcept;
  void to_disk(std::string_view bytes);

  const FormOptions& options_;
  std::optional<http::MultipartParser> parser_;  // nothing: urlencoded
  std::string text_;                             // an urlencoded body
  std::shared_ptr<FormContent> content_ = std::make_shared<FormContent>();
  UploadedFile* file_ = nullptr;  // the part is this file; null: it is the last field
  std::vector<FileWork::Piece> pieces_;
  std::size_t waiting_ = 0;       // bytes of pieces_
  std::uint64_t body_bytes_ = 0;  // of the body so far
  std::size_t fields_bytes_ = 0;  // names and values
  std::size_t memory_ = 0;        // of files
  std::uint32_t files_ = 0;       // those without a choice included
  bool on_disk_ = false;
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/form_builder.ipp>
#endif
