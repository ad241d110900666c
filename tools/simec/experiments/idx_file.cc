#include "tools/simec/experiments/idx_file.h"

#include <algorithm>
#include <span>

#include "tools/simec/experiments/gzip_file.h"

namespace conec::simec::experiments {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 32;
constexpr unsigned kMaxDimensions = 8;

absl::Status ReadAll(GzipFile& file, const std::string& path, std::span<std::uint8_t> to) {
  CONEC_ASSIGN_OR_RETURN(const std::size_t got, file.Read({reinterpret_cast<char*>(to.data()), to.size()}));
  return got == to.size() ? absl::OkStatus() : DataLoss("'{}' is truncated or corrupt", path);
}

absl::StatusOr<std::vector<std::int64_t>> ReadShape(GzipFile& file, const std::string& path) {
  std::uint8_t head[4];
  CONEC_RETURN_IF_ERROR(ReadAll(file, path, head));
  if (head[0] != 0 || head[1] != 0 || head[2] != 8 || head[3] == 0 || head[3] > kMaxDimensions) {
    return DataLoss("'{}' is not an idx file of unsigned bytes", path);
  }
  std::vector<std::int64_t> shape;
  for (unsigned i = 0; i < head[3]; ++i) {
    std::uint8_t size[4];
    CONEC_RETURN_IF_ERROR(ReadAll(file, path, size));
    shape.push_back(std::int64_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3]);
  }
  return shape;
}

}  // namespace

absl::StatusOr<IdxArray> ReadIdx(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path));
  IdxArray array;
  CONEC_ASSIGN_OR_RETURN(array.shape, ReadShape(file, path));
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
    CONEC_RETURN_IF_ERROR(ReadAll(file, path, std::span(array.values).last(step)));
  }
  char more = 0;
  CONEC_ASSIGN_OR_RETURN(const std::size_t left, file.Read({&more, 1}));
  if (left != 0) return DataLoss("'{}' holds more than its header says", path);
  return array;
}

}  // namespace conec::simec::experiments
