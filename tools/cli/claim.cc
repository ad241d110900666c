#include "tools/cli/claim.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <utility>

#include "base/hasher.h"

namespace conec::cli {
namespace {

// The same for all ways to write `path`: by links of its folder, relative or not. "" if no such file can be made.
std::string NameOf(const std::string& path) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::weakly_canonical(path, error);
  struct stat folder {};
  if (error || stat(file.parent_path().empty() ? "." : file.parent_path().c_str(), &folder) != 0) return "";
  Hasher hasher;
  hasher.Add(std::as_bytes(std::span(&folder.st_dev, 1)));
  hasher.Add(std::as_bytes(std::span(&folder.st_ino, 1)));
  hasher.Add(std::as_bytes(std::span(file.filename().native())));
  return "conec-writes-" + hasher.Hex();
}

}  // namespace

absl::StatusOr<Claim> Claim::Take(const std::string& path) {
  const std::string name = NameOf(path);
  const int socket = name.empty() ? -1 : ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return Claim(-1);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // After a first byte of zero: a name that is no file.
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  Claim claim(socket);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), length) == 0 || errno != EADDRINUSE) return claim;
  return FailedPrecondition("'{}' is being written by another run: wait for its end, or choose another --output", path);
}

Claim::Claim(Claim&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

Claim::~Claim() {
  if (socket_ >= 0) close(socket_);
}

}  // namespace conec::cli
