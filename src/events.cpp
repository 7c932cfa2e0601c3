// SPDX-License-Identifier: MIT
// Server-sent events: a program that sends none does not link them.
#include <weir/http/impl/event_stream.ipp>
#include <weir/impl/event_channel.ipp>
#include <weir/impl/events.ipp>
