#include "ner/standardizer.h"

#include <algorithm>
#include <cmath>

namespace conec::ner {
namespace {

// Where the moments of the columns of a block go; zeros before.
struct Moments {
  std::span<double> means;
  std::span<double> variances;
};

double WeightOf(std::span<const double> weights, std::size_t i) {
  return weights.empty() ? 1.0 : weights[i];
}

absl::Status CheckWeights(std::span<const double> weights, std::size_t rows) {
  if (!weights.empty() && weights.size() != rows) {
    return InvalidArgument("{} sample weights for {} tokens", weights.size(), rows);
  }
  const auto valid = [](double weight) { return std::isfinite(weight) && weight >= 0; };
  if (!std::all_of(weights.begin(), weights.end(), valid)) {
    return InvalidArgument("a sample weight is negative or not finite");
  }
  return absl::OkStatus();
}

double Total(std::span<const double> weights, std::size_t rows) {
  double total = 0;
  for (std::size_t i = 0; i < rows; ++i) total += WeightOf(weights, i);
  return total;
}

void DenseMoments(const DenseBlock& block, std::span<const double> weights, double total, Moments moments) {
  std::vector<double> uses(block.table.rows);
  double zeros = 0;  // weight of the tokens without a row
  for (std::size_t i = 0; i < block.row_of.size(); ++i) {
    (block.row_of[i] == kNoRow ? zeros : uses[block.row_of[i]]) += WeightOf(weights, i);
  }
  for (std::size_t row = 0; row < uses.size(); ++row) {
    if (uses[row] == 0) continue;
    const std::span<const float> values = block.table.row(row);
    for (std::size_t j = 0; j < values.size(); ++j) moments.means[j] += uses[row] / total * values[j];
  }
  for (std::size_t j = 0; j < block.table.cols; ++j) {
    moments.variances[j] = zeros / total * moments.means[j] * moments.means[j];
  }
  for (std::size_t row = 0; row < uses.size(); ++row) {
    if (uses[row] == 0) continue;
    const std::span<const float> values = block.table.row(row);
    for (std::size_t j = 0; j < values.size(); ++j) {
      const double difference = values[j] - moments.means[j];
      moments.variances[j] += uses[row] / total * difference * difference;
    }
  }
}

void SparseMoments(const SparseBlock& sparse, std::span<const double> weights, double total, Moments moments) {
  std::vector<double> zeros(sparse.cols, total);  // weight of the tokens without an entry
  const auto for_each_entry = [&](const auto& visit) {
    for (std::size_t i = 0; i + 1 < sparse.row_begins.size(); ++i) {
      for (std::uint64_t e = sparse.row_begins[i]; e < sparse.row_begins[i + 1]; ++e) {
        visit(sparse.columns[e], WeightOf(weights, i), sparse.values.empty() ? 1.0 : sparse.values[e]);
      }
    }
  };
  for_each_entry([&](std::uint32_t j, double weight, double value) {
    moments.means[j] += weight / total * value;
    zeros[j] -= weight;
  });
  for_each_entry([&](std::uint32_t j, double weight, double value) {
    const double difference = value - moments.means[j];
    moments.variances[j] += weight / total * difference * difference;
  });
  for (std::size_t j = 0; j < sparse.cols; ++j) {
    moments.variances[j] += std::max(0.0, zeros[j]) / total * moments.means[j] * moments.means[j];
  }
}

// The deviation, or 1 for a column whose variance is no more than the rounding of its mean.
double Scale(double variance, double mean) {
  constexpr double kRounding = 1e-14;
  return variance > kRounding * mean * mean ? std::sqrt(variance) : 1.0;
}

}  // namespace

absl::StatusOr<Standardizer> FitStandardizer(const DesignMatrix& x, std::span<const double> sample_weights,
                                             SparseScaling sparse) {
  CONEC_RETURN_IF_ERROR(CheckDesignMatrix(x));
  CONEC_RETURN_IF_ERROR(CheckWeights(sample_weights, x.rows));
  const double total = Total(sample_weights, x.rows);
  if (!(total > 0)) return InvalidArgument("standardisation needs tokens of positive weight");
  Standardizer fitted{std::vector<double>(x.cols()), std::vector<double>(x.cols())};
  std::size_t column = 0;
  const auto moments = [&](std::size_t cols) {
    return Moments{std::span(fitted.means).subspan(column, cols), std::span(fitted.scales).subspan(column, cols)};
  };
  for (const DenseBlock& block : x.dense) {
    DenseMoments(block, sample_weights, total, moments(block.table.cols));
    column += block.table.cols;
  }
  if (sparse == SparseScaling::kUnitVariance) SparseMoments(x.sparse, sample_weights, total, moments(x.sparse.cols));
  for (std::size_t j = 0; j < fitted.scales.size(); ++j) fitted.scales[j] = Scale(fitted.scales[j], fitted.means[j]);
  std::fill(fitted.means.begin() + static_cast<std::ptrdiff_t>(column), fitted.means.end(), 0.0);
  return fitted;
}

absl::Status CheckStandardizer(const Standardizer& standardizer, std::size_t cols) {
  if (standardizer.means.size() != cols || standardizer.scales.size() != cols) {
    return InvalidArgument("a standardiser with {} means and {} scales for {} columns", standardizer.means.size(),
                           standardizer.scales.size(), cols);
  }
  for (std::size_t j = 0; j < cols; ++j) {
    const double mean = standardizer.means[j], scale = standardizer.scales[j];
    if (!std::isfinite(mean) || !std::isfinite(scale) || scale <= 0) {
      return InvalidArgument("the standardiser of column {} has mean {} and scale {}", j, mean, scale);
    }
  }
  return absl::OkStatus();
}

}  // namespace conec::ner
