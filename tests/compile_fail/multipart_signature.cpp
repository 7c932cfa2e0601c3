// expect: a multipart handler takes (const weir::Request&, weir::MultipartBody, weir::Response&)
// SPDX-License-Identifier: MIT
#include <weir/multipart.hpp>
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", weir::multipart([](const weir::Request&, weir::Response&) {}));
}
