// Logistic regression, multinomial and one-vs-rest, as scikit-learn and liblinear define them.
//
//   multinomial:  min  1/2 ||W||^2 + C sum_i u_i ( log sum_c exp(z_ic) - z_iy_i ),   z_i = W x_i + b      (W: K x p)
//   one-vs-rest:  for each class c  min 1/2 ||w_c||^2 [+ 1/2 b_c^2] + C sum_i u_ic log(1 + exp(-s_ic z_ic)),  s_ic =
//   +-1
//
// u: class weights times sample weights. The intercept b is not regularised (scikit-learn's lbfgs), or it is
// (regularize_intercept: liblinear with intercept_scaling 1). Minimised with LibTorch's L-BFGS and a strong Wolfe line
// search; results do not depend on the number of threads beyond rounding, and are the same bits for the same number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "ner/design_matrix.h"

namespace conec::ner {

enum class MultiClass { kMultinomial, kOneVsRest };
std::string_view Name(MultiClass multi_class);  // "multinomial", "ovr"
absl::StatusOr<MultiClass> ParseMultiClass(std::string_view name);

enum class ClassWeights {
  kNone,      // 1
  kBalanced,  // n / (K * count of the class), as scikit-learn; for one-vs-rest each class's own weight on its examples
              // and 1 ... see the .cc for liblinear's exact rule as called by scikit-learn
};
std::string_view Name(ClassWeights weights);  // "none", "balanced"
absl::StatusOr<ClassWeights> ParseClassWeights(std::string_view name);

enum class Precision { kFloat32, kFloat64 };

// The comments here are the documentation of the command-line options.
struct LogisticRegressionOptions {
  MultiClass multi_class = MultiClass::kMultinomial;
  ClassWeights class_weights = ClassWeights::kNone;
  double c = 1;  // inverse strength of the l2 penalty
  bool intercept = true;
  bool regularize_intercept = false;
  int max_iterations = 1000;
  double tolerance = 1e-4;  // stops when no entry of the gradient (per unit of sample weight) is larger
  Precision precision = Precision::kFloat64;
  int threads = 0;                                                          // 0: all cores
  std::function<bool(int iteration, double objective)> progress = nullptr;  // false stops with kCancelled
};

// z = W x + b; the columns of W are those of the design matrix it was trained on.
struct LinearClassifier {
  std::vector<std::string> classes;  // K names
  Matrix<double> weights;            // K x p
  std::vector<double> intercepts;    // K
  MultiClass multi_class = MultiClass::kMultinomial;
};

struct FitReport {
  int iterations = 0;    // of the longest problem for one-vs-rest
  double objective = 0;  // as above; summed over classes for one-vs-rest
  double gradient = 0;   // largest entry, of the objective
  bool converged = false;
};

// labels: n indices < classes.size(). sample_weights: n values >= 0, or empty (all 1); a weight of 2 means the same as
// the row standing twice. kInvalidArgument for sizes that do not fit, a value or weight that is not finite, fewer than
// two classes with examples; kResourceExhausted if memory does not suffice, with what would be needed.
absl::StatusOr<LinearClassifier> FitLogisticRegression(const DesignMatrix& x, std::span<const std::uint32_t> labels,
                                                       std::vector<std::string> classes,
                                                       std::span<const double> sample_weights,
                                                       const LogisticRegressionOptions& options,
                                                       FitReport* report = nullptr);

// scores: rows x K, z for every row.
absl::StatusOr<Matrix<double>> DecisionFunction(const LinearClassifier& classifier, const DesignMatrix& x, int threads);
// The class with the largest score (the first of equal ones), n values.
absl::StatusOr<std::vector<std::uint32_t>> PredictClasses(const LinearClassifier& classifier, const DesignMatrix& x,
                                                          int threads);
// Softmax of the scores; for one-vs-rest sigmoids scaled to sum 1, as scikit-learn does. n x K.
absl::StatusOr<Matrix<double>> PredictProbabilities(const LinearClassifier& classifier, const DesignMatrix& x,
                                                    int threads);

}  // namespace conec::ner
