// MNIST in the order and the subsets of the published experiments.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "base/status.h"

namespace conec::simec::experiments {

struct LabelledPoints {
  at::Tensor x;       // m x D
  at::Tensor labels;  // m, int64
};

// All 70000 images as scikit-learn's fetch_mldata('MNIST original') gave them: the training images sorted by label
// (stably), then the test images likewise. x: uint8, 784 grey values. folder: with the four files of the original
// distribution (train-images-idx3-ubyte.gz and so on, or without .gz).
absl::StatusOr<LabelledPoints> LoadMnist(const std::string& folder);

struct Split {
  LabelledPoints train, test;
};

// numpy.random.seed(42), permutation(70000)[:10000]: the first 2000 are for testing, 8000 for training. Grey values /
// 255, float64, less the mean of the training images.
absl::StatusOr<Split> MnistSubset(const LabelledPoints& mnist);

// The images of two classes whose numbers, in order of appearance, are among the first `count` of
// numpy.random.seed(42), permutation(all of the two classes). Grey values / 255, float64, not centred.
absl::StatusOr<LabelledPoints> MnistPair(const LabelledPoints& mnist, std::int64_t first, std::int64_t second,
                                         std::int64_t count);

}  // namespace conec::simec::experiments
