#include "tools/cli/resources.h"

#include <sys/resource.h>

namespace conec::cli {

std::uint64_t PeakRssKb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);
}

}  // namespace conec::cli
