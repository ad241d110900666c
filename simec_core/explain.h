// Why does a similarity encoder predict this number, why does it find these two points similar? Layer-wise relevance
// propagation (Bach et al. 2015; thesis chapter 5) hands the explained output y . v down through the embedding layer
// and f' to the features, layer by layer by the rules of ExplainOptions; v is a column of W_l, or another point's
// embedding:
//
//   CONEC_ASSIGN_OR_RETURN(Explanation why, ExplainPredictions(model, x, {.target = 7}, {}));
//   CONEC_ASSIGN_OR_RETURN(Explanation alike, ExplainSimilarities(model, x, InputRows one_other_point, {}));
//
// Of f' these modules are understood: Affine, torch::nn::Linear, Conv2d (zero padding), MaxPool2d (the largest input
// takes all), Flatten, Unflatten, Dropout, Identity, and activations one by one (ReLU, Tanh, Sigmoid, Softplus,
// LeakyReLU, ELU, GELU, SiLU), which pass relevance on unchanged.
//
// All functions: kInvalidArgument for options (CheckExplainOptions), rows that do not fit the model or each other, and
// an f' with another module, which is named; kFailedPrecondition if relevances are not finite; kResourceExhausted. What
// LibTorch throws is caught. Evaluation mode, no gradients. Memory: a few hundred rows at a time, and the result.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/status.h"
#include "simec_core/explain_options.h"
#include "simec_core/features.h"
#include "simec_core/rows.h"

namespace conec::simec {

class SimEc;  // model.h

// On the CPU, in the model's precision.
struct Explanation {
  at::Tensor outputs;  // m: what is explained, y_i . v_i: predictions before OutputKind::kSigmoid, or similarities
  // m x D: the part that each feature has in it. Of sparse and one-hot inputs sparse, with exactly the inputs' entries;
  // but dense if the first layer's rule is kFlat, which gives to zeros, too.
  Features relevance;
};

struct OutputIndex {
  std::int64_t target = 0;      // of [0, n)
  std::int64_t similarity = 0;  // of [0, k)
};

// Explains prediction `output` of each of the m points. kInvalidArgument if there is no such output.
absl::StatusOr<Explanation> ExplainPredictions(const SimEc& model, const InputRows& x, OutputIndex output,
                                               const ExplainOptions& options);

// Explains the similarity y_i . y'_i of row i of x and row i of `others`, or of every row of x and the only row of
// `others`: that point's embedding stands in for a column of W_l. The features are those of x; exchange the two for
// those of the other point.
absl::StatusOr<Explanation> ExplainSimilarities(const SimEc& model, const InputRows& x, const InputRows& others,
                                                const ExplainOptions& options);

// Explains y_i . v_i for directions v: m x d or 1 x d, finite.
absl::StatusOr<Explanation> ExplainAlong(const SimEc& model, const InputRows& x, const at::Tensor& directions,
                                         const ExplainOptions& options);

// The similarity x W1 W1' x' of a linear encoder, the embedding's bias left out on both sides: feature k has the part
// x_k (W1 W1' x')_k in it (thesis chapter 5, figure 5.2). `others` as above. kFailedPrecondition if f' has modules.
absl::StatusOr<Explanation> ExplainLinearSimilarities(const SimEc& model, const InputRows& x, const InputRows& others);

}  // namespace conec::simec
