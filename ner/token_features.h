// All features of the tokens of a file: vectors of one or more embedding models, of the token and of its neighbours,
// and features made by rules.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "conec/model.h"
#include "ner/conll.h"
#include "ner/design_matrix.h"
#include "ner/embedding_features.h"
#include "ner/hand_features.h"

namespace conec::ner {

// The comments here are the documentation of the command-line options.
struct FeatureOptions {
  std::vector<EmbeddingOptions> embeddings = {EmbeddingOptions()};  // of every model; none: hand features only
  int neighbours = 0;       // how many tokens on each side give their vectors, too
  HandFeatureOptions hand;  // no group: vectors only
};

// kInvalidArgument naming the option, its value and what is allowed.
absl::Status Validate(const FeatureOptions& options);

// What the training file taught.
struct LearntFeatures {
  std::optional<HandFeatures> hand;  // the dictionary, if any group is on
  std::size_t columns = 0;           // between the word and the tag, for the group "columns"
};

// The documents of `range` with `columns` columns after the word.
FeatureText TextOf(const ConllFile& file, TokenRange range, std::size_t columns);

// Immutable: one object serves any number of threads.
class TokenFeatures {
 public:
  // kInvalidArgument for options out of range or without any feature; kFailedPrecondition for embeddings that a model
  // cannot give.
  static absl::StatusOr<TokenFeatures> Create(std::span<const Model> models, const FeatureOptions& options);

  // The features of the whole training file, whose last column is the tag, and what is learnt on the way.
  absl::StatusOr<DesignMatrix> Learn(const ConllFile& file, LearntFeatures& learnt) const;

  // The features of the tokens of `range`, in the columns that Learn() gave them. kInvalidArgument if the file lacks
  // columns that are features.
  absl::StatusOr<DesignMatrix> Extract(const ConllFile& file, TokenRange range, const LearntFeatures& learnt) const;

 private:
  TokenFeatures() = default;

  absl::StatusOr<DesignMatrix> ExtractVectors(const ConllFile& file, TokenRange range) const;

  FeatureOptions options_;
  std::vector<EmbeddingFeatures> tables_;  // by model, then by embedding
};

}  // namespace conec::ner
