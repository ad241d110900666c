#include "conec/context_sums.h"

#include <array>
#include <cmath>

#include "conec/context_kernel.h"

namespace conec {
namespace {

using corpora::Index;
using corpora::IsWord;
using corpora::WordId;

// In a fixed order of eight partial sums, which compilers vectorise without being allowed to reorder anything.
double SquaredLength(std::span<const float> row) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> partial{};
  std::size_t j = 0;
  for (; j + kLanes <= row.size(); j += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = row[j + lane];
      partial[lane] += value * value;
    }
  }
  double sum = 0;
  for (const double value : partial) sum += value;
  for (; j < row.size(); ++j) sum += static_cast<double>(row[j]) * static_cast<double>(row[j]);
  return sum;
}

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
  const double squared = SquaredLength(row);
  const auto scale = static_cast<float>(1.0 / std::sqrt(squared));
  return std::isfinite(scale) ? scale : 0.0f;
}

std::vector<float> RowScales(MatrixView<const float> table, bool unit_rows) {
  std::vector<float> scales(table.rows, 1.0f);
  if (!unit_rows) return scales;
  for (std::size_t i = 0; i < table.rows; ++i) scales[i] = UnitScale(table.row(i));
  return scales;
}

std::vector<float> DistanceWeights(const ContextOptions& options) {
  std::vector<float> weights(static_cast<std::size_t>(options.window) + 1, 1.0f);
  weights[0] = 0;
  if (options.weighting == ContextWeighting::kUniform) return weights;
  for (std::size_t i = 1; i < weights.size(); ++i) weights[i] = 1.0f / static_cast<float>(i);
  return weights;
}

absl::Status AccumulateContextSums(std::span<const WordId> ids, const ContextOptions& options,
                                   MatrixView<const float> table, std::span<const float> scales,
                                   MatrixView<float> sums) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  if (sums.rows != table.rows || sums.cols != table.cols || scales.size() != table.rows) {
    return InvalidArgument("shapes differ: table {} x {}, sums {} x {}, {} scales", table.rows, table.cols, sums.rows,
                           sums.cols, scales.size());
  }
  CONEC_RETURN_IF_ERROR(CheckIds(ids, table.rows));
  const std::vector<float> weights = DistanceWeights(options);
  context_internal::WindowSummer::Task task;
  task.table = table;
  task.scales = scales;
  task.weights = weights;
  task.uniform = options.weighting == ContextWeighting::kUniform;
  task.sums = sums;
  context_internal::WindowSummer(task, 0, table.cols).Accumulate(ids);
  return absl::OkStatus();
}

}  // namespace conec
