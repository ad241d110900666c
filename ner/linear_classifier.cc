// What a classifier says about features, and the names of its options.
#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "ner/design_product.h"
#include "ner/logistic_regression.h"

namespace conec::ner {
namespace {

template <typename Enum>
absl::StatusOr<Enum> Parse(std::string_view name, std::string_view what, std::initializer_list<Enum> values) {
  std::string expected;
  for (const Enum value : values) {
    if (Name(value) == name) return value;
    expected += expected.empty() ? "" : " or ";
    expected += Name(value);
  }
  return InvalidArgument("unknown {} '{}', expected {}", what, name, expected);
}

absl::Status CheckClassifier(const LinearClassifier& classifier, const DesignMatrix& x) {
  const std::size_t classes = classifier.classes.size();
  if (classes == 0) return InvalidArgument("a classifier without classes");
  if (classifier.weights.rows() != classes || classifier.intercepts.size() != classes) {
    return InvalidArgument("a classifier of {} classes with {} rows of weights and {} intercepts", classes,
                           classifier.weights.rows(), classifier.intercepts.size());
  }
  if (classifier.weights.cols() != x.cols()) {
    return InvalidArgument("features of {} columns for a classifier of {}", x.cols(), classifier.weights.cols());
  }
  return CheckDesignMatrix(x);
}

std::vector<double> TransposedWeights(const LinearClassifier& classifier) {
  const std::size_t classes = classifier.classes.size(), cols = classifier.weights.cols();
  std::vector<double> transposed(cols * classes);
  for (std::size_t c = 0; c < classes; ++c) {
    const std::span<const double> row = classifier.weights.row(c);
    for (std::size_t j = 0; j < cols; ++j) transposed[j * classes + c] = row[j];
  }
  return transposed;
}

// Scores of all rows without padding, intercepts included.
absl::StatusOr<std::vector<double>> Scores(const LinearClassifier& classifier, const DesignMatrix& x, int threads) {
  if (threads < 0) return InvalidArgument("threads must be 0 (all cores) or more, got {}", threads);
  CONEC_RETURN_IF_ERROR(CheckClassifier(classifier, x));
  const std::size_t classes = classifier.classes.size();
  try {
    std::vector<double> scores(x.rows * classes);
    regression_internal::DesignProduct<double> product(x, classes, false, threads);
    product.Multiply(TransposedWeights(classifier).data(), scores.data());
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += classifier.intercepts[i % classes];
    return scores;
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for the scores of {} rows and {} classes", x.rows, classes);
  }
}

absl::StatusOr<Matrix<double>> ToMatrix(std::span<const double> values, std::size_t rows, std::size_t cols) {
  CONEC_ASSIGN_OR_RETURN(Matrix<double> matrix, Matrix<double>::Create(rows, cols));
  for (std::size_t i = 0; i < rows; ++i) std::copy_n(values.data() + i * cols, cols, matrix.row(i).begin());
  return matrix;
}

void Softmax(std::span<double> scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - largest);
  for (double& score : scores) score /= sum;
}

void ScaledSigmoids(std::span<double> scores) {
  double sum = 0;
  for (double& score : scores) sum += score = 1 / (1 + std::exp(-score));
  for (double& score : scores) score = sum > 0 ? score / sum : 1.0 / static_cast<double>(scores.size());
}

}  // namespace

std::string_view Name(MultiClass multi_class) {
  return multi_class == MultiClass::kMultinomial ? "multinomial" : "ovr";
}

absl::StatusOr<MultiClass> ParseMultiClass(std::string_view name) {
  return Parse(name, "kind of logistic regression", {MultiClass::kMultinomial, MultiClass::kOneVsRest});
}

std::string_view Name(ClassWeights weights) {
  return weights == ClassWeights::kNone ? "none" : "balanced";
}

absl::StatusOr<ClassWeights> ParseClassWeights(std::string_view name) {
  return Parse(name, "class weights", {ClassWeights::kNone, ClassWeights::kBalanced});
}

std::string_view Name(Precision precision) {
  return precision == Precision::kFloat32 ? "float32" : "float64";
}

absl::StatusOr<Precision> ParsePrecision(std::string_view name) {
  return Parse(name, "precision", {Precision::kFloat32, Precision::kFloat64});
}

absl::StatusOr<Matrix<double>> DecisionFunction(const LinearClassifier& classifier, const DesignMatrix& x,
                                                int threads) {
  CONEC_ASSIGN_OR_RETURN(const std::vector<double> scores, Scores(classifier, x, threads));
  return ToMatrix(scores, x.rows, classifier.classes.size());
}

absl::StatusOr<std::vector<std::uint32_t>> PredictClasses(const LinearClassifier& classifier, const DesignMatrix& x,
                                                          int threads) {
  CONEC_ASSIGN_OR_RETURN(const std::vector<double> scores, Scores(classifier, x, threads));
  const std::size_t classes = classifier.classes.size();
  std::vector<std::uint32_t> best(x.rows);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const auto row = std::span(scores).subspan(i * classes, classes);
    best[i] = static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }
  return best;
}

absl::StatusOr<Matrix<double>> PredictProbabilities(const LinearClassifier& classifier, const DesignMatrix& x,
                                                    int threads) {
  CONEC_ASSIGN_OR_RETURN(std::vector<double> scores, Scores(classifier, x, threads));
  const std::size_t classes = classifier.classes.size();
  const auto normalize = classifier.multi_class == MultiClass::kMultinomial ? Softmax : ScaledSigmoids;
  for (std::size_t i = 0; i < x.rows; ++i) normalize(std::span(scores).subspan(i * classes, classes));
  return ToMatrix(scores, x.rows, classes);
}

}  // namespace conec::ner
