// Context sums on a GPU: the interface between the host (context_cuda.cc) and the kernels, plain data. For this room
// only.
#pragma once

#include <cstdint>

#include "word2vec/input_layout.h"

namespace conec::context_internal {

// What does not change during the pass. Rows have `stride` floats, zero from d on.
struct ContextDeviceTask {
  const float* table;  // rows of words, then those of extended inputs
  std::uint64_t stride;
  std::uint32_t quads;         // ceil(d / 4)
  const float* scales;         // of the table's rows
  const float* weights;        // of distances 0 .. window
  const float* shape_weights;  // of shapes at these distances
  std::uint32_t window;
  bool exclude_target;
  word2vec::InputLayout layout;
  float* sums;  // V x stride, added to
};

// A piece of the corpus: rows of the table and marks, of which [begin, end) are targets; the others are there to be
// their contexts.
struct ContextDeviceChunk {
  const std::uint32_t* ids;
  const tokenize::WordShape* shapes;  // nullptr if the layout has no rows for shapes
  std::uint32_t length;
  std::uint32_t begin;
  std::uint32_t end;
};

// Rows of `sums` that are emptied into double precision.
struct ContextDevicePrecise {
  const std::uint32_t* rows;  // `count` rows of sums
  double* sums;               // count x stride
  std::uint32_t count;
};

// In context_kernels.cu. Errors are those of the CUDA runtime (cudaError_t); stream is a cudaStream_t.
int LaunchContextSums(const ContextDeviceTask& task, const ContextDeviceChunk& chunk, void* stream);
int LaunchEmptyInto(const ContextDeviceTask& task, const ContextDevicePrecise& precise, void* stream);

}  // namespace conec::context_internal
