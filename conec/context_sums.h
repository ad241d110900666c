// Sums of the rows of a table over context windows: the inner loop of everything in this room.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "conec/context_options.h"
#include "corpora/word_id.h"

namespace conec {

// 1 / length; 0 for a row without length. The same bits on every machine.
float UnitScale(std::span<const float> row);

// 1 / length of every row; 0 for rows without length. Or all 1 if !unit_rows.
std::vector<float> RowScales(MatrixView<const float> table, bool unit_rows);

// The weight of a context word at each distance: window + 1 values, [0] is 0.
std::vector<float> DistanceWeights(const ContextOptions& options);

// Adds to `sums` the context-window sum of every word of one segment (thesis eq. 7.1, unnormalised):
//   sums[ids[p]] += sum_{0 < |q-p| <= window} weight(|q-p|) scales[ids[q]] table[ids[q]]
// ids: words and gaps of one segment; a gap takes part in distances only. table: V x d, read only. scales: V values.
// sums: V x d, updated; caller owns all. options: window and weighting.
// Not thread-safe for one `sums`. kInvalidArgument for a bad window, an id without a row, a mark inside the segment or
// shapes that differ.
absl::Status AccumulateContextSums(std::span<const corpora::WordId> ids, const ContextOptions& options,
                                   MatrixView<const float> table, std::span<const float> scales,
                                   MatrixView<float> sums);

}  // namespace conec
