#include "tools/simec/experiments/idx_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace conec::simec::experiments {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 32;
constexpr unsigned kMaxDimensions = 8;

struct CloseGz {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, CloseGz>;

absl::Status Read(gzFile_s* file, const std::string& path, std::uint8_t* to, std::size_t size) {
  while (size > 0) {
    const unsigned step = static_cast<unsigned>(std::min<std::size_t>(size, 1u << 20));
    const int got = gzread(file, to, step);
    if (got <= 0) return DataLoss("'{}' is truncated or corrupt", path);
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::int64_t>> ReadShape(gzFile_s* file, const std::string& path) {
  std::uint8_t head[4];
  CONEC_RETURN_IF_ERROR(Read(file, path, head, sizeof(head)));
  if (head[0] != 0 || head[1] != 0 || head[2] != 8 || head[3] == 0 || head[3] > kMaxDimensions) {
    return DataLoss("'{}' is not an idx file of unsigned bytes", path);
  }
  std::vector<std::int64_t> shape;
  for (unsigned i = 0; i < head[3]; ++i) {
    std::uint8_t size[4];
    CONEC_RETURN_IF_ERROR(Read(file, path, size, sizeof(size)));
    shape.push_back(std::int64_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3]);
  }
  return shape;
}

}  // namespace

absl::StatusOr<IdxArray> ReadIdx(const std::string& path) {
  errno = 0;
  const GzFile file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) return ErrnoStatus(errno == 0 ? ENOMEM : errno, path);
  IdxArray array;
  CONEC_ASSIGN_OR_RETURN(array.shape, ReadShape(file.get(), path));
  std::uint64_t size = 1;
  for (const std::int64_t length : array.shape) {
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(length), &size) || size > kMaxBytes) {
      return DataLoss("'{}' claims to hold more than 4 GiB", path);
    }
  }
  // Grows with what is there, not with what the header claims.
  constexpr std::size_t kStep = std::size_t{1} << 24;
  while (array.values.size() < size) {
    const std::size_t begin = array.values.size(), step = std::min<std::size_t>(kStep, size - begin);
    array.values.resize(begin + step);
    CONEC_RETURN_IF_ERROR(Read(file.get(), path, array.values.data() + begin, step));
  }
  if (std::uint8_t more = 0; gzread(file.get(), &more, 1) != 0) {
    return DataLoss("'{}' holds more than its header says", path);
  }
  return array;
}

}  // namespace conec::simec::experiments
