// SPDX-License-Identifier: MIT
// Cookies to set, and the text of signed ones: a program that sets none does not link them.
#include <weir/http/impl/base64url.ipp>
#include <weir/http/impl/set_cookie.ipp>
