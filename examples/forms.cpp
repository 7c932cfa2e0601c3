// SPDX-License-Identifier: MIT
// Forms: one read whole, files and all, one taken part by part.
//   forms FOLDER [PORT]     keeps what is uploaded in FOLDER
//   curl -F title=Holidays -F photo=@a.jpg -F photo=@b.jpg http://127.0.0.1:8080/photos
//   curl -F any=@large.iso http://127.0.0.1:8080/count
#include <sys/random.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <weir/forms.hpp>
#include <weir/multipart.hpp>
#include <weir/weir.hpp>

namespace {

/// A name that no other upload has: what the client calls a file is not one.
std::string fresh_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    throw weir::HttpError{weir::Status::internal_server_error};
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

void add_routes(weir::Server& server, const std::string& folder) {
  // Read whole, then run on the pool, where files may be moved.
  weir::FormOptions limits;
  limits.form_bytes = std::uint64_t{4} << 30U;
  limits.temp_folder = folder;  // on the file system of their place: moving is a link
  weir::RouteOptions patient;
  patient.timeout = std::chrono::milliseconds(0);
  server.post("/photos",
              weir::blocking(weir::form(
                  [folder](const weir::Request&, const weir::FormData& form, weir::Response& res) {
                    std::string text = std::string(form.get("title").value_or("untitled")) + "\n";
                    for (const weir::UploadedFile& file : form.files()) {
                      const std::string name = fresh_name();
                      file.move_to(folder + "/" + name);
                      text += name + " " + std::to_string(file.size()) + " " +
                              file.safe_filename() + "\n";
                    }
                    res.status(weir::Status::created).text(text);
                  },
                  limits)),
              patient);

  // Part by part: nothing is kept.
  server.post("/count", weir::multipart([](const weir::Request&, weir::MultipartBody form,
                                           weir::Response& res) {
                auto bytes = std::make_shared<std::uint64_t>(0);
                form.on_part([bytes](const weir::MultipartPart& part) -> weir::PartSink {
                  if (!part.filename) return {};  // a field: skipped
                  return [bytes](std::string_view piece) { *bytes += piece.size(); };
                });
                form.on_end([bytes, reply = res.defer()]() mutable {
                  reply.text(std::to_string(*bytes) + "\n");
                });
              }));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: forms FOLDER [PORT]\n");
    return 2;
  }
  weir::Server server;
  add_routes(server, argv[1]);
  server.listen("127.0.0.1",
                static_cast<std::uint16_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 8080));
  return server.run();
}
