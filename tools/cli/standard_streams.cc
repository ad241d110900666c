#include "tools/cli/standard_streams.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/waiting.h"

namespace conec::cli {
namespace {

// By system calls, without the C library: it is called before that has begun. The smallest free number is the one that
// is taken.
void OccupyStandardStreams(int, char**, char**) {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (syscall(SYS_fcntl, descriptor, F_GETFD) >= 0) continue;
    syscall(SYS_openat, AT_FDCWD, "/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

__attribute__((section(".preinit_array"), used)) void (*const kOccupyStandardStreams)(int, char**,
                                                                                      char**) = OccupyStandardStreams;

}  // namespace

absl::Status CheckStandardInput() {
  return IsReadable(STDIN_FILENO) ? absl::OkStatus() : FailedPrecondition("standard input is closed");
}

absl::Status CheckStandardOutput() {
  return IsWritable(STDOUT_FILENO) ? absl::OkStatus() : FailedPrecondition("standard output is closed");
}

}  // namespace conec::cli
