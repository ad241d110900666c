#include "word2vec/device_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace conec::word2vec {
namespace {

// CUDA's own memory, code and what other programs may want in the meantime.
constexpr std::size_t kReserve = std::size_t{256} << 20;
constexpr std::size_t kLargeBatch = std::size_t{4} << 20;  // positions; a batch is made ready while one is trained
constexpr std::size_t kSmallBatch = std::size_t{2} << 20;  // where ids come with the batch
// Bytes of a position in a batch: id, segment, offset and shape of the word, and two descriptors for 1,000 positions.
constexpr std::size_t kWordBytes = 14;
constexpr std::size_t kBatches = 2;  // one is trained while the other is made ready

std::size_t PerWord(const TrainOptions& options, const InputLayout& layout) {
  const std::size_t rows = 2 + (layout.inputs.direction ? 1 : 0);
  const std::size_t of_row = DeviceStride(options.dim) * sizeof(float) + sizeof(float);  // and its damping
  return rows * of_row + sizeof(AliasEntry) + sizeof(std::uint8_t) + (options.sample > 0 ? sizeof(std::uint32_t) : 0);
}

// counts^exponent as shares of their sum; words without occurrences have none.
std::vector<double> Shares(std::span<const std::int64_t> counts, double exponent) {
  std::vector<double> shares(counts.size());
  std::transform(counts.begin(), counts.end(), shares.begin(),
                 [&](std::int64_t count) { return count > 0 ? std::pow(static_cast<double>(count), exponent) : 0.0; });
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

std::uint32_t Quads(int dim) {
  return static_cast<std::uint32_t>(dim + 3) / 4;
}

}  // namespace

absl::Status CheckDeviceOptions(const TrainOptions& options) {
  if (options.dim <= static_cast<int>(kLargestDeviceDim)) return absl::OkStatus();
  return Unavailable("--dim is {}: a GPU trains up to {} dimensions", options.dim, kLargestDeviceDim);
}

std::size_t DeviceStride(int dim) {
  return (static_cast<std::size_t>(dim) + 7) / 8 * 8;
}

std::uint32_t HeldRows(const TrainOptions& options, std::size_t shared_per_block) {
  if (options.shared_negatives <= 1) return 0;
  const auto negatives = static_cast<std::uint32_t>(options.negatives);
  std::uint32_t held = std::min(negatives, kLargestHeldRows);
  while (held > 0 && NearLayout(Quads(options.dim), held, negatives, static_cast<std::uint32_t>(options.window)).bytes >
                         shared_per_block) {
    --held;
  }
  return held;
}

int ConcurrentWarps(const TrainOptions& options, int multiprocessors, std::size_t positions) {
  if (options.gpu_warps > 0) return options.gpu_warps;
  constexpr std::size_t kPositionsOfAWarp = 50000;
  const std::size_t warps = std::min(static_cast<std::size_t>(multiprocessors), positions / kPositionsOfAWarp);
  return static_cast<int>(std::max<std::size_t>(warps, 1));
}

std::size_t BlocksOfRange(const TrainOptions& options, int warps) {
  constexpr double kUsualBlocks = 128, kUsualWork = 20 * 256;  // some 0.2 s; rows times columns
  const double work = (options.window + options.negatives + 2.0) * std::max(options.dim, 128);
  const double blocks = kUsualBlocks * std::min(1.0, kUsualWork / work);
  return std::max<std::size_t>(static_cast<std::size_t>(blocks), 1) * static_cast<std::size_t>(warps);
}

RowRules RulesOfRows(const TrainOptions& options, const InputLayout& layout, std::span<const std::int64_t> counts,
                     int warps) {
  const double others = warps - 1, context_words = options.window + 1.0;  // on average
  const std::vector<double> share = Shares(counts, 1), noise = Shares(counts, options.noise_exponent);
  const auto damping = [&](double updates_per_centre) {
    const double at_a_time = others * updates_per_centre;
    return static_cast<float>(at_a_time > kUpdatesAtATime ? kUpdatesAtATime / at_a_time : 1.0);
  };
  RowRules rules;
  // Of the rows of shapes it is only known that a centre has at most one from each place.
  rules.input_damping.assign(InputRows(layout), damping(1));
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    const double drawn = options.negatives * noise[i];
    const double sides = layout.inputs.direction ? 2 : 1;
    rules.holdable.push_back(others * drawn <= kHoldersAtATime ? 1 : 0);
    rules.output_damping.push_back(damping(share[i] + drawn));
    rules.input_damping[ContextRow(layout, i, false)] = damping(context_words * share[i] / sides);
    rules.input_damping[ContextRow(layout, i, true)] = damping(context_words * share[i] / sides);
  }
  return rules;
}

absl::StatusOr<DeviceMemoryPlan> PlanDeviceMemory(const TrainOptions& options, const InputLayout& layout,
                                                  std::size_t positions, std::size_t free_bytes) {
  const std::size_t per_word = PerWord(options, layout), words = layout.vocabulary_size;
  const std::size_t row = DeviceStride(options.dim) * sizeof(float) + sizeof(float);
  const std::size_t shape_rows = InputRows(layout) - (layout.inputs.direction ? 2 : 1) * words;
  const std::size_t position_bytes = sizeof(std::uint32_t) + (layout.inputs.needs_shapes() ? 1 : 0);
  const std::size_t streamed = kBatches * kSmallBatch * (kWordBytes + position_bytes);
  const std::size_t fixed = kReserve + shape_rows * row + streamed;
  if (free_bytes < fixed || (free_bytes - fixed) / per_word < words) {
    const std::size_t fit = free_bytes > fixed ? (free_bytes - fixed) / per_word : 0;
    return ResourceExhausted(
        "the tables of {} words with {} dimensions need {} MB of GPU memory, {} MB are free: {} words fit "
        "(--max-vocab, "
        "--min-count), or fewer dimensions (--dim)",
        words, options.dim, (fixed + words * per_word) >> 20, free_bytes >> 20, fit);
  }
  DeviceMemoryPlan plan;
  const std::size_t tables = kReserve + shape_rows * row + words * per_word;
  const std::size_t large = std::min(kLargeBatch, positions + Schedule::kBlockPositions);
  plan.bytes = tables + positions * position_bytes + kBatches * large * kWordBytes;
  plan.resident = plan.bytes <= free_bytes;
  plan.batch_positions = plan.resident ? large : kSmallBatch;
  if (!plan.resident) plan.bytes = tables + streamed;
  return plan;
}

absl::StatusOr<std::size_t> NextDeviceBatch(const Schedule& schedule, int epoch, std::size_t* index, std::size_t last,
                                            std::size_t positions, bool ids_in_place,
                                            std::vector<CbowDeviceBlock>* blocks) {
  std::size_t size = 0;
  while (*index < last) {
    const Schedule::Block block = schedule.At(epoch, *index);
    const std::size_t length = block.end - block.begin;
    if (length >= (std::size_t{1} << 31)) {
      return ResourceExhausted("a segment of {} words is too long for a GPU: use --segment-length", length);
    }
    if (size > 0 && size + length > positions) break;
    ++*index;
    if (length == 0) continue;
    blocks->push_back({.begin = block.begin,
                       .source = ids_in_place ? block.begin : size,
                       .words = size,
                       .length = static_cast<std::uint32_t>(length),
                       .learning_rate = block.learning_rate});
    size += length;
  }
  return size;
}

}  // namespace conec::word2vec
