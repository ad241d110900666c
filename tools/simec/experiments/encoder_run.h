// Trains the encoders of the experiments, and measures them as the publications do.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "simec_core/options.h"
#include "simec_core/rows.h"
#include "simec_core/trainer.h"
#include "tools/simec/experiments/experiment.h"

namespace conec::simec::experiments {

// Sizes of input and targets need not be set: data tell them.
struct Settings {
  ModelOptions model = {};
  ObjectiveOptions objective = {};
  TrainOptions training = {};
};

// d dimensions, the reference's defaults besides: no hidden layer, l2 of the embedding layer 1e-5, no s_ll.
Settings LinearSettings(std::int64_t d, double learning_rate, int epochs = 25);

// Tensors are float64.
struct Encoded {
  at::Tensor y = {};                    // m x d
  std::vector<at::Tensor> others = {};  // embeddings of the other points
  at::Tensor last_layer = {};           // d x n x k
  at::Tensor first_weights = {};        // weights of the embedding layer
  double loss = 0;                      // data term of the last epoch
  std::shared_ptr<SimEc> model = nullptr;
};

// x: m x D. s: m x n or m x n x k, NaN is missing. s_ll: undefined without that term. others: B x D each. All float32
// for a float32 model.
struct DenseData {
  at::Tensor x, s, s_ll;
  std::vector<at::Tensor> others = {};
};

// Train() on a new network, with run.options().threads, and progress reported to `run`.
absl::StatusOr<Encoded> TrainEncoder(const Run& run, Settings settings, const TrainData& data,
                                     const std::vector<InputRows>& others = {});
absl::StatusOr<Encoded> TrainEncoder(const Run& run, Settings settings, const DenseData& data);
// With W_l = last_layer (d x n), frozen.
absl::StatusOr<Encoded> TrainSecondEncoder(const Run& run, Settings settings, const TrainData& data,
                                           const at::Tensor& last_layer);

// Balance() by the first n points of x, which are the targets.
absl::Status BalanceEncoder(Encoded& encoded, const DenseData& data);

// mean((S - Y Y')^2), and mean((S - Y W_l)^2) for similarity `k` of the model and the first n columns of s.
absl::StatusOr<double> SimilarityError(const at::Tensor& y, const at::Tensor& s);
absl::StatusOr<double> PredictionError(const at::Tensor& y, const Encoded& encoded, const at::Tensor& s,
                                       std::int64_t k = 0);

}  // namespace conec::simec::experiments
