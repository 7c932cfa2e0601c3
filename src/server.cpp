// SPDX-License-Identifier: MIT
// The definitions of weir/ and weir/detail/, compiled once.
#include <weir/detail/impl/control.ipp>
#include <weir/detail/impl/core.ipp>
#include <weir/detail/impl/cork.ipp>
#include <weir/detail/impl/exchange.ipp>
#include <weir/detail/impl/reactor.ipp>
#include <weir/detail/impl/reactor_answers.ipp>
#include <weir/detail/impl/reactor_requests.ipp>
#include <weir/detail/impl/route_table.ipp>
#include <weir/detail/impl/server_state.ipp>
#include <weir/detail/impl/stall_watch.ipp>
#include <weir/impl/body_filter.ipp>
#include <weir/impl/config.ipp>
#include <weir/impl/counters.ipp>
#include <weir/impl/log.ipp>
#include <weir/impl/options.ipp>
#include <weir/impl/reply.ipp>
#include <weir/impl/request.ipp>
#include <weir/impl/response.ipp>
#include <weir/impl/router.ipp>
#include <weir/impl/server.ipp>
#include <weir/impl/stream.ipp>
