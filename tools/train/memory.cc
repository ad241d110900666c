#include "tools/train/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

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

std::uint64_t CountingMemory(const TrainingSize& size) {
  const std::uint64_t batch = kBatch + kCountedWord * std::min<std::uint64_t>(size.distinct_words, kWordsOfBatch);
  return size.distinct_words == 0 ? 0
                                  : kProgram + kCountedWord * size.distinct_words + cli::TeamSize(size.threads) * batch;
}

// Of the tables, and of what is counted before the last of them is there, or after it.
std::uint64_t TableMemory(const TrainingSize& size) {
  const std::uint64_t row = sizeof(float) * ((size.dim + kFloatsOfLine - 1) / kFloatsOfLine * kFloatsOfLine);
  const std::uint64_t context = row * size.vocabulary + size.matrix_bytes;
  return row * (size.input_rows + size.vocabulary) + std::max<std::uint64_t>(size.scaling_bytes, context);
}

// Bytes of this process now.
struct Taken {
  std::uint64_t addresses = 0, resident = 0;
  std::uint64_t mapped = 0;  // of the resident ones: files, which the system counts among what is available
};

Taken TakenNow() {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::ifstream statm("/proc/self/statm");
  Taken taken;
  statm >> taken.addresses >> taken.resident >> taken.mapped;
  return {taken.addresses * page, taken.resident * page, taken.mapped * page};
}

std::uint64_t FreeInTheMachine() {
  std::ifstream meminfo("/proc/meminfo");
  std::uint64_t kilobytes = 0;
  for (std::string name; meminfo >> name; meminfo.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    if (name == "MemAvailable:" && meminfo >> kilobytes) break;
  }
  return 1024 * kilobytes;
}

// `all` without `part`, which was read at another moment and may be more.
std::uint64_t Without(std::uint64_t all, std::uint64_t part) {
  return all - std::min(all, part);
}

}  // namespace

std::uint64_t UnavoidableMemory(const TrainingSize& size) {
  return kProgram + TableMemory(size) + kWord * size.vocabulary + cli::TeamSize(size.threads) * kThread;
}

std::uint64_t PeakMemory(const TrainingSize& size) {
  return std::max(CountingMemory(size), UnavoidableMemory(size) + size.corpus_bytes);
}

AvailableMemory FindAvailableMemory() {
  AvailableMemory least;
  const auto at_most = [&least](std::uint64_t bytes, const char* of_whom) {
    if (bytes < least.bytes) least = {bytes, of_whom};
  };
  const Taken taken = TakenNow();
  if (const std::uint64_t free = FreeInTheMachine(); free > 0) {
    at_most(free + Without(taken.resident, taken.mapped), "free");
  }
  if (const auto group = cli::GroupMemoryLimit()) at_most(*group, "the limit of this container (cgroup)");
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    // Most addresses of each library count against the limit without memory behind them.
    at_most(Without(limit.rlim_cur, Without(taken.addresses, taken.resident)), "left by ulimit -v");
  }
  return least;
}

}  // namespace conec::train
