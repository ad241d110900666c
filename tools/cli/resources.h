// What the process used.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"

namespace conec::cli {

// The largest resident size so far, in kB (Linux: VmHWM; ru_maxrss begins with that of the process that started this
// one).
std::uint64_t PeakRssKb();
// The smallest limit on memory, in bytes, of the control group that this process is in (that of a container, as a rule)
// and of those around it; nothing where there is none. `groups`: /proc/self/cgroup; `mounted`: where the system shows
// groups, of version 2 (memory.max) or 1 (memory/.../memory.limit_in_bytes).
std::optional<std::uint64_t> GroupMemoryLimit(const std::string& groups = "/proc/self/cgroup",
                                              const std::string& mounted = "/sys/fs/cgroup");
// User and system time so far.
double ProcessorSeconds();

// How many threads --threads asks for: 0 stands for all cores.
std::size_t TeamSize(int threads);

// Starts `threads` threads (0: all cores) and ends them again. kResourceExhausted if so many cannot be had, which
// OpenMP would only end the process for.
absl::Status CheckThreadsStart(int threads);

class Stopwatch {
 public:
  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace conec::cli
