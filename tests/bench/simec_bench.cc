// Speed of similarity encoders beside the same work in Python on PyTorch (simec_reference.py), in turns on one core:
//   build/release/tests/bench/simec_bench
// Processor time per step, the least of three turns. What is timed is a batch of the published encoder of MNIST's class
// labels (784 features, five hidden layers of 25 tanh, d = 9; random numbers instead of images), and the term with
// S_ll.
#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <string>

#include "simec_core/model.h"
#include "simec_core/symmetric_target.h"
#include "simec_core/torch_threads.h"
#include "simec_core/trainer.h"
#include "tests/base/python.h"

namespace conec::simec {
namespace {

constexpr std::int64_t kPoints = 8000, kFeatures = 784, kDim = 9, kBatch = 32;

struct Case {
  const char* name;  // as simec_reference.py has it
  std::int64_t targets = 0;
  int steps = 0;
};

double Milliseconds(std::clock_t ticks, int steps) {
  return 1e3 * static_cast<double>(ticks) / CLOCKS_PER_SEC / steps;
}

// Of random classes: m x n, columns centred.
at::Tensor Similarities(std::int64_t m, std::int64_t n) {
  const at::Tensor labels = at::randint(10, {m});
  const at::Tensor s = labels.unsqueeze(1).eq(labels.narrow(0, 0, n).unsqueeze(0)).to(at::kFloat);
  return s - s.mean(0);
}

at::Tensor Symmetric(const at::Tensor& s) {
  return (s + s.t()) / 2;
}

// The second of two epochs: the first one warms up.
absl::StatusOr<double> TimeModel(const Case& what, double s_ll) {
  const std::int64_t rows = what.steps * kBatch;
  const at::Tensor s = Similarities(std::max(rows, what.targets), what.targets);
  ModelOptions options = {.features = kFeatures, .dim = kDim, .targets = what.targets};
  options.hidden.assign(5, {25});
  CONEC_ASSIGN_OR_RETURN(SimEc model, SimEc::Create(options));
  CONEC_ASSIGN_OR_RETURN(InputRows inputs, InputRows::Dense(at::rand({rows, kFeatures})));
  CONEC_ASSIGN_OR_RETURN(TargetRows targets, TargetRows::Dense(s.narrow(0, 0, rows)));
  std::clock_t begin = 0, end = 0;
  TrainOptions training = {.learning_rate = 0.005, .epochs = 2, .threads = 1};
  training.progress = [&](const EpochReport&) {
    begin = end;
    end = std::clock();
    return true;
  };
  const ObjectiveOptions objective = {.s_ll = s_ll, .orthogonality = 0.01, .l2_hidden = 0, .l2_last = 1e-7};
  const TrainData data = {std::move(inputs), std::move(targets), Symmetric(s.narrow(0, 0, what.targets))};
  CONEC_RETURN_IF_ERROR(Train(model, data, objective, training).status());
  return Milliseconds(end - begin, what.steps);
}

absl::StatusOr<double> TimeTerm(const Case& what) {
  const TorchThreads threads(1);
  const at::Tensor s_ll = Symmetric(Similarities(what.targets, what.targets));
  CONEC_ASSIGN_OR_RETURN(const SymmetricTarget target, SymmetricTarget::Create(s_ll, {.s_ll = 1}));
  at::Tensor w = at::rand({kDim, what.targets, 1}).requires_grad_();
  const auto step = [&] {
    w.mutable_grad() = at::Tensor();
    target.Loss(w).backward();
  };
  step();
  const std::clock_t begin = std::clock();
  for (int i = 0; i < what.steps; ++i) step();
  return Milliseconds(std::clock() - begin, what.steps);
}

absl::StatusOr<double> TimeHere(const Case& what) {
  if (std::strcmp(what.name, "s-ll") == 0) return TimeTerm(what);
  return TimeModel(what, std::strcmp(what.name, "model-s-ll") == 0 ? 0.5 : 0);
}

// Negative if Python has no torch.
absl::StatusOr<double> TimePython(const Case& what) {
  if (RunPython({"-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec(\"torch\") is None)"})
          .exit_code != 0) {
    return -1;
  }
  const PythonResult result =
      RunPython({Script("simec_reference.py"), what.name, std::to_string(what.targets), std::to_string(what.steps)});
  if (result.exit_code != 0) return Internal("simec_reference.py failed");
  return std::strtod(result.output.c_str(), nullptr);
}

absl::Status Compare(const Case& what, int turns) {
  double here = std::numeric_limits<double>::infinity(), python = here;
  for (int i = 0; i < turns; ++i) {
    CONEC_ASSIGN_OR_RETURN(const double ours, TimeHere(what));
    CONEC_ASSIGN_OR_RETURN(const double theirs, TimePython(what));
    here = std::min(here, ours);
    python = std::min(python, theirs);
  }
  const std::string beside =
      python < 0 ? "   (Python has no torch)" : fmt::format("{:10.3f} ms {:8.1f} times", python, python / here);
  fmt::print("{:<12} n = {:<6} {:10.3f} ms {}\n", what.name, what.targets, here, beside);
  return absl::OkStatus();
}

absl::Status Run(bool moment) {
  const std::vector<Case> cases =
      moment ? std::vector<Case>{{"model-s-ll", 20, 2}, {"s-ll", 20, 2}}
             : std::vector<Case>{{"model", 2000, 250}, {"model-s-ll", 2000, 100}, {"s-ll", 8000, 5}};
  fmt::print("{:<12} {:<10} {:>13} {:>13}\n", "", "", "here", "Python");
  for (const Case& what : cases) CONEC_RETURN_IF_ERROR(Compare(what, moment ? 1 : 3));
  return absl::OkStatus();
}

}  // namespace
}  // namespace conec::simec

// --moment: tiny sizes, so that a test can run it.
int main(int argc, char** argv) {
  const absl::Status status = conec::simec::Run(argc > 1 && std::strcmp(argv[1], "--moment") == 0);
  if (!status.ok()) fmt::print(stderr, "simec_bench: {}\n", std::string(status.message()));
  return status.ok() ? 0 : 1;
}
