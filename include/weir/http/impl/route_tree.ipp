// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <weir/http/chars.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/route_tree.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// A pattern is a list of these. Fixed text has no name; a parameter has the text behind it in its
/// segment as `text`; a rest comes last.
struct RouteTree::Piece {
  enum class Kind : std::uint8_t { fixed, param, rest };
  Kind kind;
  Type type = Type::any;
  std::string_view text;
  std::string_view name;
};

/// Lives on the heap of its own, so that the names in Params stay where they are.
struct RouteTree::Route {
  std::string method;
  std::string pattern;
};

/// One search. Also the collector of allow(), which never finds and so sees every place.
struct RouteTree::Walk {
  std::string_view path;
  Method method = Method::unknown;
  std::string_view method_text;
  Params& params;
  bool path_found = false;      // a place with this path was met, whatever its methods
  std::uint32_t entry = kNone;  // what was found
  std::vector<std::uint32_t>* all = nullptr;  // allow(): the routes of every place
};

namespace detail {

[[noreturn]] WEIR_COLD WEIR_INLINE void refuse_route(std::string_view pattern, const char* why) {
  std::string message = "route \"";
  message += pattern;
  message += "\": ";
  message += why;
  throw std::invalid_argument(message);
}

constexpr bool is_name(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_alpha(c) && !is_digit(c) && c != '_' && c != '-') return false;
  return !text.empty();
}

/// What a pattern may be, apart from its parameters.
WEIR_INLINE void check_text(std::string_view pattern) {
  if (pattern.empty()) refuse_route(pattern, "a pattern is not empty");
  if (pattern[0] != '/') refuse_route(pattern, "a pattern begins with '/'");
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto byte = static_cast<unsigned char>(pattern[i]);
    if (byte < 0x20 || byte == 0x7f) refuse_route(pattern, "a control character");
    if (byte == '?' || byte == '#') refuse_route(pattern, "a pattern is a path, without a query");
    if (byte == '%' && percent_octet(pattern.substr(i)) >= 0)
      refuse_route(pattern, "a pattern is written decoded, without escapes");
    if (byte != '/') continue;
    const std::string_view rest = pattern.substr(i + 1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment == "." || segment == "..")
      refuse_route(pattern, "a dot segment, which no path has when it is matched");
  }
  if (!is_utf8(pattern)) refuse_route(pattern, "a pattern is UTF-8");
}

template <class Word>
bool same_word(const char* a, const char* b) noexcept {
  Word left;
  Word right;
  std::memcpy(&left, a, sizeof left);
  std::memcpy(&right, b, sizeof right);
  return left == right;
}

/// memcmp(a, b, size) == 0 for short texts, without the call: the last word overlaps the one
/// before.
inline bool same_text(const char* a, const char* b, std::size_t size) noexcept {
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8)
      if (!same_word<std::uint64_t>(a + i, b + i)) return false;
    return same_word<std::uint64_t>(a + size - 8, b + size - 8);
  }
  if (size >= 4)
    return same_word<std::uint32_t>(a, b) && same_word<std::uint32_t>(a + size - 4, b + size - 4);
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

template <class Number>
bool is_number(std::string_view text) noexcept {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [read_to, error] = std::from_chars(text.data(), end, number);
  return read_to == end && error == std::errc();
}

}  // namespace detail

// ---------------------------------------------------------------------------------------- Params

WEIR_INLINE std::string_view Params::get(std::string_view name) const noexcept {
  for (const Param param : *this)
    if (param.name == name) return param.value;
  return {};
}

WEIR_INLINE bool Params::has(std::string_view name) const noexcept {
  for (const Param param : *this)
    if (param.name == name) return true;
  return false;
}

WEIR_INLINE void Params::rebase(const char* from, const char* to) noexcept {
  for (std::uint32_t i = 0; i < size_; ++i) items_[i].value = to + (items_[i].value - from);
}

WEIR_INLINE std::string_view show_path(RoutedPath path, std::string& scratch, Params& params) {
  if (WEIR_LIKELY(!path.has_encoded_slash)) return path.text;
  WEIR_ASSERT(path.text.data() == scratch.data() && path.text.size() == scratch.size());
  std::string shown;
  expand_path(path.text, shown);
  std::size_t offsets[Params::kCapacity];
  for (std::uint32_t i = 0; i < params.size_; ++i)
    offsets[i] = static_cast<std::size_t>(params.items_[i].value - path.text.data());

  const std::size_t routed_size = scratch.size();
  scratch += shown;  // may move: `path.text` is not used from here on
  char* const routed = scratch.data();
  const char* const end = routed + scratch.size();
  for (std::uint32_t i = 0; i < params.size_; ++i) {
    Params::Item& item = params.items_[i];
    char* const value = routed + offsets[i];
    const auto marks =
        static_cast<std::uint32_t>(std::count(value, value + item.value_size, kEncodedSlash));
    if (item.is_rest != 0) {  // it ends the path, so its shown form ends the shown path
      item.value_size = (item.value_size + 2 * marks) & 0x7FFFFFFF;
      item.value = end - item.value_size;
    } else {
      std::replace(value, value + item.value_size, kEncodedSlash, '/');
      item.value = value;
    }
  }
  return {routed + routed_size, shown.size()};
}

// -------------------------------------------------------------------------------------- Patterns

WEIR_INLINE std::vector<RouteTree::Piece> RouteTree::read(std::string_view pattern) {
  detail::check_text(pattern);
  std::vector<Piece> pieces;
  std::size_t params = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] == '}') detail::refuse_route(pattern, "'}' without '{'");
    if (pattern[at] != '{') {
      std::size_t end = pattern.find_first_of("{}", at);
      if (end == std::string_view::npos) end = pattern.size();
      pieces.push_back({Piece::Kind::fixed, Type::any, pattern.substr(at, end - at), {}});
      at = end;
      continue;
    }
    const std::size_t close = pattern.find_first_of("{}/", at + 1);
    if (close == std::string_view::npos || pattern[close] != '}')
      detail::refuse_route(pattern, "'{' without '}' in the same segment");
    std::string_view name = pattern.substr(at + 1, close - at - 1);
    const std::size_t next = close + 1;
    Piece piece{Piece::Kind::param, Type::any, {}, {}};
    if (name.size() >= 3 && name.substr(name.size() - 3) == "...") {
      name.remove_suffix(3);
      piece.kind = Piece::Kind::rest;
      if (next != pattern.size() || pattern[at - 1] != '/')
        detail::refuse_route(pattern, "\"...\" is for a parameter that is the whole last segment");
    } else {
      std::size_t end = pattern.find_first_of("{}/", next);
      if (end == std::string_view::npos) end = pattern.size();
      if (end < pattern.size() && pattern[end] == '{')
        detail::refuse_route(pattern, "two parameters in one segment");
      piece.text = pattern.substr(next, end - next);
      const std::size_t colon = name.find(':');
      if (colon != std::string_view::npos) {
        const std::string_view type = name.substr(colon + 1);
        if (type == "int")
          piece.type = Type::integer;
        else if (type == "uint")
          piece.type = Type::uint;
        else
          detail::refuse_route(pattern, "a parameter's type is int or uint");
        name = name.substr(0, colon);
      }
    }
    if (!detail::is_name(name))
      detail::refuse_route(pattern, "a parameter's name is letters, digits, '_' and '-'");
    for (const Piece& other : pieces)
      if (other.name == name) detail::refuse_route(pattern, "two parameters of one name");
    if (++params > Params::kCapacity) detail::refuse_route(pattern, "more than 16 parameters");
    piece.name = name;
    pieces.push_back(piece);
    at = next + piece.text.size();
  }
  return pieces;
}

// ---------------------------------------------------------------------------------- Construction

WEIR_INLINE RouteTree::RouteTree() { add_node(0, 0); }
WEIR_INLINE RouteTree::~RouteTree() = default;
WEIR_INLINE RouteTree::RouteTree(RouteTree&&) noexcept = default;
WEIR_INLINE RouteTree& RouteTree::operator=(RouteTree&&) noexcept = default;

WEIR_INLINE std::uint32_t RouteTree::add_text(std::string_view text) {
  const auto place = static_cast<std::uint32_t>(text_.size());
  text_ += text;
  return place;
}

WEIR_INLINE void RouteTree::set_text(Node& node, std::uint32_t text,
                                     std::uint32_t text_size) noexcept {
  node.text = text;
  node.text_size = text_size;
  const std::size_t shown = std::min<std::size_t>(text_size, sizeof node.front);
  if (shown != 0) std::memcpy(node.front, text_.data() + text, shown);
}

WEIR_INLINE std::uint32_t RouteTree::add_node(std::uint32_t text, std::uint32_t text_size) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  set_text(nodes_.back(), text, text_size);
  return index;
}

WEIR_INLINE void RouteTree::add_child(std::uint32_t node, std::uint32_t child) {
  const std::uint16_t count = nodes_[node].child_count;
  if (count == nodes_[node].child_capacity) {  // move the block to the end, with room to grow
    const auto capacity = static_cast<std::uint16_t>(count == 0 ? 1 : count * 2);
    const auto block = static_cast<std::uint32_t>(targets_.size());
    keys_.resize(block + capacity);
    targets_.resize(block + capacity);
    for (std::uint32_t i = 0; i < count; ++i) {
      keys_[block + i] = keys_[nodes_[node].children + i];
      targets_[block + i] = targets_[nodes_[node].children + i];
    }
    nodes_[node].children = block;
    nodes_[node].child_capacity = capacity;
  }
  const std::uint32_t place = nodes_[node].children + count;
  keys_[place] = text_[nodes_[child].text];
  targets_[place] = child;
  if (count < sizeof Node::keys) nodes_[node].keys[count] = keys_[place];
  ++nodes_[node].child_count;
}

/// The place of the child whose text begins with `key` in keys_ and targets_, or kNone.
WEIR_INLINE std::uint32_t RouteTree::child(const Node& node, char key) const noexcept {
  const bool near = node.child_count <= sizeof node.keys;
  const char* const keys = near ? node.keys : keys_.data() + node.children;
  for (std::uint32_t i = 0; i < node.child_count; ++i)
    if (keys[i] == key) return node.children + i;
  return kNone;
}

/// The node that fixed `text` leads to from `node`; made where it is missing.
WEIR_INLINE std::uint32_t RouteTree::descend(std::uint32_t node, std::string_view text) {
  while (!text.empty()) {
    const std::uint32_t place = child(nodes_[node], text.front());
    if (place == kNone) {
      const std::uint32_t made = add_node(add_text(text), static_cast<std::uint32_t>(text.size()));
      add_child(node, made);
      return made;
    }
    const std::uint32_t found = targets_[place];
    const std::string_view old =
        std::string_view(text_).substr(nodes_[found].text, nodes_[found].text_size);
    std::uint32_t common = 1;
    while (common < old.size() && common < text.size() && old[common] == text[common]) ++common;
    if (common == old.size()) {
      node = found;
    } else {  // a new node takes the common front, the old one keeps the rest
      const std::uint32_t whole = nodes_[found].text;
      const std::uint32_t size = nodes_[found].text_size;
      const std::uint32_t front = add_node(whole, common);
      set_text(nodes_[found], whole + common, size - common);
      try {
        add_child(front, found);
      } catch (...) {
        set_text(nodes_[found], whole, size);
        throw;
      }
      targets_[place] = front;
      node = front;
    }
    text.remove_prefix(common);
  }
  return node;
}

/// The node behind a parameter at `node`; made where it is missing.
WEIR_INLINE std::uint32_t RouteTree::param_edge(std::uint32_t node, Type type,
                                                std::string_view suffix) {
  const auto size = static_cast<std::uint32_t>(suffix.size());
  std::uint32_t before = kNone;
  std::uint32_t edge = nodes_[node].param;
  for (; edge != kNone; before = edge, edge = param_edges_[edge].next) {
    const ParamEdge& other = param_edges_[edge];
    if (other.suffix_size == size && other.type == type &&
        std::string_view(text_).substr(other.suffix, size) == suffix)
      return other.node;
    if (other.suffix_size < size || (other.suffix_size == size && other.type > type)) break;
  }
  const std::uint32_t place = add_text(suffix);
  const std::uint32_t made = add_node(0, 0);
  const auto index = static_cast<std::uint32_t>(param_edges_.size());
  param_edges_.push_back({made, edge, place, size, type});
  (before == kNone ? nodes_[node].param : param_edges_[before].next) = index;
  return made;
}

WEIR_INLINE std::uint32_t RouteTree::insert(std::string_view method, std::string_view pattern) {
  const std::vector<Piece> pieces = read(pattern);  // refuses before anything is changed
  const bool any = method == "*";
  if (!any && !is_token(method)) detail::refuse_route(pattern, "its method is no token");

  std::uint32_t node = 0;
  bool rest = false;
  for (const Piece& piece : pieces) {
    switch (piece.kind) {
      case Piece::Kind::fixed:
        node = descend(node, piece.text);
        break;
      case Piece::Kind::param:
        node = param_edge(node, piece.type, piece.text);
        break;
      case Piece::Kind::rest:
        rest = true;
        break;
    }
  }
  // A route of the same shape has led to the same node, and then no node was made on the way.
  const std::uint32_t first = rest ? nodes_[node].rest : nodes_[node].entry;
  for (std::uint32_t i = first; i != kNone; i = entries_[i].next) {
    const Route& other = *routes_[entries_[i].route];
    if (other.method != method) continue;
    std::string message = "route \"";
    message.append(pattern).append("\" conflicts with \"").append(other.pattern);
    message.append("\": both match the same paths for the method ").append(method);
    throw std::invalid_argument(message);
  }

  auto route = std::make_unique<Route>();
  route->method = method;
  route->pattern = pattern;
  const auto id = static_cast<std::uint32_t>(routes_.size());
  const auto entry = static_cast<std::uint32_t>(entries_.size());
  const std::size_t names = names_.size();
  const std::string_view kept = route->pattern;  // its bytes stay where they are: it is on the heap
  try {
    for (const Piece& piece : pieces)
      if (!piece.name.empty())
        names_.push_back(kept.substr(static_cast<std::size_t>(piece.name.data() - pattern.data()),
                                     piece.name.size()));
    entries_.push_back({id, first, static_cast<std::uint32_t>(names),
                        any ? Method::unknown : method_from(method), any});
    other_methods_.reserve(other_methods_.size() + 1);
    routes_.push_back(std::move(route));
  } catch (...) {
    names_.resize(names);
    entries_.resize(entry);
    throw;
  }
  (rest ? nodes_[node].rest : nodes_[node].entry) = entry;
  note_method(routes_.back()->method);
  return id;
}

/// `method` lives in its route; there is room for it in other_methods_.
WEIR_INLINE void RouteTree::note_method(std::string_view method) noexcept {
  if (method == "*") {
    takes_any_ = true;
  } else if (!implements(method_from(method), method)) {
    other_methods_.push_back(method);
  }
}

WEIR_INLINE std::string_view RouteTree::pattern(std::uint32_t route) const noexcept {
  return routes_[route]->pattern;
}

WEIR_INLINE std::string_view RouteTree::method(std::uint32_t route) const noexcept {
  return routes_[route]->method;
}

// -------------------------------------------------------------------------------------- Matching

/// Whether `path` begins with the text of the edge to `node`.
WEIR_INLINE bool RouteTree::has_text(const Node& node, std::string_view path) const noexcept {
  const std::size_t size = node.text_size;
  if (path.size() < size) return false;
  if (WEIR_LIKELY(size <= sizeof node.front))
    return detail::same_text(path.data(), node.front, size);
  return std::memcmp(path.data(), text_.data() + node.text, size) == 0;
}

/// The best of a place's entries for the method: itself, GET for HEAD, "*".
WEIR_INLINE std::uint32_t RouteTree::find_entry(std::uint32_t first, Method method,
                                                std::string_view method_text) const noexcept {
  std::uint32_t get = kNone;
  std::uint32_t any = kNone;
  for (std::uint32_t i = first; i != kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    if (entry.any) {
      any = i;
    } else if (entry.method == method) {
      if (method != Method::unknown || routes_[entry.route]->method == method_text) return i;
    } else if (entry.method == Method::get && method == Method::head) {
      get = i;
    }
  }
  return get != kNone ? get : any;
}

/// The whole path was matched. Whether the search is over.
WEIR_INLINE bool RouteTree::arrive(Walk& walk, std::uint32_t first_entry) const {
  if (first_entry == kNone) return false;
  walk.path_found = true;
  if (WEIR_UNLIKELY(walk.all != nullptr)) {
    for (std::uint32_t i = first_entry; i != kNone; i = entries_[i].next)
      walk.all->push_back(entries_[i].route);
    return false;
  }
  walk.entry = find_entry(first_entry, walk.method, walk.method_text);
  return walk.entry != kNone;
}

/// Tries everything at and behind `at_node`, with the path matched up to `at`. Recursion goes as
/// deep as a pattern has parameters and places where it may be left.
WEIR_INLINE bool RouteTree::walk(Walk& walk, std::uint32_t at_node, std::size_t at) const {
  const std::string_view path = walk.path;
  for (;;) {
    const Node& node = nodes_[at_node];
    if (at == path.size()) {
      if (arrive(walk, node.entry)) return true;
      break;
    }
    const bool alternatives = node.param != kNone || node.rest != kNone;
    const std::uint32_t place = child(node, path[at]);
    if (place != kNone) {
      const std::uint32_t target = targets_[place];
      const Node& next = nodes_[target];
      if (has_text(next, path.substr(at))) {
        if (!alternatives) {  // nothing to come back for
          at_node = target;
          at += next.text_size;
          continue;
        }
        if (this->walk(walk, target, at + next.text_size)) return true;
      }
    }
    if (!alternatives) return false;
    break;
  }

  const Node& node = nodes_[at_node];
  Params& params = walk.params;
  const std::uint32_t depth = params.size_;
  if (node.param != kNone) {
    std::size_t end = at;
    while (end < path.size() && path[end] != '/') ++end;
    for (std::uint32_t i = node.param; i != kNone; i = param_edges_[i].next) {
      const ParamEdge& edge = param_edges_[i];
      if (end - at <= edge.suffix_size) continue;  // a value is never empty
      const std::string_view value = path.substr(at, end - at - edge.suffix_size);
      if (edge.suffix_size != 0 && path.compare(at + value.size(), edge.suffix_size,
                                                text_.data() + edge.suffix, edge.suffix_size) != 0)
        continue;
      if (edge.type == Type::integer && !detail::is_number<std::int64_t>(value)) continue;
      if (edge.type == Type::uint && !detail::is_number<std::uint64_t>(value)) continue;
      params.items_[depth] = {nullptr, value.data(), 0,
                              static_cast<std::uint32_t>(value.size()) & 0x7FFFFFFF, 0};
      params.size_ = depth + 1;
      if (this->walk(walk, edge.node, end)) return true;
      params.size_ = depth;
    }
  }
  if (node.rest != kNone) {
    params.items_[depth] = {nullptr, path.data() + at, 0,
                            static_cast<std::uint32_t>(path.size() - at) & 0x7FFFFFFF, 1};
    params.size_ = depth + 1;
    if (arrive(walk, node.rest)) return true;
    params.size_ = depth;
  }
  return false;
}

WEIR_INLINE Match RouteTree::match(Method method, std::string_view method_text,
                                   std::string_view path, Params& params) const noexcept {
  params.size_ = 0;
  Walk search{path, method, method_text, params};
  if (!walk(search, 0, 0)) {
    params.size_ = 0;
    return {search.path_found ? Match::Kind::no_method : Match::Kind::no_path, 0};
  }
  const Entry& entry = entries_[search.entry];
  for (std::uint32_t i = 0; i < params.size_; ++i) {
    const std::string_view name = names_[entry.names + i];
    params.items_[i].name = name.data();
    params.items_[i].name_size = static_cast<std::uint32_t>(name.size());
  }
  return {Match::Kind::found, entry.route};
}

WEIR_INLINE bool RouteTree::implements(Method method, std::string_view method_text) const noexcept {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::post:
    case Method::put:
    case Method::delete_:
    case Method::patch:
    case Method::options:
      return true;
    case Method::connect:
    case Method::trace:
    case Method::unknown:
      break;
  }
  return takes_any_ || std::find(other_methods_.begin(), other_methods_.end(), method_text) !=
                           other_methods_.end();
}

WEIR_INLINE std::string RouteTree::allow(std::string_view path) const {
  std::vector<std::uint32_t> all;
  if (path == "*") {
    for (std::uint32_t i = 0; i < routes_.size(); ++i) all.push_back(i);
  } else {
    Params params;
    Walk search{path, Method::unknown, {}, params};
    search.all = &all;
    walk(search, 0, 0);
  }
  if (all.empty()) return {};

  bool known[kMethodCount] = {};
  std::vector<std::string_view> others;
  for (const std::uint32_t route : all) {
    const std::string_view method = routes_[route]->method;
    if (method == "*") {  // says nothing of CONNECT, TRACE and what nobody has thought of
      for (const Method each :
           {Method::get, Method::post, Method::put, Method::delete_, Method::patch})
        known[static_cast<std::size_t>(each)] = true;
    } else if (method_from(method) != Method::unknown) {
      known[static_cast<std::size_t>(method_from(method))] = true;
    } else if (std::find(others.begin(), others.end(), method) == others.end()) {
      others.push_back(method);
    }
  }
  known[static_cast<std::size_t>(Method::options)] = true;
  if (known[static_cast<std::size_t>(Method::get)])
    known[static_cast<std::size_t>(Method::head)] = true;

  std::string out;
  const auto add = [&out](std::string_view method) {
    if (!out.empty()) out += ", ";
    out += method;
  };
  for (std::size_t i = 1; i < kMethodCount; ++i)
    if (known[i]) add(to_string(static_cast<Method>(i)));
  std::sort(others.begin(), others.end());
  for (const std::string_view method : others) add(method);
  return out;
}

}  // namespace http
WEIR_END_NAMESPACE
