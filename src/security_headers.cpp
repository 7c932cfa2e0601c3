// SPDX-License-Identifier: MIT
// Fields for browsers: a program that sends none does not link them.
#include <weir/impl/security_headers.ipp>
