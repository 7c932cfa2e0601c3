// SPDX-License-Identifier: MIT
#include <weir/net/impl/acceptor.ipp>
#include <weir/net/impl/address.ipp>
#include <weir/net/impl/address_table.ipp>
#include <weir/net/impl/clock.ipp>
#include <weir/net/impl/connection.ipp>
#include <weir/net/impl/error.ipp>
#include <weir/net/impl/event_loop.ipp>
#include <weir/net/impl/fd.ipp>
#include <weir/net/impl/input_buffer.ipp>
#include <weir/net/impl/keyed_hash.ipp>
#include <weir/net/impl/mailbox.ipp>
#include <weir/net/impl/memory_budget.ipp>
#include <weir/net/impl/memory_pipe.ipp>
#include <weir/net/impl/output_queue.ipp>
#include <weir/net/impl/thread_pool.ipp>
#include <weir/net/impl/timer_wheel.ipp>
