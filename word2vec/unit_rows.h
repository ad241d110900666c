// Rows of length one.
#pragma once

#include <cstddef>
#include <span>

#include "base/matrix.h"
#include "base/status.h"

namespace conec::word2vec {

// Divides each row by its Euclidean length, computed in double precision. Zero rows stay zero. kInvalidArgument naming
// the first row with NaN or infinity; rows before it may have been divided then.
absl::Status NormalizeRows(MatrixView<float> rows);

// A normalised copy of the first `count` rows (all if there are fewer).
absl::StatusOr<Matrix<float>> UnitRows(MatrixView<const float> rows, std::size_t count);

// Inner product of two spans of the same size in double precision, summed in the order of the elements.
double Dot(std::span<const float> a, std::span<const float> b);

}  // namespace conec::word2vec
