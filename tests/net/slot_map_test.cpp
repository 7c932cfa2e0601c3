// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>
#include <weir/net/slot_map.hpp>

using weir::net::SlotMap;

namespace {

struct Item {
  Item(std::uint32_t at, std::uint32_t born, int what = 0)
      : slot(at), generation(born), value(what) {
    if (what < 0) throw std::runtime_error("negative");
    ++alive;
  }
  ~Item() { --alive; }
  std::uint32_t slot;
  std::uint32_t generation;
  int value;
  static inline int alive = 0;
};

struct alignas(64) Wide {
  Wide(std::uint32_t, std::uint32_t) {}
};

}  // namespace

TEST_CASE("an object is found by its slot and generation until it is erased", "[net][slot_map]") {
  SlotMap<Item> map;
  Item* const a = map.emplace(7);
  REQUIRE(a != nullptr);
  CHECK(a->slot == 0);
  CHECK(map.slot_of(*a) == 0);
  CHECK(map.generation_of(0) == a->generation);
  CHECK(map.find(0, a->generation) == a);
  CHECK(map.find(0, a->generation + 1) == nullptr);
  CHECK(map.find(0, a->generation - 1) == nullptr);
  CHECK(map.find(63, 0) == nullptr);
  CHECK(map.find(64, 1) == nullptr);
  CHECK(map.find(SlotMap<Item>::kNone, 1) == nullptr);

  const std::uint32_t old = a->generation;
  map.erase(0);
  CHECK(map.empty());
  CHECK(map.find(0, old) == nullptr);
  CHECK(map.find(0, map.generation_of(0)) == nullptr);  // even: names nobody
  Item* const b = map.emplace(8);
  CHECK(b->slot == 0);
  CHECK(b->generation > old);
  CHECK(map.find(0, old) == nullptr);
  CHECK(map.find(0, b->generation) == b);
}

TEST_CASE("no more slots are given than the map may have", "[net][slot_map]") {
  SlotMap<Item> map(70);
  std::set<std::uint32_t> slots;
  for (int i = 0; i < 70; ++i) slots.insert(map.emplace(i)->slot);
  CHECK(slots.size() == 70);
  CHECK(*slots.rbegin() == 69);
  CHECK(map.emplace(70) == nullptr);
  map.erase(33);
  CHECK(map.emplace(71)->slot == 33);
  CHECK(map.emplace(72) == nullptr);
  CHECK(SlotMap<Item>(0).emplace(1) == nullptr);
}

TEST_CASE("a constructor that throws leaves the map as it was", "[net][slot_map]") {
  SlotMap<Item> map;
  CHECK_THROWS(map.emplace(-1));
  CHECK(map.size() == 0);
  CHECK(map.generation_of(0) % 2 == 0);
  CHECK(map.emplace(1)->slot == 0);
}

TEST_CASE("objects may be erased while they are walked, and die with the map", "[net][slot_map]") {
  {
    SlotMap<Item> map;
    for (int i = 0; i < 200; ++i) map.emplace(i);
    int met = 0;
    map.for_each([&](Item& item) {
      ++met;
      if (item.value % 2 == 0 && item.slot + 1 < 200) map.erase(item.slot + 1);
      if (item.value % 4 == 0) map.erase(item.slot);
    });
    CHECK(met == 100);
    CHECK(map.size() == 50);
    CHECK(Item::alive == 50);
  }
  CHECK(Item::alive == 0);
}

TEST_CASE("random births and deaths never move an object nor revive a name", "[net][slot_map]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  struct Known {
    Item* at;
    std::uint32_t slot;
    std::uint32_t generation;
    int value;
  };
  SlotMap<Item> map(300);
  std::vector<Known> living;
  std::vector<Known> dead;
  for (int step = 0; step < 20000; ++step) {
    if (living.empty() || random() % 2 == 0) {
      Item* const item = map.emplace(step);
      REQUIRE((item == nullptr) == (living.size() == 300));
      if (item != nullptr) living.push_back({item, item->slot, item->generation, step});
    } else {
      const std::size_t at = random() % living.size();
      map.erase(living[at].slot);
      dead.push_back(living[at]);
      living[at] = living.back();
      living.pop_back();
    }
    REQUIRE(map.size() == living.size());
  }
  for (const Known& known : living) {
    REQUIRE(map.find(known.slot, known.generation) == known.at);
    REQUIRE(known.at->value == known.value);
    REQUIRE(SlotMap<Item>::slot_of(*known.at) == known.slot);
  }
  for (const Known& known : dead) REQUIRE(map.find(known.slot, known.generation) == nullptr);
}

TEST_CASE("over-aligned objects stand aligned", "[net][slot_map]") {
  SlotMap<Wide> map;
  for (int i = 0; i < 3; ++i)
    CHECK(reinterpret_cast<std::uintptr_t>(map.emplace()) % alignof(Wide) == 0);
}
