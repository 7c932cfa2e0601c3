// SPDX-License-Identifier: MIT
// The access log: a program that keeps none does not link it.
#include <weir/detail/impl/line_sink.ipp>
#include <weir/http/impl/access_line.ipp>
#include <weir/impl/access_log.ipp>
