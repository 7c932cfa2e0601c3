// SPDX-License-Identifier: MIT
// Forms and temporary files on disks that refuse.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <support/temporary_directory.hpp>
#include <system_error>
#include <vector>
#include <weir/forms.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "../support/fake_sys.hpp"

using weir::net::TempFile;
using weir::test::FakeSys;

namespace {

using weir::test::Silence;

struct Folder : weir::test::TemporaryDirectory {
  Folder() : TemporaryDirectory("/var/tmp") {}  // not in memory, as /tmp may be
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string upload(std::size_t size) {
  return "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n" +
         std::string(size, 'x') + "\r\n--XX--\r\n";
}

}  // namespace

// ── Temporary files ──────────────────────────────────────────────────────────────────────────────

TEST_CASE("where a file cannot be without a name it has one of ours", "[temp_file]") {
  const FakeSys::Scope scope;
  Folder folder;
  for (const int error : {EOPNOTSUPP, EISDIR, EINVAL}) {
    FakeSys::fail("open", error);
    {
      TempFile file;
      REQUIRE(file.create(folder.path()) == 0);
      REQUIRE(folder.names().size() == 1);
      CHECK(folder.names()[0].find(".weir-") == 0);
      CHECK(file.path() == folder.path() + "/" + folder.names()[0]);
      CHECK(file.append("some") == 0);
      CHECK(file.append("thing") == 0);
      CHECK(content_of(file.path()) == "something");
      CHECK(file.save_as(folder.path() + "/kept", false) == 0);
      CHECK(file.save_as(folder.path() + "/kept", false) == EEXIST);
      CHECK(file.save_as(folder.path() + "/kept", true) == 0);
    }
    CHECK(folder.names() == std::vector<std::string>{"kept"});
    CHECK(content_of(folder.path() + "/kept") == "something");
    unlink((folder.path() + "/kept").c_str());
  }
}

TEST_CASE("a folder that refuses is an error", "[temp_file]") {
  const FakeSys::Scope scope;
  TempFile file;
  CHECK(file.create("/nonexistent/folder") == ENOENT);
  CHECK_FALSE(file);
  FakeSys::fail("open", EACCES);
  CHECK(file.create("/var/tmp") == EACCES);
  FakeSys::fail("open", EINVAL, 2);  // with and without a name
  CHECK(file.create("/var/tmp") == EINVAL);
}

TEST_CASE("short and interrupted writes go on, none at all is an error", "[temp_file]") {
  const FakeSys::Scope scope;
  Folder folder;
  TempFile file;
  REQUIRE(file.create(folder.path()) == 0);
  FakeSys::limit("pwrite", 3);
  CHECK(file.append("0123456789") == 0);
  CHECK(FakeSys::count("pwrite") == 4);
  FakeSys::limit("pwrite", 0);
  FakeSys::fail("pwrite", EINTR);
  CHECK(file.append("ab") == 0);
  CHECK(content_of(file.path()) == "0123456789ab");
  FakeSys::fail("pwrite", ENOSPC);
  CHECK(file.append("c") == ENOSPC);
  CHECK(file.size() == 12);
}

TEST_CASE("without links a file is copied, whole or not at all", "[temp_file]") {
  const FakeSys::Scope scope;
  Folder folder;
  TempFile file;
  REQUIRE(file.create(folder.path()) == 0);
  REQUIRE(file.append(std::string(600'000, 'x')) == 0);
  const std::string path = folder.path() + "/kept";
  for (const bool overwrite : {false, true}) {
    for (const int error : {EXDEV, EPERM, ENOENT}) {
      CAPTURE(overwrite, error);
      FakeSys::fail("linkat", error);
      FakeSys::limit("pread", 100'000);
      FakeSys::fail_after("pread", 2, EINTR);
      CHECK(file.save_as(path, overwrite) == 0);
      CHECK(content_of(path) == std::string(600'000, 'x'));
      CHECK(folder.names().size() == 1);
      FakeSys::fail("linkat", error);
      FakeSys::fail("pwrite", ENOSPC);
      if (!overwrite) unlink(path.c_str());
      CHECK(file.save_as(path, overwrite) == ENOSPC);
      CHECK(folder.names().size() == (overwrite ? 1 : 0));
      FakeSys::clear();
      FakeSys::fail("linkat", error);
      FakeSys::fail("pread", EIO);
      CHECK(file.save_as(path, overwrite) == EIO);
      CHECK(folder.names().size() == (overwrite ? 1 : 0));
      FakeSys::clear();
      FakeSys::fail("linkat", error);
      FakeSys::fail("close", EDQUOT);
      CHECK(file.save_as(path, overwrite) == EDQUOT);
      CHECK(folder.names().size() == (overwrite ? 1 : 0));
      FakeSys::clear();
    }
    unlink(path.c_str());
  }
}

TEST_CASE("where renaming cannot spare a file, a link does", "[temp_file]") {
  const FakeSys::Scope scope;
  Folder folder;
  const std::string path = folder.path() + "/kept";
  FakeSys::fail("renameat2", EINVAL, -1);
  CHECK(weir::net::save_bytes("one", path, false) == 0);
  CHECK(weir::net::save_bytes("two", path, false) == EEXIST);
  CHECK(weir::net::save_bytes("two", path, true) == EINVAL);
  CHECK(content_of(path) == "one");
  CHECK(folder.names().size() == 1);
}

// ── Forms ────────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a disk that fails is answered and leaves nothing", "[forms]") {
  struct Case {
    const char* call;
    int skip;
    int error;
    int status;
  };
  const Case cases[] = {
      {"pwrite", 0, ENOSPC, 507}, {"pwrite", 1, ENOSPC, 507}, {"pwrite", 2, EDQUOT, 507},
      {"pwrite", 1, EFBIG, 507},  {"pwrite", 1, EIO, 500},    {"open", 0, EACCES, 500},
      {"open", 0, EMFILE, 500},   {"open", 0, ENOSPC, 507},
  };
  Silence silence;
  for (const bool blocking : {false, true}) {
    for (const bool nameless : {true, false}) {
      for (const Case& c : cases) {
        CAPTURE(blocking, nameless, c.call, c.skip, c.error);
        const FakeSys::Scope scope;
        Folder folder;
        weir::FormOptions options;
        options.temp_folder = folder.path();
        weir::Server server;
        int calls = 0;
        const auto handler = [&](const weir::FormData&) { ++calls; };
        if (blocking) {
          server.post("/up", weir::blocking(weir::form(handler, options)));
        } else {
          server.post("/up", weir::form(handler, options));
        }
        weir::testing::Client client(server);
        const bool opens = std::string_view(c.call) == "open";
        if (!nameless && !opens) FakeSys::fail("open", EOPNOTSUPP);
        FakeSys::fail_after(c.call, c.skip, c.error);
        const weir::testing::Answer answer = client.post(
            "/up", upload(900'000), {{"Content-Type", "multipart/form-data; boundary=XX"}});
        CHECK(answer.status == c.status);
        CHECK(calls == 0);
        CHECK(client.wait_for([&] { return folder.names().empty(); }));
        FakeSys::clear();
        CHECK(client
                  .post("/up", upload(900'000),
                        {{"Content-Type", "multipart/form-data; boundary=XX"}})
                  .status == 204);
        CHECK(calls == 1);
      }
    }
  }
}

TEST_CASE("files with names are gone with their form", "[forms]") {
  const FakeSys::Scope scope;
  Folder folder;
  weir::FormOptions options;
  options.temp_folder = folder.path();
  weir::Server server;
  std::size_t seen = 0;
  server.post("/up", weir::form(
                         [&](const weir::FormData& form) {
                           seen = folder.names().size();
                           form.files()[0].move_to(folder.path() + "/kept");
                         },
                         options));
  auto client = std::make_unique<weir::testing::Client>(server);
  FakeSys::fail("open", EOPNOTSUPP);
  CHECK(client->post("/up", upload(100'000), {{"Content-Type", "multipart/form-data; boundary=XX"}})
            .status == 204);
  CHECK(seen == 1);
  CHECK(client->wait_for([&] { return folder.names().size() == 1; }));
  CHECK(content_of(folder.path() + "/kept").size() == 100'000);
  unlink((folder.path() + "/kept").c_str());

  for (const bool stop : {false, true}) {
    CAPTURE(stop);
    FakeSys::fail("open", EOPNOTSUPP);
    const std::string body = upload(600'000);
    client->send_raw(
        "POST /up HTTP/1.1\r\nHost: t\r\nContent-Type: multipart/form-data; boundary=XX\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 500'000));
    client->settle();
    CHECK(folder.names().size() == 1);
    if (stop) {
      client.reset();
      CHECK(folder.names().empty());
    } else {
      client->vanish();
      CHECK(client->wait_for([&] { return folder.names().empty(); }));
    }
  }
}

TEST_CASE("a descriptor that cannot be read is an exception", "[forms]") {
  const FakeSys::Scope scope;
  Folder folder;
  weir::FormOptions options;
  options.temp_folder = folder.path();
  options.memory_limit = 1;
  weir::Server server;
  weir::FormData kept;
  server.post("/up", weir::form([&](const weir::FormData& form) { kept = form; }, options));
  weir::testing::Client client(server);
  client.post("/up", upload(10), {{"Content-Type", "multipart/form-data; boundary=XX"}});
  REQUIRE(kept.files().size() == 1);
  char byte = 0;
  FakeSys::fail("pread", EINTR);
  CHECK(kept.files()[0].read(&byte, 1, 9) == 1);
  CHECK(kept.files()[0].read(&byte, 1, 10) == 0);
  FakeSys::fail("pread", EIO);
  CHECK_THROWS_AS(kept.files()[0].read(&byte, 1, 0), std::system_error);
}
