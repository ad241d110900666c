// Logistic regression, multinomial and one-vs-rest, as scikit-learn and liblinear define them.
//
//   multinomial:  min  1/2 ||W||^2 + C sum_i u_i ( log sum_c exp(z_ic) - z_iy_i ),   z_i = W x_i + b      (W: K x p)
//   one-vs-rest:  for each class c  min 1/2 ||w_c||^2 [+ 1/2 b_c^2] + C sum_i u_ic log(1 + exp(-s_ic z_ic)),
//                 s_ic = 1 if y_i = c, otherwise -1. Two classes make one problem, that of the second class.
//
// u: class weights times sample weights. The intercept b is not regularised (scikit-learn's lbfgs), or it is
// (regularize_intercept: liblinear with intercept_scaling 1). Minimised with LibTorch's L-BFGS and a strong Wolfe line
// search, the problems of one-vs-rest side by side, since what costs time is to read the features. The same input
// gives the same bits for the same number of threads.
//
// The first fit or prediction sets OpenBLAS to one thread for the whole process (openblas_set_num_threads): the threads
// of the options share the work instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "ner/design_matrix.h"
#include "ner/standardizer.h"

namespace conec::ner {

enum class MultiClass { kMultinomial, kOneVsRest };
std::string_view Name(MultiClass multi_class);  // "multinomial", "ovr"
absl::StatusOr<MultiClass> ParseMultiClass(std::string_view name);

// kBalanced: examples of class c weigh n / (K n_c), where n_c counts rows (not sample weights), as in scikit-learn. In
// one-vs-rest with more than two classes that is the weight of the class's own examples, and all others weigh 1, as
// scikit-learn's liblinear has it (its lbfgs balances each class against the rest instead).
enum class ClassWeights { kNone, kBalanced };
std::string_view Name(ClassWeights weights);  // "none", "balanced"
absl::StatusOr<ClassWeights> ParseClassWeights(std::string_view name);

enum class Precision { kFloat32, kFloat64 };
std::string_view Name(Precision precision);  // "float32", "float64"
absl::StatusOr<Precision> ParsePrecision(std::string_view name);

// The comments here are the documentation of the command-line options.
struct LogisticRegressionOptions {
  MultiClass multi_class = MultiClass::kMultinomial;
  ClassWeights class_weights = ClassWeights::kNone;
  double c = 1;  // inverse strength of the l2 penalty
  bool intercept = true;
  bool regularize_intercept = false;
  int max_iterations = 1000;
  double tolerance = 1e-5;  // stops when no entry of the gradient, divided by C times the sum of the sample weights,
                            // is larger
  int history = 10;         // pairs of steps and gradient differences that L-BFGS keeps
  Precision precision = Precision::kFloat64;  // of the features, scores and weights; sums of losses are double
  int threads = 0;                            // 0: all cores
  // If not null, the penalty is that of the weights of standardised columns. The classifier that comes out is for the
  // columns as they are.
  const Standardizer* standardizer = nullptr;
  // Called after each iteration with the lowest objective so far; false stops with kCancelled.
  std::function<bool(int iterations, double objective)> progress = nullptr;
};

// kInvalidArgument naming the option, its value and what is allowed. Does not look at the standardizer.
absl::Status Validate(const LogisticRegressionOptions& options);

// z = W x + b; the columns of W are those of the design matrix it was trained on.
struct LinearClassifier {
  std::vector<std::string> classes;  // K names
  Matrix<double> weights;            // K x p
  std::vector<double> intercepts;    // K
  MultiClass multi_class = MultiClass::kMultinomial;
};

struct FitReport {
  int iterations = 0;
  int evaluations = 0;       // of objective and gradient
  std::size_t examples = 0;  // after rows that are equal, label included, were merged
  double objective = 0;      // as above; summed over classes for one-vs-rest
  double gradient = 0;       // its largest entry, in the units of the tolerance
  bool converged = false;    // to the tolerance, or as far as rounding allows (1e-3 in float32, 1e-7 in float64)
};

// labels: n indices < classes.size(). sample_weights: n values >= 0, or empty (all 1); a weight of 2 means the same as
// the row standing twice (but see kBalanced), 0 the same as the row not being there. kInvalidArgument for sizes that
// do not fit, options out of range, a value or weight that is not finite, fewer than two classes, or a class without
// examples of positive weight; kFailedPrecondition if numbers grow beyond the precision; kResourceExhausted if memory
// does not suffice.
absl::StatusOr<LinearClassifier> FitLogisticRegression(const DesignMatrix& x, std::span<const std::uint32_t> labels,
                                                       std::vector<std::string> classes,
                                                       std::span<const double> sample_weights,
                                                       const LogisticRegressionOptions& options,
                                                       FitReport* report = nullptr);

// scores: rows x K, z for every row. kInvalidArgument if x is not valid or has other columns than the classifier.
absl::StatusOr<Matrix<double>> DecisionFunction(const LinearClassifier& classifier, const DesignMatrix& x, int threads);
// The class with the largest score (the first of equal ones), n values.
absl::StatusOr<std::vector<std::uint32_t>> PredictClasses(const LinearClassifier& classifier, const DesignMatrix& x,
                                                          int threads);
// Softmax of the scores; for one-vs-rest sigmoids scaled to sum 1, as scikit-learn does. n x K.
absl::StatusOr<Matrix<double>> PredictProbabilities(const LinearClassifier& classifier, const DesignMatrix& x,
                                                    int threads);

}  // namespace conec::ner
