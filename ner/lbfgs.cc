#include "ner/lbfgs.h"

#include <ATen/Parallel.h>
#include <torch/optim/lbfgs.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

namespace conec::ner::regression_internal {
namespace {

// Thrown through LibTorch's optimiser, which has no other way to be stopped from within.
struct Stopped {
  absl::Status status;
};

// The same, at a point where the gradient is within the tolerance.
struct Arrived {};

// LibTorch's own threads, for as long as this object lives.
class TorchThreads {
 public:
  explicit TorchThreads(int threads) : before_(at::get_num_threads()) { at::set_num_threads(threads); }
  ~TorchThreads() { at::set_num_threads(before_); }
  TorchThreads(const TorchThreads&) = delete;
  TorchThreads& operator=(const TorchThreads&) = delete;

 private:
  int before_;
};

template <typename Real>
class Minimizer {
 public:
  Minimizer(std::span<Real> start, const SmoothFunction<Real>& function, const LbfgsOptions& options)
      : function_(function),
        options_(options),
        x_(torch::zeros({static_cast<std::int64_t>(start.size())}, c10::CppTypeToScalarType<Real>::value)),
        optimizer_({x_}, torch::optim::LBFGSOptions(1)
                             .max_iter(options.max_iterations)
                             .max_eval(std::int64_t{kEvaluationsPerIteration} * options.max_iterations)
                             .tolerance_grad(0)
                             .tolerance_change(options.change_tolerance)
                             .history_size(options.history)
                             .line_search_fn("strong_wolfe")) {
    std::copy(start.begin(), start.end(), x_.template data_ptr<Real>());
    x_.mutable_grad() = torch::zeros_like(x_);
  }

  LbfgsReport Run(std::span<Real> result) {
    Evaluation last;
    try {
      optimizer_.step([&] {
        Report(Iteration() - 1);  // the optimiser counts the iteration that it is in
        last = Evaluate();
        if (last.gradient <= options_.gradient_tolerance) throw Arrived{};
        return torch::scalar_tensor(last.value, torch::kFloat64);
      });
      last = Evaluate();  // the optimiser's last evaluation may have been of another point
    } catch (const Arrived&) {
    }
    LbfgsReport report;
    report.value = last.value;
    report.iterations = Iteration();
    Report(report.iterations);
    report.evaluations = evaluations_;
    report.gradient = last.gradient;
    report.converged = report.gradient <= options_.gradient_tolerance ||
                       (report.iterations < options_.max_iterations && report.gradient <= kAttainable);
    const Real* x = x_.template data_ptr<Real>();
    std::copy(x, x + result.size(), result.begin());
    return report;
  }

 private:
  static constexpr int kEvaluationsPerIteration = 26;  // the line search takes 25 at most
  // Values near a minimum differ by the square of the gradient, so smaller gradients cannot be told from rounding.
  static constexpr double kAttainable = sizeof(Real) == sizeof(float) ? 1e-3 : 1e-7;

  int Iteration() {
    const auto& state = optimizer_.state();  // by parameter; the type of the key differs between versions
    if (state.empty()) return 0;
    return static_cast<int>(static_cast<const torch::optim::LBFGSParamState&>(*state.begin()->second).n_iter());
  }

  Evaluation Evaluate() {
    ++evaluations_;
    Real* gradient = x_.mutable_grad().template data_ptr<Real>();
    const Evaluation result = function_(x_.template data_ptr<Real>(), gradient);
    const auto finite = [](Real entry) { return std::isfinite(entry); };
    if (std::isfinite(result.value) && std::isfinite(result.gradient) &&
        std::all_of(gradient, gradient + x_.numel(), finite)) {
      lowest_ = std::min(lowest_, result.value);
      return result;
    }
    throw Stopped{FailedPrecondition(
        "the objective or its gradient is not finite in {} (iteration {}): features or weights are too large; "
        "standardise them{}",
        sizeof(Real) == sizeof(float) ? "float32" : "float64", Iteration(),
        sizeof(Real) == sizeof(float) ? " or use float64" : "")};
  }

  void Report(int iterations) {
    if (iterations > reported_ && options_.progress && !options_.progress(iterations, lowest_)) {
      throw Stopped{Cancelled("stopped on request after {} iterations", iterations)};
    }
    reported_ = std::max(reported_, iterations);
  }

  const SmoothFunction<Real>& function_;
  const LbfgsOptions& options_;
  torch::Tensor x_;
  torch::optim::LBFGS optimizer_;
  int evaluations_ = 0, reported_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();  // value so far
};

template <typename Real>
absl::StatusOr<LbfgsReport> MinimizeWithTorch(std::span<Real> x, const SmoothFunction<Real>& function,
                                              const LbfgsOptions& options) {
  if (x.empty()) return LbfgsReport{.converged = true};
  try {
    const TorchThreads threads(options.threads);
    const torch::NoGradGuard no_grad;
    return Minimizer<Real>(x, function, options).Run(x);
  } catch (const Stopped& stopped) {
    return stopped.status;
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for L-BFGS with {} parameters and a history of {}", x.size(), options.history);
  } catch (const c10::Error& error) {
    return ResourceExhausted("LibTorch failed for L-BFGS with {} parameters and a history of {}: {}", x.size(),
                             options.history, error.what_without_backtrace());
  }
}

}  // namespace

absl::StatusOr<LbfgsReport> Minimize(std::span<float> x, const SmoothFunction<float>& function,
                                     const LbfgsOptions& options) {
  return MinimizeWithTorch(x, function, options);
}

absl::StatusOr<LbfgsReport> Minimize(std::span<double> x, const SmoothFunction<double>& function,
                                     const LbfgsOptions& options) {
  return MinimizeWithTorch(x, function, options);
}

}  // namespace conec::ner::regression_internal
