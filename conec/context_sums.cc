#include "conec/context_sums.h"

#include <algorithm>
#include <cmath>

#include "conec/column_loops.h"
#include "conec/context_kernel.h"

namespace conec {
namespace {

using corpora::Index;
using corpora::IsWord;
using corpora::WordId;

absl::Status CheckIds(std::span<const WordId> ids, std::size_t words) {
  for (std::size_t p = 0; p < ids.size(); ++p) {
    if (ids[p] == corpora::kGap) continue;
    if (!IsWord(ids[p])) return InvalidArgument("position {} of a segment holds a mark that ends segments", p);
    if (Index(ids[p]) >= words) {
      return InvalidArgument("position {} holds word {}, the table has {} rows", p, Index(ids[p]), words);
    }
  }
  return absl::OkStatus();
}

}  // namespace

float UnitScale(std::span<const float> row) {
  const double squared = context_internal::ActiveColumnLoops().squared_length(row.data(), row.size());
  const auto scale = static_cast<float>(1.0 / std::sqrt(squared));
  return std::isfinite(scale) ? scale : 0.0f;
}

std::vector<float> RowScales(const InputTable& table, bool unit_rows) {
  std::vector<float> scales(table.rows(), 1.0f);
  for (std::size_t i = 0; unit_rows && i < scales.size(); ++i) scales[i] = UnitScale(table.row(i));
  for (std::uint32_t i = 0; i < table.word_weights.size(); ++i) {
    const std::uint32_t right = word2vec::ContextRow(table.layout, i, true);
    scales[i] *= table.word_weights[i];
    if (right != i) scales[right] *= table.word_weights[i];
  }
  return scales;
}

absl::StatusOr<std::vector<float>> WordWeights(const corpora::Vocabulary& vocabulary, const ContextOptions& options) {
  if (options.sif == 0) return std::vector<float>();
  const std::span<const std::int64_t> counts = vocabulary.counts();
  double total = 0;
  for (const std::int64_t count : counts) total += static_cast<double>(count);
  if (total == 0) return FailedPrecondition("smooth inverse frequency needs the counts of words, these have none");
  std::vector<float> weights(counts.size());
  std::transform(counts.begin(), counts.end(), weights.begin(), [&](std::int64_t count) {
    return static_cast<float>(options.sif / (options.sif + static_cast<double>(count) / total));
  });
  return weights;
}

std::vector<float> DistanceWeights(const ContextOptions& options) {
  std::vector<float> weights(static_cast<std::size_t>(options.window) + 1, 1.0f);
  weights[0] = 0;
  if (options.weighting == ContextWeighting::kUniform) return weights;
  for (std::size_t i = 1; i < weights.size(); ++i) weights[i] = 1.0f / static_cast<float>(i);
  return weights;
}

std::vector<float> ShapeWeights(const ContextOptions& options) {
  std::vector<float> weights = DistanceWeights(options);
  weights[0] = 1;
  for (float& weight : weights) weight *= static_cast<float>(options.feature_weight);
  return weights;
}

absl::Status AccumulateContextSums(const ContextSegment& segment, const ContextOptions& options,
                                   const InputTable& table, std::span<const float> scales, MatrixView<float> sums) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  CONEC_RETURN_IF_ERROR(CheckInputTable(table));
  if (sums.rows != table.words.rows || sums.cols != table.cols() || scales.size() != table.rows()) {
    return InvalidArgument("sizes differ: table {} x {} of {} words, sums {} x {}, {} scales", table.rows(),
                           table.cols(), table.words.rows, sums.rows, sums.cols, scales.size());
  }
  CONEC_RETURN_IF_ERROR(CheckIds(segment.ids, table.words.rows));
  CONEC_RETURN_IF_ERROR(CheckShapes({.stream = segment.ids, .mapping = {}, .shapes = segment.shapes}, table.inputs()));
  const std::vector<float> weights = DistanceWeights(options), shape_weights = ShapeWeights(options);
  context_internal::WindowSummer::Task task;
  task.table = table;
  task.scales = scales;
  task.weights = weights;
  task.shape_weights = shape_weights;
  task.uniform = options.weighting == ContextWeighting::kUniform;
  task.exclude_target = options.exclude_target;
  task.sums = sums;
  context_internal::WindowSummer(task, 0, table.cols()).Accumulate(segment);
  return absl::OkStatus();
}

}  // namespace conec
