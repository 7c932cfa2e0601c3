// SPDX-License-Identifier: MIT
// Authentication: a program that asks nobody does not link it.
#include <weir/http/impl/authorization.ipp>
#include <weir/impl/auth.ipp>
