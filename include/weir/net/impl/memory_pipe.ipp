// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <weir/net/memory_pipe.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

WEIR_INLINE IoResult MemoryTransport::read(char* data, std::size_t size) noexcept {
  ++pipe_->reads;
  IoResult result;
  std::string& from = pipe_->to_server;
  if (from.empty()) {
    if (pipe_->client_ended) {
      result.end = true;
    } else {
      result.error = EAGAIN;
      result.want = Want::read;
    }
    return result;
  }
  result.bytes = std::min({size, from.size(), pipe_->largest_io});
  std::memcpy(data, from.data(), result.bytes);
  from.erase(0, result.bytes);
  return result;
}

WEIR_INLINE IoResult MemoryTransport::write(const Piece* pieces, std::size_t count) noexcept {
  ++pipe_->writes;
  IoResult result;
  std::string& to = pipe_->to_client;
  std::size_t room = pipe_->window - std::min(pipe_->window, to.size());
  room = std::min(room, pipe_->largest_io);
  std::size_t asked = 0;
  for (std::size_t i = 0; i < count; ++i) asked += pieces[i].size;
  try {
    for (std::size_t i = 0; i < count && room > 0; ++i) {
      const std::size_t taken = std::min(room, pieces[i].size);
      to.append(pieces[i].data, taken);
      result.bytes += taken;
      room -= taken;
    }
  } catch (const std::bad_alloc&) {
    result.error = ENOMEM;
    return result;
  }
  pipe_->write_was_short = result.bytes < asked;
  if (result.bytes == 0 && count > 0) {
    result.error = EAGAIN;
    result.want = Want::write;
  }
  return result;
}

WEIR_INLINE void MemoryTransport::close(bool reset) noexcept {
  pipe_->server_ended = pipe_->server_closed = true;
  pipe_->was_reset = pipe_->was_reset || reset;
}

}  // namespace net
WEIR_END_NAMESPACE
