// The MNIST subset of the experiments E4, E6 and E7, ready for training: 8000 images and 2000 to test with.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/mnist.h"

namespace conec::simec::experiments {

// A similarity of the training images and one of the test images, centred each by itself.
struct ImageTask {
  at::Tensor x, x_test;  // float32
  at::Tensor s, s_test;  // float64
};

// Reads and computes what is asked for when it is asked for, so that a choice of steps does not wait for the others.
class Images {
 public:
  explicit Images(const Run& run) : run_(run) {}

  absl::StatusOr<LabelledPoints> All();
  absl::StatusOr<Split> Subset();
  // One task stays in memory (600 MB): asking for another replaces it.
  absl::StatusOr<ImageTask> Linear();
  absl::StatusOr<ImageTask> Rbf();
  absl::StatusOr<ImageTask> ClassLabels();

 private:
  absl::StatusOr<ImageTask> Task(const std::string& name, absl::StatusOr<ImageTask> (*compute)(const Split& split));

  const Run& run_;
  std::optional<LabelledPoints> all_;
  std::optional<Split> split_;
  std::string name_;
  ImageTask task_;
};

struct ImageErrors {
  double train = 0, test = 0;  // of Y Y'
  double prediction = 0;       // of Y W_l, training images
  double balanced = 0;         // of Y Y' after Balance(), training images, if it was asked for
};

// What an encoder is trained on.
struct ImageTargets {
  std::int64_t n = 0;        // the first n training images
  at::Tensor observed = {};  // m x n, true where a target is known; undefined: all
  // Targets (and S_ll) are divided by this for training; errors are those of the original similarities.
  double scale = 1;
  bool balance = false;
};

absl::StatusOr<ImageErrors> TrainOnImages(const Run& run, const Settings& settings, const ImageTask& task,
                                          const ImageTargets& targets);

// m x n, false where the first n columns of numpy seed 15, rand(m, m) are at most `missing`.
at::Tensor ObservedMask(std::int64_t m, std::int64_t n, double missing);

// One hidden layer of 1000 tanh units, as E4 and E7 have it for the RBF similarity.
Settings RbfSettings(std::int64_t d, double s_ll);

// Figures `name` and `name`, test; and both as points of lines of the panel.
struct PrintedErrors {
  std::int64_t d = 0;  // dimensions, or whatever x is in the plot
  double train = 0, test = 0;
};
absl::Status AddErrors(Run& run, const Panel& panel, const std::string& line, const std::string& name,
                       const PrintedErrors& printed, const PrintedErrors& most, const ImageErrors& errors);

// The step `step`: figures of `baselines`.
absl::StatusOr<std::vector<Figure>> AddBaselines(
    Run& run, const std::string& step, Images& images,
    absl::StatusOr<std::vector<Figure>> (*baselines)(const LabelledPoints& mnist));

}  // namespace conec::simec::experiments
