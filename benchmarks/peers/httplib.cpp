// SPDX-License-Identifier: MIT
/// \file
/// cpp-httplib. A connection holds a thread while it lives, so its pool must grow with them:
/// threads are not bounded by --threads, which says nothing here. Requests on a connection and the
/// time between them are set as high as they go, TCP_NODELAY is on, and the listening queue, 5 as
/// Debian compiled it, is made longer.
#include <httplib.h>

#include "peer.hpp"

namespace {

/// A thread for each connection, kept for the next one when that has ended.
class GrowingPool : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> job) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
    if (idle_ >= jobs_.size())
      some_.notify_one();
    else
      std::thread([this] { run(); }).detach();
  }
  void shutdown() override {}  // the process ends with it

 private:
  void run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      ++idle_;
      some_.wait(lock, [this] { return !jobs_.empty(); });
      --idle_;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable some_;
  std::list<std::function<void()>> jobs_;
  std::size_t idle_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const peer::Settings settings = peer::settings(argc, argv);
  peer::end_at_signal();
  const std::string text(peer::kTextType);
  const std::string octets(peer::kBytesType);

  httplib::Server server;
  int listener = -1;
  server.new_task_queue = [] { return new GrowingPool; };
  server.set_socket_options([&listener](socket_t fd) {
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    listener = fd;
  });
  server.set_tcp_nodelay(true)
      .set_keep_alive_max_count(std::numeric_limits<std::size_t>::max())
      .set_keep_alive_timeout(3600)
      .set_payload_max_length(peer::kMaxBody);

  server.Get("/plaintext", [&text](const httplib::Request&, httplib::Response& response) {
    response.set_content(peer::kPlaintext.data(), peer::kPlaintext.size(), text);
  });
  server.Get("/bytes/.*", [&octets](const httplib::Request& request, httplib::Response& response) {
    const auto& content = peer::bytes_at(request.path);
    if (content == nullptr) {
      response.status = 404;
      return;
    }
    response.set_content_provider(
        content->size(), octets,
        [&content](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
          return sink.write(content->data() + offset, length);
        });
  });
  server.Post("/echo", [&octets](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.body, octets);
  });
  server.Post("/sink", [&text](const httplib::Request&, httplib::Response& response,
                               const httplib::ContentReader& read) {
    std::size_t size = 0;
    read([&size](const char*, std::size_t length) {
      size += length;
      return true;
    });
    response.set_content(std::to_string(size), text);
  });

  if (!server.bind_to_port(settings.host, settings.port)) load::die("cannot listen");
  ::listen(listener, peer::kBacklog);
  server.listen_after_bind();
  return 1;
}
