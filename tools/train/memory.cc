#include "tools/train/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

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

// `all` without `part`, which was read at another moment and may be more.
std::uint64_t Without(std::uint64_t all, std::uint64_t part) {
  return all - std::min(all, part);
}

}  // namespace

std::uint64_t UnavoidableMemory(const TrainingSize& size) {
  return kProgram + TableMemory(size) + kWord * size.vocabulary + ThreadsOf(size) * kThread;
}

std::uint64_t PeakMemory(const TrainingSize& size) {
  return std::max(CountingMemory(size), UnavoidableMemory(size) + size.corpus_bytes);
}

std::uint64_t AvailableMemory() {
  std::ifstream meminfo("/proc/meminfo");
  std::uint64_t kilobytes = 0;
  for (std::string name; meminfo >> name; meminfo.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    if (name == "MemAvailable:" && meminfo >> kilobytes) break;
  }
  if (kilobytes == 0) return 0;
  const Taken taken = TakenNow();
  const std::uint64_t free = 1024 * kilobytes + Without(taken.resident, taken.mapped);
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return free;
  // Most addresses of each library count against the limit without memory behind them.
  const std::uint64_t unused = Without(taken.addresses, taken.resident);
  return std::min(free, std::max<std::uint64_t>(1, Without(limit.rlim_cur, unused)));
}

}  // namespace conec::train
