// Loops over the columns of rows, compiled for each SIMD level. For this room only.
//
// Every column is computed by itself and without contraction to fused operations, so all levels give the same bits.
#pragma once

#include <cstddef>

#include "base/simd.h"

namespace conec::context_internal {

// A row and the factor that it counts with.
struct ScaledRow {
  const float* data;
  float scale;
};

// n: columns. Rows that are read and rows that are written do not overlap.
struct ColumnLoops {
  // The sum of the squares, in a fixed order.
  double (*squared_length)(const float* row, std::size_t n);
  // out += row
  void (*add_scaled)(float* out, ScaledRow row, std::size_t n);
  // out += sum
  void (*add)(float* out, const float* sum, std::size_t n);
  void (*add_precise)(double* out, const float* sum, std::size_t n);
  // sum += enter - leave
  void (*slide)(float* sum, ScaledRow enter, ScaledRow leave, std::size_t n);
  // sum += enter - leave, then out += sum - centre
  void (*step)(float* sum, ScaledRow enter, ScaledRow leave, ScaledRow centre, float* out, std::size_t n);
  void (*step_precise)(float* sum, ScaledRow enter, ScaledRow leave, ScaledRow centre, double* out, std::size_t n);
};

// level: one that this machine supports.
const ColumnLoops& ColumnLoopsOf(SimdLevel level);

// Those of ActiveSimdLevel() at the first call; of the best level if CONEC_SIMD names none that can be had.
const ColumnLoops& ActiveColumnLoops();

}  // namespace conec::context_internal
