#include "tools/cli/resources.h"

#include <sys/resource.h>

#include <fstream>
#include <latch>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace conec::cli {

std::uint64_t PeakRssKb() {
  std::ifstream status("/proc/self/status");
  std::uint64_t kilobytes = 0;
  for (std::string name; status >> name; status.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    if (name == "VmHWM:" && status >> kilobytes) return kilobytes;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

absl::Status CheckThreadsStart(int threads) {
  const std::size_t team = threads > 0 ? static_cast<std::size_t>(threads) : std::thread::hardware_concurrency();
  std::latch all_started(1);
  std::vector<std::thread> others;
  absl::Status status;
  try {
    while (others.size() + 1 < team) others.emplace_back([&all_started] { all_started.wait(); });
  } catch (const std::system_error& error) {
    status = ResourceExhausted("cannot start {} threads: {}; give fewer (--threads), or allow more memory (ulimit -v)",
                               team, error.code().message());
  }
  all_started.count_down();
  for (std::thread& other : others) other.join();
  return status;
}

}  // namespace conec::cli
