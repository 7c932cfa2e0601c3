// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>
#include <weir/net/clock.hpp>
#include <weir/net/timer_wheel.hpp>

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using weir::net::FakeClock;
using weir::net::Timer;
using weir::net::TimerWheel;
using TimePoint = TimerWheel::TimePoint;

namespace {

struct Counting : Timer {
  Counting() : Timer([](Timer& timer) { ++static_cast<Counting&>(timer).fired; }) {}
  int fired = 0;
};

struct Calling : Timer {
  explicit Calling(weir::net::TimerWheel& to, void (*f)(Calling&))
      : Timer([](Timer& timer) {
          auto& self = static_cast<Calling&>(timer);
          ++self.fired;
          self.call(self);
        }),
        wheel(to),
        call(f) {}
  TimerWheel& wheel;
  void (*call)(Calling&);
  std::unique_ptr<Calling>* other = nullptr;
  int fired = 0;
};

struct Case {
  milliseconds after;
  milliseconds due;  // the first whole tick at which it has fired
};
constexpr Case kCases[] = {
    {0ms, 10ms},        {-5ms, 10ms},           {1ms, 10ms},
    {10ms, 10ms},       {11ms, 20ms},           {630ms, 630ms},
    {631ms, 640ms},     {640ms, 640ms},         {650ms, 650ms},
    {40950ms, 40950ms}, {40951ms, 40960ms},     {40970ms, 40970ms},
    {3600s, 3600s},     {24h * 365, 24h * 365}, {24h * 36500, 24h * 36500},
};

}  // namespace

TEST_CASE("a timer fires in its tick, neither before nor twice", "[net][timer_wheel]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.after.count() << " ms") {
      const TimePoint start(5h);
      TimerWheel wheel(start);
      Counting timer;
      wheel.arm(timer, c.after);
      CHECK(wheel.size() == 1);
      CHECK(wheel.advance(start + c.due - 1ms) == 0);
      CHECK(timer.armed());
      CHECK(wheel.advance(start + c.due) == 1);
      CHECK_FALSE(timer.armed());
      CHECK(wheel.empty());
      CHECK(wheel.advance(start + c.due + 1h) == 0);
      CHECK(timer.fired == 1);
    }
}

TEST_CASE("re-arming replaces, cancelling and destroying disarm", "[net][timer_wheel]") {
  const TimePoint start{};
  TimerWheel wheel(start);
  Counting timer;
  wheel.arm(timer, 1s);
  wheel.arm(timer, 5s);
  CHECK(wheel.size() == 1);
  CHECK(wheel.advance(start + 4s) == 0);
  wheel.arm(timer, 2s);  // from 4s
  CHECK(wheel.advance(start + 5990ms) == 0);
  CHECK(wheel.advance(start + 6s) == 1);

  wheel.arm(timer, 1s);
  wheel.cancel(timer);
  wheel.cancel(timer);
  CHECK(wheel.empty());
  {
    Counting brief;
    wheel.arm(brief, 1s);
    CHECK(wheel.size() == 1);
  }
  CHECK(wheel.empty());
  CHECK(wheel.until_next(start) == milliseconds::max());
  CHECK(wheel.advance(start + 1h) == 0);
  CHECK(timer.fired == 1);
}

TEST_CASE("the next moment at which anything is due is known", "[net][timer_wheel]") {
  const TimePoint start(5h);
  TimerWheel wheel(start);
  CHECK(wheel.next_due() == TimePoint::max());
  Counting near;
  Counting far;
  wheel.arm(far, 2h);
  CHECK(wheel.next_due() > start + 1h);
  CHECK(wheel.next_due() <= start + 2h);
  wheel.arm(near, 30ms);
  CHECK(wheel.next_due() == start + 30ms);
  CHECK(wheel.until_next(start + 10ms) == 20ms);
  CHECK(wheel.advance(start + 29ms) == 0);  // nothing is due: the wheel is not turned
  wheel.arm(far, 0ms);                      // counts from there all the same
  CHECK(wheel.next_due() == start + 30ms);
  wheel.cancel(near);
  CHECK(wheel.next_due() == start + 30ms);
  CHECK(wheel.advance(start + 30ms) == 1);
  CHECK(far.fired == 1);
  CHECK(wheel.next_due() == TimePoint::max());
  wheel.arm(near, 50ms);
  wheel.cancel(near);
  CHECK(wheel.next_due() == TimePoint::max());
}

TEST_CASE("what is due already fires at the next tick", "[net][timer_wheel]") {
  const TimePoint start(5h);
  TimerWheel wheel(start);
  Counting timer;
  CHECK(wheel.advance(start + 1h) == 0);
  wheel.arm_at(timer, start);  // long past
  CHECK(wheel.advance(start + 1h) == 0);
  CHECK(wheel.advance(start + 1h + 9ms) == 0);
  CHECK(wheel.advance(start + 1h + 10ms) == 1);
}

TEST_CASE("a wheel that dies disarms its timers", "[net][timer_wheel]") {
  Counting near;
  Counting far;
  {
    TimerWheel wheel{TimePoint()};
    wheel.arm(near, 1ms);
    wheel.arm(far, 10h);
  }
  CHECK_FALSE(near.armed());
  CHECK_FALSE(far.armed());
}

TEST_CASE("arming counts from the time last told, not from the last advance",
          "[net][timer_wheel]") {
  const TimePoint start{};
  TimerWheel wheel(start);
  Counting timer;
  wheel.set_now(start + 60s);
  wheel.arm(timer, 1s);
  CHECK(wheel.advance(start + 60s) == 0);
  CHECK(wheel.advance(start + 60990ms) == 0);
  CHECK(wheel.advance(start + 61s) == 1);
  wheel.set_now(start);  // time does not go back
  wheel.arm(timer, 1s);
  CHECK(wheel.advance(start + 61990ms) == 0);
  CHECK(wheel.advance(start + 62s) == 1);
}

TEST_CASE("the largest time-outs do not overflow", "[net][timer_wheel]") {
  TimerWheel wheel(TimePoint(1h));
  Counting timer;
  wheel.arm(timer, milliseconds::max());
  CHECK(wheel.advance(TimePoint(24h * 36500)) == 0);
  wheel.arm_at(timer, TimePoint::max());
  CHECK(wheel.until_next(TimePoint(24h * 36500)) > 24h);
  wheel.arm_at(timer, TimePoint::min());
  CHECK(wheel.advance(TimePoint(24h * 36500) + 10ms) == 1);
}

TEST_CASE("a callback may arm, cancel and destroy any timer", "[net][timer_wheel]") {
  const TimePoint start{};
  TimerWheel wheel(start);

  SECTION("itself again, without running away") {
    Calling timer(wheel, [](Calling& self) { self.wheel.arm(self, 0ms); });
    wheel.arm(timer, 0ms);
    CHECK(wheel.advance(start + 1s) == 1);
    CHECK(wheel.advance(start + 1s) == 0);
    CHECK(wheel.advance(start + 1010ms) == 1);
  }
  SECTION("itself destroyed") {
    std::unique_ptr<Calling> self;
    self = std::make_unique<Calling>(wheel, [](Calling& t) { t.other->reset(); });
    self->other = &self;
    wheel.arm(*self, 10ms);
    CHECK(wheel.advance(start + 1s) == 1);
    CHECK(self == nullptr);
  }
  SECTION("a neighbour of the same tick destroyed") {
    std::unique_ptr<Calling> victim = std::make_unique<Calling>(wheel, [](Calling&) {});
    Calling killer(wheel, [](Calling& t) { t.other->reset(); });
    killer.other = &victim;
    wheel.arm(killer, 10ms);
    wheel.arm(*victim, 10ms);
    CHECK(wheel.advance(start + 1s) == 1);
    CHECK(wheel.empty());
    CHECK(wheel.until_next(start) == milliseconds::max());
  }
  SECTION("a neighbour of the same tick put off") {
    std::unique_ptr<Calling> other = std::make_unique<Calling>(wheel, [](Calling&) {});
    Calling first(wheel, [](Calling& t) { t.wheel.arm(**t.other, 1s); });
    first.other = &other;
    wheel.arm(first, 10ms);
    wheel.arm(*other, 10ms);
    CHECK(wheel.advance(start + 20ms) == 1);
    CHECK(wheel.advance(start + 1010ms) == 0);
    CHECK(wheel.advance(start + 1020ms) == 1);
    CHECK(other->fired == 1);
  }
}

TEST_CASE("timers behind one that throws fire at the next advance", "[net][timer_wheel]") {
  const TimePoint start{};
  TimerWheel wheel(start);
  Calling bad(wheel, [](Calling&) { throw std::runtime_error("timer"); });
  Counting same;
  Counting cancelled;
  wheel.arm(bad, 10ms);
  wheel.arm(same, 10ms);
  wheel.arm(cancelled, 10ms);
  CHECK_THROWS(wheel.advance(start + 1s));
  CHECK(wheel.size() == 2);
  CHECK(wheel.until_next(start + 1s) == 0ms);
  wheel.cancel(cancelled);
  CHECK(wheel.advance(start + 1s) == 1);
  CHECK(same.fired == 1);
  CHECK(wheel.empty());
}

namespace {

// The wheel beside a table of deadlines: what the table says is due has fired, and nothing else.
struct Model {
  struct Entry : Timer {
    explicit Entry(Model& owner)
        : Timer([](Timer& timer) {
            auto& self = static_cast<Entry&>(timer);
            self.model.on_fire(self);
          }),
          model(owner) {}
    Model& model;
    bool expected = false;
    std::int64_t due_tick = 0;
    TimePoint deadline;
  };

  explicit Model(unsigned seed) : random(seed), wheel(clock.now()), start(clock.now()) {
    for (int i = 0; i < 200; ++i) entries.push_back(std::make_unique<Entry>(*this));
  }

  static std::int64_t floor_tick(TimePoint::duration since) { return since / TimerWheel::kTick; }

  milliseconds distance() {  // every level is met
    const auto bits = random() % 32;
    return milliseconds(static_cast<std::int64_t>(random() & ((std::uint64_t{1} << bits) - 1)));
  }

  void arm(Entry& entry) {
    const milliseconds after = distance();
    wheel.arm(entry, after);
    entry.deadline = now + after;
    const auto since = entry.deadline - start;
    entry.due_tick = floor_tick(since) + (since % TimerWheel::kTick != 0ns ? 1 : 0);
    entry.due_tick = std::max(entry.due_tick, reached + 1);
    entry.expected = true;
  }

  void cancel(Entry& entry) {
    wheel.cancel(entry);
    entry.expected = false;
  }

  void on_fire(Entry& entry) {
    REQUIRE(entry.expected);
    REQUIRE(entry.due_tick <= reached);
    REQUIRE(entry.due_tick >= last_tick);  // tick by tick
    REQUIRE(now >= entry.deadline);
    REQUIRE_FALSE(entry.armed());
    last_tick = entry.due_tick;
    entry.expected = false;
    switch (random() % 4) {
      case 0:
        return arm(entry);
      case 1:
        return arm(any());
      case 2:
        return cancel(any());
      default:
        return;
    }
  }

  Entry& any() { return *entries[random() % entries.size()]; }

  void advance(milliseconds by) {
    clock.advance(by);
    now = clock.now();
    reached = floor_tick(now - start);
    last_tick = 0;
    wheel.advance(now);
    std::size_t armed = 0;
    std::int64_t first = INT64_MAX;
    for (const auto& entry : entries) {
      REQUIRE(entry->expected == entry->armed());
      if (!entry->expected) continue;
      REQUIRE(entry->due_tick > reached);
      REQUIRE(entry->tick() == static_cast<std::uint64_t>(entry->due_tick));
      first = std::min(first, entry->due_tick);
      ++armed;
    }
    REQUIRE(wheel.size() == armed);
    if (armed == 0)
      REQUIRE(wheel.until_next(now) == milliseconds::max());
    else {
      REQUIRE(wheel.until_next(now) > 0ms);
      REQUIRE(now + wheel.until_next(now) <= start + TimerWheel::kTick * first);
    }
  }

  std::mt19937_64 random;
  FakeClock clock;
  TimerWheel wheel;
  TimePoint start;
  TimePoint now = start;
  std::int64_t reached = 0;
  std::int64_t last_tick = 0;
  std::vector<std::unique_ptr<Entry>> entries;
};

}  // namespace

TEST_CASE("the wheel agrees with a naive table under random operations", "[net][timer_wheel]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  Model model(seed);
  for (int step = 0; step < 5000; ++step) {
    switch (model.random() % 8) {
      case 0:
        model.cancel(model.any());
        break;
      case 1: {
        auto& entry = model.entries[model.random() % model.entries.size()];
        entry = std::make_unique<Model::Entry>(model);
        break;
      }
      case 2:
        model.advance(model.distance());
        break;
      case 3: {
        const milliseconds next = model.wheel.until_next(model.now);
        if (next != milliseconds::max()) model.advance(next);
        break;
      }
      default:
        model.arm(model.any());
    }
  }
}

static_assert(sizeof(Timer) <= 40);
