// SPDX-License-Identifier: MIT
// What proxies say: a program that trusts none does not link it.
#include <weir/http/impl/forwarded.ipp>
#include <weir/impl/trusted_proxy.ipp>
#include <weir/net/impl/address_range.ipp>
