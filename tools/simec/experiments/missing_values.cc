#include "tools/simec/experiments/missing_values.h"

#include <torch/types.h>

#include <limits>

#include "simec_core/numpy_random.h"

namespace conec::simec::experiments {

at::Tensor MissingMask(std::uint32_t seed, std::int64_t rows, std::int64_t cols, double part) {
  NumpyRandom random(seed);
  at::Tensor mask = at::empty({rows, cols}, at::kBool);
  bool* missing = mask.data_ptr<bool>();
  for (std::int64_t k = 0; k < mask.numel(); ++k) missing[k] = random.Rand() <= part;
  return mask;
}

at::Tensor WithMissing(const at::Tensor& matrix, std::uint32_t seed, double part) {
  return matrix.masked_fill(MissingMask(seed, matrix.size(0), matrix.size(1), part),
                            std::numeric_limits<double>::quiet_NaN());
}

}  // namespace conec::simec::experiments
