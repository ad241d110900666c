#include "ner/token_features.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

namespace conec::ner {
namespace {

constexpr int kMostNeighbours = 100;

// Ends within the range, counted from its beginning.
std::vector<std::size_t> EndsWithin(std::span<const std::size_t> ends, TokenRange range) {
  std::vector<std::size_t> within;
  for (auto end = std::upper_bound(ends.begin(), ends.end(), range.begin); end != ends.end() && *end <= range.end;
       ++end) {
    within.push_back(*end - range.begin);
  }
  return within;
}

std::vector<std::string_view> CellsOf(const ConllFile& file, TokenRange range, std::size_t column) {
  std::vector<std::string_view> cells;
  for (std::size_t i = range.begin; i < range.end; ++i) cells.push_back(file.cell(i, column));
  return cells;
}

}  // namespace

FeatureText TextOf(const ConllFile& file, TokenRange range, std::size_t columns) {
  FeatureText text;
  text.words = CellsOf(file, range, 0);
  text.sentence_ends = EndsWithin(file.sentence_ends(), range);
  text.document_ends = EndsWithin(file.document_ends(), range);
  for (std::size_t column = 1; column <= columns; ++column) text.columns.push_back(CellsOf(file, range, column));
  return text;
}

absl::Status Validate(const FeatureOptions& options) {
  for (const EmbeddingOptions& embedding : options.embeddings) CONEC_RETURN_IF_ERROR(Validate(embedding));
  if (options.neighbours < 0 || options.neighbours > kMostNeighbours) {
    return InvalidArgument("--neighbours must be 0 to {}, got {}", kMostNeighbours, options.neighbours);
  }
  if (options.embeddings.empty() && options.hand.groups.empty()) {
    return InvalidArgument("no features: neither an embedding nor hand-made ones");
  }
  return CheckHandFeatureOptions(options.hand);
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
  if (features.tables_.empty() && !options.embeddings.empty()) return InvalidArgument("no embedding model is given");
  return features;
}

absl::StatusOr<DesignMatrix> TokenFeatures::ExtractVectors(const ConllFile& file, TokenRange range) const {
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

absl::StatusOr<DesignMatrix> TokenFeatures::Learn(const ConllFile& file, LearntFeatures& learnt) const {
  const TokenRange all = {0, file.tokens()};
  CONEC_ASSIGN_OR_RETURN(DesignMatrix matrix, ExtractVectors(file, all));
  learnt = {};
  if (options_.hand.groups.empty()) return matrix;
  if (options_.hand.groups.contains(FeatureGroup::kColumns)) learnt.columns = file.columns() - 2;
  CONEC_ASSIGN_OR_RETURN(learnt.hand,
                         HandFeatures::Build(TextOf(file, all, learnt.columns), options_.hand, &matrix.sparse));
  return matrix;
}

absl::StatusOr<DesignMatrix> TokenFeatures::Extract(const ConllFile& file, TokenRange range,
                                                    const LearntFeatures& learnt) const {
  if (file.columns() < learnt.columns + 1) {
    return InvalidArgument("{}: {} columns after the word are features, the file has {}", file.name(), learnt.columns,
                           file.columns() - 1);
  }
  CONEC_ASSIGN_OR_RETURN(DesignMatrix matrix, ExtractVectors(file, range));
  if (!learnt.hand.has_value()) return matrix;
  CONEC_ASSIGN_OR_RETURN(matrix.sparse, learnt.hand->Extract(TextOf(file, range, learnt.columns)));
  return matrix;
}

}  // namespace conec::ner
