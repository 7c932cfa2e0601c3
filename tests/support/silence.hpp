// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// No log while a test provokes what would be logged.
#include <weir/log.hpp>

namespace weir::test {

struct Silence {
  Silence() { log::set_level(log::Level::off); }
  ~Silence() { log::set_level(log::Level::warning); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
};

}  // namespace weir::test
