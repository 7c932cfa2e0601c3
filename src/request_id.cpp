// SPDX-License-Identifier: MIT
// Names of requests: a program that gives none does not link them.
#include <weir/impl/request_id.ipp>
