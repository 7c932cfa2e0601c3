// SPDX-License-Identifier: MIT
// Ready-made middleware: a program that uses none of it does not link it.
#include <weir/impl/rate_limit.ipp>
#include <weir/net/impl/token_buckets.ipp>
