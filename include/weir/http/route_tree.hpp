// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A radix tree over route patterns. Knows numbers for routes, nothing of handlers.
///
/// A pattern is a decoded path. Inside a segment may stand one parameter, with fixed text before
/// and behind it: `/users/{id}`, `/{year:int}.html`, `/file-{name}`. `{id:int}` takes signed,
/// `{id:uint}` unsigned decimal numbers of 64 bits and nothing else. A parameter is never empty.
/// `{rest...}`, the whole last segment, takes what is left, slashes and nothing at all included:
/// `/files/{rest...}` matches `/files/` and `/files/a/b`, not `/files`, because a slash counts.
///
/// Tried in this order, with backtracking: fixed text, parameters (the longer text behind them
/// first, then uint, int, any), rest. A place that has the path but not the method does not end the
/// search.
///
/// Each stretch of fixed text behind a parameter (and the one at the front) is a Patricia trie: on
/// the way down only the byte that tells the children apart is looked at, and the whole text is
/// compared once, where the way ends. Then its nodes are left again upwards.
///
/// Bounded work: a node is reached by one chain of edges alone, and each edge takes a length that
/// only the place where it starts decides (fixed text its own, a parameter up to the end of its
/// segment, for there is one per segment). So one match() enters each stretch at one position, once
/// at most, and goes down and up in it once: the work is linear in the tree, and in the path for
/// each stretch, without a memo.
///
/// Thread: insert() before the tree is shared; the rest any, at once.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/http/method.hpp>
#include <weir/http/params.hpp>
#include <weir/http/route_pattern.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// The answer of RouteTree::match().
struct Match {
  enum class Kind : std::uint8_t {
    found,      ///< `route` is the number that insert() gave
    no_path,    ///< 404
    no_method,  ///< 405: allow() tells which methods the path has
  };
  Kind kind = Kind::no_path;
  std::uint32_t route = 0;
};

class WEIR_API RouteTree {
 public:
  RouteTree();
  ~RouteTree();
  RouteTree(RouteTree&&) noexcept;
  RouteTree& operator=(RouteTree&&) noexcept;
  RouteTree(const RouteTree&) = delete;  // params hold views into the tree
  RouteTree& operator=(const RouteTree&) = delete;

  /// Adds a route and returns its number: 0, 1, 2 … in the order of the calls. `method` is a token,
  /// upper case counts; "*" takes every method that the same place has no route for.
  ///
  /// Throws std::invalid_argument naming the pattern when it is malformed, and both patterns when
  /// there is a route of the same method and shape, whatever the names. The tree has not changed
  /// then.
  std::uint32_t insert(std::string_view method, std::string_view pattern);

  /// Finds the route of a routed path (see target.hpp). `method_text` counts when `method` is
  /// unknown. HEAD takes a GET where the place has no HEAD. `params` is overwritten.
  Match match(Method method, std::string_view method_text, std::string_view path,
              Params& params) const noexcept {
    params.size_ = 0;
    // Fixed text alone is what comes first: without a parameter there is nothing to set up.
    const Node& fixed = *follow(0, path.data(), path.size());
    if (WEIR_LIKELY(fixed.depth == path.size() && fixed.entry != kNone)) {
      const Entry& first = entries_[fixed.entry];
      if (WEIR_LIKELY(first.is_of(method))) return {Match::Kind::found, first.route};
    }
    return match_from(fixed, method, method_text, path, params);
  }

  /// The methods of all places that match `path`, as an Allow field has them: "GET, HEAD, OPTIONS".
  /// HEAD comes with GET, OPTIONS always. For the path "*" those of the whole tree. Empty when
  /// nothing matches.
  std::string allow(std::string_view path) const;

  /// Whether the method is one that servers in general have (GET, HEAD, POST, PUT, DELETE, PATCH,
  /// OPTIONS) or that a route of some path could take: if not, the answer is 501 (RFC 9110
  /// §15.6.2).
  bool implements(Method method, std::string_view method_text) const noexcept;

  /// How many routes there are.
  std::size_t size() const noexcept { return routes_.size(); }
  /// As given to insert().
  std::string_view pattern(std::uint32_t route) const noexcept;
  /// As given to insert().
  std::string_view method(std::uint32_t route) const noexcept;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;  // no node, no entry
  static constexpr std::uint32_t kFree = 0xFFFFFFFE;
  static constexpr std::uint32_t kBytes = 256;

  struct Search;

  struct Route {  // places in text_
    std::uint32_t pattern;
    std::uint32_t pattern_size;
    std::uint32_t method;
    std::uint32_t method_size;
  };
  struct Entry {  // of a route at the place where it ends
    std::uint32_t route;
    std::uint32_t next;   // in entries_: another method's
    std::uint32_t names;  // of the route's first parameter, in names_
    Method method;        // unknown: compare the route's text
    bool any;

    /// Whether it is the method's own, by its number alone.
    bool is_of(Method wanted) const noexcept {
      return method == wanted && wanted != Method::unknown;
    }
  };
  // The tries are a double array: the child of a node for a byte stands at the node's base plus the
  // byte, if what stands there calls the node its parent. The root of a stretch stands for what the
  // parameter in front demands: its text ends that segment, its type is the parameter's.
  struct alignas(32) Node {
    std::uint32_t base = 0;           // 0: without children
    std::uint32_t depth = 0;          // the size of all text from the beginning of the stretch
    std::uint32_t parent = kFree;     // in the same stretch; kNone: a root
    std::uint32_t text = 0;           // its place in text_
    std::uint32_t param = kNone;      // the first of a list of roots, best first
    std::uint32_t entry = kNone;      // the first of the routes that end here
    std::uint32_t next = kNone;       // of a root: the next in its list
    ParamType type = ParamType::any;  // of a root
  };
  struct Name {  // a place in text_
    std::uint32_t place;
    std::uint32_t size;
  };

  std::string_view view(std::uint32_t place, std::uint32_t size) const noexcept {
    return {text_.data() + place, size};
  }
  std::uint32_t add_text(std::string_view text);
  void note_method(std::uint32_t route) noexcept;
  bool is_free(std::uint32_t cell) const noexcept { return nodes_[cell].parent == kFree; }
  std::uint32_t child(std::uint32_t node, char key) const noexcept;
  std::uint32_t find_base(const std::string& keys);
  void move_node(std::uint32_t from, std::uint32_t to) noexcept;
  std::uint32_t add_child(std::uint32_t node, char key);
  void split(std::uint32_t node, std::uint32_t depth);
  std::uint32_t descend(std::uint32_t node, std::uint32_t text, std::uint32_t depth);
  std::uint32_t root_behind(std::uint32_t node, ParamType type, std::uint32_t text,
                            std::uint32_t depth);
  std::uint32_t find_entry(std::uint32_t first, Method method,
                           std::string_view method_text) const noexcept;
  const Node* follow(std::uint32_t root, const char* path, std::size_t size) const noexcept;
  const Node* climb(std::uint32_t node, const char* path, std::size_t size) const noexcept;
  Match match_from(const Node& fixed, Method method, std::string_view method_text,
                   std::string_view path, Params& params) const noexcept;
  bool arrive(Search& search, std::uint32_t first_entry) const;
  bool arrive_late(Search& search, std::uint32_t first_entry) const;
  bool walk(Search& search, const Node* node) const;

  std::vector<Node> nodes_;       // nodes_[0] is the first root; the last kBytes are always free
  std::uint32_t first_free_ = 1;  // there is no free cell in front
  std::vector<Entry> entries_;
  std::vector<char> text_;   // all patterns and methods; a string's bytes could move with the tree
  std::vector<Name> names_;  // of all parameters, route by route
  std::vector<Route> routes_;

  // What routes take beyond the general methods: "*", and others by the first route of each.
  bool takes_any_ = false;
  std::vector<std::uint32_t> other_methods_;
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/route_tree.ipp>
#endif
