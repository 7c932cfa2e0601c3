// SPDX-License-Identifier: MIT
// Cookies to set: a program that sets none does not link them.
#include <weir/http/impl/set_cookie.ipp>
