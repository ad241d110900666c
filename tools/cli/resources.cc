#include "tools/cli/resources.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <latch>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace conec::cli {
namespace {

// Of the group at `path` below `root`, and of all that it lies in.
std::optional<std::uint64_t> SmallestLimit(const std::string& root, const std::filesystem::path& path,
                                           const char* name) {
  constexpr std::uint64_t kNone = std::uint64_t{1} << 62;  // version 1 has no word for no limit, but a number like it
  std::optional<std::uint64_t> smallest;
  for (std::filesystem::path group = path.relative_path();; group = group.parent_path()) {
    std::uint64_t bytes = 0;
    const bool is_number = static_cast<bool>(std::ifstream(root / group / name) >> bytes);
    if (is_number && bytes < smallest.value_or(kNone)) smallest = bytes;
    if (group.empty()) return smallest;
  }
}

}  // namespace

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

std::optional<std::uint64_t> GroupMemoryLimit(const std::string& groups, const std::string& mounted) {
  std::ifstream lines(groups);
  std::optional<std::uint64_t> limit;
  for (std::string line; std::getline(lines, line);) {  // NUMBER:CONTROLLERS:/PATH, with no controllers in version 2
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    std::optional<std::uint64_t> found;
    if (controllers == ",,") found = SmallestLimit(mounted, path, "memory.max");
    if (controllers.find(",memory,") != std::string::npos) {
      found = SmallestLimit(mounted + "/memory", path, "memory.limit_in_bytes");
    }
    if (found && (!limit || *found < *limit)) limit = found;
  }
  return limit;
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::size_t TeamSize(int threads) {
  return threads > 0 ? static_cast<std::size_t>(threads) : std::max(1u, std::thread::hardware_concurrency());
}

absl::Status CheckThreadsStart(int threads) {
  const std::size_t team = TeamSize(threads);
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
