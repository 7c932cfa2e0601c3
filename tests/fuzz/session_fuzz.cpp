// SPDX-License-Identifier: MIT
// A whole session under a random peer and a random application. The input's first bytes seed both;
// the rest is what the peer sends. Whatever happens, what is sent reads as a row of answers, in
// order and never more than requests; and a well-behaved application answers the same however the
// bytes were cut.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <vector>
#include <weir/http/session.hpp>

using namespace weir;
using http::ContentPlan;
using http::ResponseHead;
using http::Session;
using Kind = ContentPlan::Kind;
using test::require;

namespace {

class Sink final : public http::Output {
 public:
  void push(std::string&&) override { std::abort(); }
  void push(std::string_view, std::shared_ptr<const void>) override { std::abort(); }
  void push_file(int, std::uint64_t, std::uint64_t, std::shared_ptr<const void>) override {
    std::abort();
  }
  const std::string& text() {
    flush();
    return text_;
  }

 private:
  void make_room(std::size_t size) override {
    flush();
    block_.reset(new char[size]);
    at_ = block_.get();
    end_ = at_ + size;
  }
  void flush() {
    if (block_) text_.append(block_.get(), static_cast<std::size_t>(at_ - block_.get()));
    block_.reset();
    at_ = end_ = nullptr;
  }
  std::unique_ptr<char[]> block_;
  std::string text_;
};

/// Reads what was sent as a strict client would that knows which requests were HEAD. Written from
/// RFC 9112 alone.
class Checker {
 public:
  Checker(std::string_view text, const std::vector<bool>& to_head, bool complete)
      : text_(text), to_head_(to_head), complete_(complete) {}

  /// Final answers, the last of which may be cut off when the stream was broken off.
  std::size_t answers() {
    std::size_t finals = 0;
    while (!text_.empty()) {
      if (!one(finals)) {
        require(!complete_);
        return finals + 1;
      }
    }
    return finals;
  }

 private:
  bool line(std::string_view& out) {
    const std::size_t end = text_.find("\r\n");
    if (end == std::string_view::npos) return false;
    out = text_.substr(0, end);
    text_.remove_prefix(end + 2);
    return true;
  }
  bool skip(std::uint64_t bytes) {
    if (text_.size() < bytes) return false;
    text_.remove_prefix(static_cast<std::size_t>(bytes));
    return true;
  }
  bool one(std::size_t& finals) {
    std::string_view status;
    require(line(status));  // heads are written whole
    require(status.substr(0, 9) == "HTTP/1.1 " && status.size() >= 13 && status[12] == ' ');
    const int code = std::atoi(std::string(status.substr(9, 3)).c_str());
    bool has_length = false;
    bool chunked = false;
    bool close = false;
    std::uint64_t length = 0;
    for (std::string_view field;;) {
      require(line(field));
      if (field.empty()) break;
      const std::size_t colon = field.find(": ");
      require(colon != std::string_view::npos);
      const std::string_view name = field.substr(0, colon);
      const std::string_view value = field.substr(colon + 2);
      if (name == "Content-Length") {
        require(!has_length);
        has_length = true;
        length = std::strtoull(std::string(value).c_str(), nullptr, 10);
      } else if (name == "Transfer-Encoding") {
        require(!chunked && value == "chunked");
        chunked = true;
      } else if (name == "Connection" && value == "close") {
        close = true;
      }
    }
    require(!(chunked && has_length));
    if (code == 101) {
      require(!chunked && !has_length && !closed_ && finals < to_head_.size());
      closed_ = true;
      text_ = {};  // another protocol's
      ++finals;
      return true;
    }
    if (code < 200) {
      require(!chunked && !has_length && !close);
      return true;
    }
    require(finals < to_head_.size());
    require(!closed_);  // nothing follows an answer that closes
    closed_ = close;
    const bool none = to_head_[finals] || code == 204 || code == 304;
    if (code == 204) require(!chunked && !has_length);
    if (code == 205 && !to_head_[finals]) require(has_length && length == 0);
    if (!none) {
      if (has_length) {
        if (!skip(length)) return false;
      } else if (chunked) {
        if (!chunks()) return false;
      } else {
        require(close);
        text_ = {};
      }
    }
    ++finals;
    return true;
  }
  bool chunks() {
    for (std::string_view size;;) {
      if (!line(size)) return false;
      require(!size.empty() &&
              size.find_first_not_of("0123456789abcdef") == std::string_view::npos);
      const std::uint64_t bytes = std::strtoull(std::string(size).c_str(), nullptr, 16);
      if (bytes == 0) break;
      if (!skip(bytes)) return false;
      std::string_view end;
      if (!line(end)) return false;
      require(end.empty());
    }
    for (std::string_view trailer;;) {
      if (!line(trailer)) return false;
      if (trailer.empty()) return true;
    }
  }

  std::string_view text_;
  const std::vector<bool>& to_head_;
  bool complete_;
  bool closed_ = false;
};

/// What chance does next; the same from the same seed.
struct Chance {
  std::uint64_t state;
  unsigned next(unsigned below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned>(state >> 33) % below;
  }
};

/// What leaves a callback when memory runs out: the connection is lost, the process goes on.
struct Broken {};

class Run final : public http::Application {
 public:
  /// A tame application decides by the request alone and answers at its end.
  Run(std::uint64_t seed, bool tame) : chance_{seed}, tame_(tame) {
    scratch_.fields = fields_.data();
    scratch_.field_capacity = limits_.field_count;
    context.now_ms = 1;
    context.date = "Sun, 06 Nov 1994 08:49:37 GMT";
    if (!tame && chance_.next(4) == 0) context.max_requests = 3;
    session.begin(context);
  }

  void go(std::string_view wire, bool whole) {
    try {
      drive(wire, whole);
    } catch (const Broken&) {
      session.abort();
    }
    check();
  }

 private:
  void drive(std::string_view wire, bool whole) {
    while (true) {
      if (!tame_) anything();
      if (!wire.empty()) {
        std::size_t piece = wire.size();
        if (!whole) piece = 1 + chance_.next(chance_.next(3) == 0 ? 64 : 5);
        if (piece > wire.size()) piece = wire.size();
        held_.append(wire.data(), piece);
        wire.remove_prefix(piece);
      } else if (done_at_ == 0) {
        done_at_ = 8;
      } else if (--done_at_ == 0) {
        break;
      }
      pump();
    }
    if (!tame_) {
      settle();
      if (chance_.next(2) == 0) session.on_eof(context);
      pump();
      settle();
    }
  }
  void check() {
    invariants();
    const std::string& text = sink.text();
    const bool complete = !session.is_aborted() && !(session.answer_begun());
    const std::size_t answers = Checker(text, to_head_, complete).answers();
    require(answers <= to_head_.size());
    if (complete && !session.answer_pending()) require(answers == to_head_.size());
  }

 public:
  ContentPlan on_head(Session& self, http::RequestHead& head) override {
    require(self.exchange() == to_head_.size() + 1);
    to_head_.push_back(head.method == http::Method::head);
    receiving_ = true;
    content_size_ = 0;
    ContentPlan plan;
    plan.limit = 300;
    if (tame_) {
      plan.kind = head.target.size % 3 == 0 ? Kind::stream : Kind::collect;
      if (plan.kind == Kind::stream) self.resume_content(context);
      if (head.target.size % 5 == 4) {
        finish();
        plan.kind = Kind::answered;
      }
      return plan;
    }
    switch (chance_.next(8)) {
      case 0:
        act();
        plan.kind = Kind::answered;
        plan.limit = 0;
        break;
      case 1:
        plan.kind = Kind::stream;
        break;
      case 2:
        plan.kind = Kind::stream;
        self.resume_content(context);
        break;
      case 3:
        plan.kind = Kind::suspended;
        suspended_ = true;
        break;
      case 4:
        act();
        break;
      default:
        break;
    }
    if (chance_.next(4) == 0) plan.handler_ms = chance_.next(100);
    if (chance_.next(16) == 0) self.close_after_answer();
    return plan;
  }
  void on_request(Session&, http::RequestHead&, std::string_view content) override {
    require(receiving_);
    receiving_ = false;
    touch(content);
    tame_ ? finish() : act();
  }
  void on_content_begin(Session&, http::RequestHead&) override {
    require(receiving_);
    if (!tame_ && chance_.next(4) == 0) act();
  }
  void on_content(Session&, std::string_view piece) override {
    require(receiving_ && !piece.empty() && session.answer_pending());
    touch(piece);
    if (!tame_ && chance_.next(3) == 0) act();
  }
  void on_content_end(Session&, std::string_view trailers) override {
    require(receiving_);
    receiving_ = false;
    touch(trailers);
    content_size_ -= trailers.size();
    tame_ ? finish() : act();
  }
  void on_content_error(Session&, http::ContentError) override {
    require(receiving_ && session.answer_pending());
    receiving_ = false;
    if (!tame_ && chance_.next(8) == 0) finish();
  }
  void on_refused(Session& self, http::Status status, std::string_view) override {
    if (self.exchange() > to_head_.size()) to_head_.push_back(false);
    require(self.answer_pending() && !self.answer_begun());
    ResponseHead head;
    head.status = status;
    // What was refused unread may have been a HEAD; then nothing tells but the answer's size.
    self.answer(head, {}, context);
  }
  void on_handler_timeout(Session& self) override {
    require(self.answer_pending() && !self.answer_begun());
    if (chance_.next(4) != 0) finish();
  }

  Sink sink;
  Session session;

 private:
  void pump() {
    while (session.wants_bytes() && !held_.empty()) {
      context.requests = tame_ ? 64 : 1 + chance_.next(4);
      context.out_of_turn = false;
      const std::unique_ptr<char[]> block(new char[held_.size()]);
      held_.copy(block.get(), held_.size());
      const std::size_t used = session.on_bytes(block.get(), held_.size(), context);
      require(used <= held_.size());
      held_.erase(0, used);
      invariants();
      if (used == 0 && !context.out_of_turn) break;
    }
  }
  void invariants() {
    if (session.wants_close()) {
      require(!session.wants_bytes());
      require(session.next_deadline() == 0);
    }
    if (session.is_idle()) require(!session.answer_pending());
    // Somebody must be bound to act: the peer within a time, or the application.
    if (!session.wants_close() && !session.answer_begun() && !timed_out_)
      require(session.next_deadline() != 0 || !session.answer_pending());
    if (session.is_idle() && !session.wants_close()) require(session.next_deadline() != 0);
    // Draining must not last for ever either.
    if (!session.answer_pending() && !session.wants_close()) require(session.next_deadline() != 0);
  }
  void touch(std::string_view bytes) {
    unsigned sum = 0;
    for (const char c : bytes) sum += static_cast<unsigned char>(c);
    sum_ += sum;
    content_size_ += bytes.size();
    require(bytes.size() < 100'000);
  }
  /// A whole answer that depends on the request alone.
  void finish() {
    if (!session.answer_pending()) return;
    if (session.answer_begun()) {
      session.end_answer({}, context);
      return;
    }
    ResponseHead head;
    session.answer(head, tame_ ? std::to_string(content_size_) : "hello", context);
  }
  /// One thing that an application may do while its answer is owed.
  void act() {
    if (!session.answer_pending()) return;
    ResponseHead head;
    switch (chance_.next(14)) {
      case 0:
      case 1:
        finish();
        break;
      case 2: {
        static constexpr http::Status kStatuses[] = {http::Status::no_content,
                                                     http::Status::reset_content,
                                                     http::Status::not_modified, http::Status::ok};
        if (session.answer_begun()) break;
        head.status = kStatuses[chance_.next(4)];
        if (chance_.next(4) == 0) head.set_content_length(5);
        if (chance_.next(4) == 0) head.set_close(true);
        session.answer(head, chance_.next(2) == 0 ? "content" : "", context);
        break;
      }
      case 3:
        if (session.answer_begun()) break;
        if (chance_.next(4) == 0) head.status = http::Status::reset_content;
        session.begin_answer(head, chance_.next(2) == 0 ? Session::kUnknownSize : chance_.next(6),
                             context);
        break;
      case 4:
      case 5:
        session.send(std::string_view("abcdef").substr(0, chance_.next(6)), context);
        break;
      case 6:
        session.end_answer(chance_.next(2) == 0 ? "T: 1\r\n" : "", context);
        break;
      case 7:
        session.pause_content(context);
        break;
      case 8:
        session.resume_content(context);
        break;
      case 9:
        session.send_interim(
            chance_.next(2) == 0 ? http::Status::continue_ : http::Status::early_hints, head,
            context);
        break;
      case 10:
        if (chance_.next(8) == 0) session.abort();
        break;
      case 11:  // the handler threw
        if (session.answer_begun()) {
          session.abort();
          break;
        }
        head.status = http::Status::internal_server_error;
        session.answer(head, "Internal Server Error", context);
        break;
      case 12:
        if (session.answer_begun() || !session.request_is_complete()) break;
        head.status = http::Status::switching_protocols;
        head.append("Upgrade", "echo");
        session.upgrade(head, context);
        require(session.is_upgraded() && !session.wants_bytes() && session.answer_begun());
        break;
      case 13:
        if (chance_.next(16) == 0) throw Broken();
        break;
      default:
        break;
    }
  }
  /// One thing that may happen between two reads.
  void anything() {
    switch (chance_.next(10)) {
      case 0:
      case 1:
        act();
        break;
      case 2:
        decide();
        break;
      case 3:
        context.now_ms += chance_.next(chance_.next(8) == 0 ? 40'000 : 1'000);
        timed_out_ = timed_out_ || context.now_ms >= session.next_deadline();
        session.on_deadline(context);
        break;
      case 4:
        if (chance_.next(32) == 0) context.closing = true;
        break;
      case 5:
        if (chance_.next(8) == 0 && held_.empty()) session.on_eof(context);
        break;
      case 6:
        session.resume_content(context);
        break;
      default:
        break;
    }
    if (!session.answer_pending()) timed_out_ = false;
    invariants();
    pump();
  }
  void decide() {
    if (!suspended_ || to_head_.size() != session.exchange()) return;
    suspended_ = false;
    if (chance_.next(4) == 0) act();
    ContentPlan plan;
    plan.limit = 300;
    plan.kind = static_cast<Kind>(chance_.next(4));
    suspended_ = plan.kind == Kind::suspended;
    session.follow_plan(plan, context);
  }
  void settle() {
    for (int i = 0; i < 40; ++i) {
      decide();
      finish();
      session.resume_content(context);
      pump();
    }
  }

  http::Limits limits_;
  http::Timeouts timeouts_;
  std::vector<http::FieldIndex> fields_{100};
  http::RequestHead scratch_;
  std::vector<bool> to_head_;  // by request
  std::string held_;
  Chance chance_;
  unsigned sum_ = 0;
  std::uint64_t content_size_ = 0;
  int done_at_ = 0;
  bool tame_;
  bool receiving_ = false;
  bool suspended_ = false;
  bool timed_out_ = false;

 public:
  http::SessionContext context{limits_, timeouts_, *this, sink, scratch_, {}};
};

std::string without_continue(std::string text) {
  static const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  for (std::size_t at; (at = text.find(kContinue)) != std::string::npos;)
    text.erase(at, kContinue.size());
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  std::uint64_t seed;
  std::memcpy(&seed, data, sizeof seed);
  const std::string_view wire(reinterpret_cast<const char*>(data) + 8, size - 8);

  Run whole(seed, true);
  whole.go(wire, true);
  Run cut(seed, true);
  cut.go(wire, false);
  require(without_continue(whole.sink.text()) == without_continue(cut.sink.text()));
  require(whole.session.wants_close() == cut.session.wants_close());

  for (std::uint64_t i = 0; i < 4; ++i) Run(seed + i, false).go(wire, false);
  return 0;
}
