// Bringing similarities to a common scale: coefficients and learning rates mean the same for all targets then.
#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "base/status.h"

namespace conec::simec {

enum class Normalization {
  kNone,
  kMax,         // divided by the largest absolute value
  kEigenvalue,  // divided by the largest absolute eigenvalue (symmetric matrices)
  kStandard,    // mean 0, standard deviation 1 over all entries
  kMinMax       // the range from the smallest to the largest value becomes [0, 1]
};

std::string_view Name(Normalization normalization);  // "none", "max", "eigenvalue", "standard", "minmax"
absl::StatusOr<Normalization> ParseNormalization(std::string_view name);

// S becomes (S - shift) / scale.
struct Normalizer {
  double shift = 0;
  double scale = 1;

  // For a matrix, or all observed entries of one: NaN is left out. kInvalidArgument where nothing can be divided by
  // (all entries equal, nothing observed, kEigenvalue of what is not symmetric and complete).
  static absl::StatusOr<Normalizer> Of(const at::Tensor& s, Normalization normalization);

  at::Tensor Apply(const at::Tensor& s) const;
};

// What Normalizer::Of() needs to know of a matrix, gathered from blocks of it.
class EntryStatistics {
 public:
  void Add(const at::Tensor& block);
  // Not for kEigenvalue.
  absl::StatusOr<Normalizer> For(Normalization normalization) const;

 private:
  double count_ = 0, sum_ = 0, squares_ = 0, smallest_ = 0, largest_ = 0;
};

}  // namespace conec::simec
