// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Names of the public types, for headers that only pass them on.
#include <type_traits>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE

class Body;
class EmbeddedFiles;
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
struct AnyJson;
class Exchange;
struct FileContent;
struct FileSender;
struct JsonBridge;
class Reactor;
class RouteTable;
struct RequestAccess;
struct ResponseAccess;
struct LateHandler;
struct RouteEntry;
struct ServerState;
struct StreamAccess;

/// Whether T is defined, and not only declared, where this is first asked.
template <class T, class = void>
inline constexpr bool kIsDefined = false;
template <class T>
inline constexpr bool kIsDefined<T, std::void_t<decltype(sizeof(T))>> = true;
}  // namespace detail

WEIR_END_NAMESPACE
