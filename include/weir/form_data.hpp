// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A form that has been read: its fields, and its files in memory or on disk.
///
/// FormData is a handle: copies share the content, which lives as long as one of them, with all
/// views into it. Files on disk are temporary and gone with it, unless they are moved elsewhere.
///
/// Thread: any; the content does not change any more.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/net/temp_file.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {
class FormBuilder;
struct FileWork;
struct FormContent;
}  // namespace detail

/// A field of a form, as sent: any bytes, in whatever charset the client took.
struct FormField {
  std::string name;
  std::string value;
};

/// Whether a file that exists already may be replaced.
enum class Overwrite : std::uint8_t { no, yes };

/// A file of a form. Everything that names it is the client's word: nothing of it was used as a
/// path, and the type was not compared with the content.
class WEIR_API UploadedFile {
 public:
  UploadedFile() = default;
  UploadedFile(const UploadedFile&) = delete;
  UploadedFile& operator=(const UploadedFile&) = delete;

  /// The name of the field.
  std::string_view name() const noexcept { return name_; }

  /// The file's name as the client sent it, whatever it may be: "../../x", "C:\\x". Never a path to
  /// open.
  std::string_view filename() const noexcept { return filename_; }

  /// A name for a file in a folder of yours, made from filename(); see http::safe_filename().
  std::string safe_filename(std::string_view fallback = "file") const;

  /// As sent; empty when there was none, which means text/plain (RFC 7578 §4.4).
  std::string_view content_type() const noexcept { return content_type_; }

  /// Bytes of the content.
  std::uint64_t size() const noexcept { return size_; }

  /// Whether the content is in memory, and there bytes(); else in a temporary file.
  bool is_in_memory() const noexcept { return !file_; }
  std::string_view bytes() const noexcept { return bytes_; }

  /// The temporary file, or -1: for reading by pread(), sendfile() and the like. It is closed with
  /// the form.
  int descriptor() const noexcept { return file_.fd(); }

  /// A path at which the temporary file can be opened by this process while the form lives; empty
  /// for content in memory.
  std::string path() const { return file_ ? file_.path() : std::string(); }

  /// Copies up to `size` bytes from `offset` on to `to`, from wherever they are, and returns how
  /// many; 0 at the end. May wait for the disk. Throws std::system_error.
  std::size_t read(char* to, std::size_t size, std::uint64_t offset) const;

  /// Makes the content the file `path`, mode 0600: by a link where it lies on the same file system,
  /// else by a copy, and never half of it. Refuses to replace a file unless `overwrite` says so.
  /// May be called several times; what the form has stays readable, and is the same file where a
  /// link was made: who changes the one changes the other. Waits for the disk: call it in
  /// a handler on the pool. Throws std::system_error (EEXIST: the name is taken). The file's data
  /// is not synced to the disk.
  void move_to(const std::string& path, Overwrite overwrite = Overwrite::no) const;

 private:
  friend class detail::FormBuilder;
  friend struct detail::FileWork;

  std::string name_;
  std::string filename_;
  std::string content_type_;
  std::string bytes_;
  net::TempFile file_;
  std::uint64_t size_ = 0;
  bool on_disk_ = false;  // its bytes go to file_, which the first write makes
};

/// The fields and files of a form, each in the order in which they came.
class WEIR_API FormData {
 public:
  /// A form without content.
  FormData();

  const std::vector<FormField>& fields() const noexcept;
  const std::deque<UploadedFile>& files() const noexcept;

  /// The value of the first field `name`, or nothing. Names match exactly.
  std::optional<std::string_view> get(std::string_view name) const noexcept;

  /// The values of all fields `name`, as of check boxes.
  std::vector<std::string_view> all(std::string_view name) const;

  /// The first file of the field `name`, or null.
  const UploadedFile* file(std::string_view name) const noexcept;

 private:
  friend class detail::FormBuilder;

  explicit FormData(std::shared_ptr<const detail::FormContent> content) noexcept
      : content_(std::move(content)) {}

  std::shared_ptr<const detail::FormContent> content_;
};

namespace detail {

/// What the copies of a FormData share.
struct FormContent {
  std::vector<FormField> fields;
  std::deque<UploadedFile> files;  // stay where they are: a worker writes one while others come
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/form_data.ipp>
#endif
