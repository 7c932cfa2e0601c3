// SPDX-License-Identifier: MIT
// The http layer, compiled once.
#include <weir/http/impl/chunk_decoder.ipp>
#include <weir/http/impl/cookie.ipp>
#include <weir/http/impl/date.ipp>
#include <weir/http/impl/fields.ipp>
#include <weir/http/impl/host.ipp>
#include <weir/http/impl/incident.ipp>
#include <weir/http/impl/params.ipp>
#include <weir/http/impl/parse_error.ipp>
#include <weir/http/impl/percent.ipp>
#include <weir/http/impl/query.ipp>
#include <weir/http/impl/request_head.ipp>
#include <weir/http/impl/request_parser.ipp>
#include <weir/http/impl/response_head.ipp>
#include <weir/http/impl/route_pattern.ipp>
#include <weir/http/impl/route_tree.ipp>
#include <weir/http/impl/serializer.ipp>
#include <weir/http/impl/session.ipp>
#include <weir/http/impl/target.ipp>
