// The vectors of the tokens of a CoNLL file, from an embedding model: what the classifier sees of a word (thesis
// section 7.2, figure 7.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "conec/encoder.h"
#include "conec/model.h"
#include "ner/conll.h"
#include "ner/design_matrix.h"
#include "tokenize/tokenizer.h"
#include "word2vec/word_vectors.h"

namespace conec::ner {

// What the vector of a token is. All are of unit length.
enum class EmbeddingKind {
  kWord2vec,  // the word's row of W1; words outside the vocabulary have none
  kGlobal,    // its global ConEc vector (a = 1); words outside the vocabulary have none
  kOov,       // the same, and words outside the vocabulary get one from their contexts in the document
  kMix,       // global and local contexts of known words mixed (thesis eq. 7.1)
};
std::string_view Name(EmbeddingKind kind);  // "word2vec", "global", "oov", "mix"
absl::StatusOr<EmbeddingKind> ParseEmbeddingKind(std::string_view name);

// The comments here are the documentation of the command-line options.
struct EmbeddingOptions {
  EmbeddingKind kind = EmbeddingKind::kMix;
  double global_weight = 0.6;         // a of kMix, in [0, 1]
  double own_weight = 0;              // weight of the known word itself in its global context
  bool unit_parts = false;            // scale global and local contexts to unit length before they are mixed
  bool center = false;                // subtract the direction that all contexts share
  bool per_token = false;             // the local context is that of the one occurrence, not the document's
  std::optional<int> context_window;  // of the local contexts; nothing: as the model's global ones
  std::optional<ContextWeighting> context_weighting;  // the same
  std::optional<ContextScaling> context_scaling;      // the same
  // A token that stands after each sentence, where the text that the model was trained on had one. Nothing: the model's
  // line token, or "</s>" if windows cross sentences and the vocabulary has it; empty: none.
  std::optional<std::string> sentence_end;
  std::optional<bool> cross_sentences;  // context windows go on in the next sentence; nothing: as when training
};

// kInvalidArgument naming the option, its value and what is allowed.
absl::Status Validate(const EmbeddingOptions& options);

// How the words of a file of tokens are written in the model's vocabulary: as its tokenizer writes them; where that
// only splits at white space, or is that of others, capitals are folded if no frequent word has any.
absl::StatusOr<tokenize::TokenizerOptions> WordFormOf(const Model& model);

// Tokens [begin, end) of a file: whole documents.
struct TokenRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

// The documents of a file in ranges of at least `tokens` tokens (the last one may be smaller), in order.
std::vector<TokenRange> SplitIntoRanges(const ConllFile& file, std::size_t tokens);

// The vectors of n tokens: equal ones are stored once.
struct TokenVectors {
  std::size_t dim = 0;
  std::vector<float> values;          // rows() x dim
  std::vector<std::uint32_t> row_of;  // n values; kNoRow: the word has no vector
  std::size_t rows() const { return dim == 0 ? 0 : values.size() / dim; }
};

// Immutable: one object serves any number of threads. A document's vectors do not depend on other documents.
class EmbeddingFeatures {
 public:
  // kInvalidArgument for options out of range; kFailedPrecondition if the kind needs global contexts and the model has
  // none.
  static absl::StatusOr<EmbeddingFeatures> Create(const Model& model, const EmbeddingOptions& options);

  std::size_t dim() const { return encoder_.dim(); }
  const EmbeddingOptions& options() const { return options_; }

  // kInvalidArgument for words that are no valid UTF-8; kResourceExhausted if memory does not suffice, which is
  // `dim` floats per different word, or per different word of each document where local contexts matter.
  absl::StatusOr<TokenVectors> Encode(const ConllFile& file, TokenRange range) const;

 private:
  class Pass;  // the working state of one range

  EmbeddingFeatures(Encoder encoder, EmbeddingOptions options)
      : encoder_(std::move(encoder)), options_(std::move(options)) {}

  Encoder encoder_;
  EmbeddingOptions options_;
  tokenize::TokenizerOptions word_form_;
  word2vec::WordVectors word_vectors_;  // of kWord2vec
  std::string sentence_end_;
  bool cross_sentences_ = false;
};

// row_of for features of neighbours: for each token of `range` the row of the token `offset` places further in its
// sentence, kNoRow beyond its ends. row_of: of the tokens of `range`.
std::vector<std::uint32_t> RowsOfNeighbours(const ConllFile& file, TokenRange range,
                                            std::span<const std::uint32_t> row_of, int offset);

// The vectors as features of the tokens of `range` and of their neighbours: a block for each offset -window..window.
// All blocks share one table.
std::vector<DenseBlock> EmbeddingBlocks(const ConllFile& file, TokenRange range,
                                        std::shared_ptr<const TokenVectors> vectors, int window);

}  // namespace conec::ner
