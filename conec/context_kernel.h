// The inner loops behind context_sums.h, for one thread and one slice of columns. For this room only.
//
// Uniform weights: a window sum slides. One pass over the columns per token adds the row that enters, subtracts the one
// that leaves and adds the sum without the centre to the target's row: 3d additions, whatever the window. Rounding
// errors of sliding would add up, so the sum is made anew at the start of a segment and every few dozen positions.
// Other weights, and windows without the target's own word: the window's rows are added one by one.
//
// Extended inputs: two sums slide, over the words left of the target and over those right of it, and the rows of
// shapes, few enough to stay in the cache, are added one by one.
//
// Columns are independent of each other and their loops (conec/column_loops.h) compiled without contraction to fused
// operations, so that the result is the same bits however the columns are cut into slices, whatever the processor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "conec/column_loops.h"
#include "conec/context_corpus.h"
#include "conec/input_table.h"
#include "corpora/word_id.h"

namespace conec::context_internal {

// out[j] += scale * row[j]
void AddScaled(std::span<float> out, const float* row, float scale);

class WindowSummer {
 public:
  struct Task {
    InputTable table;                            // rows() x d
    std::span<const float> scales;               // rows(): of the table's rows
    std::span<const float> weights;              // of distances 0..window
    std::span<const float> shape_weights;        // of shapes at these distances; only for a table with rows for shapes
    bool uniform = true;                         // all weights but [0] are 1
    bool exclude_target = false;                 // occurrences of the target in its own window do not count
    MatrixView<float> sums;                      // V x d
    MatrixView<double> precise_sums;             // rows used in place of those of `sums` ...
    std::span<const std::int32_t> precise_rows;  // ... V: for words whose entry is not negative; empty: no word
  };
  // Works on columns [first_column, first_column + columns) only.
  WindowSummer(const Task& task, std::size_t first_column, std::size_t columns);

  // Adds the window sums of one segment, which has shapes if the table has rows for them.
  void Accumulate(const ContextSegment& segment);

 private:
  using Row = ScaledRow;
  Row RowAt(std::span<const corpora::WordId> ids, std::size_t position) const;
  void Prefetch(corpora::WordId context, corpora::WordId target) const;
  void Slide(std::span<const corpora::WordId> ids);
  void SumEach(std::span<const corpora::WordId> ids);
  void Restart(std::span<const corpora::WordId> ids, std::size_t position);
  void Step(const Row& enter, const Row& leave, const Row& centre, corpora::WordId target);
  void Emit(corpora::WordId target);
  // With extended inputs:
  Row InputAt(std::span<const corpora::WordId> ids, std::size_t position, bool is_right) const;
  void SumInputs(const ContextSegment& segment);
  void SlideSides(std::span<const corpora::WordId> ids, std::size_t position);
  void RestartSides(std::span<const corpora::WordId> ids, std::size_t position);
  void SumSides(std::span<const corpora::WordId> ids, std::size_t position);
  bool Counts(std::span<const corpora::WordId> ids, std::size_t position, std::size_t row) const;
  void AddShapes(std::span<const tokenize::WordShape> shapes, std::size_t position);

  Task task_;
  const ColumnLoops* loops_;
  std::size_t first_column_;
  std::size_t columns_;
  std::size_t window_;
  std::vector<float> sum_;           // of the window, for the slice
  std::vector<float> zeros_;         // the row of a gap
  std::vector<float> left_, right_;  // of the words on either side; empty without extended inputs
};

}  // namespace conec::context_internal
