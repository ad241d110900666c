// What eigendecompositions, kernel PCA and ridge regression reach on MNIST: experiments E4, E6, E7 and E9 of the
// published notebooks (SimEc paper figures 3 to 7).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "base/status.h"
#include "simec_core/combination.h"
#include "tools/simec/experiments/figure.h"
#include "tools/simec/experiments/mnist.h"

namespace conec::simec::experiments {

// E4: kernel PCA of the linear and the RBF similarity of 8000 images, training and test error.
absl::StatusOr<std::vector<Figure>> LinearKernelBaselines(const LabelledPoints& mnist);
absl::StatusOr<std::vector<Figure>> RbfKernelBaselines(const LabelledPoints& mnist);

// E6: class labels, by eigendecomposition and by ridge regression (alpha 75) to its embedding.
absl::StatusOr<std::vector<Figure>> ClassLabelBaselines(const LabelledPoints& mnist);

// E7: eigendecomposition of the RBF similarity with entries missing at random, filled with the mean.
absl::StatusOr<std::vector<Figure>> MissingValueBaselines(const LabelledPoints& mnist);

// E9: the Simpson similarity of the binary images of classes 0 and 7, centred: 5000 x 5000, float64.
absl::StatusOr<at::Tensor> SimpsonSimilarity(const LabelledPoints& mnist);

// The spectrum of the whole, the best approximations by positive and by all eigenvalues, and those of both parts.
absl::StatusOr<std::vector<Figure>> NonmetricBaselines(const NonmetricParts& parts);

}  // namespace conec::simec::experiments
