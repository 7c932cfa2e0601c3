// SPDX-License-Identifier: MIT
/// \file
/// GNU libmicrohttpd: epoll in its own threads, a pool of them from two on, MHD_USE_TURBO as its
/// manual advises for speed, responses that are made once and queued again and again.
///
/// A connection's memory (--memory, 32 KiB as the library has it) is cleared for each request, so
/// little is better for small ones, and much for content, which is read into it.
#include <microhttpd.h>

#include "peer.hpp"

namespace {

constexpr const char* kUsage = "--port N [--host 127.0.0.1] [--threads 1] [--memory 4096]\n";

MHD_Response* make(std::string_view type, std::string_view content, MHD_ResponseMemoryMode mode) {
  MHD_Response* const response =
      MHD_create_response_from_buffer(content.size(), const_cast<char*>(content.data()), mode);
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, std::string(type).c_str());
  return response;
}

MHD_Response* const kPlaintext = make(peer::kTextType, peer::kPlaintext, MHD_RESPMEM_PERSISTENT);
MHD_Response* const kSmall =
    make(peer::kBytesType, *peer::bytes_at("/bytes/16384"), MHD_RESPMEM_PERSISTENT);
MHD_Response* const kLarge =
    make(peer::kBytesType, *peer::bytes_at("/bytes/1048576"), MHD_RESPMEM_PERSISTENT);
MHD_Response* const kNotFound = make(peer::kTextType, "Not Found", MHD_RESPMEM_PERSISTENT);

/// Content of a POST so far.
struct Upload {
  bool keep = false;
  std::size_t size = 0;
  std::string kept;
};

char whole_get;  // its address says that a GET has been seen once

MHD_Result on_request(void*, MHD_Connection* connection, const char* url, const char* method,
                      const char*, const char* data, std::size_t* size, void** state) {
  if (std::strcmp(method, "POST") != 0) {
    if (*state == nullptr) {  // an answer to the first call would close the connection
      *state = &whole_get;
      return MHD_YES;
    }
    if (std::strcmp(url, "/plaintext") == 0)
      return MHD_queue_response(connection, MHD_HTTP_OK, kPlaintext);
    if (std::strcmp(url, "/bytes/16384") == 0)
      return MHD_queue_response(connection, MHD_HTTP_OK, kSmall);
    if (std::strcmp(url, "/bytes/1048576") == 0)
      return MHD_queue_response(connection, MHD_HTTP_OK, kLarge);
    return MHD_queue_response(connection, MHD_HTTP_NOT_FOUND, kNotFound);
  }
  if (*state == nullptr) {
    auto* const upload = new Upload;
    upload->keep = std::strcmp(url, "/echo") == 0;
    *state = upload;
    return MHD_YES;
  }
  auto& upload = *static_cast<Upload*>(*state);
  if (*size != 0) {
    upload.size += *size;
    if (upload.keep) upload.kept.append(data, *size);
    *size = 0;
    return MHD_YES;
  }
  MHD_Response* const response =
      upload.keep ? make(peer::kBytesType, upload.kept, MHD_RESPMEM_MUST_COPY)
                  : make(peer::kTextType, std::to_string(upload.size), MHD_RESPMEM_MUST_COPY);
  const MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
  MHD_destroy_response(response);
  return result;
}

void on_completed(void*, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
  if (*state != &whole_get) delete static_cast<Upload*>(*state);
}

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const peer::Settings settings = peer::settings(arguments);
  const auto memory = static_cast<intptr_t>(arguments.number("memory", 4096, 1024, 1 << 24));
  arguments.done();
  peer::end_at_signal();
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const sockaddr_in address = load::loopback(settings.host, settings.port);
  const MHD_OptionItem options[] = {
      {MHD_OPTION_SOCK_ADDR, 0, const_cast<sockaddr_in*>(&address)},
      {MHD_OPTION_LISTEN_BACKLOG_SIZE, peer::kBacklog, nullptr},
      {MHD_OPTION_CONNECTION_LIMIT, static_cast<intptr_t>(files.rlim_cur - 64), nullptr},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, nullptr},
      {MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<intptr_t>(on_completed), nullptr},
      {settings.threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
       static_cast<intptr_t>(settings.threads), nullptr},
      {MHD_OPTION_END, 0, nullptr},
  };
  MHD_Daemon* const daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, nullptr, nullptr,
                       on_request, nullptr, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
  if (daemon == nullptr) load::die("MHD_start_daemon failed");
  while (true) ::pause();
}
