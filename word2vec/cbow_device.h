// CBOW on a GPU: the interface between what runs on the host (trainer_cuda.cc) and the kernels. Plain data and plain
// functions, since nvcc compiles neither fmt nor Abseil's headers here. The story of the kernel stands in cbow_warp.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "word2vec/draws.h"
#include "word2vec/input_layout.h"

namespace conec::word2vec {

inline constexpr std::uint32_t kLargestDeviceDim = 1024;
inline constexpr std::uint32_t kLargestHeldRows = 32;

// Tables and settings that do not change during training. Rows have `stride` floats, a multiple of 8 (32 bytes, what
// memory moves at least), and are zero from d on; they stay zero.
struct CbowDeviceModel {
  float* input;   // W1
  float* output;  // W2
  std::uint64_t stride;
  std::uint32_t quads;  // ceil(d / 4)
  std::uint32_t vocabulary_size;
  const AliasEntry* noise;
  const std::uint32_t* keep;     // KeepThresholds(); nullptr: no subsampling
  const std::uint8_t* holdable;  // V: 1 for words whose row a warp may hold while it trains a set of centres
  // What updates of each row of W1 (W2) are multiplied by before they are added: 1, or less for rows that many warps
  // train at a time, none of which sees what the others do (device_plan.h).
  const float* input_damping;
  const float* output_damping;
  std::uint32_t window;
  std::uint32_t negatives;
  std::uint32_t shared_negatives;
  std::uint32_t held_rows;  // that a warp has room for, at most kLargestHeldRows
  bool mean_hidden;         // h is the mean of the context rows, not their sum
  bool mean_gradient;       // context rows get e / |C|, not e
  InputLayout layout;
  PhiloxKey key;
};

// One block of the schedule: positions [begin, begin + length) of the stream.
struct CbowDeviceBlock {
  std::uint64_t begin;   // position in the stream, which draws depend on
  std::uint64_t source;  // where ids and shapes of the block begin in CbowDeviceBatch
  std::uint64_t words;   // where its words go there; room for `length`
  std::uint32_t length;
  float learning_rate;
};

struct CbowDeviceStatistics {
  double loss_sum;
  unsigned long long trained_words;  // NOLINT(google-runtime-int): what the device adds to atomically
};

// Blocks that are trained by one launch.
struct CbowDeviceBatch {
  const std::uint32_t* ids;           // words and marks
  const tokenize::WordShape* shapes;  // parallel to ids; nullptr if word_shapes is
  const CbowDeviceBlock* blocks;      // `count`, trained in this order
  std::uint32_t count;
  std::uint32_t epoch;
  // The words of each block that survive subsampling, gaps among them (kNoWord): id, number of the segment within the
  // block, distance from the block's begin, shape. Written first, then read.
  std::uint32_t* word_ids;
  std::uint32_t* word_segments;
  std::uint32_t* word_offsets;
  tokenize::WordShape* word_shapes;  // nullptr: the layout has no rows for shapes
  std::uint32_t* next_block;         // 0 before the launch
  CbowDeviceStatistics* statistics;  // added to
};

// Where a warp's own memory begins and ends: what a kernel is launched with, and how it finds its arrays.
struct CbowNear {
  std::uint32_t row_floats;  // of held rows
  std::uint32_t start;       // byte offsets of arrays
  std::uint32_t logits;
  std::uint32_t counts;
  std::uint32_t dampings;
  std::uint32_t rows;
  std::uint32_t context;
  std::uint32_t context_dampings;
  std::uint32_t bytes;
};

CONEC_HOST_DEVICE constexpr CbowNear NearLayout(std::uint32_t quads, std::uint32_t held_rows, std::uint32_t negatives,
                                                std::uint32_t window) {
  CbowNear near{};
  near.row_floats = 4 * quads;
  near.start = held_rows * near.row_floats * 4;     // held rows as they are, then as they were
  near.logits = 2 * near.start;                     // one per row, the target's among them
  near.counts = near.logits + 4 * (negatives + 1);  // how often each was drawn
  near.dampings = near.counts + 4 * (negatives + 1);
  near.rows = near.dampings + 4 * (negatives + 1);  // which they are
  near.context = near.rows + 4 * (negatives + 1);   // rows of W1: words and their shapes, the target's shape
  near.context_dampings = near.context + 4 * (4 * window + 1);
  near.bytes = near.context_dampings + 4 * (4 * window + 1);
  return near;
}

// In cbow_kernels.cu. Errors are those of the CUDA runtime (cudaError_t); stream is a cudaStream_t.
int LaunchCbow(const CbowDeviceModel& model, const CbowDeviceBatch& batch, int warps, void* stream);

}  // namespace conec::word2vec
