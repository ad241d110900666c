// A similarity encoder: f'(x) = y embeds a point, y W_l predicts its row of the relation (thesis 2.2, figure 2.1).
//
//   input rows -> features() -> embedding() -> y (B x d) -> W_l (d x n x k) -> logits (B x n k) -> output
//                 any modules   Affine, linear               no bias           output kind of the options
//
//   ModelOptions options{.features = 784, .hidden = {{25}, {25}}, .dim = 9, .targets = 2000};
//   CONEC_ASSIGN_OR_RETURN(SimEc model, SimEc::Create(options));
//   CONEC_ASSIGN_OR_RETURN(TrainReport report, Train(model, {.inputs = x, .targets = s}, objective, training));
//   CONEC_ASSIGN_OR_RETURN(torch::Tensor y, model.Embed(x_test));
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "simec_core/layers.h"
#include "simec_core/options.h"
#include "simec_core/rows.h"

namespace conec::simec {

// Move-only; a model is used by one thread at a time. Embed, Predict, Decode, Output catch what LibTorch throws; the
// accessors to its pieces and the functions on batches are LibTorch and throw c10::Error.
class SimEc {
 public:
  // Builds f' from the options (convolutions, hidden layers) and initialises everything from their seed.
  // kInvalidArgument as CheckModelOptions; kUnavailable if the device cannot be used; kResourceExhausted.
  static absl::StatusOr<SimEc> Create(const ModelOptions& options);

  // f' of your own: `features` maps a B x ... dense batch to B x feature_size, already initialised; the linear
  // embedding layer behind it is ours. options.hidden and options.conv must be empty, options.features is what
  // InputRows have. Sparse and one-hot inputs work if its first module is an Affine.
  static absl::StatusOr<SimEc> Create(torch::nn::Sequential features, std::int64_t feature_size,
                                      const ModelOptions& options);

  SimEc(SimEc&&) noexcept = default;
  SimEc& operator=(SimEc&&) noexcept = default;

  const ModelOptions& options() const { return options_; }
  bool own_features() const { return own_features_; }  // of the second Create()
  torch::Device device() const { return device_; }
  torch::Dtype dtype() const { return dtype_; }

  // Y: m x d, in evaluation mode, in batches, on the CPU unless the model is elsewhere. kInvalidArgument if the input
  // does not fit.
  absl::StatusOr<torch::Tensor> Embed(const InputRows& x) const;
  // Predictions: m x n, or m x n x k.
  absl::StatusOr<torch::Tensor> Predict(const InputRows& x) const;
  // Predictions for embeddings y: m x d.
  absl::StatusOr<torch::Tensor> PredictFromEmbedding(const torch::Tensor& y) const;
  // Pre-images of embeddings y (m x d): m x D. kFailedPrecondition without a decoder.
  absl::StatusOr<torch::Tensor> Decode(const torch::Tensor& y) const;

  // W_l: d x n x k. Replaces it by a copy; `frozen`: training leaves it alone. kInvalidArgument for another shape or
  // numbers that are not finite. For the second network of a pair: Y1 transposed, frozen (thesis 2.2).
  absl::Status SetLastLayer(const torch::Tensor& last_layer, bool frozen);
  bool last_layer_frozen() const { return !last_layer_.requires_grad(); }

  // kInvalidArgument naming both sizes if the input rows do not fit this model.
  absl::Status CheckInput(const InputRows& x) const;

  // Everything below is for training, explanations and tests.
  torch::nn::Sequential features() const { return features_; }  // may be empty: a linear encoder
  Affine embedding() const { return embedding_; }
  torch::Tensor last_layer() const { return last_layer_; }    // d x n x k
  torch::nn::Sequential decoder() const { return decoder_; }  // empty without one
  torch::nn::Module& module() const { return *root_; }        // owns all: named_parameters(), train(), eval()

  torch::Tensor EmbedBatch(const InputBatch& x) const;      // B x d
  torch::Tensor Logits(const torch::Tensor& y) const;       // B x (n k), k fastest: y W_l
  torch::Tensor Output(const torch::Tensor& logits) const;  // what is compared with targets
  torch::Tensor DecodeBatch(const torch::Tensor& y) const;  // B x D

 private:
  SimEc() = default;
  static absl::StatusOr<SimEc> Begin(const ModelOptions& options);
  void Finish(std::int64_t feature_size);

  ModelOptions options_;
  bool own_features_ = false;
  torch::Device device_ = torch::kCPU;
  torch::Dtype dtype_ = torch::kFloat32;
  std::shared_ptr<torch::nn::Module> root_;
  torch::nn::Sequential features_{nullptr};
  Affine embedding_{nullptr};
  Affine first_{nullptr};  // the layer that takes sparse and one-hot input; null: dense only
  torch::nn::Sequential decoder_{nullptr};
  torch::Tensor last_layer_;
};

}  // namespace conec::simec
