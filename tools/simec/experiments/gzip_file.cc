#include "tools/simec/experiments/gzip_file.h"

#include <algorithm>
#include <cerrno>

namespace conec::simec::experiments {

absl::StatusOr<GzipFile> GzipFile::Open(const std::string& path) {
  errno = 0;
  GzipFile file(gzopen(path.c_str(), "rb"), path);
  if (file.file_ == nullptr) return ErrnoStatus(errno == 0 ? ENOMEM : errno, path);
  return file;
}

absl::StatusOr<std::size_t> GzipFile::Read(std::span<char> to) {
  std::size_t filled = 0;
  while (filled < to.size()) {
    const auto step = static_cast<unsigned>(std::min<std::size_t>(to.size() - filled, 1u << 20));
    const int got = gzread(file_.get(), to.data() + filled, step);
    if (got < 0 || (got == 0 && gzeof(file_.get()) == 0)) return DataLoss("'{}' is truncated or corrupt", path_);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}  // namespace conec::simec::experiments
