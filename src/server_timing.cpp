// SPDX-License-Identifier: MIT
// Server-Timing: a program that sends none does not link it.
#include <weir/impl/server_timing.ipp>
