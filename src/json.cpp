// SPDX-License-Identifier: MIT
// What weir/json.hpp stands on that needs no nlohmann/json.
#include <weir/detail/impl/json_complaint.ipp>
#include <weir/http/impl/json_text.ipp>
