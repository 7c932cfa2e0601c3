// SPDX-License-Identifier: MIT
// Redirections: a program that has none does not link them.
#include <weir/impl/redirects.ipp>
