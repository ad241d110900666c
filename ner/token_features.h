// All features of the tokens of a file: vectors of one or more embedding models, of the token and of its neighbours.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/status.h"
#include "conec/model.h"
#include "ner/conll.h"
#include "ner/design_matrix.h"
#include "ner/embedding_features.h"

namespace conec::ner {

// The comments here are the documentation of the command-line options.
struct FeatureOptions {
  std::vector<EmbeddingOptions> embeddings = {EmbeddingOptions()};  // of every model; none: hand features only
  int neighbours = 0;  // how many tokens on each side give their vectors, too
};

// kInvalidArgument naming the option, its value and what is allowed.
absl::Status Validate(const FeatureOptions& options);

// Immutable: one object serves any number of threads.
class TokenFeatures {
 public:
  // kInvalidArgument for options out of range or without any feature; kFailedPrecondition for embeddings that a model
  // cannot give.
  static absl::StatusOr<TokenFeatures> Create(std::span<const Model> models, const FeatureOptions& options);

  const FeatureOptions& options() const { return options_; }
  std::size_t dense_columns() const;

  // The features of the tokens of `range`.
  absl::StatusOr<DesignMatrix> Extract(const ConllFile& file, TokenRange range) const;

 private:
  TokenFeatures() = default;

  FeatureOptions options_;
  std::vector<EmbeddingFeatures> tables_;  // by model, then by embedding
};

}  // namespace conec::ner
