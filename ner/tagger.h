// A tagger of named entities: features of tokens, a logistic regression, and how its answers become tags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "conec/model.h"
#include "ner/conll.h"
#include "ner/logistic_regression.h"
#include "ner/second_pass.h"
#include "ner/tags.h"
#include "ner/token_features.h"

namespace conec::ner {

// How the classes of the tokens of a sentence are chosen.
enum class Decoding {
  kTokens,     // the most probable class of each token, whatever its neighbours get
  kSequences,  // the sequence of classes with the largest product of probabilities among those that the scheme allows
};
std::string_view Name(Decoding decoding);  // "tokens", "sequences"
absl::StatusOr<Decoding> ParseDecoding(std::string_view name);

// The comments here are the documentation of the command-line options.
struct TaggerOptions {
  FeatureOptions features;
  TagScheme scheme = TagScheme::kBioes;  // what the classes of the classifier are, whatever the file has
  Decoding decoding = Decoding::kTokens;
  bool standardize = false;    // penalise columns as if scaled to mean 0 and variance 1 over the training tokens
  double embedding_scale = 1;  // the larger, the less the penalty weighs on vectors, beside that on hand features
  LogisticRegressionOptions classifier;  // its standardizer is set from the two above
  int passes = 1;  // 2: a second classifier sees what the first one says of neighbours and of the document
  int folds = 2;   // with 2 passes: so many parts of the training documents are tagged by what learnt the others
  double second_c = 0.05;  // the second classifier's inverse strength of the l2 penalty; the rest is as of the first
};

// kInvalidArgument naming the option, its value and what is allowed.
absl::Status Validate(const TaggerOptions& options);

// What a tagger was trained with and on.
struct TaggerInfo {
  TaggerOptions options;                       // of the classifier without threads and progress
  TagScheme output_scheme = TagScheme::kIob1;  // that of the training file
  std::vector<std::string> models;             // Fingerprint() of each
  std::size_t tokens = 0, sentences = 0;       // of the training file
  std::string command_line;                    // as typed; may be empty
};

// Tells one embedding model from another: "V x d, 16 hexadecimal digits". Made of all words with their counts; of W1
// with the rows of extended inputs, and of the global contexts; and of how text is read and contexts are weighed. Not
// of the output table, nor of where the model comes from. Of tables with more than 65,536 rows so many are taken,
// spread evenly from the first to the last, so that large files need not be read as a whole.
std::string Fingerprint(const Model& model);

class Tagger {
 public:
  // Learns from the last column of `file`. kInvalidArgument for options that do not fit together and for tags of no
  // known scheme (file:line), and for two passes over a file of fewer documents than folds; errors of the features and
  // of FitLogisticRegression().
  static absl::StatusOr<Tagger> Train(std::span<const Model> models, const ConllFile& file,
                                      const TaggerOptions& options, FitReport* report = nullptr);

  const TaggerInfo& info() const { return info_; }
  const LinearClassifier& classifier() const { return classifier_; }  // the first one
  const std::optional<SecondPass>& second_pass() const { return second_; }
  void set_command_line(std::string text) { info_.command_line = std::move(text); }

  // kFailedPrecondition unless `models` are those that the tagger was trained with, in their order.
  absl::Status CheckModels(std::span<const Model> models) const;

  // One tag for each token, in the scheme of the training file. The file needs no tags itself. A document's tags do not
  // depend on other documents. threads: 0 is all cores.
  absl::StatusOr<std::vector<std::string>> Tag(std::span<const Model> models, const ConllFile& file,
                                               int threads = 0) const;

  // One safetensors file that holds everything. Equal taggers give equal bytes.
  absl::Status Save(const std::string& path) const;
  // kDataLoss for a file that is truncated, corrupt or something else; kFailedPrecondition for another version of the
  // format than 2 (taggers of version 1 tell their embedding models apart less well: train them again); kNotFound and
  // the like for a file that cannot be opened.
  static absl::StatusOr<Tagger> Load(const std::string& path);

 private:
  Tagger() = default;

  absl::StatusOr<SecondPass> TrainSecondPass(const ConllFile& file, const DesignMatrix& matrix,
                                             std::span<const std::uint32_t> labels,
                                             std::span<const std::uint32_t> fold_of,
                                             const LogisticRegressionOptions& first, FitReport& report) const;
  absl::StatusOr<std::vector<std::uint32_t>> Classes(const DesignMatrix& features, const ConllFile& file,
                                                     TokenRange range, int threads) const;
  // The same by one of the classifiers.
  absl::StatusOr<std::vector<std::uint32_t>> Decide(const LinearClassifier& classifier, const DesignMatrix& features,
                                                    const ConllFile& file, TokenRange range, int threads) const;

  TaggerInfo info_;
  LearntFeatures learnt_;
  LinearClassifier classifier_;
  std::optional<SecondPass> second_;
};

// Which of K classes can follow which in one sentence: MayFollow(), but under kType every one can.
class Transitions {
 public:
  Transitions(std::span<const std::string> classes, TagScheme scheme);

  bool operator()(std::size_t previous, std::size_t next) const { return all() || allowed_[previous * size_ + next]; }
  std::size_t outside() const { return size_ - 1; }  // K: what lies before a sentence and after it
  bool all() const { return allowed_.empty(); }

 private:
  std::size_t size_;
  std::vector<bool> allowed_;
};

// For each token of a sentence (rows of `log_probabilities`) a class, so that their sum is largest among the sequences
// that are allowed. If none is, each token gets its most probable class. Of equal sequences the one with the first
// class wins.
std::vector<std::uint32_t> BestSequence(MatrixView<const double> log_probabilities, const Transitions& allowed);

}  // namespace conec::ner
