#include "conec/vectors.h"

#include <algorithm>
#include <memory>
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

bool GlobalVector(const Model& model, double own_weight, WordId word, std::span<float> vector) {
  if (model.global_context.empty()) {
    std::fill(vector.begin(), vector.end(), 0.0f);
    return false;
  }
  const std::span<const float> global = model.global_context.row(Index(word));
  std::copy(global.begin(), global.end(), vector.begin());
  if (own_weight != 0) {
    const std::span<const float> own = model.input.row(Index(word));
    const float scale = model.info.context.unit_rows ? UnitScale(own) : 1.0f;
    context_internal::AddScaled(vector, own.data(), static_cast<float>(own_weight) * scale);
  }
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

}  // namespace

word2vec::WordVectors Word2vecVectors(const Model& model) {
  return {model.vocabulary, model.input, model.owner};
}

absl::StatusOr<std::vector<float>> MeanConecVector(const Model& model, double own_weight) {
  if (model.global_context.empty()) return NeedsGlobalContext();
  std::vector<double> sum(model.dim());
  std::vector<float> vector(model.dim());
  std::size_t words = 0;
  for (std::uint32_t i = 0; i < model.size(); ++i) {
    if (!vectors_internal::GlobalVector(model, own_weight, corpora::WordId{i}, vector)) continue;
    if (!vectors_internal::ToUnitLength(vector)) continue;
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += vector[j];
    ++words;
  }
  const double scale = words == 0 ? 0.0 : 1.0 / static_cast<double>(words);
  std::transform(sum.begin(), sum.end(), vector.begin(), [&](double x) { return static_cast<float>(x * scale); });
  return vector;
}

absl::StatusOr<word2vec::WordVectors> ConecVectors(const Model& model, const ConecVectorOptions& options) {
  if (model.global_context.empty()) return NeedsGlobalContext();
  std::vector<float> mean;
  if (options.center) {
    CONEC_ASSIGN_OR_RETURN(mean, MeanConecVector(model, options.own_weight));
  }
  CONEC_ASSIGN_OR_RETURN(Matrix<float> vectors, Matrix<float>::Create(model.size(), model.dim()));
  for (std::uint32_t i = 0; i < model.size(); ++i) {
    const std::span<float> row = vectors.row(i);
    vectors_internal::GlobalVector(model, options.own_weight, corpora::WordId{i}, row);
    vectors_internal::Finish(row, mean, options.unit_length);
  }
  auto owner = std::make_shared<const Matrix<float>>(std::move(vectors));
  return word2vec::WordVectors{model.vocabulary, owner->view(), owner};
}

}  // namespace conec
