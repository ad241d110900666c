#include "ner/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>

#include "ner/lbfgs.h"
#include "ner/logistic_objective.h"
#include "ner/merge_rows.h"
#include "ner/preconditioner.h"

namespace conec::ner {
namespace {

using regression_internal::Evaluation;
using regression_internal::Examples;
using regression_internal::LbfgsOptions;
using regression_internal::LbfgsReport;
using regression_internal::LogisticObjective;
using regression_internal::LogisticProblem;
using regression_internal::Preconditioner;

absl::Status CheckWeights(std::span<const double> weights, std::size_t rows) {
  if (!weights.empty() && weights.size() != rows) {
    return InvalidArgument("{} sample weights for {} rows", weights.size(), rows);
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i]) || weights[i] < 0) {
      return InvalidArgument("sample weight {} is {}, expected a finite number of at least 0", i, weights[i]);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLabels(std::span<const std::uint32_t> labels, std::span<const std::string> classes,
                         std::span<const double> weights) {
  if (classes.size() < 2) return InvalidArgument("a classifier needs at least two classes, got {}", classes.size());
  std::vector<bool> seen(classes.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes.size()) {
      return InvalidArgument("label {} is {}, but there are {} classes", i, labels[i], classes.size());
    }
    if (weights.empty() || weights[i] > 0) seen[labels[i]] = true;
  }
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (!seen[c]) return InvalidArgument("class '{}' has no examples of positive weight", classes[c]);
  }
  return absl::OkStatus();
}

std::vector<double> WeightsOfClasses(std::span<const std::uint32_t> labels, std::size_t classes, ClassWeights weights) {
  std::vector<double> result(classes, 1.0);
  if (weights == ClassWeights::kNone) return result;
  std::vector<double> counts(classes);
  for (const std::uint32_t label : labels) ++counts[label];
  for (std::size_t c = 0; c < classes; ++c) {
    result[c] = static_cast<double>(labels.size()) / (static_cast<double>(classes) * counts[c]);
  }
  return result;
}

LogisticProblem MakeProblem(const DesignMatrix& x, std::span<const std::uint32_t> labels, std::size_t classes,
                            std::span<const double> sample_weights, const LogisticRegressionOptions& options) {
  Examples examples = regression_internal::MergeEqualRows(x, labels, sample_weights);
  return {SelectRows(x, examples.rows), std::move(examples.labels), std::move(examples.weights),
          WeightsOfClasses(labels, classes, options.class_weights), options};
}

LbfgsOptions MakeLbfgsOptions(const LogisticProblem& problem) {
  const LogisticRegressionOptions& options = problem.options;
  LbfgsOptions lbfgs;
  lbfgs.max_iterations = options.max_iterations;
  lbfgs.history = options.history;
  lbfgs.gradient_tolerance = options.tolerance;
  lbfgs.change_tolerance = options.precision == Precision::kFloat32 ? 1e-9 : 1e-15;  // f starts between 0.7 and log K
  lbfgs.threads = regression_internal::TeamSize(options.threads);
  if (options.progress) {
    lbfgs.progress = [&options, scale = problem.Scale()](int iteration, double value) {
      return options.progress(iteration, value / scale);
    };
  }
  return lbfgs;
}

// NaN if any entry is.
template <typename Real>
double LargestEntry(std::span<const Real> values) {
  const auto larger = [](Real a, Real b) { return std::isnan(b) || std::abs(b) > a ? std::abs(b) : a; };
  return static_cast<double>(std::accumulate(values.begin(), values.end(), Real{0}, larger));
}

template <typename Real>
absl::StatusOr<LbfgsReport> Solve(const LogisticProblem& problem, std::vector<double>& theta) {
  LogisticObjective<Real> objective(problem);
  CONEC_ASSIGN_OR_RETURN(const Preconditioner<Real> preconditioner, Preconditioner<Real>::Create(problem));
  std::vector<Real> variables(problem.parameters()), parameters(problem.parameters());
  const auto evaluate = [&](const Real* at, Real* gradient) {
    preconditioner.Apply(at, parameters.data());
    Evaluation result;
    result.value = objective.Evaluate(parameters.data(), gradient);
    result.gradient = LargestEntry(std::span<const Real>(gradient, parameters.size()));
    preconditioner.ApplyTransposed(gradient);
    return result;
  };
  const regression_internal::SmoothFunction<Real> function(evaluate);
  CONEC_ASSIGN_OR_RETURN(const LbfgsReport report, Minimize(variables, function, MakeLbfgsOptions(problem)));
  preconditioner.Apply(variables.data(), parameters.data());
  theta.assign(parameters.begin(), parameters.end());
  return report;
}

// Undoes the standardisation: weights and intercepts for the columns as they are. One problem for two classes stands
// for the second; the first has its opposite.
absl::StatusOr<LinearClassifier> MakeClassifier(const LogisticProblem& problem, std::span<const double> theta,
                                                std::vector<std::string> classes) {
  const std::size_t cols = problem.x.cols(), outputs = problem.outputs();
  LinearClassifier classifier;
  CONEC_ASSIGN_OR_RETURN(classifier.weights, Matrix<double>::Create(classes.size(), cols));
  classifier.intercepts.resize(classes.size());
  classifier.multi_class = problem.options.multi_class;
  const Standardizer* standardizer = problem.options.standardizer;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::size_t k = outputs == 1 ? 0 : c;
    const double sign = outputs == 1 && c == 0 ? -1 : 1;
    double& intercept = classifier.intercepts[c];
    if (problem.options.intercept) intercept = sign * theta[cols * outputs + k];
    for (std::size_t j = 0; j < cols; ++j) {
      double& weight = classifier.weights.row(c)[j];
      weight = sign * theta[j * outputs + k];
      if (standardizer == nullptr) continue;
      weight /= standardizer->scales[j];
      intercept -= weight * standardizer->means[j];
    }
  }
  classifier.classes = std::move(classes);
  return classifier;
}

FitReport MakeReport(const LogisticProblem& problem, const LbfgsReport& report) {
  return {report.iterations, report.evaluations, problem.x.rows, report.value / problem.Scale(),
          report.gradient,   report.converged};
}

}  // namespace

absl::Status Validate(const LogisticRegressionOptions& options) {
  if (!std::isfinite(options.c) || options.c <= 0) return InvalidArgument("--c must be more than 0, got {}", options.c);
  if (options.max_iterations < 1) {
    return InvalidArgument("--max-iterations must be at least 1, got {}", options.max_iterations);
  }
  if (!std::isfinite(options.tolerance) || options.tolerance < 0) {
    return InvalidArgument("--tolerance must be 0 or more, got {}", options.tolerance);
  }
  if (options.history < 1) return InvalidArgument("the history must be at least 1, got {}", options.history);
  if (options.threads < 0) return InvalidArgument("threads must be 0 (all cores) or more, got {}", options.threads);
  return absl::OkStatus();
}

absl::StatusOr<LinearClassifier> FitLogisticRegression(const DesignMatrix& x, std::span<const std::uint32_t> labels,
                                                       std::vector<std::string> classes,
                                                       std::span<const double> sample_weights,
                                                       const LogisticRegressionOptions& options, FitReport* report) {
  CONEC_RETURN_IF_ERROR(Validate(options));
  if (options.standardizer != nullptr) CONEC_RETURN_IF_ERROR(CheckStandardizer(*options.standardizer, x.cols()));
  if (labels.size() != x.rows) return InvalidArgument("{} labels for {} rows", labels.size(), x.rows);
  CONEC_RETURN_IF_ERROR(CheckWeights(sample_weights, x.rows));
  CONEC_RETURN_IF_ERROR(CheckLabels(labels, classes, sample_weights));
  try {
    CONEC_RETURN_IF_ERROR(CheckDesignMatrix(x));
    const LogisticProblem problem = MakeProblem(x, labels, classes.size(), sample_weights, options);
    std::vector<double> theta;
    CONEC_ASSIGN_OR_RETURN(const LbfgsReport solved, options.precision == Precision::kFloat32
                                                         ? Solve<float>(problem, theta)
                                                         : Solve<double>(problem, theta));
    if (report != nullptr) *report = MakeReport(problem, solved);
    return MakeClassifier(problem, theta, std::move(classes));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for logistic regression on {} rows and {} columns with {} classes", x.rows,
                             x.cols(), classes.size());
  }
}

}  // namespace conec::ner
