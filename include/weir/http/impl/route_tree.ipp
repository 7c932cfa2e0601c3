// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <weir/http/chars.hpp>
#include <weir/http/route_tree.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// One search. Also the collector of allow(), which never finds and so sees every place.
struct RouteTree::Search {
  std::string_view path;
  Params& params;
  Method method = Method::unknown;
  std::string_view method_text = {};
  std::vector<std::uint32_t>* all = nullptr;  // allow(): the routes of every place
  bool path_found = false;      // a place with this path was met, whatever its methods
  std::uint32_t entry = kNone;  // what was found
};

namespace detail {

template <class Word>
Word load(const char* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Whether the first `sizeof(Word)` bytes are the same and those in front of `size`: all, when
/// there are no more than two words of them.
template <class Word>
bool same_ends(const char* a, const char* b, std::size_t size) noexcept {
  return load<Word>(a) == load<Word>(b) &&
         load<Word>(a + size - sizeof(Word)) == load<Word>(b + size - sizeof(Word));
}

/// Whether `size` bytes are the same. Short texts are compared in words that may overlap: the
/// length of texts that change from one path to the next decides few branches.
inline bool is_same(const char* a, const char* b, std::size_t size) noexcept {
  using Word = std::uint64_t;
  for (; size > 32; size -= 16, a += 16, b += 16)
    if (!same_ends<Word>(a, b, 16)) return false;
  if (size >= 16)
    return same_ends<Word>(a, b, 16) && same_ends<Word>(a + size - 16, b + size - 16, 16);
  if (size >= 8) return same_ends<Word>(a, b, size);
  if (size >= 4) return same_ends<std::uint32_t>(a, b, size);
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

/// The end of the segment that `at` is in: a slash or the end of the path.
inline std::size_t segment_end(const char* path, std::size_t size, std::size_t at) noexcept {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  // Eight bytes at once. At the end of the path they begin in front of `at`, and zeros follow.
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  while (size >= 8 && at < size) {
    const std::size_t from = std::min(at, size - 8);
    const std::uint64_t word =
        (load<std::uint64_t>(path + from) >> (8 * (at - from))) ^ ('/' * kOnes);
    const std::uint64_t zeros = (word - kOnes) & ~word & (0x80 * kOnes);
    if (zeros != 0) return at + static_cast<std::size_t>(__builtin_ctzll(zeros)) / 8;
    at = from + 8;
  }
#endif
  while (at < size && path[at] != '/') ++at;
  return at;
}

/// Whether `text`, which is not empty, is a decimal number of 64 bits.
inline bool is_number(std::string_view text, bool has_sign) noexcept {
  const bool negative = has_sign && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return false;
  for (const char c : text)
    if (!is_digit(c)) return false;
  if (WEIR_LIKELY(text.size() < 19)) return true;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  const std::string_view most = !has_sign  ? "18446744073709551615"
                                : negative ? "9223372036854775808"
                                           : "9223372036854775807";
  return text.size() < most.size() || (text.size() == most.size() && text <= most);
}

}  // namespace detail

// ---------------------------------------------------------------------------------- Construction

WEIR_INLINE RouteTree::RouteTree() : nodes_(1 + kBytes) { nodes_[0].parent = kNone; }
WEIR_INLINE RouteTree::~RouteTree() = default;
WEIR_INLINE RouteTree::RouteTree(RouteTree&&) noexcept = default;
WEIR_INLINE RouteTree& RouteTree::operator=(RouteTree&&) noexcept = default;

WEIR_INLINE std::uint32_t RouteTree::add_text(std::string_view text) {
  const auto place = static_cast<std::uint32_t>(text_.size());
  text_.insert(text_.end(), text.begin(), text.end());
  return place;
}

/// The child whose text goes on with `key`, or kNone.
WEIR_INLINE std::uint32_t RouteTree::child(std::uint32_t node, char key) const noexcept {
  const std::uint32_t cell = nodes_[node].base + static_cast<unsigned char>(key);
  return nodes_[cell].parent == node ? cell : kNone;
}

/// A base at which there is room for children with all of `keys`, in ascending order. Invalidates
/// references to nodes.
WEIR_INLINE std::uint32_t RouteTree::find_base(const std::string& keys) {
  const auto byte = [](char c) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(c));
  };
  while (!is_free(first_free_)) ++first_free_;
  // The search is short, so that adding a route does not take long in a large tree: some gaps, and
  // what was added last.
  const auto end = static_cast<std::uint32_t>(nodes_.size()) - kBytes;
  int gaps = 64;
  for (std::uint32_t cell = first_free_; cell < end; ++cell) {
    if (!is_free(cell)) continue;
    if (--gaps == 0) cell = std::max(cell, end - std::min(end, 2 * kBytes));
    const std::uint32_t base = cell - byte(keys.front());
    if (base == 0 || base > cell || base + kBytes > end) continue;
    if (std::all_of(keys.begin(), keys.end(), [&](char c) { return is_free(base + byte(c)); }))
      return base;
  }
  nodes_.resize(end + 2 * kBytes);
  return end;
}

/// To a free cell. Its children follow it.
WEIR_INLINE void RouteTree::move_node(std::uint32_t from, std::uint32_t to) noexcept {
  nodes_[to] = nodes_[from];
  for (std::uint32_t i = 0; i < kBytes && nodes_[to].base != 0; ++i) {
    Node& child = nodes_[nodes_[to].base + i];
    if (child.parent == from) child.parent = to;
  }
  nodes_[from] = Node();
  first_free_ = std::min(first_free_, from);
}

/// A new child, which may move the others. Changes nothing when it throws.
WEIR_INLINE std::uint32_t RouteTree::add_child(std::uint32_t node, char key) {
  const std::uint32_t base = nodes_[node].base;
  if (base == 0 || !is_free(base + static_cast<unsigned char>(key))) {
    std::string keys;
    for (std::uint32_t i = 0; i < kBytes; ++i) {
      const char each = static_cast<char>(i);
      if (each == key || child(node, each) != kNone) keys.push_back(each);
    }
    const std::uint32_t to = find_base(keys);
    for (const char each : keys)
      if (each != key)
        move_node(base + static_cast<unsigned char>(each), to + static_cast<unsigned char>(each));
    nodes_[node].base = to;
  }
  const std::uint32_t made = nodes_[node].base + static_cast<unsigned char>(key);
  nodes_[made].parent = node;
  return made;
}

/// Puts a node that ends at `depth` in the place of `node`, which becomes its child.
WEIR_INLINE void RouteTree::split(std::uint32_t node, std::uint32_t depth) {
  const std::string key(1, text_[nodes_[node].text + depth]);
  const std::uint32_t base = find_base(key);
  Node front;
  front.base = base;
  front.depth = depth;
  front.text = nodes_[node].text;
  front.parent = nodes_[node].parent;
  const std::uint32_t lower = base + static_cast<unsigned char>(key.front());
  move_node(node, lower);
  nodes_[lower].parent = node;
  nodes_[node] = front;
}

/// The node that the `depth` bytes at `text` of a stretch lead to, `node` being on the way to it;
/// made where it is missing.
WEIR_INLINE std::uint32_t RouteTree::descend(std::uint32_t node, std::uint32_t text,
                                             std::uint32_t depth) {
  while (nodes_[node].depth < depth) {
    std::uint32_t same = nodes_[node].depth;
    const std::uint32_t found = child(node, text_[text + same]);
    if (found == kNone) {
      const std::uint32_t made = add_child(node, text_[text + same]);
      nodes_[made].text = text;
      nodes_[made].depth = depth;
      return made;
    }
    const std::uint32_t end = std::min(depth, nodes_[found].depth);
    while (same < end && text_[text + same] == text_[nodes_[found].text + same]) ++same;
    if (same < nodes_[found].depth) split(found, same);
    node = found;
  }
  return node;
}

/// The root behind a parameter at `node` whose segment ends with the `depth` bytes at `text`; made
/// where it is missing.
WEIR_INLINE std::uint32_t RouteTree::root_behind(std::uint32_t node, ParamType type,
                                                 std::uint32_t text, std::uint32_t depth) {
  std::uint32_t before = kNone;
  std::uint32_t root = nodes_[node].param;
  for (; root != kNone; before = root, root = nodes_[root].next) {
    const Node& other = nodes_[root];
    if (other.depth < depth || (other.depth == depth && other.type > type)) break;
    if (other.depth == depth && other.type == type && view(other.text, depth) == view(text, depth))
      return root;
  }
  const std::uint32_t made = find_base(std::string(1, '\0'));
  nodes_[made].parent = kNone;
  nodes_[made].depth = depth;
  nodes_[made].text = text;
  nodes_[made].type = type;
  nodes_[made].next = root;
  (before == kNone ? nodes_[node].param : nodes_[before].next) = made;
  return made;
}

WEIR_INLINE std::uint32_t RouteTree::insert(std::string_view method, std::string_view pattern) {
  const std::vector<PatternPiece> pieces =
      read_pattern(pattern);  // refuses before anything is changed
  const bool any = method == "*";
  if (!any && !is_token(method)) refuse_pattern(pattern, "its method is no token");

  const auto size_of = [](std::string_view text) {
    return static_cast<std::uint32_t>(text.size());
  };
  const Route route{add_text(pattern), size_of(pattern), add_text(method), size_of(method)};
  const auto place_of = [&](std::string_view part) {
    return route.pattern + static_cast<std::uint32_t>(part.data() - pattern.data());
  };
  std::uint32_t node = 0;
  std::uint32_t stretch = route.pattern;  // where the fixed text that `node` is in begins
  for (const PatternPiece& piece : pieces) {
    const std::uint32_t end = place_of(piece.text) + size_of(piece.text);
    if (piece.is_param) {
      stretch = place_of(piece.text);
      node = root_behind(node, piece.type, stretch, end - stretch);
    } else {
      node = descend(node, stretch, end - stretch);
    }
  }
  // A route of the same shape has led to the same node, and then no node was made on the way.
  for (std::uint32_t i = nodes_[node].entry; i != kNone; i = entries_[i].next) {
    const std::uint32_t other = entries_[i].route;
    if (this->method(other) != method) continue;
    std::string message = "route \"";
    message.append(pattern).append("\" conflicts with \"").append(this->pattern(other));
    message.append("\": both match the same paths for the method ").append(method);
    text_.resize(route.pattern);
    throw std::invalid_argument(message);
  }

  const auto id = static_cast<std::uint32_t>(routes_.size());
  const auto entry = static_cast<std::uint32_t>(entries_.size());
  const std::size_t names = names_.size();
  try {
    for (const PatternPiece& piece : pieces)
      if (piece.is_param) names_.push_back({place_of(piece.name), size_of(piece.name)});
    entries_.push_back({id, nodes_[node].entry, static_cast<std::uint32_t>(names),
                        any ? Method::unknown : method_from(method), any});
    routes_.push_back(route);
    other_methods_.reserve(other_methods_.size() + 1);
  } catch (...) {
    names_.resize(names);
    entries_.resize(entry);
    routes_.resize(id);
    throw;
  }
  nodes_[node].entry = entry;
  note_method(id);
  return id;
}

/// There is room for it in other_methods_.
WEIR_INLINE void RouteTree::note_method(std::uint32_t route) noexcept {
  const std::string_view name = method(route);
  if (name == "*") {
    takes_any_ = true;
  } else if (!implements(method_from(name), name)) {
    other_methods_.push_back(route);
  }
}

WEIR_INLINE std::string_view RouteTree::pattern(std::uint32_t route) const noexcept {
  return view(routes_[route].pattern, routes_[route].pattern_size);
}

WEIR_INLINE std::string_view RouteTree::method(std::uint32_t route) const noexcept {
  return view(routes_[route].method, routes_[route].method_size);
}

// -------------------------------------------------------------------------------------- Matching

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
      if (method != Method::unknown || this->method(entry.route) == method_text) return i;
    } else if (entry.method == Method::get && method == Method::head) {
      get = i;
    }
  }
  return get != kNone ? get : any;
}

/// The whole path was matched. Whether the search is over.
inline bool RouteTree::arrive(Search& search, std::uint32_t first_entry) const {
  if (WEIR_LIKELY(entries_[first_entry].is_of(search.method))) {
    search.entry = first_entry;
    return true;
  }
  return arrive_late(search, first_entry);
}

/// Not with the first entry, or in a search that goes on.
[[gnu::noinline]] WEIR_INLINE bool RouteTree::arrive_late(Search& search,
                                                          std::uint32_t first_entry) const {
  search.path_found = true;
  if (WEIR_UNLIKELY(search.all != nullptr)) {
    for (std::uint32_t i = first_entry; i != kNone; i = entries_[i].next)
      search.all->push_back(entries_[i].route);
    return false;
  }
  search.entry = find_entry(first_entry, search.method, search.method_text);
  return search.entry != kNone;
}

/// The last node of a stretch whose text `path` begins with; nullptr when it is not even the
/// root's.
WEIR_INLINE const RouteTree::Node* RouteTree::follow(std::uint32_t root, const char* path,
                                                     std::size_t size) const noexcept {
  const Node* const nodes = nodes_.data();
  std::uint32_t at = root;
  while (nodes[at].depth < size) {
    const std::uint32_t next = nodes[at].base + static_cast<unsigned char>(path[nodes[at].depth]);
    if (nodes[next].parent != at) break;
    at = next;
  }
  // So far one byte of each text was looked at.
  const std::size_t whole = std::min<std::size_t>(nodes[at].depth, size);
  const char* const text = text_.data() + nodes[at].text;
  if (WEIR_LIKELY(nodes[at].depth <= size && detail::is_same(path, text, whole))) return nodes + at;
  return climb(at, path, whole);
}

/// The last node on the way up from `node` whose text `path` begins with, given that it does not
/// begin with the node's own.
[[gnu::noinline]] WEIR_INLINE const RouteTree::Node* RouteTree::climb(
    std::uint32_t node, const char* path, std::size_t size) const noexcept {
  const char* const text = text_.data() + nodes_[node].text;
  const auto same = static_cast<std::size_t>(std::mismatch(path, path + size, text).first - path);
  do {
    node = nodes_[node].parent;
  } while (node != kNone && nodes_[node].depth > same);
  return node == kNone ? nullptr : &nodes_[node];
}

/// Tries everything there is, without recursion: a branch for each parameter leads back. `node` is
/// where the first stretch leads to.
WEIR_INLINE bool RouteTree::walk(Search& search, const Node* node) const {
  struct Branch {
    const Node* node;
    std::size_t start;
    std::uint32_t next;
  };
  Branch branches[Params::kCapacity];  // one for each of `params`, of which no pattern has more
  const Node* const nodes = nodes_.data();
  const char* const path = search.path.data();
  const std::size_t size = search.path.size();
  Params& params = search.params;

  std::size_t start = 0;  // of the stretch that `node` is in
  for (;;) {
    if (start + node->depth == size && node->entry != kNone && arrive(search, node->entry))
      return true;
    std::uint32_t param = node->param;  // the next to try here
    const Node* behind = nullptr;
    while (behind == nullptr) {
      while (param == kNone) {  // back: to what is above, from the root to what is in front of it
        if (node->parent != kNone) {
          node = nodes + node->parent;
          param = node->param;
        } else {
          if (params.size_ == 0) return false;
          const Branch& back = branches[--params.size_];
          node = back.node;
          start = back.start;
          param = back.next;
        }
      }
      const std::size_t at = start + node->depth;
      const std::size_t segment = detail::segment_end(path, size, at);
      do {
        const Node& root = nodes[param];
        const bool is_rest = root.type == ParamType::rest;
        const std::size_t end = is_rest ? size : segment;
        const std::size_t next = end - root.depth;  // its text is part of the segment
        // Behind it is the end of the path or a slash. Most alternatives cannot go on with it.
        if ((end - at > root.depth || is_rest) &&
            (end == size ? root.entry != kNone : root.base != 0) &&
            (root.type >= ParamType::any ||
             detail::is_number({path + at, next - at}, root.type == ParamType::integer))) {
          if (end == size && root.depth == 0) {
            behind = &root;
          } else {
            behind = follow(param, path + next, size - next);
            if (behind == &root && end != size) behind = nullptr;
          }
          if (behind != nullptr) {
            branches[params.size_] = {node, start, root.next};
            params.items_[params.size_++] = {nullptr, path + at, 0,
                                             static_cast<std::uint32_t>(next - at) & 0x7FFFFFFF,
                                             is_rest ? 1U : 0U};
            start = next;
            node = behind;
          }
        }
        param = root.next;
      } while (behind == nullptr && param != kNone);
    }
  }
}

/// The search from where fixed text has led to.
WEIR_INLINE Match RouteTree::match_from(const Node& fixed, Method method,
                                        std::string_view method_text, std::string_view path,
                                        Params& params) const noexcept {
  Search search{path, params, method, method_text};
  if (!walk(search, &fixed))
    return {search.path_found ? Match::Kind::no_method : Match::Kind::no_path, 0};
  const Entry& entry = entries_[search.entry];
  for (std::uint32_t i = 0; i < params.size_; ++i) {
    const Name name = names_[entry.names + i];
    params.items_[i].name = text_.data() + name.place;
    params.items_[i].name_size = name.size;
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
  return takes_any_ ||
         std::any_of(other_methods_.begin(), other_methods_.end(),
                     [&](std::uint32_t route) { return this->method(route) == method_text; });
}

WEIR_COLD WEIR_INLINE std::string RouteTree::allow(std::string_view path) const {
  std::vector<std::uint32_t> all;
  if (path == "*") {
    for (std::uint32_t i = 0; i < routes_.size(); ++i) all.push_back(i);
  } else {
    Params params;
    Search search{path, params};
    search.all = &all;
    walk(search, follow(0, path.data(), path.size()));
  }
  if (all.empty()) return {};

  bool known[kMethodCount] = {};
  std::vector<std::string_view> others;
  for (const std::uint32_t route : all) {
    const std::string_view method = this->method(route);
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
