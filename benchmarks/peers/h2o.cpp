// SPDX-License-Identifier: MIT
/// \file
/// H2O as a library, on its own event loop: a context and a SO_REUSEPORT listener for each thread,
/// a handler for each path, answers that lie in memory. Differs from its defaults in a long request
/// time-out, which it also applies to idle connections, and in `send-server-name: OFF`.
#define H2O_USE_LIBUV 0
#include <h2o.h>

#include <thread>
#include <vector>

#include "peer.hpp"

namespace {

h2o_generator_t whole_answer{};  // everything is handed over at once

int answer(h2o_req_t* request, std::string_view type, const char* content, std::size_t size) {
  request->res.status = 200;
  request->res.reason = "OK";
  request->res.content_length = size;
  h2o_add_header(&request->pool, &request->res.headers, H2O_TOKEN_CONTENT_TYPE, nullptr,
                 type.data(), type.size());
  h2o_iovec_t body = h2o_iovec_init(content, size);
  h2o_start_response(request, &whole_answer);
  h2o_send(request, &body, 1, H2O_SEND_STATE_FINAL);
  return 0;
}

int plaintext(h2o_handler_t*, h2o_req_t* request) {
  return answer(request, peer::kTextType, peer::kPlaintext.data(), peer::kPlaintext.size());
}

int bytes(h2o_handler_t*, h2o_req_t* request) {
  const auto& content =
      peer::bytes_at({request->path_normalized.base, request->path_normalized.len});
  if (content == nullptr) return -1;
  return answer(request, peer::kBytesType, content->data(), content->size());
}

int echo(h2o_handler_t*, h2o_req_t* request) {
  return answer(request, peer::kBytesType, request->entity.base, request->entity.len);
}

int sink(h2o_handler_t*, h2o_req_t* request) {
  const std::string size = std::to_string(request->entity.len);
  auto* const text = static_cast<char*>(h2o_mem_alloc_pool(&request->pool, size.size()));
  size.copy(text, size.size());
  return answer(request, peer::kTextType, text, size.size());
}

void on_accept(h2o_socket_t* listener, const char* error) {
  if (error != nullptr) return;
  for (int i = 0; i < 16; ++i) {
    h2o_socket_t* const socket = h2o_evloop_socket_accept(listener);
    if (socket == nullptr) return;
    h2o_accept(static_cast<h2o_accept_ctx_t*>(listener->data), socket);
  }
}

void run(h2o_globalconf_t& config, int fd) {
  h2o_context_t context;
  h2o_context_init(&context, h2o_evloop_create(), &config);
  h2o_accept_ctx_t accept{};
  accept.ctx = &context;
  accept.hosts = config.hosts;
  h2o_socket_t* const listener =
      h2o_evloop_socket_create(context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
  listener->data = &accept;
  h2o_socket_read_start(listener, on_accept);
  while (h2o_evloop_run(context.loop, INT32_MAX) == 0) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  const peer::Settings settings = peer::settings(argc, argv);
  peer::end_at_signal();

  h2o_globalconf_t config;
  h2o_config_init(&config);
  config.server_name.len = 0;
  config.http1.req_timeout = 3'600'000;
  config.max_request_entity_size = peer::kMaxBody;
  h2o_hostconf_t* const host =
      h2o_config_register_host(&config, h2o_iovec_init("default", 7), 65535);
  const auto route = [host](const char* path, int (*f)(h2o_handler_t*, h2o_req_t*)) {
    h2o_create_handler(h2o_config_register_path(host, path, 0), sizeof(h2o_handler_t))->on_req = f;
  };
  route("/plaintext", plaintext);
  route("/bytes", bytes);
  route("/echo", echo);
  route("/sink", sink);

  std::vector<int> listeners;
  for (unsigned i = 0; i < settings.threads; ++i) listeners.push_back(peer::listen_on(settings));
  std::vector<std::thread> others;
  for (unsigned i = 1; i < settings.threads; ++i)
    others.emplace_back([&config, fd = listeners[i]] { run(config, fd); });
  run(config, listeners[0]);
  return 1;
}
