// expect: a multipart handler runs on the loop
// SPDX-License-Identifier: MIT
#include <weir/multipart.hpp>
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", weir::blocking(weir::multipart(
                       [](const weir::Request&, weir::MultipartBody, weir::Response&) {})));
}
