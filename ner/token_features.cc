#include "ner/token_features.h"

#include <iterator>
#include <memory>
#include <utility>

namespace conec::ner {
namespace {

constexpr int kMostNeighbours = 100;

}  // namespace

absl::Status Validate(const FeatureOptions& options) {
  for (const EmbeddingOptions& embedding : options.embeddings) CONEC_RETURN_IF_ERROR(Validate(embedding));
  if (options.neighbours < 0 || options.neighbours > kMostNeighbours) {
    return InvalidArgument("the neighbours must be 0 to {}, got {}", kMostNeighbours, options.neighbours);
  }
  return absl::OkStatus();
}

absl::StatusOr<TokenFeatures> TokenFeatures::Create(std::span<const Model> models, const FeatureOptions& options) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  TokenFeatures features;
  features.options_ = options;
  for (const Model& model : models) {
    for (const EmbeddingOptions& embedding : options.embeddings) {
      CONEC_ASSIGN_OR_RETURN(EmbeddingFeatures table, EmbeddingFeatures::Create(model, embedding));
      features.tables_.push_back(std::move(table));
    }
  }
  if (features.tables_.empty()) return InvalidArgument("no features: no embedding and no hand-made ones");
  return features;
}

std::size_t TokenFeatures::dense_columns() const {
  std::size_t columns = 0;
  for (const EmbeddingFeatures& table : tables_) columns += table.dim();
  return columns * (2 * static_cast<std::size_t>(options_.neighbours) + 1);
}

absl::StatusOr<DesignMatrix> TokenFeatures::Extract(const ConllFile& file, TokenRange range) const {
  DesignMatrix matrix;
  matrix.rows = range.size();
  for (const EmbeddingFeatures& table : tables_) {
    CONEC_ASSIGN_OR_RETURN(TokenVectors vectors, table.Encode(file, range));
    std::vector<DenseBlock> blocks =
        EmbeddingBlocks(file, range, std::make_shared<const TokenVectors>(std::move(vectors)), options_.neighbours);
    matrix.dense.insert(matrix.dense.end(), std::make_move_iterator(blocks.begin()),
                        std::make_move_iterator(blocks.end()));
  }
  return matrix;
}

}  // namespace conec::ner
