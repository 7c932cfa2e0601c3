// SPDX-License-Identifier: MIT
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <weir/net/task.hpp>

using weir::net::Task;
using weir::net::UniqueFunction;

namespace {

struct Counted {
  explicit Counted(int& count) : alive(&count) { ++*alive; }
  Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
  ~Counted() { --*alive; }
  int* alive;
};

template <std::size_t Bytes>
void moves_and_destroys_once() {
  int alive = 0;
  int calls = 0;
  {
    std::array<char, Bytes> ballast{};
    Task first([counted = Counted(alive), &calls, ballast] { calls += 1 + ballast[0]; });
    CHECK(alive == 1);
    Task second = std::move(first);
    CHECK_FALSE(first);
    CHECK(alive == 1);
    second();
    Task third;
    third = std::move(second);
    third();
    third = nullptr;
    CHECK(alive == 0);
    third = [counted = Counted(alive)] {};
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
  CHECK(calls == 2);
}

int twice(int value) { return 2 * value; }

}  // namespace

TEST_CASE("a closure is moved and destroyed once, inside the object or outside", "[net][task]") {
  moves_and_destroys_once<1>();
  moves_and_destroys_once<32>();
  moves_and_destroys_once<33>();
  moves_and_destroys_once<500>();
}

TEST_CASE("a function takes move-only arguments and returns results", "[net][task]") {
  UniqueFunction<int(std::unique_ptr<int>, int&)> add = [](std::unique_ptr<int> a, int& b) {
    return *a + b++;
  };
  int b = 2;
  CHECK(add(std::make_unique<int>(40), b) == 42);
  CHECK(b == 3);

  UniqueFunction<int(int)> pointer = twice;
  CHECK(pointer(21) == 42);
  pointer = static_cast<int (*)(int)>(nullptr);
  CHECK_FALSE(pointer);

  UniqueFunction<std::string()> owner = [text = std::make_unique<std::string>("kept")] {
    return *text;
  };
  UniqueFunction<std::string()> moved = std::move(owner);
  CHECK(moved() == "kept");
}

TEST_CASE("what a callable throws passes through", "[net][task]") {
  Task task = [] { throw std::runtime_error("from the task"); };
  CHECK_THROWS_WITH(task(), "from the task");
  CHECK(task);
}

TEST_CASE("a callable may replace the function that holds it when destroyed", "[net][task]") {
  Task task;
  int rounds = 0;
  struct Again {
    Again(Task& to, int& count) : task(&to), rounds(&count) {}
    Again(Again&& other) noexcept
        : task(std::exchange(other.task, nullptr)), rounds(other.rounds) {}
    ~Again() {
      if (task != nullptr) ++*rounds;
    }
    void operator()() {}
    Task* task;
    int* rounds;
  };
  task = Again(task, rounds);
  task = [] {};
  CHECK(rounds == 1);
  CHECK(task);
}

static_assert(sizeof(Task) == 64);
static_assert(std::is_nothrow_move_constructible_v<Task>);
static_assert(std::is_nothrow_move_assignable_v<Task>);
static_assert(!std::is_copy_constructible_v<Task>);
static_assert(!std::is_constructible_v<Task, int>);

TEST_CASE("a null function pointer is no task, and one moved onto itself stays", "[net][task]") {
  void (*nothing)() = nullptr;
  CHECK_FALSE(Task(nothing));
  int calls = 0;
  Task task([&calls] { ++calls; });
  Task& same = task;
  task = std::move(same);
  REQUIRE(task);
  task();
  CHECK(calls == 1);
}
