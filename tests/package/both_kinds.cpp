// SPDX-License-Identifier: MIT
// The compiled and the header-only weir in one program: their symbols must not meet.
#include "both_kinds.hpp"

int main() { return serve_compiled() + serve_header_only() + serve_compiled(); }
