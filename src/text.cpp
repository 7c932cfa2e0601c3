// SPDX-License-Identifier: MIT
// What the library's own pages and fields are written with.
#include <weir/http/impl/escape.ipp>
#include <weir/http/impl/vary.ipp>
#include <weir/net/impl/random.ipp>
