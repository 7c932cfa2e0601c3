// SPDX-License-Identifier: MIT
// weir::crypto: what needs OpenSSL.
#include <weir/impl/signed_cookie.ipp>
