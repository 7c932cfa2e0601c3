// SPDX-License-Identifier: MIT
// The test client, apart from the rest: a program that does not use it does not carry it.
#include <weir/impl/testing.ipp>
