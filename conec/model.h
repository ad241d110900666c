// The model file: everything that a Context Encoder needs, in one safetensors file that is mapped, not read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "conec/context_options.h"
#include "conec/input_table.h"
#include "corpora/encoded_corpus.h"
#include "corpora/vocabulary.h"
#include "tokenize/tokenizer.h"
#include "word2vec/options.h"
#include "word2vec/trainer.h"
#include "word2vec/word_vectors.h"

namespace conec {

// Where a model comes from and how its text was read. Stored as the metadata of the model file.
struct ModelInfo {
  std::optional<word2vec::TrainOptions> training;  // nothing: vectors that somebody else trained
  ContextOptions context;                          // of the global context
  tokenize::TokenizerOptions tokenizer;            // documents are to be read as the corpus was
  bool keep_gaps = false;                          // unknown words keep their places in context windows
  corpora::CorpusStatistics corpus;                // what the model was trained on
  std::string command_line;                        // as typed
  std::string created;                             // a date, or who made it; empty: not stored
  std::string toolkit_version;                     // of the writer; SaveModel fills it in where it is empty
  std::map<std::string, std::string> other;        // whatever else is to be kept, stored under "other."
};

// A model. Row i of each table belongs to WordId{i} of `vocabulary`. Cheap to copy: copies share the tables.
struct Model {
  corpora::Vocabulary vocabulary;
  MatrixView<const float> input;           // W1, V x d: the rows of the words
  MatrixView<const float> output;          // W2, V x d; empty if the source had none
  MatrixView<const float> global_context;  // V x d: average context times W1 (thesis eq. 7.1 with a = 1), before the
                                           // own-word term and before length normalisation; empty if not computed
  ModelInfo info;
  std::shared_ptr<const void> owner;       // keeps the tables alive
  MatrixView<const float> extended_input;  // the other rows of W1, E x d; empty without extended inputs
  word2vec::InputLayout layout;            // which row is what, if there are extended inputs

  std::size_t size() const { return input.rows; }
  std::size_t dim() const { return input.cols; }
  bool has_extended_inputs() const { return layout.inputs.any(); }
  InputTable inputs() const;  // all of W1

  // Maps a model file: no work per word. kDataLoss for a file that is truncated or something else, saying what was
  // expected. The format's version is checked: kFailedPrecondition for one that this build does not know.
  static absl::StatusOr<Model> Open(const std::string& path);

  // Whether the file at `path` starts like a model file (so that one can be told from word2vec's formats).
  static bool IsModelFile(const std::string& path);

  // A model of W1 only, upon which WithGlobalContext() can build. kInvalidArgument if vectors and vocabulary do not fit
  // together.
  static absl::StatusOr<Model> FromWordVectors(const word2vec::WordVectors& vectors, ModelInfo info = {});

  // A model of what a trainer left: W1 (all rows of `layout`, if that has extended inputs) and W2, without global
  // context. kInvalidArgument as above.
  static absl::StatusOr<Model> FromTables(corpora::Vocabulary vocabulary, word2vec::EmbeddingTables tables,
                                          ModelInfo info, const word2vec::InputLayout& layout = {});
};

// kInvalidArgument if a table does not have a row of the model's dimensions for each word, or there are none.
absl::Status CheckTables(const Model& model);

// Writes `model` (atomically). Equal models give equal bytes: nothing is stored that is not in `model`, except the
// toolkit's version. The format's version is 1; with extended inputs, context.sif, context.exclude_target or
// tokenizer.line_token 2, so that programs that do not know them refuse such files, and read all others.
// kInvalidArgument if the tables do not fit the vocabulary.
absl::Status SaveModel(const std::string& path, const Model& model);

// What an encoded corpus knows about itself: tokenizer options, gaps, statistics. kDataLoss for metadata that cannot be
// read.
absl::StatusOr<ModelInfo> ModelInfoFromCorpus(const corpora::EncodedCorpus& corpus);

// "0.1.0": the version of this library.
std::string_view ToolkitVersion();

// The trained input vectors of the words, as they are; where words left and right of the target have rows of their own
// (`direction`), the means of each word's two. Rows for shapes are no words'. kResourceExhausted if there is no memory
// for the means.
absl::StatusOr<word2vec::WordVectors> Word2vecVectors(const Model& model);

struct ConecVectorOptions {
  // The word itself counted into its context: y = g_w + own_weight * W1[w] (unit length if context.unit_rows; with rows
  // for either side of the target the mean of the two); 1: "target word included", as in the paper's analogy
  // experiments.
  double own_weight = 0;
  // y = u(g_w) + own_weight * u(W1[w]), u() scaling to unit length: the own weight then means the same for all words,
  // and in all models; without it frequent words, whose contexts agree less with each other, get more of themselves.
  bool unit_parts = false;
  // c >= 0: y also gets c o_w, o_w = u(u(W2[w]) - m), the word's row of the output table without the direction m that
  // all of them share, the mean of u(W2[v]) over all words (those whose row is zero do not count, and have no o_w). W2
  // scores contexts, so its rows live where contexts live. o_w is of unit length with and without unit_parts. Needs an
  // output table.
  double output_weight = 0;
  bool center = false;      // subtract the mean of the unit vectors of all words, the direction that all contexts share
  bool unit_length = true;  // scale the results to unit length; center implies it
};

// The global ConEc vectors of all words, in memory of their own (V x d), or the model's table itself where `options`
// change nothing of it (all false or 0). Zero rows for words all of whose parts are zero. kFailedPrecondition if the
// model has no global context, or output_weight > 0 and it has no output table; kInvalidArgument if a weight is not
// within 0 to kMaxWeight.
absl::StatusOr<word2vec::WordVectors> ConecVectors(const Model& model, const ConecVectorOptions& options = {});

// The mean over all words that have a vector of the unit-length global ConEc vectors (d values): what `center`
// subtracts. Errors as above.
absl::StatusOr<std::vector<float>> MeanConecVector(const Model& model, const ConecVectorOptions& options);

}  // namespace conec
