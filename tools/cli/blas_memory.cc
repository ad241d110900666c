#include "tools/cli/blas_memory.h"

#include <omp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "tools/cli/raw_message.h"

// OpenBLAS's own, not in its headers: what every product takes and gives back. Builds without them reserve nothing.
extern "C" {
void* blas_memory_alloc(int procedure) __attribute__((weak));  // NOLINT(readability-identifier-naming)
void blas_memory_free(void* buffer) __attribute__((weak));     // NOLINT(readability-identifier-naming)
}

namespace conec::cli {
namespace {

constexpr std::size_t kBuffer = std::size_t{128} << 20;  // of one thread
constexpr std::size_t kStack = std::size_t{8} << 20;
constexpr std::size_t kSlack = std::size_t{64} << 20;  // of what else comes between asking and taking
constexpr std::size_t kMostBuffers = 64;               // OpenBLAS has places for a few more than its largest machine

// Pieces of memory that were only asked for. By system calls, without the C library: it is called before that has
// begun.
class Asked {
 public:
  ~Asked() {
    for (std::size_t i = 0; i < count_; ++i) syscall(SYS_munmap, pieces_[i], sizes_[i]);
  }

  bool Take(std::size_t bytes) {
    const auto at = syscall(SYS_mmap, nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == -1) return false;
    pieces_[count_] = at;
    sizes_[count_++] = bytes;
    return true;
  }

 private:
  std::size_t count_ = 0;
  long pieces_[kMostBuffers + 1] = {};  // NOLINT(google-runtime-int): what syscall() returns
  std::size_t sizes_[kMostBuffers + 1] = {};
};

bool CanHave(std::size_t buffers) {
  Asked asked;
  for (std::size_t i = 0; i < buffers; ++i) {
    if (!asked.Take(kBuffer + kStack)) return false;
  }
  return asked.Take(kSlack);
}

bool IsLimited(int resource) {
  rlimit limit{};
  return syscall(SYS_prlimit64, 0, resource, nullptr, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

// The first of the variables that OpenBLAS reads which is there; 0: none.
std::size_t ThreadsFromEnvironment(char** environment) {
  for (const std::string_view name : {"OPENBLAS_NUM_THREADS=", "GOTO_NUM_THREADS=", "OMP_NUM_THREADS="}) {
    for (char** entry = environment; *entry != nullptr; ++entry) {
      if (std::strncmp(*entry, name.data(), name.size()) != 0) continue;
      std::size_t threads = 0;
      for (const char* digit = *entry + name.size(); *digit >= '0' && *digit <= '9' && threads < 1000; ++digit) {
        threads = 10 * threads + static_cast<std::size_t>(*digit - '0');
      }
      if (threads > 0) return threads;
    }
  }
  return 0;
}

std::size_t Processors() {
  std::uint64_t mask[64] = {};
  if (syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) < 0) return 1;
  std::size_t count = 0;
  for (std::uint64_t word : mask) {
    for (; word != 0; word &= word - 1) ++count;
  }
  return std::max<std::size_t>(count, 1);
}

// Before the libraries' own constructors, of which OpenBLAS's starts its threads.
void CheckBeforeLibraries(int, char** arguments, char** environment) {
  if (!IsLimited(RLIMIT_AS) && !IsLimited(RLIMIT_DATA)) return;
  const std::size_t chosen = ThreadsFromEnvironment(environment), processors = Processors();
  const std::size_t threads = chosen == 0 ? processors : std::min(chosen, processors);
  if (CanHave(std::min(threads, kMostBuffers))) return;
  const std::string_view path = arguments[0] == nullptr ? "" : arguments[0];
  TellRaw(path.substr(path.find_last_of('/') + 1));
  TellRaw(
      ": error: out of memory: OpenBLAS needs 128 MB of address space for each of its threads; allow more (ulimit -v), "
      "or set OPENBLAS_NUM_THREADS=1\n");
  _exit(1);
}

__attribute__((section(".preinit_array"), used)) void (*const kCheckBeforeLibraries)(int, char**,
                                                                                     char**) = CheckBeforeLibraries;

}  // namespace

absl::Status ReserveBlasMemory(int threads, int teams) {
  const int team = threads > 0 ? threads : omp_get_max_threads();
  const std::size_t buffers = std::min(static_cast<std::size_t>(team) * static_cast<std::size_t>(teams), kMostBuffers);
  if (!CanHave(buffers)) {
    return ResourceExhausted(
        "out of memory: with {} threads products of matrices need {} MB of address space; allow more (ulimit -v), or "
        "give fewer threads (--threads; OMP_NUM_THREADS where there is no such option)",
        team, (buffers * (kBuffer + kStack) + kSlack) >> 20);
  }
  if (blas_memory_alloc == nullptr || blas_memory_free == nullptr) return absl::OkStatus();
  std::vector<void*> taken(buffers);
  for (void*& buffer : taken) buffer = blas_memory_alloc(0);
  for (void* buffer : taken) blas_memory_free(buffer);
  return absl::OkStatus();
}

}  // namespace conec::cli
