// SPDX-License-Identifier: MIT
/// \file
/// weir, as any user can write it: handlers of the public API, the limits and checks as they come,
/// but for the largest content that /echo and /sink take.
///
/// Besides the routes that all servers of the bench have: /blocking answers from a worker,
/// /deferred from another thread that answers all that wait at once; --routes N adds N routes
/// /items/<i>/{id}/detail that nobody asks for, and one that is asked for among them.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#include <weir/weir.hpp>

#include "peer.hpp"

namespace {

constexpr const char* kUsage =
    "--port N [--host 127.0.0.1] [--threads 1] [--workers 1] [--routes 0]\n"
    "  [--accept roundrobin|reuseport]\n";

/// Answers what was put in, on a thread of its own: all that has come while it slept or worked.
class Batches {
 public:
  Batches() : thread_([this] { run(); }) {}
  ~Batches() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ending_ = true;
    }
    some_.notify_one();
    thread_.join();
  }

  void put(weir::Reply reply) {
    bool wake = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      wake = waiting_.empty();
      waiting_.push_back(std::move(reply));
    }
    if (wake) some_.notify_one();
  }

 private:
  void run() {
    std::vector<weir::Reply> batch;
    while (true) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        some_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        batch.swap(waiting_);
      }
      for (weir::Reply& reply : batch) reply.text(peer::kPlaintext);
      batch.clear();
    }
  }

  std::mutex mutex_;
  std::condition_variable some_;
  std::vector<weir::Reply> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

void bytes(const weir::Request& request, weir::Response& response) {
  const std::shared_ptr<const std::string>& content = peer::bytes_at(request.path());
  if (content == nullptr) {
    response.status(weir::Status::not_found);
    return;
  }
  response.header("Content-Type", peer::kBytesType).body(content);
}

void sink(const weir::Request&, weir::Body body, weir::Response& response) {
  auto size = std::make_shared<std::uint64_t>(0);
  body.on_data([size](std::string_view piece) { *size += piece.size(); });
  body.on_end([size, reply = response.defer()](std::string_view) mutable {
    reply.text(std::to_string(*size));
  });
}

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const peer::Settings settings = peer::settings(arguments);
  const std::uint64_t workers = arguments.number("workers", 1, 1, 256);
  const std::uint64_t routes = arguments.number("routes", 0, 0, 1'000'000);
  const std::string accept = arguments.text("accept", "roundrobin");
  arguments.done();
  if (accept != "roundrobin" && accept != "reuseport") load::die(kUsage);

  weir::Options options;
  options.threads = settings.threads;
  options.workers = workers;
  options.reuse_port = accept == "reuseport";
  Batches batches;
  weir::Server server(options);
  weir::RouteOptions large;
  large.body_limit = peer::kMaxBody;

  server.get("/plaintext", [] { return peer::kPlaintext; });
  server.get("/bytes/{size}", bytes);
  server.post(
      "/echo",
      [](const weir::Request& request, weir::Response& response) {
        response.header("Content-Type", peer::kBytesType).body(request.body());
      },
      large);
  server.post("/sink", weir::streamed(sink), large);
  server.get("/blocking", weir::blocking([] { return peer::kPlaintext; }));
  server.get("/deferred", [&batches](const weir::Request&, weir::Response& response) {
    batches.put(response.defer());
  });
  for (std::uint64_t i = 0; i < routes; ++i)
    server.get("/items/" + std::to_string(i) + "/{id}/detail",
               [](const weir::Request& request) { return std::string(request.param("id")); });

  server.listen(settings.host, settings.port);
  return server.run();
}
