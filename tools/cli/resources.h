// What the process used.
#pragma once

#include <chrono>
#include <cstdint>

namespace conec::cli {

// The largest resident size so far, in kB (Linux: ru_maxrss).
std::uint64_t PeakRssKb();
// User and system time so far.
double ProcessorSeconds();

class Stopwatch {
 public:
  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace conec::cli
