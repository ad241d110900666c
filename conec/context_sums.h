// Sums of the rows of a table over context windows: the inner loop of everything in this room.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "conec/context_corpus.h"
#include "conec/context_options.h"
#include "conec/input_table.h"
#include "corpora/word_id.h"

namespace conec {

// 1 / length; 0 for a row without length. The same bits on every machine.
float UnitScale(std::span<const float> row);

// 1 / length of every row (table.rows() values); 0 for rows without length. Or all 1 if !unit_rows. Those of words
// times the table's word_weights.
std::vector<float> RowScales(const InputTable& table, bool unit_rows);

// How much each word counts as a context word (options.sif), for InputTable; empty if all count 1.
// kFailedPrecondition if the vocabulary has no counts, as that of somebody else's vectors.
absl::StatusOr<std::vector<float>> WordWeights(const corpora::Vocabulary& vocabulary, const ContextOptions& options);

// The weight of a context word at each distance: window + 1 values, [0] is 0.
std::vector<float> DistanceWeights(const ContextOptions& options);

// The weight of the shape of what stands at each distance: feature_weight times that of a word there; [0], of the
// target itself, is feature_weight.
std::vector<float> ShapeWeights(const ContextOptions& options);

// Adds to `sums` the context-window sum of every word of one segment (thesis eq. 7.1, unnormalised):
//   sums[ids[p]] += sum_{0 < |q-p| <= window} weight(|q-p|) scales[ids[q]] table[ids[q]]
// and, for a table with extended inputs, the rows of `direction` in place of those of words right of p, and the rows of
// shapes by ShapeWeights; at distances that the table's layout does not reach, shapes have no rows.
// segment: words and gaps; a gap takes part in distances, and has a shape. table: rows() x d, read only. scales:
// rows() values. sums: V x d, updated; caller owns all. options: window and weights.
// Not thread-safe for one `sums`. kInvalidArgument for a bad window, an id without a row, a mark inside the segment or
// sizes that differ; kFailedPrecondition if shapes are needed and not known.
absl::Status AccumulateContextSums(const ContextSegment& segment, const ContextOptions& options,
                                   const InputTable& table, std::span<const float> scales, MatrixView<float> sums);

}  // namespace conec
