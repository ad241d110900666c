// Rows that are equal in all features and have the same label are one example with the sum of their weights: text
// repeats itself. Not for other rooms.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ner/design_matrix.h"

namespace conec::ner::regression_internal {

struct Examples {
  std::vector<std::uint32_t> rows;    // of the design matrix, ascending: the first of those that are equal
  std::vector<std::uint32_t> labels;  // of each
  std::vector<double> weights;        // sums, all > 0
};

// x: checked. labels: n values. weights: n values >= 0, or empty (all 1). Rows of a table are equal if they are the
// same row. Rows of weight 0 are left out.
Examples MergeEqualRows(const DesignMatrix& x, std::span<const std::uint32_t> labels, std::span<const double> weights);

}  // namespace conec::ner::regression_internal
