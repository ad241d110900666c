#include "conec/vectors.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "conec/context_kernel.h"
#include "conec/context_sums.h"

namespace conec {
namespace vectors_internal {

using corpora::Index;
using corpora::WordId;

bool ToUnitLength(std::span<float> vector) {
  const float scale = UnitScale(vector);
  if (scale == 0) {
    std::fill(vector.begin(), vector.end(), 0.0f);
    return false;
  }
  for (float& value : vector) value *= scale;
  return true;
}

namespace {

absl::Status CheckWeight(std::string_view name, double weight) {
  if (weight >= 0 && weight <= kMaxWeight) return absl::OkStatus();
  return InvalidArgument("the {} weight must be 0 to {}, got {}", name, kMaxWeight, weight);
}

// Adds `weight` times a row of W1.
void AddRow(std::span<const float> row, bool unit_rows, double weight, std::span<float> vector) {
  const float scale = unit_rows ? UnitScale(row) : 1.0f;
  context_internal::AddScaled(vector, row.data(), static_cast<float>(weight) * scale);
}

// Adds the word itself: its row of W1, or the mean of its two.
void AddOwnVector(const Model& model, const ConecVectorOptions& options, WordId word, std::span<float> vector) {
  const bool unit_rows = model.info.context.unit_rows;
  const std::span<const float> row = model.input.row(Index(word));
  if (!model.layout.inputs.direction) return AddRow(row, unit_rows || options.unit_parts, options.own_weight, vector);
  std::vector<float> mean(vector.size());
  AddRow(row, unit_rows, 0.5, mean);
  AddRow(model.inputs().row(word2vec::ContextRow(model.layout, Index(word), true)), unit_rows, 0.5, mean);
  AddRow(mean, options.unit_parts, options.own_weight, vector);
}

// Adds the word's row of W2 without what all such rows share.
void AddOutputVector(const Model& model, double weight, std::span<const float> mean, WordId word,
                     std::span<float> vector) {
  const std::span<const float> row = model.output.row(Index(word));
  std::vector<float> own(row.begin(), row.end());
  if (!ToUnitLength(own)) return;
  for (std::size_t j = 0; j < own.size(); ++j) own[j] -= mean[j];
  AddRow(own, true, weight, vector);
}

// The mean of those of V vectors that are not zero, scaled to unit length. make(i, vector) makes the i-th.
template <typename Make>
std::vector<float> UnitMean(std::size_t count, std::size_t dim, Make&& make) {
  std::vector<double> sum(dim);
  std::vector<float> vector(dim);
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    make(WordId{i}, std::span(vector));
    if (!ToUnitLength(vector)) continue;
    for (std::size_t j = 0; j < dim; ++j) sum[j] += vector[j];
    ++found;
  }
  const double scale = found == 0 ? 0.0 : 1.0 / static_cast<double>(found);
  std::transform(sum.begin(), sum.end(), vector.begin(), [&](double x) { return static_cast<float>(x * scale); });
  return vector;
}

}  // namespace

absl::StatusOr<std::vector<float>> OutputMean(const Model& model, const ConecVectorOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckWeight("own", options.own_weight));
  CONEC_RETURN_IF_ERROR(CheckWeight("output", options.output_weight));
  if (options.output_weight == 0) return std::vector<float>();
  if (model.output.empty()) {
    return FailedPrecondition("the model has no output table, so the output weight must be 0, got {}",
                              options.output_weight);
  }
  return UnitMean(model.size(), model.dim(), [&](WordId word, std::span<float> vector) {
    std::ranges::copy(model.output.row(Index(word)), vector.begin());
  });
}

bool GlobalVector(const Model& model, const ConecVectorOptions& options, std::span<const float> output_mean,
                  WordId word, std::span<float> vector) {
  if (model.global_context.empty()) {
    std::fill(vector.begin(), vector.end(), 0.0f);
    return false;
  }
  const std::span<const float> global = model.global_context.row(Index(word));
  std::copy(global.begin(), global.end(), vector.begin());
  if (options.unit_parts) ToUnitLength(vector);
  if (options.own_weight != 0) AddOwnVector(model, options, word, vector);
  if (options.output_weight != 0) AddOutputVector(model, options.output_weight, output_mean, word, vector);
  return std::any_of(vector.begin(), vector.end(), [](float value) { return value != 0; });
}

void Finish(std::span<float> vector, std::span<const float> mean, bool unit_length) {
  if (mean.empty() && !unit_length) return;
  if (!ToUnitLength(vector) || mean.empty()) return;
  for (std::size_t j = 0; j < vector.size(); ++j) vector[j] -= mean[j];
  ToUnitLength(vector);
}

}  // namespace vectors_internal

namespace {

absl::Status NeedsGlobalContext() {
  return FailedPrecondition(
      "the model has no global context: it holds plain word vectors; give a corpus to compute it, or use the vectors "
      "of word2vec");
}

std::vector<float> GlobalMean(const Model& model, const ConecVectorOptions& options,
                              std::span<const float> output_mean) {
  return vectors_internal::UnitMean(model.size(), model.dim(), [&](corpora::WordId word, std::span<float> vector) {
    vectors_internal::GlobalVector(model, options, output_mean, word, vector);
  });
}

bool IsGlobalContextItself(const ConecVectorOptions& options) {
  return options.own_weight == 0 && options.output_weight == 0 && !options.unit_parts && !options.center &&
         !options.unit_length;
}

word2vec::WordVectors Owned(const corpora::Vocabulary& vocabulary, Matrix<float> vectors) {
  auto owner = std::make_shared<const Matrix<float>>(std::move(vectors));
  return {vocabulary, owner->view(), owner};
}

}  // namespace

absl::StatusOr<word2vec::WordVectors> Word2vecVectors(const Model& model) {
  if (!model.layout.inputs.direction) return word2vec::WordVectors{model.vocabulary, model.input, model.owner};
  CONEC_ASSIGN_OR_RETURN(Matrix<float> means, Matrix<float>::Create(model.size(), model.dim()));
  const InputTable table = model.inputs();
  for (std::uint32_t i = 0; i < model.size(); ++i) {
    const std::span<const float> left = table.row(word2vec::ContextRow(table.layout, i, false));
    const std::span<const float> right = table.row(word2vec::ContextRow(table.layout, i, true));
    for (std::size_t j = 0; j < left.size(); ++j) means.row(i)[j] = (left[j] + right[j]) / 2;
  }
  return Owned(model.vocabulary, std::move(means));
}

absl::StatusOr<std::vector<float>> MeanConecVector(const Model& model, const ConecVectorOptions& options) {
  if (model.global_context.empty()) return NeedsGlobalContext();
  CONEC_ASSIGN_OR_RETURN(const std::vector<float> output_mean, vectors_internal::OutputMean(model, options));
  return GlobalMean(model, options, output_mean);
}

absl::StatusOr<word2vec::WordVectors> ConecVectors(const Model& model, const ConecVectorOptions& options) {
  if (model.global_context.empty()) return NeedsGlobalContext();
  if (IsGlobalContextItself(options)) return word2vec::WordVectors{model.vocabulary, model.global_context, model.owner};
  CONEC_ASSIGN_OR_RETURN(const std::vector<float> output_mean, vectors_internal::OutputMean(model, options));
  std::vector<float> mean;
  if (options.center) mean = GlobalMean(model, options, output_mean);
  CONEC_ASSIGN_OR_RETURN(Matrix<float> vectors, Matrix<float>::Create(model.size(), model.dim()));
  for (std::uint32_t i = 0; i < model.size(); ++i) {
    const std::span<float> row = vectors.row(i);
    vectors_internal::GlobalVector(model, options, output_mean, corpora::WordId{i}, row);
    vectors_internal::Finish(row, mean, options.unit_length);
  }
  return Owned(model.vocabulary, std::move(vectors));
}

}  // namespace conec
