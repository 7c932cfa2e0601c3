// SPDX-License-Identifier: MIT
#include <poll.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>
#include <weir/net/mailbox.hpp>
#include <weir/net/sys.hpp>

#include "../support/fake_sys.hpp"

using weir::net::Mailbox;
using weir::net::Task;
using weir::test::FakeSys;

namespace {
void run_all(Mailbox& mailbox) {
  std::vector<Task> tasks;
  mailbox.take(tasks);
  for (Task& task : tasks) task();
}
}  // namespace

TEST_CASE("only the first task for a sleeping loop wakes it", "[net][mailbox]") {
  const FakeSys::Scope scope;
  Mailbox mailbox;
  int runs = 0;
  const auto task = [&runs] { ++runs; };

  CHECK(mailbox.post(task));  // awake
  CHECK(FakeSys::count("eventfd_write") == 0);
  CHECK_FALSE(mailbox.prepare_sleep());  // a task is there
  run_all(mailbox);

  CHECK(mailbox.prepare_sleep());
  for (int i = 0; i < 3; ++i) CHECK(mailbox.post(task));
  CHECK(FakeSys::count("eventfd_write") == 1);
  mailbox.woken();
  run_all(mailbox);

  CHECK(mailbox.prepare_sleep());
  mailbox.woken();
  CHECK(mailbox.post(task));
  CHECK(FakeSys::count("eventfd_write") == 1);
  run_all(mailbox);
  CHECK(runs == 5);
}

TEST_CASE("a closed mailbox destroys what it has and what it is given", "[net][mailbox]") {
  Mailbox mailbox;
  const auto alive = std::make_shared<int>(0);
  bool inner = true;
  struct PostsWhenDestroyed {
    PostsWhenDestroyed(Mailbox& to, bool& said) : mailbox(&to), accepted(&said) {}
    PostsWhenDestroyed(PostsWhenDestroyed&& other) noexcept
        : mailbox(std::exchange(other.mailbox, nullptr)), accepted(other.accepted) {}
    ~PostsWhenDestroyed() {
      if (mailbox != nullptr) *accepted = mailbox->post([] {});
    }
    Mailbox* mailbox;
    bool* accepted;
  };
  mailbox.post([alive] { FAIL(); });
  mailbox.post([guard = PostsWhenDestroyed(mailbox, inner)] { FAIL(); });
  CHECK(alive.use_count() == 2);
  mailbox.close();
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(inner);
  CHECK_FALSE(mailbox.post([alive] { FAIL(); }));
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(mailbox.post([guard = PostsWhenDestroyed(mailbox, inner)] { FAIL(); }));
  run_all(mailbox);
}

TEST_CASE("waking keeps errno, and a missing eventfd is reported", "[net][mailbox]") {
  const FakeSys::Scope scope;
  Mailbox mailbox;
  FakeSys::fail("eventfd_write", EAGAIN);
  errno = ENOENT;
  mailbox.wake();
  CHECK(errno == ENOENT);
  FakeSys::fail("eventfd", EMFILE);
  CHECK_THROWS_WITH(Mailbox(), "eventfd: Too many open files");
}

TEST_CASE("no task is slept through, and one thread's tasks keep their order", "[net][mailbox]") {
  constexpr int kThreads = 4;
  constexpr int kTasks = 5000;
  Mailbox mailbox;
  int next[kThreads] = {};
  int runs = 0;
  int disorder = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i)
        mailbox.post([&, t, i] {
          if (next[t]++ != i) ++disorder;
          ++runs;
        });
    });
  while (runs < kThreads * kTasks) {
    if (mailbox.prepare_sleep()) {
      pollfd wait{mailbox.wake_fd(), POLLIN, 0};  // a lost wake-up hangs here
      ::poll(&wait, 1, -1);
      weir::net::sys::eventfd_read(mailbox.wake_fd());
    }
    mailbox.woken();
    run_all(mailbox);
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(disorder == 0);
}
