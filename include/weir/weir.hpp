// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What nearly every program needs.
#include <weir/body_filter.hpp>
#include <weir/config.hpp>
#include <weir/counters.hpp>
#include <weir/error.hpp>
#include <weir/handler.hpp>
#include <weir/log.hpp>
#include <weir/middleware.hpp>
#include <weir/options.hpp>
#include <weir/reply.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>
#include <weir/router.hpp>
#include <weir/server.hpp>
#include <weir/stream.hpp>
#include <weir/upgrade.hpp>
