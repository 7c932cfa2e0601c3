// SPDX-License-Identifier: MIT
// The dashboard: a program that mounts none does not link its page.
#include <weir/impl/dashboard.ipp>
