// scikit-learn's handwritten digits: 1,797 images of 8 x 8 pixels with 17 levels of grey (experiment E3).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "base/status.h"

namespace conec::simec::experiments {

struct Digits {
  at::Tensor x;       // 1797 x 64, float64: grey levels / the largest one, less the columns' means
  at::Tensor labels;  // 1797, int64
};

// The file digits.csv.gz of scikit-learn: `folder`/digits.csv.gz, `folder`/digits/digits.csv.gz, or else where Debian's
// package python3-sklearn installs it. kNotFound that says so if it is nowhere.
absl::StatusOr<std::string> FindDigits(const std::string& folder);

// 64 grey levels and the digit per line, comma-separated, gzip-compressed or not. kDataLoss naming the file for other
// shapes, labels that are no digits, and levels outside [0, 16].
absl::StatusOr<Digits> LoadDigits(const std::string& path);

}  // namespace conec::simec::experiments
