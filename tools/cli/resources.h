// What the process used.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/status.h"

namespace conec::cli {

// The largest resident size so far, in kB (Linux: VmHWM; ru_maxrss begins with that of the process that started this
// one).
std::uint64_t PeakRssKb();
// User and system time so far.
double ProcessorSeconds();

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
