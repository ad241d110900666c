#include "base/waiting.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>

namespace conec {
namespace {

std::atomic<int> stop_descriptor{-1};

int AccessMode(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 ? -1 : flags & O_ACCMODE;
}

// Until there is room for PIPE_BUF bytes. What can be written is: a stop only ends the wait.
absl::Status WaitForRoom(int descriptor, std::string_view what) {
  std::array<pollfd, 2> waiting{{{descriptor, POLLOUT, 0}, {StopDescriptor(), POLLIN, 0}}};
  while (poll(waiting.data(), waiting.size(), /*timeout=*/-1) < 0) {
    if (errno != EINTR) return ErrnoStatus(errno, what);
  }
  return waiting[0].revents == 0 ? Cancelled("{}: stopped", what) : absl::OkStatus();
}

bool Waits(int descriptor) {
  struct stat info {};
  return fstat(descriptor, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) || S_ISCHR(info.st_mode));
}

// Whether a stop was asked for within a moment.
bool IsStopped(int milliseconds) {
  pollfd waiting{StopDescriptor(), POLLIN, 0};
  return poll(&waiting, 1, milliseconds) > 0;
}

}  // namespace

void SetStopDescriptor(int descriptor) {
  stop_descriptor = descriptor;
}

int StopDescriptor() {
  return stop_descriptor;
}

bool IsReadable(int descriptor) {
  const int mode = AccessMode(descriptor);
  return mode == O_RDONLY || mode == O_RDWR;
}

bool IsWritable(int descriptor) {
  const int mode = AccessMode(descriptor);
  return mode == O_WRONLY || mode == O_RDWR;
}

absl::StatusOr<int> OpenForWriting(const std::string& path) {
  constexpr int kMoment = 20;  // milliseconds between two looks: nothing tells that a reader has come
  const std::string what = fmt::format("cannot create '{}'", path);
  struct stat info {};
  const bool is_pipe = stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
  for (;;) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC | (is_pipe ? O_NONBLOCK : 0));
    if (descriptor >= 0 && is_pipe) (void)fcntl(descriptor, F_SETFL, 0);
    if (descriptor >= 0) return descriptor;
    if (!is_pipe || errno != ENXIO) return ErrnoStatus(errno, what);
    if (IsStopped(kMoment)) return Cancelled("{}: stopped", what);
  }
}

absl::Status WaitToRead(int descriptor, int cancel) {
  std::array<pollfd, 3> waiting{{{descriptor, POLLIN, 0}, {cancel, POLLIN, 0}, {StopDescriptor(), POLLIN, 0}}};
  while (poll(waiting.data(), waiting.size(), /*timeout=*/-1) < 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "cannot wait for input");
  }
  if (waiting[1].revents != 0 || waiting[2].revents != 0) return Cancelled("reading was cancelled");
  return absl::OkStatus();
}

absl::Status WriteAll(int descriptor, std::span<const std::byte> bytes, std::string_view what) {
  const bool waits = Waits(descriptor);
  while (!bytes.empty()) {
    if (waits) CONEC_RETURN_IF_ERROR(WaitForRoom(descriptor, what));
    // More than this may wait inside of write(2), where a stop would not be seen.
    const std::size_t part = waits ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
    const ssize_t written = write(descriptor, bytes.data(), part);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return ErrnoStatus(errno, what);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace conec
