// SPDX-License-Identifier: MIT
/// \file
/// Boost.Beast, asynchronous: an io_context and a SO_REUSEPORT listener for each thread, sockets
/// with that executor and not any, one buffer for each connection, responses to GET that are made
/// once and serialised for each request. It sends no Date unless a program makes one; this one does
/// not.
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <optional>
#include <thread>
#include <vector>

#include "peer.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Listener = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Response = http::response<http::string_body>;

Response make(std::string_view type, std::string content) {
  Response response(http::status::ok, 11);
  response.set(http::field::content_type, beast::string_view(type.data(), type.size()));
  response.body() = std::move(content);
  response.prepare_payload();
  return response;
}

const Response kPlaintext = make(peer::kTextType, std::string(peer::kPlaintext));
const Response kSmall = make(peer::kBytesType, *peer::bytes_at("/bytes/16384"));
const Response kLarge = make(peer::kBytesType, *peer::bytes_at("/bytes/1048576"));
const Response kNotFound = [] {
  Response response = make(peer::kTextType, "Not Found");
  response.result(http::status::not_found);
  return response;
}();

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(Socket socket) : socket_(std::move(socket)) {}

  void read() {
    parser_.emplace();
    parser_->body_limit(peer::kMaxBody);
    http::async_read(socket_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    const beast::string_view target = parser_->get().target();
    if (target == "/plaintext") return write(kPlaintext);
    if (target == "/bytes/16384") return write(kSmall);
    if (target == "/bytes/1048576") return write(kLarge);
    if (target == "/echo")
      own_ = make(peer::kBytesType, std::move(parser_->get().body()));
    else if (target == "/sink")
      own_ = make(peer::kTextType, std::to_string(parser_->get().body().size()));
    else
      return write(kNotFound);
    write(own_);
  }

  void write(const Response& response) {
    serializer_.emplace(response);
    http::async_write(socket_, *serializer_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error && self->parser_->keep_alive()) self->read();
                      });
  }

  Socket socket_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::serializer<false, http::string_body>> serializer_;
  Response own_;  // made for one request
};

class Loop {
 public:
  explicit Loop(const peer::Settings& settings)
      : listener_(context_, asio::ip::tcp::v4(), peer::listen_on(settings)) {
    accept();
  }
  void run() { context_.run(); }

 private:
  void accept() {
    listener_.async_accept([this](beast::error_code error, Socket socket) {
      if (!error) {
        socket.set_option(asio::ip::tcp::no_delay(true), error);
        std::make_shared<Session>(std::move(socket))->read();
      }
      accept();
    });
  }

  asio::io_context context_{1};
  Listener listener_;
};

}  // namespace

int main(int argc, char** argv) {
  const peer::Settings settings = peer::settings(argc, argv);
  peer::end_at_signal();
  std::list<Loop> loops;
  for (unsigned i = 0; i < settings.threads; ++i) loops.emplace_back(settings);
  std::vector<std::thread> others;
  for (auto loop = std::next(loops.begin()); loop != loops.end(); ++loop)
    others.emplace_back([loop] { loop->run(); });
  loops.front().run();
  return 1;
}
