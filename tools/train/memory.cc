#include "tools/train/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#include "tools/cli/resources.h"

namespace conec::train {
namespace {

constexpr std::uint64_t kMega = 1000000;
constexpr std::uint64_t kProgram = 12 * kMega;  // with its libraries
constexpr std::uint64_t kCountedWord = 60;      // its letters, its count and its place in a hash table
constexpr std::uint64_t kWordsOfBatch = 80000;  // that a thread counts before it adds them to all others
constexpr std::uint64_t kBatch = 4 * kMega;     // of text
constexpr std::uint64_t kWord = 110;            // of the vocabulary: the same, sorted, and its noise table
constexpr std::uint64_t kThread = kMega;        // stack and scratch
constexpr std::uint64_t kFloatsOfLine = 16;

std::uint64_t ThreadsOf(const TrainingSize& size) {
  return size.threads > 0 ? static_cast<std::uint64_t>(size.threads)
                          : std::max(1u, std::thread::hardware_concurrency());
}

std::uint64_t CountingMemory(const TrainingSize& size) {
  const std::uint64_t batch = kBatch + kCountedWord * std::min<std::uint64_t>(size.distinct_words, kWordsOfBatch);
  return size.distinct_words == 0 ? 0 : kProgram + kCountedWord * size.distinct_words + ThreadsOf(size) * batch;
}

std::uint64_t TableMemory(const TrainingSize& size) {
  const std::uint64_t stride = (size.dim + kFloatsOfLine - 1) / kFloatsOfLine * kFloatsOfLine;
  return sizeof(float) * stride * (size.input_rows + 2 * size.vocabulary);
}

// Addresses that are taken, and count against a limit, without memory behind them: most of each library.
std::uint64_t UnusedAddresses() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return (size - std::min(size, resident)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

std::uint64_t UnavoidableMemory(const TrainingSize& size) {
  const std::uint64_t training = kProgram + TableMemory(size) + kWord * size.vocabulary + ThreadsOf(size) * kThread;
  return std::max(CountingMemory(size), training);
}

std::uint64_t PeakMemory(const TrainingSize& size) {
  const std::uint64_t training =
      kProgram + TableMemory(size) + kWord * size.vocabulary + ThreadsOf(size) * kThread + size.corpus_bytes;
  return std::max(CountingMemory(size), training);
}

std::uint64_t AvailableMemory() {
  std::ifstream meminfo("/proc/meminfo");
  std::uint64_t kilobytes = 0;
  for (std::string name; meminfo >> name; meminfo.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    if (name == "MemAvailable:" && meminfo >> kilobytes) break;
  }
  if (kilobytes == 0) return 0;
  const std::uint64_t free = 1024 * (kilobytes + cli::PeakRssKb());
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return free;
  const std::uint64_t unused = UnusedAddresses();
  return std::min<std::uint64_t>(free, limit.rlim_cur > unused ? limit.rlim_cur - unused : 1);
}

}  // namespace conec::train
