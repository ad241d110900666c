// What is decided before a GPU trains: how many warps at a time, what they hold, what of the corpus is where. Plain
// functions of sizes and counts, the same with and without a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "word2vec/cbow_device.h"
#include "word2vec/options.h"
#include "word2vec/schedule.h"

namespace conec::word2vec {

// kUnavailable for what only the CPU trains: more than kLargestDeviceDim dimensions.
absl::Status CheckDeviceOptions(const TrainOptions& options);

// Floats of a row on the device.
std::size_t DeviceStride(int dim);

// Noise rows that one warp has room to hold: none if noise words are not shared.
std::uint32_t HeldRows(const TrainOptions& options, std::size_t shared_per_block);

// Warps that train at the same time: options.gpu_warps, or one for each multiprocessor, unless the corpus is so small
// that each would have few words of it (README_cuda.md).
int ConcurrentWarps(const TrainOptions& options, int multiprocessors, std::size_t positions);

// Blocks that are trained between two reports: so many that a warp which waits for the last one, and the host's share,
// are a few per cent, and so few that there are several reports a second, and that no kernel runs for seconds (where a
// GPU also draws a screen, the system stops those). What a centre takes is guessed from the rows that it touches.
std::size_t BlocksOfRange(const TrainOptions& options, int warps);

// What depends on how often each row is trained while others train it.
struct RowRules {
  // V: 1 if so few warps hold the word's row as noise at a time that they may: kHoldersAtATime on average.
  std::vector<std::uint8_t> holdable;
  // Of each row of W1, and of W2: min(1, kUpdatesAtATime / the mean number of updates that are on their way when one is
  // made). Those updates do not see each other; without damping their sum overshoots, and training diverges.
  std::vector<float> input_damping;
  std::vector<float> output_damping;
};
inline constexpr double kHoldersAtATime = 1;
inline constexpr double kUpdatesAtATime = 4;
// One warp: every row may be held, nothing is damped.
RowRules RulesOfRows(const TrainOptions& options, const InputLayout& layout, std::span<const std::int64_t> counts,
                     int warps);

// What lies in device memory. Ids of the whole corpus stay there if they fit; otherwise they come in batches, one being
// copied while the one before it is trained.
struct DeviceMemoryPlan {
  bool resident = false;            // all ids (and shapes, where needed)
  std::size_t batch_positions = 0;  // positions of a batch, unless one block alone is longer
  std::size_t bytes = 0;            // that will be asked for
};
// kResourceExhausted with the largest vocabulary that fits.
absl::StatusOr<DeviceMemoryPlan> PlanDeviceMemory(const TrainOptions& options, const InputLayout& layout,
                                                  std::size_t positions, std::size_t free_bytes);

// Appends the blocks of the schedule from *index on that make up one batch: below `last`, about `positions` positions,
// at least one block. `source` and `words` count from the batch's begin, or, with ids in place, `source` is the
// position. Empty blocks are left out. Returns the positions of the batch; kResourceExhausted if a block has 2^31
// positions or more.
absl::StatusOr<std::size_t> NextDeviceBatch(const Schedule& schedule, int epoch, std::size_t* index, std::size_t last,
                                            std::size_t positions, bool ids_in_place,
                                            std::vector<CbowDeviceBlock>* blocks);

}  // namespace conec::word2vec
