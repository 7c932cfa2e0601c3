// SPDX-License-Identifier: MIT
/// \file
/// Pistache: its endpoint with --threads workers (and a thread that accepts), TCP_NODELAY, limits
/// for sizes and time raised.
#include <pistache/endpoint.h>

#include "peer.hpp"

namespace {

namespace http = Pistache::Http;

class Handler : public http::Handler {
 public:
  HTTP_PROTOTYPE(Handler)

  void onRequest(const http::Request& request, http::ResponseWriter response) override {
    // It says `close`, without closing, unless the client asks for what is HTTP/1.1's default.
    if (!request.headers().has<http::Header::Connection>())
      *response.headers().get<http::Header::Connection>() =
          http::Header::Connection(http::ConnectionControl::KeepAlive);
    const std::string& path = request.resource();
    if (path == "/plaintext") {
      response.send(http::Code::Ok, peer::kPlaintext.data(), peer::kPlaintext.size(), text_);
    } else if (const auto& content = peer::bytes_at(path)) {
      response.send(http::Code::Ok, content->data(), content->size(), octets_);
    } else if (path == "/echo") {
      response.send(http::Code::Ok, request.body(), octets_);
    } else if (path == "/sink") {
      response.send(http::Code::Ok, std::to_string(request.body().size()), text_);
    } else {
      response.send(http::Code::Not_Found);
    }
  }

 private:
  const http::Mime::MediaType text_ =
      http::Mime::MediaType::fromString(std::string(peer::kTextType));
  const http::Mime::MediaType octets_ =
      http::Mime::MediaType::fromString(std::string(peer::kBytesType));
};

}  // namespace

int main(int argc, char** argv) {
  const peer::Settings settings = peer::settings(argc, argv);
  peer::end_at_signal();
  http::Endpoint endpoint(Pistache::Address(settings.host, settings.port));
  endpoint.init(http::Endpoint::options()
                    .threads(static_cast<int>(settings.threads))
                    .flags(Pistache::Tcp::Options::ReuseAddr | Pistache::Tcp::Options::NoDelay)
                    .backlog(peer::kBacklog)
                    .maxRequestSize(peer::kMaxBody)
                    .maxResponseSize(peer::kMaxBody)
                    .headerTimeout(std::chrono::hours(1))
                    .bodyTimeout(std::chrono::hours(1))
                    .keepaliveTimeout(std::chrono::hours(1)));
  endpoint.setHandler(http::make_handler<Handler>());
  endpoint.serve();
  return 1;
}
