// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A session without a socket: an output that keeps nothing and an application that says hello.
///
/// Thread: one.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/session.hpp>

namespace in_memory {

namespace http = weir::http;

/// A cork that is emptied whenever it is full.
class Cork final : public http::Output {
 public:
  Cork() { rewind(); }
  void push(std::string&&) override {}
  void push(std::string_view, std::shared_ptr<const void>) override {}
  void push_file(int, std::uint64_t, std::uint64_t, std::shared_ptr<const void>) override {}

 private:
  void make_room(std::size_t) override { rewind(); }
  void rewind() {
    at_ = bytes_;
    end_ = bytes_ + sizeof bytes_;
  }
  char bytes_[std::size_t{64} * 1024];
};

/// Answers every request with the same few bytes.
class Hello final : public http::Application {
 public:
  Hello() {
    head.fields = fields.data();
    head.field_capacity = limits.field_count;
    response.set_content_type("text/plain; charset=utf-8");
    context.date = "Sun, 06 Nov 1994 08:49:37 GMT";
    context.now_ms = 1;
    session.begin(context);
  }
  http::ContentPlan on_head(http::Session&, http::RequestHead&) override {
    return {http::ContentPlan::Kind::collect, 0, 1024 * 1024};
  }
  void on_request(http::Session&, http::RequestHead&, std::string_view) override { answer(); }
  void on_content_begin(http::Session&, http::RequestHead&) override {}
  void on_content(http::Session&, std::string_view piece) override { bytes += piece.size(); }
  void on_content_end(http::Session&, std::string_view) override { answer(); }
  void on_content_error(http::Session&, http::ContentError) override {}
  void on_refused(http::Session&, http::Status, std::string_view) override {}
  void on_handler_timeout(http::Session&) override {}

  http::Limits limits;
  http::Timeouts timeouts;
  std::vector<http::FieldIndex> fields = std::vector<http::FieldIndex>(100);
  http::RequestHead head;
  http::ResponseHead response;
  Cork output;
  http::Session session;
  std::uint64_t answered = 0;  // requests
  std::uint64_t bytes = 0;     // of content that came in pieces
  http::SessionContext context{limits, timeouts, *this, output, head, {}};

 private:
  void answer() {
    ++answered;
    session.answer(response, "Hello, World!", context);
  }
};

}  // namespace in_memory
