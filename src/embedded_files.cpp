// SPDX-License-Identifier: MIT
// Files that are part of the program: one that has none does not link it.
#include <weir/detail/impl/embedded_tree.ipp>
#include <weir/impl/embedded_files.ipp>
