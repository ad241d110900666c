#include "ner/second_pass.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

namespace conec::ner {
namespace {

constexpr int kNeighbours = 1;
constexpr double kLowestLog = -8,
                 kLogScale = 0.5;  // what lies below says nothing more; about the size of a 0/1 feature

HandFeatureOptions SparseOptions() {
  HandFeatureOptions options;
  options.groups = {{FeatureGroup::kWord, 0}, {FeatureGroup::kShape, 2}};
  options.min_count = 3;
  return options;
}

// The tokens of a fold, or those of all others.
std::vector<std::uint32_t> TokensOf(std::span<const std::uint32_t> fold_of, std::uint32_t fold, bool inside) {
  std::vector<std::uint32_t> tokens;
  for (std::uint32_t i = 0; i < fold_of.size(); ++i) {
    if ((fold_of[i] == fold) == inside) tokens.push_back(i);
  }
  return tokens;
}

// Those of the classes that some of the tokens have.
struct Present {
  std::vector<std::uint32_t> classes;  // ascending
  std::vector<std::string> names;
  std::vector<std::uint32_t> labels;  // of the tokens: positions in `classes`
};

Present PresentClasses(std::span<const std::uint32_t> labels, std::span<const std::uint32_t> tokens,
                       std::span<const std::string> names) {
  constexpr std::uint32_t kAbsent = 0xFFFFFFFF;
  std::vector<std::uint32_t> position(names.size(), kAbsent);
  for (const std::uint32_t token : tokens) position[labels[token]] = 0;
  Present present;
  for (std::uint32_t c = 0; c < names.size(); ++c) {
    if (position[c] == kAbsent) continue;
    position[c] = static_cast<std::uint32_t>(present.classes.size());
    present.classes.push_back(c);
    present.names.push_back(names[c]);
  }
  for (const std::uint32_t token : tokens) present.labels.push_back(position[labels[token]]);
  return present;
}

std::vector<DenseBlock> LogProbabilityBlocks(const FeatureText& text) {
  const MatrixView<const double> probabilities = text.first_pass->probabilities;
  const auto values = std::make_shared<std::vector<float>>();
  for (std::size_t i = 0; i < probabilities.rows; ++i) {
    for (const double p : probabilities.row(i)) {
      const double log = std::max(std::log(std::max(p, std::numeric_limits<double>::min())), kLowestLog);
      values->push_back(static_cast<float>(kLogScale * log));
    }
  }
  const MatrixView<const float> table(values->data(), probabilities.rows, probabilities.cols);
  std::vector<DenseBlock> blocks;
  for (int offset = -kNeighbours; offset <= kNeighbours; ++offset) {
    DenseBlock& block = blocks.emplace_back(DenseBlock{table, {}, values});
    std::size_t begin = 0;
    for (const std::size_t end : text.sentence_ends) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t neighbour = i + static_cast<std::size_t>(offset);  // wraps below 0
        block.row_of.push_back(neighbour >= begin && neighbour < end ? static_cast<std::uint32_t>(neighbour) : kNoRow);
      }
      begin = end;
    }
  }
  return blocks;
}

}  // namespace

absl::StatusOr<std::vector<std::uint32_t>> FoldsOfTokens(std::span<const std::size_t> document_ends, int folds) {
  if (folds < 2) return InvalidArgument("--folds must be 2 or more, got {}", folds);
  const auto count = static_cast<std::size_t>(folds);
  if (document_ends.size() < count) {
    return InvalidArgument(
        "{} document{}, but --passes 2 holds out one of {} parts (--folds) after another: begin documents with "
        "-DOCSTART- lines, choose fewer folds (at least 2), or leave out --passes 2",
        document_ends.size(), document_ends.size() == 1 ? "" : "s", folds);
  }
  std::vector<std::uint32_t> fold_of;
  for (std::size_t d = 0; d < document_ends.size(); ++d) {
    fold_of.resize(document_ends[d], static_cast<std::uint32_t>(d * count / document_ends.size()));
  }
  return fold_of;
}

absl::StatusOr<Matrix<double>> HeldOutProbabilities(const DesignMatrix& x, std::span<const std::uint32_t> labels,
                                                    std::span<const std::string> classes,
                                                    std::span<const std::uint32_t> fold_of,
                                                    const LogisticRegressionOptions& options, FitReport& report) {
  CONEC_ASSIGN_OR_RETURN(Matrix<double> result, Matrix<double>::Create(x.rows, classes.size()));
  const std::uint32_t folds = fold_of.empty() ? 0 : 1 + *std::max_element(fold_of.begin(), fold_of.end());
  for (std::uint32_t fold = 0; fold < folds; ++fold) {
    const std::vector<std::uint32_t> others = TokensOf(fold_of, fold, false), own = TokensOf(fold_of, fold, true);
    Present present = PresentClasses(labels, others, classes);
    FitReport fit;
    CONEC_ASSIGN_OR_RETURN(
        const LinearClassifier classifier,
        FitLogisticRegression(SelectRows(x, others), present.labels, std::move(present.names), {}, options, &fit));
    CONEC_ASSIGN_OR_RETURN(const Matrix<double> probabilities,
                           PredictProbabilities(classifier, SelectRows(x, own), options.threads));
    for (std::size_t i = 0; i < own.size(); ++i) {
      for (std::size_t k = 0; k < present.classes.size(); ++k) {
        result.row(own[i])[present.classes[k]] = probabilities.row(i)[k];
      }
    }
    report.iterations += fit.iterations;
    report.evaluations += fit.evaluations;
    report.converged = report.converged && fit.converged;
  }
  return result;
}

absl::StatusOr<SecondPassFeatures> SecondPassFeatures::Learn(const FeatureText& text, DesignMatrix& x) {
  x = {text.words.size(), LogProbabilityBlocks(text), {}};
  CONEC_ASSIGN_OR_RETURN(HandFeatures sparse, HandFeatures::Build(text, SparseOptions(), &x.sparse));
  return SecondPassFeatures(std::move(sparse));
}

absl::StatusOr<SecondPassFeatures> SecondPassFeatures::FromNames(std::string_view names) {
  CONEC_ASSIGN_OR_RETURN(HandFeatures sparse, HandFeatures::FromNames(names, SparseOptions()));
  return SecondPassFeatures(std::move(sparse));
}

absl::StatusOr<DesignMatrix> SecondPassFeatures::Extract(const FeatureText& text) const {
  DesignMatrix x = {text.words.size(), LogProbabilityBlocks(text), {}};
  CONEC_ASSIGN_OR_RETURN(x.sparse, sparse_.Extract(text));
  return x;
}

std::size_t SecondPassFeatures::columns(std::size_t classes) const {
  return (2 * kNeighbours + 1) * classes + sparse_.size();
}

}  // namespace conec::ner
