// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What one chaotic connection does: steps drawn from the seed and its index, and what the server
/// may answer.
///
/// A plan is either well-formed, then each answer is owed, or hostile, then whatever is answered
/// must be valid HTTP with a status that this kind of hostility may get.
///
/// Thread: any.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "request_mix.hpp"

namespace stress {

using std::chrono::milliseconds;

struct Step {
  enum class Do : std::uint8_t {
    send,     // `bytes`, `count` at a time (0: as many as fit) with `pause` between
    rest,     // for `pause`
    answers,  // until `count` of them have come
    interim,  // until a 1xx or an answer has come
    sip,      // like answers, but reads only `bytes_each` bytes every `pause`
    lines,    // until all of Plan::lines has come back
    end,      // until the server has ended its side
    shut,     // ends our side of the connection
    reset,    // leaves with RST
    close,    // leaves with FIN, or with RST when bytes are unread
  } what = Do::close;
  std::string bytes = {};
  std::size_t count = 0;
  milliseconds pause{0};
  std::size_t bytes_each = 0;
};

struct Plan {
  std::size_t kind = 0;  // of kKinds
  std::vector<Step> steps;
  std::vector<Expected> expected;  // the first answers, in order
  std::string lines;               // what comes back after an upgrade
  int receive_buffer = 0;
  bool reads = true;             // as soon as there is something; else in Step::Do::sip alone
  bool interims = false;         // 100 Continue may come
  bool owed = true;              // all of `expected` must come: the client stays for it
  bool ended_by_server = false;  // the end may come at any step

  // Hostile ones: answers after `expected`.
  std::vector<int> allowed;
  std::size_t most_extra = 0;
  bool extra_owed = false;  // one must come

  bool hostile() const { return !owed || most_extra != 0; }
};

/// What plans depend on besides the seed.
struct Setting {
  bool upgrades = false;        // the server has /lines
  bool awaits_timeout = false;  // some stay until a time-out of the server ends them
};

/// Puts together the steps of a plan.
class Planner {
 public:
  Planner(Random& random, Plan& plan, std::uint64_t index, const Setting& setting)
      : random_(random), plan_(plan), index_(index), setting_(setting) {}

  // Well-formed kinds

  /// One request after the other, each sent when the one before is answered.
  void sequence() {
    for (std::uint64_t i = upto(6); i != 0; --i) {
      const bool last = i == 1;
      exchange(last ? last_request() : request());
      answers();
      if (!last && one_in(random_, 3)) rest(0, 30);
    }
    finish();
  }

  /// Many requests in one write, to all routes.
  void pipeline() {
    std::string bytes;
    const std::uint64_t most = one_in(random_, 4) ? 200 : 20;
    for (std::uint64_t i = upto(most); i != 0; --i) bytes += owe(small_request());
    send(std::move(bytes));
    answers();
    finish();
  }

  void byte_by_byte() {
    std::string bytes;
    for (std::uint64_t i = upto(2); i != 0; --i)
      bytes +=
          owe(make_request(random_, draw_route(random_), index_, upto(40), one_in(random_, 2)));
    send(std::move(bytes), 1);
    answers();
    finish();
  }

  /// Stops anywhere, then goes on as if nothing had been.
  void stall() {
    const std::string bytes = valid_bytes(upto(4));
    std::size_t at = 0;
    for (std::uint64_t stops = upto(3); stops != 0 && at + 1 < bytes.size(); --stops) {
      const std::size_t to = draw(random_, at + 1, bytes.size() - 1);
      send(bytes.substr(at, to - at));
      rest(20, 250);
      at = to;
    }
    send(bytes.substr(at));
    answers();
    finish();
  }

  /// A large body, whole or in chunks, now and then with trailers.
  void upload() {
    for (std::uint64_t i = upto(2); i != 0; --i) {
      const std::size_t size = one_in(random_, 4) ? upto(400'000) : upto(20'000);
      exchange(make_request(random_, content_route(), index_, size, one_in(random_, 2)));
      answers();
    }
    finish();
  }

  /// Waits for 100 Continue, or does not.
  void expect() {
    plan_.interims = true;
    const Request one = make_request(random_, content_route(), index_, upto(20'000),
                                     one_in(random_, 2), "Expect: 100-continue\r\n");
    owe(one);
    send(one.bytes.substr(0, one.head_end));
    if (!one_in(random_, 4)) step(Step::Do::interim);
    send(one.bytes.substr(one.head_end));
    answers();
    exchange(request());
    answers();
    finish();
  }

  /// Ends its side behind the last request: the answers are owed all the same.
  void half_close() {
    send(valid_bytes(upto(5)));
    if (one_in(random_, 2)) rest(0, 20);
    step(Step::Do::shut);
    step(Step::Do::end);
  }

  /// Takes a large answer in sips through a small window.
  void slow_reader() {
    plan_.reads = false;
    plan_.receive_buffer = 4096;
    exchange(make_request(random_, Route::stream, index_, draw(random_, 10'000, 150'000), false));
    Step sip;
    sip.what = Step::Do::sip;
    sip.count = plan_.expected.size();
    sip.bytes_each = 4096;
    sip.pause = milliseconds(2);
    plan_.steps.push_back(std::move(sip));
    step(Step::Do::close);
  }

  void lines() {
    std::string text;
    for (std::uint64_t i = upto(20); i != 0; --i) text += letters(random_, upto(300)) + '\n';
    plan_.lines = text;
    Expected upgraded;
    upgraded.status = 101;
    upgraded.body = Expected::Body::any;
    plan_.expected.push_back(upgraded);
    const std::size_t cut = draw(random_, 0, text.size());  // so much comes with the request
    send(std::string(kUpgrade) + text.substr(0, cut));
    if (one_in(random_, 2)) answers();
    send(text.substr(cut), piece(text.size()), milliseconds(1));
    step(Step::Do::lines);
    finish();
  }

  // Hostile kinds

  void random_bytes() {
    std::string bytes(upto(one_in(random_, 4) ? 20'000 : 500), '\0');
    for (char& c : bytes) c = static_cast<char>(random_() & 0xFFU);
    if (one_in(random_, 2)) bytes += "\r\n\r\n";
    allow({400, 408, 414, 431, 501, 505});
    send(std::move(bytes));
    wait_and_leave();
  }

  /// Valid requests with a fixed number of bits flipped: anything may come of it but an answer that
  /// is none.
  void mutated() {
    std::string bytes;
    for (std::uint64_t i = upto(3); i != 0; --i) {
      Route route = draw_route(random_);
      if (route == Route::head) route = Route::json;  // is it still HEAD? then what follows?
      bytes += make_request(random_, route, index_, upto(2000), one_in(random_, 2)).bytes;
    }
    for (std::uint64_t flips = 1ULL << draw(random_, 0, 4); flips != 0; --flips) {
      char& c = bytes[draw(random_, 0, bytes.size() - 1)];
      c = static_cast<char>(static_cast<unsigned char>(c) ^ (1U << draw(random_, 0, 7)));
    }
    plan_.interims = true;
    plan_.most_extra = bytes.size();
    plan_.allowed = {200, 204, 400, 404, 405, 408, 413, 414, 417, 431, 501, 503, 505};
    const std::size_t each = piece(bytes.size());
    send(std::move(bytes), each, milliseconds(1));
    wait_and_leave();
  }

  void tls_hello() {
    std::string bytes("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11);
    for (int i = 0; i < 506; ++i) bytes += static_cast<char>(random_() & 0xFFU);
    refuse(std::move(bytes), {400});
  }

  void http2_preface() {
    refuse(std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 33), {505});
  }

  void giant_line() {
    refuse("GET /" + letters(random_, draw(random_, 9'000, 120'000)) +
               (one_in(random_, 2) ? "" : " HTTP/1.1\r\nHost: a\r\n\r\n"),
           {414});
  }

  void giant_field() {
    refuse("GET /json HTTP/1.1\r\nHost: a\r\nX-Giant: " +
               letters(random_, draw(random_, 17'000, 200'000)) +
               (one_in(random_, 2) ? "" : "\r\n\r\n"),
           {431});
  }

  void many_fields() {
    std::string bytes = "GET /json HTTP/1.1\r\nHost: a\r\n";
    for (std::uint64_t i = draw(random_, 100, 4000); i != 0; --i)
      bytes += "X-" + std::to_string(i) + ": 1\r\n";
    refuse(bytes + "\r\n", {431});
  }

  void bad_chunks() {
    static const std::array<std::string, 14> kBad = {
        "zz\r\n",
        "-5\r\nabcde\r\n",
        "0x5\r\nabcde\r\n",
        " 5\r\nabcde\r\n",
        "5 5\r\nabcde\r\n",
        "5\nabcde\n",
        "5\rabcde\r\n",
        "\r\n",
        "10000000000000000\r\n",
        "FFFFFFFFFFFFFFFF\r\n",
        "5\r\nabcdeX\r\n",
        "5\r\nabcde0\r\n\r\n",
        "5;a=\"b\r\nabcde\r\n",
        "5;" + std::string(5000, 'e') + "\r\nabcde\r\n",
    };
    std::string bytes = std::string("POST ") + (one_in(random_, 2) ? "/echo" : "/upload") +
                        " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::uint64_t i = draw(random_, 0, 3); i != 0; --i) bytes += "3\r\nabc\r\n";
    refuse(bytes + kBad[draw(random_, 0, kBad.size() - 1)], {400});
  }

  void bad_framing() {
    static constexpr std::array<const char*, 14> kBad = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: 0x5",
        "Content-Length: 99999999999999999999",
        "Content-Length: 5 5",
        "Content-Length:",
        "Content-Length : 5",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding:\x0B chunked",
        "X-Folded: a\r\n b",
        "Host: b",
    };
    refuse(std::string("POST /echo HTTP/1.1\r\nHost: a\r\n") +
               kBad[draw(random_, 0, kBad.size() - 1)] + "\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
           {400});
  }

  /// Leaves anywhere in the last request: with FIN, or ending its side alone.
  void cut() {
    send(cut_bytes());
    if (one_in(random_, 2)) rest(0, 30);
    plan_.owed = false;
    plan_.ended_by_server = true;
    if (one_in(random_, 2)) {
      step(Step::Do::shut);
      step(Step::Do::end);
    } else {
      step(Step::Do::close);
    }
  }

  void reset() {
    send(cut_bytes());
    if (one_in(random_, 2)) rest(0, 30);
    if (one_in(random_, 3)) step(Step::Do::shut);
    vanish(Step::Do::reset);
  }

  /// Asks for what takes long, and does not wait for it: worker and timer must come free. After FIN
  /// alone the server goes on, it cannot know that nobody reads.
  void abandon() {
    std::string bytes = valid_bytes(draw(random_, 0, 3));
    bytes += one_in(random_, 6) ? "GET /slow?ms=" + std::to_string(draw(random_, 50, 300))
                                : "GET /later?ms=" + std::to_string(draw(random_, 500, 1500));
    allow({200, 503});
    send(bytes + " HTTP/1.1\r\nHost: a\r\n\r\n");
    rest(0, 100);
    if (one_in(random_, 3)) {
      step(Step::Do::shut);
      rest(0, 50);
    }
    vanish(one_in(random_, 2) ? Step::Do::reset : Step::Do::close);
  }

  /// Asks for much and reads nothing of it. More than the kernel will hold must end in a RST; of
  /// less the server may be rid, and its FIN stuck behind what is not read.
  void never_read() {
    plan_.reads = false;
    plan_.receive_buffer = 2048;
    std::string bytes;
    std::uint64_t size = 0;
    for (std::uint64_t i = upto(8); i != 0; --i) {
      const Request one =
          make_request(random_, Route::stream, index_, draw(random_, 100'000, 5'000'000), false);
      bytes += one.bytes;
      size += one.expected.size;
    }
    send(std::move(bytes));
    if (size > kKernelHolds) return hold();
    rest(100, 1500);
    vanish(Step::Do::reset);
  }

  void lines_vanish() {
    plan_.expected.resize(1);
    plan_.expected[0].status = 101;
    plan_.expected[0].body = Expected::Body::any;
    plan_.reads = one_in(random_, 2);
    std::string text = letters(random_, upto(20'000));
    for (std::size_t i = 0; i < text.size(); i += upto(400)) text[i] = '\n';
    plan_.lines = text;
    const std::size_t cut = draw(random_, 0, text.size());
    send(std::string(kUpgrade) + text.substr(0, cut));
    if (one_in(random_, 2)) rest(0, 30);
    if (plan_.reads) send(text.substr(cut));
    if (one_in(random_, 4)) step(Step::Do::shut);
    vanish(one_in(random_, 2) ? Step::Do::reset : Step::Do::close);
  }

  void slow_body() {
    const bool in_chunks = one_in(random_, 2);
    Request one = make_request(random_, content_route(), index_, 100'000, in_chunks);
    allow({408});
    send(one.bytes.substr(0, one.head_end));
    send(one.bytes.substr(one.head_end, dribble()), 1, milliseconds(50));
    hold();
  }

  void slow_head() {
    allow({408});
    send("GET /json HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    send(std::string(dribble(), 's'), 1, milliseconds(50));
    hold();
  }

  void silent() { hold(); }

  void idle() {
    exchange(small_request());
    answers();
    hold();
  }

 private:
  static constexpr std::string_view kUpgrade =
      "GET /lines HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: line-echo\r\n\r\n";

  static constexpr std::uint64_t kKernelHolds = 8'000'000;  // net.ipv4.tcp_wmem: 4 MiB at most

  std::uint64_t upto(std::uint64_t most) { return draw(random_, 1, most); }

  /// How many bytes to send at a time: mostly all, else in 50 pieces at most.
  std::size_t piece(std::size_t size) {
    return one_in(random_, 4) ? draw(random_, size / 50 + 1, size) : 0;
  }

  void step(Step::Do what, std::size_t count = 0) {
    Step one;
    one.what = what;
    one.count = count;
    plan_.steps.push_back(std::move(one));
  }

  void send(std::string bytes, std::size_t each = 0, milliseconds pause = milliseconds(0)) {
    if (bytes.empty()) return;
    Step one;
    one.what = Step::Do::send;
    one.bytes = std::move(bytes);
    one.count = each;
    one.pause = pause;
    plan_.steps.push_back(std::move(one));
  }

  void rest(std::uint64_t least, std::uint64_t most) {
    Step one;
    one.what = Step::Do::rest;
    one.pause = milliseconds(draw(random_, least, most));
    plan_.steps.push_back(std::move(one));
  }

  void answers() { step(Step::Do::answers, plan_.expected.size()); }

  Route content_route() { return one_in(random_, 2) ? Route::upload : Route::echo; }

  Request request() {
    return make_request(random_, draw_route(random_), index_, upto(5000), one_in(random_, 2));
  }
  Request small_request() {
    return make_request(random_, draw_route(random_), index_, upto(200), one_in(random_, 2));
  }

  /// The last one of a connection: now and then with "close", or of HTTP/1.0.
  Request last_request() {
    const bool closes = one_in(random_, 3);
    Request one = make_request(random_, draw_route(random_), index_, upto(5000), false,
                               closes ? "Connection: close\r\n" : "");
    if (one_in(random_, 3)) one.bytes[one.line_end - 1] = '0';
    return one;
  }

  /// Notes what is owed for `one` and returns its bytes.
  std::string owe(const Request& one) {
    plan_.expected.push_back(one.expected);
    return one.bytes;
  }

  void exchange(const Request& one) { send(owe(one), piece(one.bytes.size()), milliseconds(1)); }

  std::string valid_bytes(std::uint64_t requests) {
    std::string bytes;
    for (; requests != 0; --requests) bytes += owe(request());
    return bytes;
  }

  /// Valid requests, the last one cut somewhere.
  std::string cut_bytes() {
    std::string bytes = valid_bytes(draw(random_, 0, 3));
    const Request last = request();
    allow({400, 408});
    return bytes + last.bytes.substr(0, draw(random_, 0, last.bytes.size() - 1));
  }

  /// How many bytes a slow one sends, 20 a second: more than the server puts up with.
  std::size_t dribble() { return setting_.awaits_timeout ? 10'000 : upto(30); }

  void allow(std::vector<int> statuses) {
    plan_.allowed = std::move(statuses);
    plan_.most_extra = 1;
  }

  /// What is broken beyond doubt is answered, and the connection ended.
  void refuse(std::string bytes, std::vector<int> statuses) {
    allow(std::move(statuses));
    plan_.extra_owed = true;
    plan_.ended_by_server = true;
    if (one_in(random_, 3)) bytes.insert(0, valid_bytes(upto(3)));
    const std::size_t each = piece(bytes.size());
    send(std::move(bytes), each, milliseconds(1));
    step(Step::Do::end);
  }

  void finish() {
    if (one_in(random_, 3)) return vanish_after_answers();
    step(Step::Do::shut);
    step(Step::Do::end);
  }

  void vanish_after_answers() { step(one_in(random_, 2) ? Step::Do::reset : Step::Do::close); }

  void vanish(Step::Do how) {
    plan_.owed = false;
    plan_.ended_by_server = true;
    step(how);
  }

  /// Gives the server some time, then vanishes, or ends its side: the server must then end its own.
  void wait_and_leave() {
    rest(0, 300);
    plan_.owed = false;
    plan_.ended_by_server = true;
    if (one_in(random_, 2)) {
      step(Step::Do::shut);
      step(Step::Do::end);
    } else {
      vanish(one_in(random_, 2) ? Step::Do::reset : Step::Do::close);
    }
  }

  /// Stays until the server's patience is over, when that can be waited for.
  void hold() {
    plan_.owed = false;
    plan_.ended_by_server = true;
    if (setting_.awaits_timeout) return step(Step::Do::end);
    rest(100, 1500);
    vanish(one_in(random_, 2) ? Step::Do::reset : Step::Do::close);
  }

  Random& random_;
  Plan& plan_;
  std::uint64_t index_;
  const Setting& setting_;
};

struct Kind {
  const char* name;
  unsigned weight;
  void (Planner::*plan)();
  bool upgrades = false;
};

inline constexpr std::array<Kind, 27> kKinds = {{
    {"sequence", 6, &Planner::sequence},
    {"pipeline", 6, &Planner::pipeline},
    {"byte by byte", 3, &Planner::byte_by_byte},
    {"stall and go on", 4, &Planner::stall},
    {"upload", 3, &Planner::upload},
    {"expect", 3, &Planner::expect},
    {"half-close", 4, &Planner::half_close},
    {"slow reader", 2, &Planner::slow_reader},
    {"line echo", 3, &Planner::lines, true},
    {"random bytes", 5, &Planner::random_bytes},
    {"mutated", 8, &Planner::mutated},
    {"TLS hello", 1, &Planner::tls_hello},
    {"HTTP/2 preface", 1, &Planner::http2_preface},
    {"giant line", 2, &Planner::giant_line},
    {"giant field", 2, &Planner::giant_field},
    {"many fields", 2, &Planner::many_fields},
    {"bad chunks", 4, &Planner::bad_chunks},
    {"bad framing", 4, &Planner::bad_framing},
    {"cut", 6, &Planner::cut},
    {"reset", 6, &Planner::reset},
    {"abandon", 4, &Planner::abandon},
    {"never reads", 2, &Planner::never_read},
    {"line echo, vanishes", 3, &Planner::lines_vanish, true},
    {"slow body", 2, &Planner::slow_body},
    {"slow head", 2, &Planner::slow_head},
    {"silent", 1, &Planner::silent},
    {"idle", 1, &Planner::idle},
}};

/// The plan of the connection with that index: always the same for the same seed and setting.
inline Plan make_plan(std::uint64_t seed, std::uint64_t index, const Setting& setting) {
  Random random(seed * 1'000'003 + index);
  unsigned weights = 0;
  for (const Kind& kind : kKinds) weights += kind.weight;
  std::uint64_t at = draw(random, 0, weights - 1);
  Plan plan;
  while (at >= kKinds[plan.kind].weight) at -= kKinds[plan.kind++].weight;
  if (kKinds[plan.kind].upgrades && !setting.upgrades) plan.kind = 0;
  Planner planner(random, plan, index, setting);
  (planner.*kKinds[plan.kind].plan)();
  return plan;
}

}  // namespace stress
