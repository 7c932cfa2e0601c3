// SPDX-License-Identifier: MIT
#include <weir/net/impl/sys.ipp>
