// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Objects in slabs of stable addresses, named by slot and generation: a name that has gone stale
/// finds nothing, whatever stands in its slot by now.
///
///     chunks_[0]                           chunks_[1]
///     ┌──────┬──────┬──────┬─── ─┬──────┐  ┌──────┬──────┬─── ─┐
///     │ T    │ ---- │ T    │  …  │ ---- │  │ T    │ ---- │  …  │
///     │ gen 1│ gen 4│ gen 7│     │ gen 0│  │ gen 3│ gen 2│     │   odd: an object lives here
///     │ = 0  │ next─┼──┐   │     │ next │  │ = 64 │ ▲    │     │   even: free
///     └──────┴──────┴──┼───┴─── ─┴──────┘  └──────┴─┼────┴─── ─┘
///        free_ ──► 1   └────────────────────────────┘
///
/// Invariants: a slot's generation is odd exactly while an object lives in it, and grows at each
/// birth and each death; `link` is the slot's own number while it is taken and the next free slot
/// (or kNone) while it is free; the free list holds every free slot of the chunks once. Chunks are
/// never given back: the memory is that of the busiest moment.
///
/// Thread: one, the owning loop's.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Owns objects of type T, whose constructor takes `(std::uint32_t slot, std::uint32_t generation,
/// …)`.
template <class T>
class SlotMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kChunkSlots = 64;

  /// Slots are numbered from 0 and below `max_slots`, which is less than kNone.
  explicit SlotMap(std::uint32_t max_slots = kNone - 1) noexcept : max_slots_(max_slots) {
    WEIR_ASSERT(max_slots < kNone);
  }
  SlotMap(const SlotMap&) = delete;
  SlotMap& operator=(const SlotMap&) = delete;
  ~SlotMap() {
    for_each([this](T& object) { erase(slot_of(object)); });
  }

  /// Makes an object in a free slot; null when all `max_slots` are taken. If memory is short or the
  /// constructor throws, the exception passes through and nothing has changed.
  template <class... A>
  T* emplace(A&&... arguments) {
    if (free_ == kNone && !grow()) return nullptr;
    const std::uint32_t slot = free_;
    Cell& home = cell(slot);
    free_ = home.link;  // taken before the constructor runs: it may come back to this map
    home.link = slot;
    Birth birth{*this, &home};
    T* const object = ::new (static_cast<void*>(home.storage))
        T(slot, home.generation + 1, std::forward<A>(arguments)...);
    birth.cell = nullptr;
    ++home.generation;
    ++size_;
    return object;
  }

  /// Destroys the object in `slot`, which must hold one. Its destructor no longer finds itself
  /// here.
  void erase(std::uint32_t slot) noexcept {
    WEIR_ASSERT(slot < chunks_.size() * kChunkSlots && alive(cell(slot)));
    Cell& home = cell(slot);
    ++home.generation;
    --size_;
    home.object()->~T();
    home.link = free_;
    free_ = slot;
  }

  /// The object that was given this slot and generation, or null when it is gone. Any numbers may
  /// be asked for.
  T* find(std::uint32_t slot, std::uint32_t generation) noexcept {
    if (slot >= chunks_.size() * kChunkSlots) return nullptr;
    Cell& home = cell(slot);
    return home.generation == generation && alive(home) ? home.object() : nullptr;
  }

  /// The slot of an object that lives in this map.
  static std::uint32_t slot_of(const T& object) noexcept {
    return reinterpret_cast<const Cell*>(&object)->link;  // storage stands first in its cell
  }

  /// The generation of `slot` now: odd while an object lives there. 0 for a slot never used.
  std::uint32_t generation_of(std::uint32_t slot) const noexcept {
    return slot < chunks_.size() * kChunkSlots ? cell(slot).generation : 0;
  }

  /// Calls `f(T&)` for each object in the order of slots. `f` may erase any object and make new
  /// ones, which are met if their slot is still ahead.
  template <class F>
  void for_each(F f) {
    for (std::uint32_t slot = 0; slot < chunks_.size() * kChunkSlots; ++slot)
      if (alive(cell(slot))) f(*cell(slot).object());
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::uint32_t max_slots() const noexcept { return max_slots_; }

 private:
  struct Cell {
    T* object() noexcept { return std::launder(reinterpret_cast<T*>(storage)); }

    alignas(T) unsigned char storage[sizeof(T)];
    std::uint32_t generation;
    std::uint32_t link;
  };
  static_assert(sizeof(Cell) <= sizeof(T) + 16 || alignof(T) > 16, "overhead per slot");

  struct Chunk {
    Cell cells[kChunkSlots];
  };

  struct Birth {  // puts the slot back when the constructor throws
    ~Birth() {
      if (cell == nullptr) return;
      const std::uint32_t slot = cell->link;
      cell->link = map.free_;
      map.free_ = slot;
    }
    SlotMap& map;
    Cell* cell;
  };

  static bool alive(const Cell& cell) noexcept { return (cell.generation & 1) != 0; }

  Cell& cell(std::uint32_t slot) noexcept {
    return chunks_[slot / kChunkSlots]->cells[slot % kChunkSlots];
  }
  const Cell& cell(std::uint32_t slot) const noexcept {
    return chunks_[slot / kChunkSlots]->cells[slot % kChunkSlots];
  }

  [[gnu::noinline]] bool grow() {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * kChunkSlots);
    if (first >= max_slots_) return false;
    std::unique_ptr<Chunk> chunk(new Chunk);  // its storage is left as it comes
    chunks_.push_back(std::move(chunk));
    for (std::uint32_t i = kChunkSlots; i-- > 0;) {
      Cell& fresh = cell(first + i);
      fresh.generation = 0;
      fresh.link = kNone;
      if (first + i >= max_slots_) continue;  // the last chunk's rest stays out of the free list
      fresh.link = free_;
      free_ = first + i;
    }
    return true;
  }

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
  std::uint32_t free_ = kNone;
  std::uint32_t max_slots_;
};

}  // namespace net
WEIR_END_NAMESPACE
