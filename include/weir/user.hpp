// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Who asks: what a middleware that authenticates leaves with a request.
///
/// Thread: a value; that of its request.
#include <string>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE

/// Set by a middleware that has checked the name: `req.set(weir::User{"ann"})`.
struct WEIR_API User {
  std::string name;
};

WEIR_END_NAMESPACE
