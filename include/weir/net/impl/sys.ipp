// SPDX-License-Identifier: MIT
#pragma once
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
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <type_traits>
#include <weir/net/newer_calls.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
namespace sys {

static_assert(std::is_same_v<Socklen, socklen_t> && std::is_same_v<FileMode, mode_t>);
static_assert(kNoSignal == MSG_NOSIGNAL);
static_assert(sizeof(Ssize) == sizeof(ssize_t) && sizeof(Offset) == sizeof(off_t));
static_assert(sizeof(SignalMask) >= sizeof(sigset_t) && alignof(SignalMask) >= alignof(sigset_t));

// The three calls of every request go to the kernel directly. In libc they are cancellation points:
// with more than one thread in the process they cost a request about 90 instructions more, two of
// each call locked, so that pthread_cancel() may interrupt them. A loop ends by stop().
#if !defined(WEIR_SANITIZED) && defined(SYS_recvfrom) && defined(SYS_sendto) && \
    defined(SYS_epoll_pwait)

WEIR_INLINE Ssize recv(int fd, void* data, std::size_t size, int flags) noexcept {
  return ::syscall(SYS_recvfrom, fd, data, size, flags, nullptr, nullptr);
}

WEIR_INLINE Ssize send(int fd, const void* data, std::size_t size, int flags) noexcept {
  return ::syscall(SYS_sendto, fd, data, size, flags, nullptr, 0);
}

WEIR_INLINE int epoll_wait(int epoll, ::epoll_event* events, int count, int timeout_ms) noexcept {
#if defined(SYS_epoll_wait)
  return static_cast<int>(::syscall(SYS_epoll_wait, epoll, events, count, timeout_ms));
#else
  constexpr std::size_t kMaskBytes = 8;  // of the kernel's sigset_t; the mask is not changed
  return static_cast<int>(
      ::syscall(SYS_epoll_pwait, epoll, events, count, timeout_ms, nullptr, kMaskBytes));
#endif
}

#else

WEIR_INLINE Ssize recv(int fd, void* data, std::size_t size, int flags) noexcept {
  return ::recv(fd, data, size, flags);
}

WEIR_INLINE Ssize send(int fd, const void* data, std::size_t size, int flags) noexcept {
  return ::send(fd, data, size, flags);
}

WEIR_INLINE int epoll_wait(int epoll, ::epoll_event* events, int count, int timeout_ms) noexcept {
  return ::epoll_wait(epoll, events, count, timeout_ms);
}

#endif

WEIR_INLINE Ssize sendmsg(int fd, const ::msghdr* message, int flags) noexcept {
  return ::sendmsg(fd, message, flags);
}

WEIR_INLINE Ssize pread(int fd, void* data, std::size_t size, Offset offset) noexcept {
  return ::pread(fd, data, size, offset);
}

WEIR_INLINE Ssize sendfile(int out, int in, Offset* offset, std::size_t size) noexcept {
  if (offset == nullptr) return ::sendfile(out, in, nullptr, size);
  off_t at = *offset;
  const Ssize sent = ::sendfile(out, in, &at, size);
  *offset = at;
  return sent;
}

WEIR_INLINE int socket(int family, int type, int protocol) noexcept {
  return ::socket(family, type, protocol);
}

WEIR_INLINE int bind(int fd, const ::sockaddr* address, Socklen size) noexcept {
  return ::bind(fd, address, size);
}

WEIR_INLINE int listen(int fd, int backlog) noexcept { return ::listen(fd, backlog); }

WEIR_INLINE int accept4(int fd, ::sockaddr* address, Socklen* size, int flags) noexcept {
  return ::accept4(fd, address, size, flags);
}

WEIR_INLINE int connect(int fd, const ::sockaddr* address, Socklen size) noexcept {
  return ::connect(fd, address, size);
}

WEIR_INLINE int shutdown(int fd, int how) noexcept { return ::shutdown(fd, how); }

WEIR_INLINE int setsockopt(int fd, int level, int name, const void* value, Socklen size) noexcept {
  return ::setsockopt(fd, level, name, value, size);
}

WEIR_INLINE int getsockopt(int fd, int level, int name, void* value, Socklen* size) noexcept {
  return ::getsockopt(fd, level, name, value, size);
}

WEIR_INLINE int getsockname(int fd, ::sockaddr* address, Socklen* size) noexcept {
  return ::getsockname(fd, address, size);
}

WEIR_INLINE int getpeername(int fd, ::sockaddr* address, Socklen* size) noexcept {
  return ::getpeername(fd, address, size);
}

WEIR_INLINE int ioctl(int fd, unsigned long request, int* value) noexcept {
  return ::ioctl(fd, request, value);
}

WEIR_INLINE unsigned int if_nametoindex(const char* name) noexcept {
  return ::if_nametoindex(name);
}

WEIR_INLINE int close(int fd) noexcept { return ::close(fd); }

WEIR_INLINE int open(const char* path, int flags) noexcept { return ::open(path, flags); }

WEIR_INLINE int fcntl(int fd, int command, int argument) noexcept {
  return ::fcntl(fd, command, argument);
}

WEIR_INLINE int fchmod(int fd, FileMode mode) noexcept { return ::fchmod(fd, mode); }

WEIR_INLINE int chmod(const char* path, FileMode mode) noexcept { return ::chmod(path, mode); }

WEIR_INLINE int openat(int directory, const char* path, int flags) noexcept {
  return ::openat(directory, path, flags);
}

WEIR_INLINE int openat_beneath(int directory, const char* path, int flags) noexcept {
  return newer::openat2(directory, path, flags,
                        newer::kResolveBeneath | newer::kResolveNoMagicLinks);
}

WEIR_INLINE int fstat(int fd, struct ::stat* status) noexcept { return ::fstat(fd, status); }

WEIR_INLINE Ssize cached_pages(int fd, Offset offset, std::size_t size) noexcept {
  return newer::cachestat(fd, static_cast<std::uint64_t>(offset), size);
}

WEIR_INLINE Ssize pread_at_hand(int fd, char* byte, Offset offset) noexcept {
  ::iovec one{byte, 1};
  return ::preadv2(fd, &one, 1, offset, RWF_NOWAIT);
}

WEIR_INLINE Ssize getrandom(void* data, std::size_t size) noexcept {
  return ::getrandom(data, size, 0);
}

WEIR_INLINE int lstat(const char* path, struct ::stat* status) noexcept {
  return ::lstat(path, status);
}

WEIR_INLINE int unlink(const char* path) noexcept { return ::unlink(path); }

WEIR_INLINE int open(const char* path, int flags, FileMode mode) noexcept {
  return ::open(path, flags, mode);
}

WEIR_INLINE Ssize pwrite(int fd, const void* data, std::size_t size, Offset offset) noexcept {
  return ::pwrite(fd, data, size, offset);
}

WEIR_INLINE int linkat(int from_folder, const char* from, int to_folder, const char* to,
                       int flags) noexcept {
  return ::linkat(from_folder, from, to_folder, to, flags);
}

WEIR_INLINE int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                          unsigned int flags) noexcept {
  return ::renameat2(from_folder, from, to_folder, to, flags);
}

WEIR_INLINE int getrlimit(int resource, ::rlimit* limit) noexcept {
  return ::getrlimit(static_cast<__rlimit_resource_t>(resource), limit);
}

WEIR_INLINE int setrlimit(int resource, const ::rlimit* limit) noexcept {
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), limit);
}

WEIR_INLINE int epoll_create1(int flags) noexcept { return ::epoll_create1(flags); }

WEIR_INLINE int epoll_ctl(int epoll, int operation, int fd, ::epoll_event* event) noexcept {
  return ::epoll_ctl(epoll, operation, fd, event);
}

WEIR_INLINE int eventfd(unsigned int initial, int flags) noexcept {
  return ::eventfd(initial, flags);
}

WEIR_INLINE int eventfd_write(int fd) noexcept { return ::eventfd_write(fd, 1); }

WEIR_INLINE int eventfd_read(int fd) noexcept {
  eventfd_t count = 0;
  return ::eventfd_read(fd, &count);
}

WEIR_INLINE int gettid() noexcept { return static_cast<int>(::syscall(SYS_gettid)); }

WEIR_INLINE int block_sigpipe() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGPIPE);
  return ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

WEIR_INLINE int block_signals(SignalMask* previous) noexcept {
  sigset_t set;
  ::sigfillset(&set);
  // A fault in a thread that blocks its signal kills the process without its crash handler.
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
    ::sigdelset(&set, fault);
  sigset_t old;
  const int error = ::pthread_sigmask(SIG_BLOCK, &set, &old);
  if (error == 0) std::memcpy(previous->bytes, &old, sizeof old);
  return error;
}

WEIR_INLINE int restore_signals(const SignalMask& previous) noexcept {
  sigset_t set;
  std::memcpy(&set, previous.bytes, sizeof set);
  return ::pthread_sigmask(SIG_SETMASK, &set, nullptr);
}

}  // namespace sys
}  // namespace net
WEIR_END_NAMESPACE
