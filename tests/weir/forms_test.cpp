// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <support/temporary_directory.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/forms.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using weir::test::Silence;

using namespace std::chrono_literals;

/// A folder of the test's own, gone with it.
struct Folder : weir::test::TemporaryDirectory {
  Folder() : TemporaryDirectory("/var/tmp") {}  // not in memory, as /tmp may be
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string content_of(const weir::UploadedFile& file) {
  std::string all;
  char block[1000];
  while (const std::size_t n = file.read(block, sizeof block, all.size())) all.append(block, n);
  return all;
}

/// Open descriptors of this process that are files without a name in `folder`.
std::size_t nameless_files(const std::string& folder) {
  std::size_t count = 0;
  DIR* const list = opendir("/proc/self/fd");
  while (const dirent* const entry = readdir(list)) {
    char target[512];
    const std::string link = std::string("/proc/self/fd/") + entry->d_name;
    const ssize_t n = readlink(link.c_str(), target, sizeof target);
    if (n > 0 &&
        std::string_view(target, static_cast<std::size_t>(n)).substr(0, folder.size()) == folder)
      ++count;
  }
  closedir(list);
  return count;
}

constexpr std::string_view kMultipart = "multipart/form-data; boundary=XX";
constexpr std::string_view kUrlencoded = "application/x-www-form-urlencoded";

std::string field(std::string_view name, std::string_view value) {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

std::string file(std::string_view name, std::string_view filename, std::string_view content,
                 std::string_view type = "application/octet-stream") {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"; filename=\"" +
         std::string(filename) + "\"\r\nContent-Type: " + std::string(type) + "\r\n\r\n" +
         std::string(content) + "\r\n";
}

const std::string kEnd = "--XX--\r\n";

/// Bytes that differ everywhere.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& c : bytes) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(state >> 24U);
  }
  return bytes;
}

/// What a handler saw: "name=value;" for fields, "name:filename(type)[content];" for files.
std::string show(const weir::FormData& form) {
  std::string text;
  for (const weir::FormField& f : form.fields()) text += f.name + "=" + f.value + ";";
  for (const weir::UploadedFile& f : form.files())
    text += std::string(f.name()) + ":" + std::string(f.filename()) + "(" +
            std::string(f.content_type()) + ")[" + content_of(f) + "]" +
            (f.is_in_memory() ? ";" : "!;");
  return text;
}

/// POST /up shows the form, on the loop or on the pool.
struct Fixture {
  explicit Fixture(weir::FormOptions given = {}, bool blocking = false,
                   const weir::RouteOptions& route = {}, weir::Options server_options = {})
      : server(std::move(server_options)) {
    given.temp_folder = folder.path();
    const auto handler = [this](const weir::Request&, const weir::FormData& form) {
      ++calls;
      return show(form);
    };
    if (blocking) {
      server.post("/up", weir::blocking(weir::form(handler, given)), route);
    } else {
      server.post("/up", weir::form(handler, given), route);
    }
    server.get("/", [] { return "now"; });
  }

  weir::testing::Answer post(std::string_view body, std::string_view type = kMultipart) {
    weir::testing::Client client(server);
    return client.post("/up", body, {{"Content-Type", type}});
  }

  Folder folder;
  std::atomic<int> calls{0};
  weir::Server server;
};

std::string request(std::string_view body, std::string_view type = kMultipart,
                    std::string_view fields = {}) {
  return "POST /up HTTP/1.1\r\nHost: t\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) +
         "\r\n" + std::string(body);
}

std::string chunked(std::string_view body, std::size_t size, std::string_view type = kMultipart) {
  std::string text = "POST /up HTTP/1.1\r\nHost: t\r\nContent-Type: " + std::string(type) +
                     "\r\nTransfer-Encoding: chunked\r\n\r\n";
  char head[32];
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, size);
    std::snprintf(head, sizeof head, "%zx\r\n", chunk.size());
    text += head;
    text += chunk;
    text += "\r\n";
    body.remove_prefix(chunk.size());
  }
  return text + "0\r\n\r\n";
}

}  // namespace

// ── What a handler gets ──────────────────────────────────────────────────────────────────────────

TEST_CASE("a form is read whole and shown to its handler", "[forms]") {
  struct Case {
    const char* what;
    std::string type;
    std::string body;
    std::string seen;
  };
  const std::string multi(kMultipart);
  const std::string plain(kUrlencoded);
  const Case cases[] = {
      {"fields", multi, field("a", "1") + field("b", "2") + kEnd, "a=1;b=2;"},
      {"a name twice", multi, field("a", "1") + field("a", "2") + kEnd, "a=1;a=2;"},
      {"an empty value and name", multi, field("", "") + kEnd, "=;"},
      {"a file", multi, file("f", "x.txt", "abc", "text/plain") + kEnd,
       "f:x.txt(text/plain)[abc];"},
      {"fields and files keep their orders", multi,
       file("f", "1", "x") + field("a", "1") + file("f", "2", "y") + kEnd,
       "a=1;f:1(application/octet-stream)[x];f:2(application/octet-stream)[y];"},
      {"an empty file", multi, file("f", "empty", "") + kEnd,
       "f:empty(application/octet-stream)[];"},
      {"no file was chosen", multi, file("f", "", "") + field("a", "1") + kEnd, "a=1;"},
      {"a file without a name", multi, file("f", "", "x") + kEnd,
       "f:(application/octet-stream)[x];"},
      {"a name that climbs is only text", multi, file("f", "../../etc/x", "x") + kEnd,
       "f:../../etc/x(application/octet-stream)[x];"},
      {"filename* is ignored", multi,
       "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"; "
       "filename*=UTF-8''b\r\n\r\nx\r\n" +
           kEnd,
       "f:a()[x];"},
      {"filename* alone makes no file", multi,
       "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename*=UTF-8''b\r\n\r\nx\r\n" + kEnd,
       "f=x;"},
      {"charsets are left alone", multi,
       field("_charset_", "iso-8859-1") +
           "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: "
           "text/plain; charset=iso-8859-1\r\n\r\n\xe4\r\n" +
           kEnd,
       "_charset_=iso-8859-1;a=\xe4;"},
      {"no part", multi, kEnd, ""},
      {"a preamble and an epilogue", multi, "\r\n" + field("a", "1") + kEnd + "\r\n", "a=1;"},
      {"the type in other letters", "Multipart/Form-Data; Boundary=\"XX\"", field("a", "1") + kEnd,
       "a=1;"},
      {"urlencoded", plain, "a=1&b=%41+c&a=2", "a=1;b=A c;a=2;"},
      {"urlencoded with a charset", plain + "; charset=iso-8859-1", "a=%e4&_charset_=x",
       "a=\xe4;_charset_=x;"},
      {"an empty urlencoded form", plain, "", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    for (const bool blocking : {false, true}) {
      Fixture f({}, blocking);
      const weir::testing::Answer answer = f.post(c.body, c.type);
      CHECK(answer.status == 200);
      CHECK(answer.body == c.seen);
    }
  }
}

TEST_CASE("a form is the same however its bytes are cut", "[forms]") {
  struct Case {
    std::string_view type;
    std::string body;
    std::string seen;
  };
  const Case cases[] = {
      {kMultipart, "\r\n" + field("a", "\r\n--X") + file("f", "x", "y\r\n") + kEnd,
       "a=\r\n--X;f:x(application/octet-stream)[y\r\n]!;"},
      {kUrlencoded, "a=%4&b=%42+&c", "a=%4;b=B ;c=;"},
  };
  weir::FormOptions options;
  options.memory_limit = 1;
  Fixture f(options);
  weir::testing::Client client(f.server);
  for (const Case& c : cases) {
    const std::string whole = request(c.body, c.type);
    const std::size_t head = whole.size() - c.body.size();
    for (std::size_t cut = head; cut <= whole.size(); ++cut) {
      CAPTURE(cut - head);
      client.send_raw(whole.substr(0, cut));
      client.send_raw(whole.substr(cut));
      const weir::testing::Answer answer = client.receive();
      REQUIRE(answer.status == 200);
      REQUIRE(answer.body == c.seen);
    }
    for (const std::size_t size : {1U, 2U, 7U, 1000U}) {
      CAPTURE(size);
      client.send_raw(chunked(c.body, size, c.type));
      REQUIRE(client.receive().body == c.seen);
    }
    weir::testing::Connection slow = client.connect();
    slow.set_largest_io(1);
    slow.send_raw(whole);
    REQUIRE(slow.receive().body == c.seen);
  }
}

TEST_CASE("a form's handler takes and returns what it likes", "[forms]") {
  weir::Server server;
  server.post("/1", weir::form([](const weir::FormData& form) {
                return std::to_string(form.fields().size());
              }));
  server.post("/2", weir::form([](const weir::Request& req, const weir::FormData& form) {
                return std::string(req.path()) + std::string(form.get("a").value_or("-"));
              }));
  server.post("/3", weir::form([](const weir::Request&, const weir::FormData&,
                                  weir::Response& res) { res.status(weir::Status::created); }));
  server.post("/4", weir::form([](const weir::FormData&) { return weir::Status::accepted; }));
  server.post("/5", weir::form([](const weir::FormData&) {}));
  server.post("/6/{id}",
              weir::form(weir::blocking([](const weir::Request& req, const weir::FormData& form) {
                return std::string(req.param("id")) + std::to_string(form.all("a").size());
              })));
  weir::testing::Client client(server);
  const auto post = [&](std::string_view target) {
    return client.post(target, "a=1&a=2", {{"Content-Type", kUrlencoded}});
  };
  CHECK(post("/1").body == "2");
  CHECK(post("/2").body == "/21");
  CHECK(post("/3").status == 201);
  CHECK(post("/4").status == 202);
  CHECK(post("/5").status == 204);
  CHECK(post("/6/x").body == "x2");
}

TEST_CASE("a form's handler runs where it is told to", "[forms]") {
  weir::Server server;
  std::thread::id inline_at;
  std::thread::id pooled_at;
  server.post("/loop",
              weir::form([&](const weir::FormData&) { inline_at = std::this_thread::get_id(); }));
  server.post("/pool", weir::blocking(weir::form([&](const weir::FormData&) {
                pooled_at = std::this_thread::get_id();
              })));
  weir::testing::Client client(server);
  CHECK(client.post("/loop", "a", {{"Content-Type", kUrlencoded}}).status == 204);
  CHECK(client.post("/pool", "a", {{"Content-Type", kUrlencoded}}).status == 204);
  CHECK(inline_at == std::this_thread::get_id());
  CHECK(pooled_at != std::this_thread::get_id());
  CHECK(pooled_at != std::thread::id());
}

TEST_CASE("a form's handler may throw, defer and stream", "[forms]") {
  Silence silence;
  weir::Server server;
  const auto add = [&](const std::string& prefix, auto wrap) {
    server.post(prefix + "/http", wrap([](const weir::FormData&) {
                  throw weir::HttpError{weir::Status::conflict, "taken"};
                }));
    server.post(prefix + "/other",
                wrap([](const weir::FormData&) { throw std::runtime_error("secret"); }));
    server.post(prefix + "/defer", wrap([&server](const weir::Request&, const weir::FormData& form,
                                                  weir::Response& res) {
                  // The copy keeps the form.
                  server.after(1s, [form, reply = res.defer()]() mutable {
                    reply.text(form.get("a").value_or("-"));
                  });
                }));
    server.post(prefix + "/drop", wrap([](const weir::Request&, const weir::FormData&,
                                          weir::Response& res) { res.defer(); }));
    server.post(prefix + "/stream",
                wrap([](const weir::Request&, const weir::FormData&, weir::Response& res) {
                  weir::Stream out = res.stream();
                  out.write("piece");
                  out.end();
                }));
  };
  add("/loop", [](auto handler) { return weir::form(handler); });
  add("/pool", [](auto handler) { return weir::blocking(weir::form(handler)); });
  for (const std::string prefix : {"/loop", "/pool"}) {
    CAPTURE(prefix);
    weir::testing::Client client(server);
    const auto send = [&](const std::string& what) {
      client.send_raw("POST " + prefix + what +
                      " HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                      "Content-Length: 3\r\n\r\na=7");
    };
    send("/http");
    CHECK(client.receive().status == 409);
    send("/other");
    const weir::testing::Answer other = client.receive();
    CHECK(other.status == 500);
    CHECK(other.body.find("secret") == std::string::npos);
    send("/defer");
    client.settle();
    CHECK(client.wait_for([&] { return client.timers() > 1; }));
    client.advance(2s);
    CHECK(client.receive().body == "7");
    send("/drop");
    CHECK(client.receive().status == 500);
    send("/stream");
    CHECK(client.receive().body == "piece");
  }
}

TEST_CASE("a form's answer has what middleware set before it", "[forms]") {
  for (const bool blocking : {false, true}) {
    Fixture f({}, blocking);
    f.server.use([](weir::Request& req, weir::Response& res) {
      req.set(std::string("handed on"));
      res.header("X-Before", "1");
    });
    f.server.post("/value", weir::form([](const weir::Request& req, const weir::FormData&) {
                    return *req.get<std::string>();
                  }));
    CHECK(f.post("a=1", kUrlencoded).header("X-Before") == "1");
    weir::testing::Client client(f.server);
    CHECK(client.post("/value", "", {{"Content-Type", kUrlencoded}}).body == "handed on");
  }
}

// ── Files ────────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a file above the limit goes to disk, one at it stays in memory", "[forms]") {
  weir::FormOptions options;
  options.memory_limit = 10;
  Fixture f(options);
  CHECK(f.post(file("f", "x", "0123456789", "t/t") + kEnd).body == "f:x(t/t)[0123456789];");
  CHECK(f.post(file("f", "x", "0123456789a", "t/t") + kEnd).body == "f:x(t/t)[0123456789a]!;");
  options.memory_limit = 0;
  Fixture none(options);
  CHECK(none.post(file("f", "x", "", "t/t") + file("f", "y", "1", "t/t") + kEnd).body ==
        "f:x(t/t)[];f:y(t/t)[1]!;");
}

TEST_CASE("files that are too many bytes for memory together go to disk", "[forms]") {
  weir::FormOptions options;
  options.memory_limit = 10;
  options.memory_total = 15;
  Fixture f(options);
  CHECK(f.post(file("f", "1", "0123456789", "t") + file("f", "2", "01234", "t") +
               file("f", "3", "x", "t") + kEnd)
            .body == "f:1(t)[0123456789];f:2(t)[01234];f:3(t)[x]!;");
}

TEST_CASE("large files arrive on disk whole and in order", "[forms]") {
  const std::string one = noise(1'500'000);
  const std::string two = noise(700'001);
  const std::string body = file("f", "1", one) + field("a", "1") + file("g", "2", two) + kEnd;
  for (const bool blocking : {false, true}) {
    Folder folder;
    weir::FormOptions options;
    options.temp_folder = folder.path();
    weir::Server server;
    bool same = false;
    const auto handler = [&](const weir::FormData& form) {
      same = form.files().size() == 2 && content_of(form.files()[0]) == one &&
             content_of(form.files()[1]) == two && !form.files()[0].is_in_memory() &&
             content_of(form.files()[0].path()) == one && form.files()[1].size() == two.size() &&
             nameless_files(folder.path()) == 2;
    };
    if (blocking) {
      server.post("/up", weir::blocking(weir::form(handler, options)));
    } else {
      server.post("/up", weir::form(handler, options));
    }
    weir::testing::Client client(server);
    CHECK(client.post("/up", body, {{"Content-Type", kMultipart}}).status == 204);
    CHECK(same);
    CHECK(client.wait_for([&] { return nameless_files(folder.path()) == 0; }));
    CHECK(folder.names().empty());
    same = false;
    client.send_raw(chunked(body, 10'000));
    CHECK(client.receive().status == 204);
    CHECK(same);
  }
}

TEST_CASE("a file moves to its place once and never over another", "[forms]") {
  struct Case {
    const char* what;
    std::size_t memory_limit;
    std::string temp_folder;
  };
  Folder to;
  Folder temp;
  const Case cases[] = {
      {"from memory", 1000, temp.path()},
      {"from the same file system", 1, temp.path()},
      {"from another one, where /dev/shm is one", 1, "/dev/shm"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    weir::FormOptions options;
    options.memory_limit = c.memory_limit;
    options.temp_folder = c.temp_folder;
    const std::string path = to.path() + "/here";
    weir::Server server;
    server.post("/up", weir::blocking(weir::form(
                           [&](const weir::FormData& form) {
                             const weir::UploadedFile& f = *form.file("f");
                             std::string said = f.safe_filename();
                             f.move_to(path);
                             try {
                               f.move_to(path);
                             } catch (const std::system_error& error) {
                               if (error.code() == std::errc::file_exists) said += " refused";
                             }
                             unlink(path.c_str());  // it is the form's file, too
                             { std::ofstream(path) << "old"; }
                             f.move_to(path, weir::Overwrite::yes);
                             try {
                               f.move_to(to.path() + "/none/x");
                             } catch (const std::system_error& error) {
                               said += " " + error.code().message();
                             }
                             return said + " " + content_of(f);
                           },
                           options)));
    weir::testing::Client client(server);
    const weir::testing::Answer answer = client.post(
        "/up", file("f", "/a/../b c", "content") + kEnd, {{"Content-Type", kMultipart}});
    CHECK(answer.body == "b c refused No such file or directory content");
    CHECK(content_of(path) == "content");
    struct stat status {};
    CHECK(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    CHECK(to.names() == std::vector<std::string>{"here"});
    unlink(path.c_str());
  }
}

TEST_CASE("copies of a form keep its files", "[forms]") {
  Folder folder;
  weir::FormOptions options;
  options.memory_limit = 1;
  options.temp_folder = folder.path();
  weir::Server server;
  weir::FormData kept;
  server.post("/up", weir::form([&](const weir::FormData& form) { kept = form; }, options));
  weir::testing::Client client(server);
  client.post("/up", file("f", "x", "content") + kEnd, {{"Content-Type", kMultipart}});
  client.settle();
  CHECK(show(kept) == "f:x(application/octet-stream)[content]!;");
  CHECK(kept.file("g") == nullptr);
  kept = weir::FormData();
  CHECK(kept.fields().empty());
  CHECK(nameless_files(folder.path()) == 0);
}

// ── Limits ───────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("each limit of a form allows what is at it and refuses what is above", "[forms]") {
  struct Case {
    const char* what;
    void (*set)(weir::FormOptions&);
    std::string_view type;
    std::string allowed;
    std::string refused;
    int status;
  };
  const auto preamble = [](std::size_t n) { return std::string(n - 2, 'p') + "\r\n"; };
  const std::string f5 = file("f", "n", "12345");
  const Case cases[] = {
      {"form_bytes", [](weir::FormOptions& o) { o.form_bytes = 20; }, kUrlencoded,
       "a=" + std::string(18, 'x'), "a=" + std::string(19, 'x'), 413},
      {"fields", [](weir::FormOptions& o) { o.fields = 2; }, kMultipart,
       field("a", "") + field("b", "") + kEnd,
       field("a", "") + field("b", "") + field("c", "") + kEnd, 413},
      {"fields, urlencoded", [](weir::FormOptions& o) { o.fields = 2; }, kUrlencoded, "a&b",
       "a&b&c", 413},
      {"field_bytes", [](weir::FormOptions& o) { o.field_bytes = 3; }, kMultipart,
       field("a", "123") + kEnd, field("a", "1234") + kEnd, 413},
      {"field_bytes, urlencoded", [](weir::FormOptions& o) { o.field_bytes = 3; }, kUrlencoded,
       "a=12%33", "a=12%334", 413},
      {"fields_bytes", [](weir::FormOptions& o) { o.fields_bytes = 8; }, kMultipart,
       field("ab", "12") + field("ab", "12") + kEnd, field("ab", "12") + field("abc", "12") + kEnd,
       413},
      {"fields_bytes, urlencoded", [](weir::FormOptions& o) { o.fields_bytes = 8; }, kUrlencoded,
       "ab=12345", "ab=123456", 413},
      {"files", [](weir::FormOptions& o) { o.files = 1; }, kMultipart, f5 + kEnd, f5 + f5 + kEnd,
       413},
      {"files without a choice count", [](weir::FormOptions& o) { o.files = 1; }, kMultipart,
       file("f", "", "") + kEnd, file("f", "", "") + f5 + kEnd, 413},
      {"file_bytes", [](weir::FormOptions& o) { o.file_bytes = 5; }, kMultipart, f5 + kEnd,
       file("f", "n", "123456") + kEnd, 413},
      {"file_bytes on disk",
       [](weir::FormOptions& o) {
         o.file_bytes = 5;
         o.memory_limit = 2;
       },
       kMultipart, f5 + kEnd, file("f", "n", "123456") + kEnd, 413},
      {"parts", [](weir::FormOptions& o) { o.multipart.parts = 1; }, kMultipart, f5 + kEnd,
       f5 + field("a", "") + kEnd, 413},
      {"a part's header", [](weir::FormOptions& o) { o.multipart.header_bytes = 100; }, kMultipart,
       field("a", "") + kEnd, field(std::string(100, 'a'), "") + kEnd, 413},
      {"a part's field lines", [](weir::FormOptions& o) { o.multipart.header_fields = 1; },
       kMultipart, field("a", "") + kEnd, f5 + kEnd, 413},
      {"names", [](weir::FormOptions& o) { o.multipart.name = 2; }, kMultipart,
       field("ab", "") + kEnd, field("abc", "") + kEnd, 413},
      {"names, urlencoded", [](weir::FormOptions& o) { o.multipart.name = 2; }, kUrlencoded, "ab=1",
       "abc=1", 413},
      {"file names", [](weir::FormOptions& o) { o.multipart.filename = 2; }, kMultipart,
       file("f", "ab", "") + kEnd, file("f", "abc", "") + kEnd, 413},
      {"the preamble", [](weir::FormOptions& o) { o.multipart.preamble = 4; }, kMultipart,
       preamble(4) + kEnd, preamble(7) + kEnd, 400},
      {"the epilogue", [](weir::FormOptions& o) { o.multipart.epilogue = 4; }, kMultipart,
       kEnd + "1234", kEnd + "12345", 400},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    weir::FormOptions options;
    c.set(options);
    Fixture f(options);
    CHECK(f.post(c.allowed, c.type).status == 200);
    CHECK(f.calls == 1);
    CHECK(f.post(c.refused, c.type).status == c.status);
    CHECK(f.calls == 1);
    weir::testing::Client client(f.server);
    client.send_raw(chunked(c.allowed, 5, c.type));
    CHECK(client.receive().status == 200);
    client.send_raw(chunked(c.refused, 5, c.type));
    CHECK(client.receive().status == c.status);
    CHECK(client.wait_for([&] { return nameless_files(f.folder.path()) == 0; }));
  }
}

TEST_CASE("the route's limit holds for forms, too", "[forms]") {
  weir::RouteOptions route;
  route.body_limit = 20;
  Fixture f({}, false, route);
  CHECK(f.post("a=" + std::string(18, 'x'), kUrlencoded).status == 200);
  CHECK(f.post("a=" + std::string(19, 'x'), kUrlencoded).status == 413);
  weir::testing::Client client(f.server);
  client.send_raw(chunked("a=" + std::string(19, 'x'), 4, kUrlencoded));
  CHECK(client.receive().status == 413);
  CHECK(f.calls == 1);
}

TEST_CASE("impossible options are refused by name", "[forms]") {
  struct Case {
    const char* field;
    void (*set)(weir::FormOptions&);
  };
  const Case cases[] = {
      {"FormOptions::multipart.parts", [](weir::FormOptions& o) { o.multipart.parts = 0; }},
      {"FormOptions::multipart.header_bytes",
       [](weir::FormOptions& o) { o.multipart.header_bytes = 63; }},
      {"FormOptions::multipart.header_fields",
       [](weir::FormOptions& o) { o.multipart.header_fields = 0; }},
      {"FormOptions::temp_folder",
       [](weir::FormOptions& o) { o.temp_folder = std::string("/tmp\0x", 6); }},
  };
  for (const Case& c : cases) {
    weir::FormOptions options;
    c.set(options);
    weir::Server server;
    CHECK_THROWS_WITH(server.post("/", weir::form([](const weir::FormData&) {}, options)),
                      Catch::Contains(c.field));
  }
}

// ── Refusals ─────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("what is no form is refused before its content is asked for", "[forms]") {
  struct Case {
    const char* what;
    std::string fields;
    int status;
  };
  const Case cases[] = {
      {"no type", "", 415},
      {"another type", "Content-Type: text/plain\r\n", 415},
      {"another multipart", "Content-Type: multipart/mixed; boundary=XX\r\n", 415},
      {"no media type", "Content-Type: form\r\n", 400},
      {"no boundary", "Content-Type: multipart/form-data\r\n", 400},
      {"an empty boundary", "Content-Type: multipart/form-data; boundary=\"\"\r\n", 400},
      {"a bad boundary", "Content-Type: multipart/form-data; boundary=\"a\\\\b\"\r\n", 400},
      {"two boundaries", "Content-Type: multipart/form-data; boundary=a; boundary=b\r\n", 400},
      {"two types", "Content-Type: multipart/form-data; boundary=a\r\ncontent-type: text/plain\r\n",
       400},
      {"too large", "Content-Type: multipart/form-data; boundary=a\r\nX: 1\r\n", 413},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    weir::FormOptions options;
    options.form_bytes = c.status == 413 ? 999 : 1000;
    Fixture f(options);
    weir::testing::Client client(f.server);
    client.send_raw("POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n" + c.fields +
                    "Expect: 100-continue\r\n\r\n");
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == c.status);
    CHECK(answer.interim.empty());
    CHECK(f.calls == 0);
  }
}

TEST_CASE("a form that is welcome is asked for", "[forms]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw("POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nContent-Type: " +
                  std::string(kUrlencoded) + "\r\nExpect: 100-continue\r\n\r\n");
  client.send_raw("a=1");
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.interim == std::vector<int>{100});
  CHECK(answer.body == "a=1;");
}

TEST_CASE("HTTP/1.0 clients send forms", "[forms]") {
  Fixture f;
  weir::testing::Client client(f.server);
  const std::string body = field("a", "1") + kEnd;
  client.send_raw("POST /up HTTP/1.0\r\nContent-Type: " + std::string(kMultipart) +
                  "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK(client.receive().body == "a=1;");
  CHECK(client.is_closed());
}

TEST_CASE("malformed forms are answered 400 and leave nothing", "[forms]") {
  const std::string big = noise(100'000);
  const std::pair<const char*, std::string> cases[] = {
      {"truncated in a file", file("f", "x", big)},
      {"truncated in a header", "--XX\r\nContent-Disposition: form-data"},
      {"empty", ""},
      {"no disposition", "--XX\r\n\r\nx\r\n" + kEnd},
      {"another boundary", "--YY--\r\n"},
      {"a bad part behind a file", file("f", "x", big) + "--XX\r\nno field\r\n"},
  };
  for (const auto& [what, body] : cases) {
    CAPTURE(what);
    Fixture f;
    weir::testing::Client client(f.server);
    CHECK(client.post("/up", body, {{"Content-Type", kMultipart}}).status == 400);
    CHECK(f.calls == 0);
    CHECK(client.wait_for([&] { return nameless_files(f.folder.path()) == 0; }));
    CHECK(f.folder.names().empty());
  }
}

TEST_CASE("after a refusal in the middle the connection is of use or closed", "[forms]") {
  weir::FormOptions options;
  options.field_bytes = 3;
  Fixture f(options);
  weir::testing::Client client(f.server);
  client.send_raw(request(field("a", "1234") + kEnd));
  CHECK(client.receive().status == 413);
  if (!client.is_closed()) {
    client.send_raw("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK(client.receive().body == "now");
  }
}

// ── Losses ───────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a client that is gone in the middle leaves no file", "[forms]") {
  const std::string body = file("f", "x", noise(600'000)) + kEnd;
  const std::string whole = request(body);
  const bool reset = GENERATE(true, false);
  for (const bool blocking : {false, true}) {
    for (const std::size_t sent : {std::size_t{300}, std::size_t{100'000}, std::size_t{590'000}}) {
      CAPTURE(blocking, sent);
      Fixture f({}, blocking);
      weir::testing::Client client(f.server);
      client.send_raw(whole.substr(0, sent));
      if (reset) {
        client.vanish();
      } else {
        client.half_close();
      }
      client.settle();
      CHECK(client.wait_for([&] { return nameless_files(f.folder.path()) == 0; }));
      CHECK(f.folder.names().empty());
      CHECK(f.calls == 0);
    }
  }
}

TEST_CASE("a form that comes too slowly leaves no file", "[forms]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(request(file("f", "x", noise(600'000)) + kEnd).substr(0, 400'000));
  client.settle();
  CHECK(nameless_files(f.folder.path()) == 1);
  client.advance(11s);
  CHECK(client.receive().status == 408);
  CHECK(client.wait_for([&] { return nameless_files(f.folder.path()) == 0; }));
}

TEST_CASE("a server that stops drops forms on their way", "[forms]") {
  auto f = std::make_unique<Fixture>();
  auto client = std::make_unique<weir::testing::Client>(f->server);
  client->send_raw(request(file("f", "x", noise(900'000)) + kEnd).substr(0, 800'000));
  client.reset();
  CHECK(nameless_files(f->folder.path()) == 0);
}

// ── Workers ──────────────────────────────────────────────────────────────────────────────────────

namespace {

/// One worker, which is busy, and a queue that is full.
struct BusyPool {
  explicit BusyPool(weir::Server& server) {
    server.get("/busy", weir::blocking([this] {
                 ++begun;
                 released.wait();
                 return "free";
               }));
  }
  static weir::Options options() {
    weir::Options options;
    options.workers = 1;
    options.worker_queue = 1;
    return options;
  }
  /// Connections that wait; the queue is full when they do.
  void fill(weir::testing::Client& client, std::vector<weir::testing::Connection>& waiting) {
    for (int i = 0; i < 2; ++i) {
      waiting.push_back(client.connect());
      waiting.back().send_raw("GET /busy HTTP/1.1\r\nHost: t\r\n\r\n");
      if (i == 0) client.wait_for([this] { return begun.load() == 1; });
    }
  }

  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> begun{0};
};

}  // namespace

TEST_CASE("with a full queue forms for the pool are answered 503", "[forms]") {
  Fixture f({}, true, {}, BusyPool::options());
  BusyPool pool(f.server);
  weir::testing::Client client(f.server);
  client.set_patience(200ms);  // settling waits for the busy worker
  std::vector<weir::testing::Connection> waiting;
  pool.fill(client, waiting);
  const weir::testing::Answer answer = client.post("/up", "a=1", {{"Content-Type", kUrlencoded}});
  CHECK(answer.status == 503);
  CHECK(answer.header("Retry-After") == "1");
  const weir::testing::Answer disk =
      client.post("/up", file("f", "x", noise(100'000)) + kEnd, {{"Content-Type", kMultipart}});
  CHECK(disk.status == 503);
  CHECK(f.calls == 0);
  client.set_patience(10s);
  pool.release.set_value();
  for (weir::testing::Connection& connection : waiting) CHECK(connection.receive().body == "free");
  CHECK(client.post("/up", "a=1", {{"Content-Type", kUrlencoded}}).status == 200);
}

TEST_CASE("the client is held up while the disk is slow", "[forms]") {
  weir::Options options;
  options.workers = 1;
  Fixture f({}, false, {}, options);
  BusyPool pool(f.server);
  weir::testing::Client client(f.server);
  client.set_patience(200ms);
  weir::testing::Connection busy = client.connect();
  busy.send_raw("GET /busy HTTP/1.1\r\nHost: t\r\n\r\n");
  client.wait_for([&] { return pool.begun.load() == 1; });
  const std::string whole = request(file("f", "x", noise(4'000'000)) + kEnd);
  weir::testing::Connection up = client.connect();
  up.send_raw(whole);
  const std::uint64_t reads = up.reads();
  // Two blocks and what one turn reads; never 4 MB in pieces of 64 KiB.
  CHECK(reads < 20);
  client.set_patience(10s);
  pool.release.set_value();
  CHECK(up.receive().status == 200);
  CHECK(up.reads() > 60);
  CHECK(busy.receive().body == "free");
}

TEST_CASE("a disk that is too slow is answered 504, and nothing is left", "[forms]") {
  weir::Options options;
  options.workers = 1;
  Fixture f({}, false, {}, options);
  BusyPool pool(f.server);
  weir::testing::Client client(f.server);
  client.set_patience(200ms);
  weir::testing::Connection busy = client.connect();
  busy.send_raw("GET /busy HTTP/1.1\r\nHost: t\r\n\r\n");
  client.wait_for([&] { return pool.begun.load() == 1; });
  const bool whole = GENERATE(true, false);  // the content has come, or is held up
  weir::testing::Connection up = client.connect();
  up.send_raw(request(file("f", "x", noise(whole ? 100'000 : 4'000'000)) + kEnd));
  client.advance(31s);
  CHECK(up.receive().status == 504);
  client.set_patience(10s);
  pool.release.set_value();
  client.settle();
  CHECK(client.wait_for([&] { return nameless_files(f.folder.path()) == 0; }));
  CHECK(f.folder.names().empty());
  CHECK(f.calls == 0);
}

TEST_CASE("a handler that takes too long is answered 504", "[forms]") {
  weir::Options options;
  options.workers = 1;
  Fixture f({}, true, {}, options);
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<bool> begun{false};
  f.server.post("/long", weir::blocking(weir::form([&](const weir::FormData&) {
                  begun = true;
                  released.wait();
                })));
  weir::testing::Client client(f.server);
  client.set_patience(200ms);
  client.send_raw("POST /long HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Type: " +
                  std::string(kUrlencoded) + "\r\n\r\na");
  client.wait_for([&] { return begun.load(); });
  weir::testing::Connection second = client.connect();
  second.send_raw(request("a", kUrlencoded));
  client.advance(31s);
  CHECK(client.receive().status == 504);
  CHECK(second.receive().status == 503);  // still waited
  release.set_value();
  client.set_patience(10s);
  client.settle();
  CHECK(f.calls == 0);
}

TEST_CASE("forms follow one another on a connection", "[forms]") {
  Fixture f;
  weir::testing::Client client(f.server);
  const std::string disk = request(file("f", "x", noise(300'000)) + kEnd);
  client.send_raw(disk + request(field("a", "1") + kEnd) + request("b=2", kUrlencoded) +
                  "GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(client.receive().status == 200);
  CHECK(client.receive().body == "a=1;");
  CHECK(client.receive().body == "b=2;");
  CHECK(client.receive().body == "now");
}
