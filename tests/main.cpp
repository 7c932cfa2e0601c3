// SPDX-License-Identifier: MIT
// Catch's own main, compiled once and linked into each suite.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
