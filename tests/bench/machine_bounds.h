// What the processor can do at most, measured in the same run as what a kernel does: multiply-adds on registers, and
// rows that are read, changed and written back in the L2 cache and in memory.
#pragma once

#include <cstddef>

#include "base/simd.h"

namespace conec {

struct MachineBounds {
  double flops = 0;             // per second; a multiply-add counts two
  double l2_bytes = 0;          // per second, read and written
  double memory_bytes = 0;      // the same
  std::size_t l2_capacity = 0;  // bytes per core
};

// Of `threads` threads together at this SIMD level (kScalar: what the compiler makes of plain code). Measured at the
// first call for these arguments, in about 0.1 s.
const MachineBounds& BoundsOf(SimdLevel level, int threads);

}  // namespace conec
