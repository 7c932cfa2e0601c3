// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A directory that is gone when its test ends.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::test {

class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(
      const std::filesystem::path& below = std::filesystem::temp_directory_path()) {
    std::string name = (below / "weir-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  /// Its path, or that of what is called `name` in it.
  std::string path(std::string_view name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }

  /// What is in it.
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      found.push_back(entry.path().filename().string());
    return found;
  }

  /// Writes a file, with the directories that it needs. Its time is `age` seconds ago.
  void write(std::string_view name, std::string_view content, int age = 60) const {
    put(name, content);
    touch(name, age);
  }
  /// As write(), but its time is `seconds` since 1970.
  void write_at(std::string_view name, std::string_view content, std::int64_t seconds) const {
    put(name, content);
    timespec times[2] = {};
    times[0].tv_sec = times[1].tv_sec = seconds;
    ::utimensat(AT_FDCWD, path(name).c_str(), times, 0);
  }
  void touch(std::string_view name, int age) const {
    timespec times[2] = {};
    ::clock_gettime(CLOCK_REALTIME, &times[1]);
    times[1].tv_sec -= age;
    times[0] = times[1];
    ::utimensat(AT_FDCWD, path(name).c_str(), times, 0);
  }

 private:
  void put(std::string_view name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
  }

  std::filesystem::path path_;
};

}  // namespace weir::test
