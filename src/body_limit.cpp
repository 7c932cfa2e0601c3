// SPDX-License-Identifier: MIT
// Limits of content by middleware: a program that has none does not link them.
#include <weir/impl/body_limit.ipp>
