// That a file is being written.
#pragma once

#include <string>

#include "base/status.h"

namespace conec::cli {

// While it lives, and its process does, no other process on this machine can have a Claim of the same file: a second
// run is told so instead of taking turns with the first. It leaves nothing behind, however the process ends (an
// abstract socket of Linux whose name stands for folder and file name; containers with a network of their own do not
// see it).
class Claim {
 public:
  // kFailedPrecondition where another process has the claim of `path`, which need not exist. A system that lends no
  // such sockets claims nothing.
  static absl::StatusOr<Claim> Take(const std::string& path);
  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&&) = delete;
  ~Claim();

 private:
  explicit Claim(int socket) : socket_(socket) {}

  int socket_;  // -1: none
};

}  // namespace conec::cli
