// SPDX-License-Identifier: MIT
// Files to serve on kernels and disks that refuse.
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <support/silence.hpp>
#include <support/temporary_directory.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "../support/fake_sys.hpp"

using weir::test::FakeSys;
using weir::testing::Answer;
using weir::testing::Client;

namespace {

using weir::test::Silence;

struct Site {
  Site() {
    root.write("www/small.txt", "small");
    root.write("www/sub/deep/file.txt", "deep");
    root.write("www/large.bin", std::string(300'000, 'x'));
    root.write("secret.txt", "secret");
    std::filesystem::create_symlink("../secret.txt", root.path("www/out"));
    std::filesystem::create_symlink("small.txt", root.path("www/inside"));
    std::filesystem::create_symlink("sub", root.path("www/linked"));
    weir::FileOptions options;
    options.revalidate = std::chrono::milliseconds(0);
    server.files("", root.path("www"), options);
  }

  const FakeSys::Scope scope;
  const Silence silence;
  weir::test::TemporaryDirectory root;
  weir::Server server;
};

}  // namespace

TEST_CASE("without openat2 paths are walked, and no link is followed", "[fault][files]") {
  for (const int error : {ENOSYS, EPERM}) {
    Site site;
    Client client(site.server);
    FakeSys::fail("openat2", error, -1);
    CHECK(client.get("/small.txt").body == "small");
    CHECK(client.get("/sub/deep/file.txt").body == "deep");
    CHECK(client.get("/large.bin").body.size() == 300'000);
    for (const char* const path : {"/out", "/inside", "/linked/deep/file.txt", "/nothing",
                                   "/sub/nothing/x", "/small.txt/x", "/sub/deep/"})
      CHECK(client.get(path).status == 404);
    CHECK(FakeSys::count("openat") > 5);
    FakeSys::fail("openat", EMFILE, -1);
    CHECK(client.get("/small.txt").status == 500);
  }
}

TEST_CASE("a failing open or look is an error of the server's, and passes", "[fault][files]") {
  struct Case {
    const char* call;
    int error;
    int status;
  };
  for (const Case& one :
       {Case{"openat2", EMFILE, 500}, Case{"openat2", EIO, 500}, Case{"openat2", ENOMEM, 500},
        Case{"openat2", EACCES, 404}, Case{"fstat", EIO, 500}, Case{"pread", EIO, 500}}) {
    INFO(one.call << ' ' << one.error);
    Site site;
    Client client(site.server);
    FakeSys::fail(one.call, one.error);
    CHECK(client.get("/small.txt").status == one.status);
    CHECK(client.get("/small.txt").body == "small");
  }
}

TEST_CASE("a call that is interrupted, or meets a rename, is made again", "[fault][files]") {
  for (const int error : {EINTR, EAGAIN}) {
    Site site;
    Client client(site.server);
    FakeSys::fail("openat2", error, 3);
    CHECK(client.get("/small.txt").body == "small");
    FakeSys::fail("pread", EINTR, 2);
    CHECK(client.get("/sub/deep/file.txt").body == "deep");
  }
}

TEST_CASE("bytes that are not in memory are read by a worker before they are sent",
          "[fault][files]") {
  Site site;
  Client client(site.server);
  FakeSys::fail("cachestat", ENOSYS, -1);
  FakeSys::fail("preadv2", EAGAIN, -1);  // nothing ever is
  const std::uint64_t before = FakeSys::count("pread");
  CHECK(client.get("/large.bin").body == std::string(300'000, 'x'));
  CHECK(FakeSys::count("pread") > before + 4);  // the worker's, in pieces of 64 KiB
  CHECK(FakeSys::count("preadv2") >= 1);
  FakeSys::clear();
  FakeSys::fail("cachestat", EPERM, -1);  // nor owned nor writable: asked the other way
  CHECK(client.get("/large.bin").body.size() == 300'000);
  CHECK(FakeSys::count("preadv2") >= 4);
}

TEST_CASE("pages that are still being read are not taken to be there", "[fault][files]") {
  Site site;
  Client client(site.server);
  CHECK(client.get("/large.bin").body.size() == 300'000);  // all of it is in memory
  const std::uint64_t before = FakeSys::count("pread");
  CHECK(client.get("/large.bin").body.size() == 300'000);
  const std::uint64_t once = FakeSys::count("pread") - before;
  FakeSys::fail("preadv2", EAGAIN, -1);
  CHECK(client.get("/large.bin").body.size() == 300'000);
  CHECK(FakeSys::count("pread") - before >= 2 * once + 4);  // a worker has read it, too
  FakeSys::clear();
  FakeSys::fail("preadv2", EOPNOTSUPP, -1);  // a file system that cannot say
  const std::uint64_t then = FakeSys::count("pread");
  CHECK(client.get("/large.bin").body.size() == 300'000);
  CHECK(FakeSys::count("pread") - then == once);
}

TEST_CASE("a file that cannot be read to its end breaks its answer off", "[fault][files]") {
  Site site;
  Client client(site.server);
  CHECK(client.get("/large.bin").status == 200);
  FakeSys::fail("pread", EIO, -1);
  auto broken = client.connect();
  broken.send_raw("GET /large.bin HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(broken.receive_raw().size() < 300'000);
  FakeSys::clear();
  CHECK(client.get("/large.bin").body.size() == 300'000);
}

TEST_CASE("without random bytes there is no boundary, and no multipart answer", "[fault][files]") {
  Site site;
  Client client(site.server);
  FakeSys::fail("getrandom", ENOSYS);
  CHECK(client.get("/large.bin", {{"Range", "bytes=0-1,1000-1001"}}).status == 503);
  CHECK(client.get("/large.bin", {{"Range", "bytes=0-1,1000-1001"}}).status == 206);
}
