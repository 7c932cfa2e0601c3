// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Every system call that weir makes, under its POSIX name and with its POSIX meaning: -1 and
/// errno.
///
/// The compiled library keeps the definitions in an object of their own (`src/sys.cpp`). A program
/// that defines all of them itself never pulls that object in, which is how tests inject failures
/// (`tests/support/fake_sys.hpp`).
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <weir/config.hpp>

struct epoll_event;
struct msghdr;
struct rlimit;
struct sockaddr;
struct stat;

WEIR_BEGIN_NAMESPACE
namespace net {
namespace sys {

using Ssize = std::ptrdiff_t;    // ssize_t
using Socklen = std::uint32_t;   // socklen_t
using Offset = std::int64_t;     // off_t
using FileMode = std::uint32_t;  // mode_t

/// MSG_NOSIGNAL: a lost peer is an error, not a signal.
inline constexpr int kNoSignal = 0x4000;

// Bytes.
WEIR_API Ssize recv(int fd, void* data, std::size_t size, int flags) noexcept;
WEIR_API Ssize send(int fd, const void* data, std::size_t size, int flags) noexcept;
WEIR_API Ssize sendmsg(int fd, const ::msghdr* message, int flags) noexcept;
WEIR_API Ssize pread(int fd, void* data, std::size_t size, Offset offset) noexcept;
WEIR_API Ssize sendfile(int out, int in, Offset* offset, std::size_t size) noexcept;

// Sockets.
WEIR_API int socket(int family, int type, int protocol) noexcept;
WEIR_API int bind(int fd, const ::sockaddr* address, Socklen size) noexcept;
WEIR_API int listen(int fd, int backlog) noexcept;
WEIR_API int accept4(int fd, ::sockaddr* address, Socklen* size, int flags) noexcept;
WEIR_API int connect(int fd, const ::sockaddr* address, Socklen size) noexcept;
WEIR_API int shutdown(int fd, int how) noexcept;
WEIR_API int setsockopt(int fd, int level, int name, const void* value, Socklen size) noexcept;
WEIR_API int getsockopt(int fd, int level, int name, void* value, Socklen* size) noexcept;
WEIR_API int getsockname(int fd, ::sockaddr* address, Socklen* size) noexcept;
WEIR_API int getpeername(int fd, ::sockaddr* address, Socklen* size) noexcept;

/// The kind of ioctl() that fills an int.
WEIR_API int ioctl(int fd, unsigned long request, int* value) noexcept;

/// The number of the network interface `name`, or 0.
WEIR_API unsigned int if_nametoindex(const char* name) noexcept;

// Descriptors and files.
WEIR_API int close(int fd) noexcept;
WEIR_API int open(const char* path, int flags) noexcept;
WEIR_API int openat(int directory, const char* path, int flags) noexcept;

/// openat2() with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS; ENOSYS before Linux 5.6.
WEIR_API int openat_beneath(int directory, const char* path, int flags) noexcept;

WEIR_API int fstat(int fd, struct ::stat* status) noexcept;

/// Pages of these bytes that are in memory, by cachestat(); -1 with errno before Linux 6.5, and for
/// a file that the caller neither owns nor may write.
WEIR_API Ssize cached_pages(int fd, Offset offset, std::size_t size) noexcept;

/// preadv2() of one byte with RWF_NOWAIT: EAGAIN when that would have to wait for the disk.
WEIR_API Ssize pread_at_hand(int fd, char* byte, Offset offset) noexcept;

WEIR_API Ssize getrandom(void* data, std::size_t size) noexcept;
WEIR_API int fcntl(int fd, int command, int argument) noexcept;
WEIR_API int fchmod(int fd, FileMode mode) noexcept;
WEIR_API int chmod(const char* path, FileMode mode) noexcept;
WEIR_API int lstat(const char* path, struct ::stat* status) noexcept;
WEIR_API int unlink(const char* path) noexcept;
WEIR_API int getrlimit(int resource, ::rlimit* limit) noexcept;
WEIR_API int setrlimit(int resource, const ::rlimit* limit) noexcept;

// Temporary files.
WEIR_API int open(const char* path, int flags, FileMode mode) noexcept;
WEIR_API Ssize pwrite(int fd, const void* data, std::size_t size, Offset offset) noexcept;
WEIR_API int linkat(int from_folder, const char* from, int to_folder, const char* to,
                    int flags) noexcept;
WEIR_API int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                       unsigned int flags) noexcept;

// Waiting.
WEIR_API int epoll_create1(int flags) noexcept;
WEIR_API int epoll_ctl(int epoll, int operation, int fd, ::epoll_event* event) noexcept;
WEIR_API int epoll_wait(int epoll, ::epoll_event* events, int count, int timeout_ms) noexcept;
WEIR_API int eventfd(unsigned int initial, int flags) noexcept;

/// Adds one to the counter. Async-signal-safe.
WEIR_API int eventfd_write(int fd) noexcept;

/// Sets the counter to zero; EAGAIN when it was.
WEIR_API int eventfd_read(int fd) noexcept;

/// The kernel's number of the calling thread; a system call each time.
WEIR_API int gettid() noexcept;

/// A thread's signal mask, without <signal.h>.
struct SignalMask {
  alignas(8) unsigned char bytes[128] = {};
};

/// Blocks SIGPIPE in the calling thread: sendfile() and OpenSSL know no MSG_NOSIGNAL. 0 or an
/// errno.
WEIR_API int block_sigpipe() noexcept;

/// Blocks every signal in the calling thread but those that a faulting instruction raises, and says
/// in `previous` what was blocked before. Threads started meanwhile inherit the mask. 0 or an
/// errno.
WEIR_API int block_signals(SignalMask* previous) noexcept;

/// Puts back what block_signals() found. 0 or an errno.
WEIR_API int restore_signals(const SignalMask& previous) noexcept;

}  // namespace sys
}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/sys.ipp>
#endif
