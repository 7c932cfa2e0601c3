// SPDX-License-Identifier: MIT
#include "counting_heap.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace weir::test {
namespace {

thread_local bool counting = false;
thread_local std::size_t count = 0;
thread_local std::size_t fail_at = 0;  // the number of the allocation that fails; 0: none
thread_local std::ptrdiff_t live = 0;

std::ptrdiff_t size_of(void* memory) noexcept {
  return static_cast<std::ptrdiff_t>(::malloc_usable_size(memory) + sizeof(std::size_t));
}

void* take(std::size_t size, std::size_t alignment) noexcept {
  if (counting && ++count == fail_at) return nullptr;
  if (size == 0) size = 1;
  void* const memory =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(size)
          : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (counting && memory != nullptr) live += size_of(memory);
  return memory;
}

void* take_or_throw(std::size_t size, std::size_t alignment) {
  if (void* const memory = take(size, alignment)) return memory;
  throw std::bad_alloc();
}

void give(void* memory) noexcept {
  if (counting && memory != nullptr) live -= size_of(memory);
  std::free(memory);
}

}  // namespace

void CountingHeap::start(std::size_t failing) noexcept {
  count = 0;
  live = 0;
  fail_at = failing;
  counting = true;
}
void CountingHeap::stop() noexcept { counting = false; }
std::size_t CountingHeap::allocations() noexcept { return count; }
std::ptrdiff_t CountingHeap::bytes() noexcept { return live; }

}  // namespace weir::test

namespace heap = weir::test;

void* operator new(std::size_t size) { return heap::take_or_throw(size, 0); }
void* operator new[](std::size_t size) { return heap::take_or_throw(size, 0); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap::take(size, 0); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return heap::take(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return heap::take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return heap::take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return heap::take(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return heap::take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { heap::give(memory); }
void operator delete[](void* memory) noexcept { heap::give(memory); }
void operator delete(void* memory, std::size_t) noexcept { heap::give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { heap::give(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { heap::give(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { heap::give(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { heap::give(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { heap::give(memory); }
