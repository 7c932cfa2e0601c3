// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Time that processes spent on processors, read at the two ends of a measurement.
#include <dirent.h>
#include <time.h>

#include <chrono>
#include <thread>
#include <vector>

#include "tool.hpp"

namespace load {

/// Process ids from a list like `12,345`; empty for an empty text.
inline std::vector<int> process_ids(const std::string& list) {
  std::vector<int> pids;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const int pid = std::atoi(list.substr(at, end - at).c_str());
    if (pid <= 0) die("--cpu-of takes process ids with commas between them, got '" + list + "'");
    pids.push_back(pid);
    at = end + 1;
  }
  return pids;
}

/// Nanoseconds, user and kernel, of all threads that the processes have. Exact for threads that
/// sleep: the kernel adds the time of a running one at its next tick. Exits when one has gone.
inline std::uint64_t cpu_ns(const std::vector<int>& pids) {
  std::uint64_t sum = 0;
  for (const int pid : pids) {
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task/";
    DIR* directory = ::opendir(tasks.c_str());
    if (directory == nullptr) die("process " + std::to_string(pid) + " has gone");
    while (const dirent* entry = ::readdir(directory)) {
      if (entry->d_name[0] == '.') continue;
      std::ifstream in(tasks + entry->d_name + "/schedstat");
      std::uint64_t ns = 0;
      if (in >> ns) sum += ns;
    }
    ::closedir(directory);
  }
  return sum;
}

/// The same after a server that has nothing to do had the time to fall asleep.
inline std::uint64_t cpu_ns_at_rest(const std::vector<int>& pids) {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return cpu_ns(pids);
}

/// Nanoseconds of this process.
inline std::uint64_t own_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace load
