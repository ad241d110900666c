// The matrices of a golden file as tensors of doubles.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "tests/simec_core/golden.h"

namespace conec::simec {

class GoldenTensors {
 public:
  explicit GoldenTensors(const std::string& file) : matrices_(ReadGolden(file)) {}

  // rows x cols; a vector is 1 x n, a number 1 x 1.
  at::Tensor operator[](const std::string& name) const {
    const GoldenMatrix& matrix = matrices_.at(name);
    return at::tensor(matrix.values, at::kDouble).view({matrix.rows, matrix.cols});
  }

 private:
  std::map<std::string, GoldenMatrix> matrices_;
};

}  // namespace conec::simec
