// SPDX-License-Identifier: MIT
// A connection that leaves HTTP: after the upgrade each line comes back.
//   printf 'GET /lines HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade:
//   line-echo\r\n\r\nhi\nbye\n' |
//     nc 127.0.0.1 8080
#include <memory>
#include <string>
#include <string_view>
#include <weir/weir.hpp>

class LineEcho : public weir::Upgrade {
 public:
  void on_open(weir::Stream out) override { out_ = std::move(out); }

  std::size_t on_bytes(std::string_view bytes) override {
    const std::size_t end = bytes.rfind('\n');
    if (end == std::string_view::npos) return 0;  // no whole line yet: given again with more
    out_.write(std::string(bytes.substr(0, end + 1)));
    return end + 1;
  }

  void on_end() override { out_.end(); }

 private:
  weir::Stream out_;
};

int main() {
  weir::Server server;
  server.get("/lines", [](const weir::Request&, weir::Response& res) {
    res.upgrade("line-echo", std::make_unique<LineEcho>());
  });
  server.listen("127.0.0.1", 8080);
  return server.run();
}
