// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Content of an answer that lies in files.
///
/// Thread: a value that nobody changes.
#include <cstdint>
#include <memory>
#include <vector>
#include <weir/body_filter.hpp>
#include <weir/config.hpp>
#include <weir/response.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

struct Peer;

struct FileContent {
  std::vector<BodyPart> parts;
  std::uint64_t size = 0;  // of all together, in bytes

  // Pointers, so that only programs that send files have the code. Thread: the loop's.

  /// Writes it to a stream, reading on workers.
  void (*pump)(Stream to, std::shared_ptr<const FileContent> content) = nullptr;
  /// FileSender's.
  std::uint64_t (*write)(Reactor& reactor, Peer& peer, Response& response) = nullptr;
  void (*filter)(Reactor& reactor, Peer& peer, Response& response, BodyFilters& filters) = nullptr;
};

/// A reactor's answers that have their content in files.
struct FileSender {
  /// Returns the bytes of content that are sent.
  static std::uint64_t write(Reactor& reactor, Peer& peer, Response& response);
  static void filter(Reactor& reactor, Peer& peer, Response& response, BodyFilters& filters);
};

}  // namespace detail
WEIR_END_NAMESPACE
