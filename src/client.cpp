// SPDX-License-Identifier: MIT
#include <weir/impl/client.ipp>
