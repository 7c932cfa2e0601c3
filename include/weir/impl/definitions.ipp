// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The definitions of weir/ and weir/detail/ for the header-only build, in one place.
///
/// These headers know each other: a definition of one needs the others complete. So none of them
/// pulls its own in; server.hpp, which they never include, brings all at once.
#include <weir/detail/impl/control.ipp>
#include <weir/detail/impl/core.ipp>
#include <weir/detail/impl/cork.ipp>
#include <weir/detail/impl/exchange.ipp>
#include <weir/detail/impl/file_content.ipp>
#include <weir/detail/impl/file_handler.ipp>
#include <weir/detail/impl/reactor.ipp>
#include <weir/detail/impl/reactor_answers.ipp>
#include <weir/detail/impl/reactor_requests.ipp>
#include <weir/detail/impl/route_table.ipp>
#include <weir/detail/impl/server_state.ipp>
#include <weir/detail/impl/stall_watch.ipp>
#include <weir/impl/body_filter.ipp>
#include <weir/impl/reply.ipp>
#include <weir/impl/request.ipp>
#include <weir/impl/response.ipp>
#include <weir/impl/router.ipp>
#include <weir/impl/server.ipp>
#include <weir/impl/stream.ipp>
#include <weir/server.hpp>
