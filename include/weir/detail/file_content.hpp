// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Content of an answer that lies in files.
///
/// Thread: a value that nobody changes.
#include <cstdint>
#include <memory>
#include <vector>
#include <weir/config.hpp>
#include <weir/response.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

struct FileContent {
  std::vector<BodyPart> parts;
  std::uint64_t size = 0;  // of all together, in bytes

  /// Writes it to a stream, reading on workers. A pointer, so that only programs that send files
  /// have the code. Thread: the stream's loop.
  void (*pump)(Stream to, std::shared_ptr<const FileContent> content) = nullptr;
};

}  // namespace detail
WEIR_END_NAMESPACE
