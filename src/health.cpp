// SPDX-License-Identifier: MIT
// Readiness: a program that is not asked for it does not link it.
#include <weir/impl/health.ipp>
