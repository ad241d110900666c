// The format of the MNIST files: arrays of unsigned bytes, gzip-compressed or not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace conec::simec::experiments {

struct IdxArray {
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> values;  // the last index runs fastest
};

// kDataLoss naming the file for another type of element, sizes beyond 2^32, and a length that is not what the header
// says.
absl::StatusOr<IdxArray> ReadIdx(const std::string& path);

}  // namespace conec::simec::experiments
