// SPDX-License-Identifier: MIT
// weir inside a program that has a main thread, signals and threads of its own: start() touches
// none of them. SIGUSR1 prints a line, SIGTERM and SIGINT end the program in order.
#include <signal.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <weir/weir.hpp>

namespace {

/// A thread of the program's: it answers requests in the order in which they came.
class Clerk {
 public:
  Clerk() : thread_([this] { work(); }) {}
  ~Clerk() {
    ask({});  // an empty reply: go home
    thread_.join();
  }
  Clerk(const Clerk&) = delete;
  Clerk& operator=(const Clerk&) = delete;

  void ask(weir::Reply reply) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(std::move(reply));
    arrived_.notify_one();
  }

 private:
  void work() {
    while (true) {
      std::unique_lock<std::mutex> lock(mutex_);
      arrived_.wait(lock, [this] { return !waiting_.empty(); });
      weir::Reply reply = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      if (!reply) return;
      // Whatever became of client and server in the meantime: this is safe, and tells.
      reply.text("Hello, " + std::string(reply.request().param("name")) + "\n");
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<weir::Reply> waiting_;
  std::thread thread_;
};

}  // namespace

int main() {
  sigset_t ours;
  sigemptyset(&ours);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&ours, signal);
  pthread_sigmask(SIG_BLOCK, &ours, nullptr);  // taken by sigwait() below

  Clerk clerk;
  std::atomic<int> seconds{0};
  weir::Server server;
  server.get("/hello/{name}",
             [&clerk](const weir::Request&, weir::Response& res) { clerk.ask(res.defer()); });
  server.every(std::chrono::seconds(1), [&seconds] { ++seconds; });
  server.listen("127.0.0.1", 8080);
  server.start();

  int signal = 0;
  while (sigwait(&ours, &signal) == 0 && signal == SIGUSR1)
    std::printf("up for %d s, %zu connections\n", seconds.load(), server.connections());
  server.stop();
  server.wait();
}
