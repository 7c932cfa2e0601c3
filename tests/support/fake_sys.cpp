// SPDX-License-Identifier: MIT
#include "fake_sys.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <vector>
#include <weir/net/newer_calls.hpp>
#include <weir/net/sys.hpp>

namespace weir::test {
namespace {

namespace sys = net::sys;

struct Rule {
  int skip = 0;
  int times = 0;
  int error = 0;
  bool done = false;  // it takes effect and fails nevertheless
  std::size_t limit = 0;
  std::uint64_t count = 0;
  std::uint64_t failures = 0;
};

struct Watch {
  int epoll;
  ::epoll_event event;
};

struct Rules {
  std::mutex mutex;
  std::map<std::string, Rule, std::less<>> by_call;
  std::map<int, Watch> watches;  // by descriptor; not rules, clear() keeps them
  int last_wait = 0;

  Rule& of(std::string_view call) {
    const auto at = by_call.find(call);
    return at != by_call.end() ? at->second : by_call[std::string(call)];
  }
};

Rules& rules() {
  static Rules* const all = new Rules;  // descriptors of static objects are closed after all others
  return *all;
}

struct Verdict {
  int error = 0;  // to fail with now, or 0
  bool done = false;
};

Verdict take(const char* call) {
  Rules& all = rules();
  const std::lock_guard<std::mutex> lock(all.mutex);
  Rule& rule = all.of(call);
  ++rule.count;
  if (rule.times == 0) return {};
  if (rule.skip > 0) {
    --rule.skip;
    return {};
  }
  if (rule.times > 0) --rule.times;
  ++rule.failures;
  return {rule.error, rule.done};
}

std::size_t bounded(const char* call, std::size_t size) {
  Rules& all = rules();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const std::size_t limit = all.of(call).limit;
  return limit == 0 ? size : std::min(size, limit);
}

void watch(int epoll, int operation, int fd, const ::epoll_event* event) {
  Rules& all = rules();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (operation == EPOLL_CTL_DEL)
    all.watches.erase(fd);
  else
    all.watches[fd] = {epoll, *event};
}

void note_wait(int timeout_ms) {
  Rules& all = rules();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.last_wait = timeout_ms;
}

void forget(int fd) {
  Rules& all = rules();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.watches.erase(fd);
}

// Makes epoll look at `fd` anew and report what is ready.
void edge(int fd) {
  const int error = errno;
  Rules& all = rules();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto at = all.watches.find(fd);
  if (at != all.watches.end()) ::epoll_ctl(at->second.epoll, EPOLL_CTL_MOD, fd, &at->second.event);
  errno = error;
}

template <class F>
auto forward(const char* call, F real) noexcept -> decltype(real()) {
  const Verdict verdict = take(call);
  if (verdict.error == 0) return real();
  if (verdict.done) real();
  errno = verdict.error;
  return -1;
}

// The calls that move bytes; `real(n)` moves n at most.
template <class F>
sys::Ssize transfer(const char* call, int fd, std::size_t size, F real) noexcept {
  const std::size_t most = bounded(call, size);
  const sys::Ssize moved = forward(call, [&] { return real(most); });
  const bool made_up =
      moved < 0 ? errno == EAGAIN : most < size && moved == static_cast<sys::Ssize>(most);
  if (made_up) edge(fd);  // after a true EAGAIN it does no harm: nothing is ready
  return moved;
}

}  // namespace

void FakeSys::fail(std::string_view call, int error, int times) {
  fail_after(call, 0, error, times);
}

void FakeSys::fail_after(std::string_view call, int skip, int error, int times) {
  const std::lock_guard<std::mutex> lock(rules().mutex);
  Rule& rule = rules().of(call);
  rule.skip = skip;
  rule.error = error;
  rule.times = times;
  rule.done = false;
}

void FakeSys::fail_done(std::string_view call, int skip, int error, int times) {
  fail_after(call, skip, error, times);
  const std::lock_guard<std::mutex> lock(rules().mutex);
  rules().of(call).done = true;
}

void FakeSys::limit(std::string_view call, std::size_t bytes) {
  const std::lock_guard<std::mutex> lock(rules().mutex);
  rules().of(call).limit = bytes;
}

std::uint64_t FakeSys::count(std::string_view call) {
  const std::lock_guard<std::mutex> lock(rules().mutex);
  return rules().of(call).count;
}

std::uint64_t FakeSys::failures(std::string_view call) {
  const std::lock_guard<std::mutex> lock(rules().mutex);
  return rules().of(call).failures;
}

std::uint64_t FakeSys::total() {
  const std::lock_guard<std::mutex> lock(rules().mutex);
  std::uint64_t sum = 0;
  for (const auto& [call, rule] : rules().by_call)
    if (call.find(' ') == std::string::npos) sum += rule.count;  // "epoll_ctl add" is one of those
  return sum;
}

int FakeSys::last_wait() {
  Rules& all = rules();
  const std::lock_guard<std::mutex> lock(all.mutex);
  return all.last_wait;
}

void FakeSys::clear() {
  const std::lock_guard<std::mutex> lock(rules().mutex);
  rules().by_call.clear();
}

}  // namespace weir::test

WEIR_BEGIN_NAMESPACE
namespace net {
namespace sys {

using test::forward;
using test::transfer;

Ssize recv(int fd, void* data, std::size_t size, int flags) noexcept {
  return transfer("recv", fd, size,
                  [&](std::size_t most) { return ::recv(fd, data, most, flags); });
}
Ssize send(int fd, const void* data, std::size_t size, int flags) noexcept {
  return transfer("send", fd, size,
                  [&](std::size_t most) { return ::send(fd, data, most, flags); });
}
Ssize sendmsg(int fd, const ::msghdr* message, int flags) noexcept {
  std::vector<iovec> pieces(message->msg_iov, message->msg_iov + message->msg_iovlen);
  std::size_t total = 0;
  for (const iovec& piece : pieces) total += piece.iov_len;
  return transfer("sendmsg", fd, total, [&](std::size_t left) {
    for (iovec& piece : pieces) {
      piece.iov_len = std::min(piece.iov_len, left);
      left -= piece.iov_len;
    }
    ::msghdr shortened = *message;
    shortened.msg_iov = pieces.data();
    return ::sendmsg(fd, &shortened, flags);
  });
}
Ssize pread(int fd, void* data, std::size_t size, Offset offset) noexcept {
  return transfer("pread", fd, size,
                  [&](std::size_t most) { return ::pread(fd, data, most, offset); });
}
Ssize sendfile(int out, int in, Offset* offset, std::size_t size) noexcept {
  return transfer("sendfile", out, size,
                  [&](std::size_t most) { return ::sendfile(out, in, offset, most); });
}
int socket(int family, int type, int protocol) noexcept {
  return forward("socket", [&] { return ::socket(family, type, protocol); });
}
int bind(int fd, const ::sockaddr* address, Socklen size) noexcept {
  return forward("bind", [&] { return ::bind(fd, address, size); });
}
int listen(int fd, int backlog) noexcept {
  return forward("listen", [&] { return ::listen(fd, backlog); });
}
int accept4(int fd, ::sockaddr* address, Socklen* size, int flags) noexcept {
  return forward("accept4", [&] { return ::accept4(fd, address, size, flags); });
}
int connect(int fd, const ::sockaddr* address, Socklen size) noexcept {
  return forward("connect", [&] { return ::connect(fd, address, size); });
}
int shutdown(int fd, int how) noexcept {
  return forward("shutdown", [&] { return ::shutdown(fd, how); });
}
int setsockopt(int fd, int level, int name, const void* value, Socklen size) noexcept {
  return forward("setsockopt", [&] { return ::setsockopt(fd, level, name, value, size); });
}
int getsockopt(int fd, int level, int name, void* value, Socklen* size) noexcept {
  return forward("getsockopt", [&] { return ::getsockopt(fd, level, name, value, size); });
}
int getsockname(int fd, ::sockaddr* address, Socklen* size) noexcept {
  return forward("getsockname", [&] { return ::getsockname(fd, address, size); });
}
int getpeername(int fd, ::sockaddr* address, Socklen* size) noexcept {
  return forward("getpeername", [&] { return ::getpeername(fd, address, size); });
}
int ioctl(int fd, unsigned long request, int* value) noexcept {
  return forward("ioctl", [&] { return ::ioctl(fd, request, value); });
}
unsigned int if_nametoindex(const char* name) noexcept {
  return test::take("if_nametoindex").error != 0 ? 0 : ::if_nametoindex(name);
}

int close(int fd) noexcept {
  test::forget(fd);  // first: its number may be another's as soon as it is closed
  const test::Verdict verdict = test::take("close");
  const int result = ::close(fd);
  if (verdict.error == 0) return result;
  errno = verdict.error;
  return -1;
}
int open(const char* path, int flags) noexcept {
  return forward("open", [&] { return ::open(path, flags); });
}
int fcntl(int fd, int command, int argument) noexcept {
  return forward("fcntl", [&] { return ::fcntl(fd, command, argument); });
}
int fchmod(int fd, FileMode mode) noexcept {
  return forward("fchmod", [&] { return ::fchmod(fd, mode); });
}
int chmod(const char* path, FileMode mode) noexcept {
  return forward("chmod", [&] { return ::chmod(path, mode); });
}
int lstat(const char* path, struct ::stat* status) noexcept {
  return forward("lstat", [&] { return ::lstat(path, status); });
}
int openat(int directory, const char* path, int flags) noexcept {
  return forward("openat", [&] { return ::openat(directory, path, flags); });
}
int openat_beneath(int directory, const char* path, int flags) noexcept {
  return forward("openat2", [&] {
    return newer::openat2(directory, path, flags,
                          newer::kResolveBeneath | newer::kResolveNoMagicLinks);
  });
}
int fstat(int fd, struct ::stat* status) noexcept {
  return forward("fstat", [&] { return ::fstat(fd, status); });
}
Ssize cached_pages(int fd, Offset offset, std::size_t size) noexcept {
  return forward("cachestat", [&] {
    return static_cast<Ssize>(newer::cachestat(fd, static_cast<std::uint64_t>(offset), size));
  });
}
Ssize pread_at_hand(int fd, char* byte, Offset offset) noexcept {
  return forward("preadv2", [&] {
    ::iovec one{byte, 1};
    return ::preadv2(fd, &one, 1, offset, RWF_NOWAIT);
  });
}
Ssize getrandom(void* data, std::size_t size) noexcept {
  return forward("getrandom", [&] { return ::getrandom(data, size, 0); });
}
int unlink(const char* path) noexcept {
  return forward("unlink", [&] { return ::unlink(path); });
}
int open(const char* path, int flags, FileMode mode) noexcept {
  return forward("open", [&] { return ::open(path, flags, mode); });
}
Ssize pwrite(int fd, const void* data, std::size_t size, Offset offset) noexcept {
  return transfer("pwrite", fd, size,
                  [&](std::size_t most) { return ::pwrite(fd, data, most, offset); });
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  return forward("linkat", [&] { return ::linkat(from_folder, from, to_folder, to, flags); });
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned int flags) noexcept {
  return forward("renameat2", [&] { return ::renameat2(from_folder, from, to_folder, to, flags); });
}
int getrlimit(int resource, ::rlimit* limit) noexcept {
  return forward("getrlimit",
                 [&] { return ::getrlimit(static_cast<__rlimit_resource_t>(resource), limit); });
}
int setrlimit(int resource, const ::rlimit* limit) noexcept {
  return forward("setrlimit",
                 [&] { return ::setrlimit(static_cast<__rlimit_resource_t>(resource), limit); });
}

int epoll_create1(int flags) noexcept {
  return forward("epoll_create1", [&] { return ::epoll_create1(flags); });
}
int epoll_ctl(int epoll, int operation, int fd, ::epoll_event* event) noexcept {
  const char* const call = operation == EPOLL_CTL_ADD   ? "epoll_ctl add"
                           : operation == EPOLL_CTL_MOD ? "epoll_ctl mod"
                                                        : "epoll_ctl del";
  return forward("epoll_ctl", [&] {
    return forward(call, [&] {
      const int result = ::epoll_ctl(epoll, operation, fd, event);
      if (result == 0) test::watch(epoll, operation, fd, event);
      return result;
    });
  });
}
int epoll_wait(int epoll, ::epoll_event* events, int count, int timeout_ms) noexcept {
  test::note_wait(timeout_ms);
  return forward("epoll_wait", [&] { return ::epoll_wait(epoll, events, count, timeout_ms); });
}
int eventfd(unsigned int initial, int flags) noexcept {
  return forward("eventfd", [&] { return ::eventfd(initial, flags); });
}
int eventfd_write(int fd) noexcept {
  return forward("eventfd_write", [&] { return ::eventfd_write(fd, 1); });
}
int eventfd_read(int fd) noexcept {
  return forward("eventfd_read", [&] {
    eventfd_t count = 0;
    return ::eventfd_read(fd, &count);
  });
}

int gettid() noexcept {
  return forward("gettid", [] { return static_cast<int>(::syscall(SYS_gettid)); });
}
int block_sigpipe() noexcept {
  return forward("block_sigpipe", [] {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGPIPE);
    return ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  });
}
int block_signals(SignalMask* previous) noexcept {
  return forward("block_signals", [&] {
    sigset_t set;
    ::sigfillset(&set);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
      ::sigdelset(&set, fault);
    sigset_t old;
    const int error = ::pthread_sigmask(SIG_BLOCK, &set, &old);
    std::memcpy(previous->bytes, &old, sizeof old);
    return error;
  });
}
int restore_signals(const SignalMask& previous) noexcept {
  return forward("restore_signals", [&] {
    sigset_t set;
    std::memcpy(&set, previous.bytes, sizeof set);
    return ::pthread_sigmask(SIG_SETMASK, &set, nullptr);
  });
}

}  // namespace sys
}  // namespace net
WEIR_END_NAMESPACE
