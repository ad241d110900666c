// A second classifier of tokens, which sees what the first one said: of the token and its neighbours, and of the same
// words elsewhere in the document. Both are logistic regressions.
//
// What the second one learns from must be as unsure as what it will see, so that the first pass of the training text
// comes from classifiers that have not seen the document (cross-validation).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "ner/design_matrix.h"
#include "ner/hand_features.h"
#include "ner/logistic_regression.h"

namespace conec::ner {

// The documents in `folds` parts of neighbours, in order: for each token its part. kInvalidArgument if there are fewer
// documents than parts, or fewer than two parts.
absl::StatusOr<std::vector<std::uint32_t>> FoldsOfTokens(std::span<const std::size_t> document_ends, int folds);

// For each token the probabilities (tokens x classes) of a classifier that was fitted to all other folds. A class that
// they lack has probability 0. `iterations` and `evaluations` of the fits are added to the report, and converged is
// false if one of them is not. Errors of FitLogisticRegression().
absl::StatusOr<Matrix<double>> HeldOutProbabilities(const DesignMatrix& x, std::span<const std::uint32_t> labels,
                                                    std::span<const std::string> classes,
                                                    std::span<const std::uint32_t> fold_of,
                                                    const LogisticRegressionOptions& options, FitReport& report);

// What is seen of a first pass: log-probabilities of the token and of its neighbours, features of tags (FirstPass in
// hand_features.h), and the words with their shapes.
class SecondPassFeatures {
 public:
  // Of the training text, with its features in `x`. text.first_pass: as held out.
  static absl::StatusOr<SecondPassFeatures> Learn(const FeatureText& text, DesignMatrix& x);
  // kDataLoss unless the names are those of names() in storage, see HandFeatures.
  static absl::StatusOr<SecondPassFeatures> FromNames(std::string_view names);

  absl::StatusOr<DesignMatrix> Extract(const FeatureText& text) const;
  std::string JoinedNames() const { return sparse_.JoinedNames(); }
  // Columns in all.
  std::size_t columns(std::size_t classes) const;

 private:
  explicit SecondPassFeatures(HandFeatures sparse) : sparse_(std::move(sparse)) {}

  HandFeatures sparse_;
};

struct SecondPass {
  SecondPassFeatures features;
  LinearClassifier classifier;  // its classes are those of the first
};

}  // namespace conec::ner
