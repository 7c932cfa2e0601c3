// SPDX-License-Identifier: MIT
#include <weir/impl/cors.ipp>
