// SPDX-License-Identifier: MIT
// Files to serve: a program that serves none does not link it.
#include <weir/detail/impl/file_handler.ipp>
#include <weir/detail/impl/file_store.ipp>
#include <weir/net/impl/directory.ipp>
