// The inner loops behind context_sums.h, for one thread and one slice of columns. For this room only.
//
// Uniform weights: a window sum slides. One pass over the columns per token adds the row that enters, subtracts the one
// that leaves and adds the sum without the centre to the target's row: 3d additions, whatever the window. Rounding
// errors of sliding would add up, so the sum is made anew at the start of a segment and every few dozen positions.
// Other weights: the window's rows are added one by one.
//
// Columns are independent of each other and compiled without contraction to fused operations, so that the result is the
// same bits however the columns are cut into slices, whatever the processor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "corpora/word_id.h"

namespace conec::context_internal {

// out[j] += scale * row[j]
void AddScaled(std::span<float> out, const float* row, float scale);

class WindowSummer {
 public:
  struct Task {
    MatrixView<const float> table;               // V x d
    std::span<const float> scales;               // V: of the table's rows
    std::span<const float> weights;              // of distances 0..window
    bool uniform = true;                         // all weights but [0] are 1
    MatrixView<float> sums;                      // V x d
    MatrixView<double> precise_sums;             // rows used in place of those of `sums` ...
    std::span<const std::int32_t> precise_rows;  // ... V: for words whose entry is not negative; empty: no word
  };
  // Works on columns [first_column, first_column + columns) only.
  WindowSummer(const Task& task, std::size_t first_column, std::size_t columns);

  // Adds the window sums of one segment (words and gaps).
  void Accumulate(std::span<const corpora::WordId> ids);

 private:
  struct Row {
    const float* data;
    float scale;
  };
  Row RowAt(std::span<const corpora::WordId> ids, std::size_t position) const;
  void Prefetch(corpora::WordId context, corpora::WordId target) const;
  void Slide(std::span<const corpora::WordId> ids);
  void SumEach(std::span<const corpora::WordId> ids);
  void Restart(std::span<const corpora::WordId> ids, std::size_t position);
  void Step(const Row& enter, const Row& leave, const Row& centre, corpora::WordId target);
  void Emit(corpora::WordId target);

  Task task_;
  std::size_t first_column_;
  std::size_t columns_;
  std::size_t window_;
  std::vector<float> sum_;    // of the window, for the slice
  std::vector<float> zeros_;  // the row of a gap
};

}  // namespace conec::context_internal
