// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Names of the public types, for headers that only pass them on.
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE

class Body;
class Reply;
class Request;
class Response;
class Router;
class Server;
class Stream;
class Suspension;
class Upgrade;
struct Error;
struct Options;
struct Outcome;

namespace detail {
class Exchange;
struct FileContent;
struct FileSender;
class Reactor;
class RouteTable;
struct RequestAccess;
struct ResponseAccess;
struct LateHandler;
struct RouteEntry;
struct ServerState;
struct StreamAccess;
}  // namespace detail

WEIR_END_NAMESPACE
