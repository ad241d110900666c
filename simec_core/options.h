// What can be chosen about a similarity encoder (SimEc: Horn & Mueller, "Predicting pairwise relations with neural
// similarity encoders"; F. Horn's thesis, chapters 2 and 3). The comments are the documentation of the options; numbers
// that stand here are the defaults of the program and of the library. Nothing here needs LibTorch.
//
// Letters used throughout the room:
//   m  rows: training points             D  features of a point
//   n  targets: columns of the relation  k  similarities that are predicted at once (mostly 1)
//   d  dimensions of the embedding       B  rows of a batch
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::simec {

enum class Activation { kLinear, kTanh, kRelu, kSigmoid, kSoftplus };
enum class Precision { kFloat32, kFloat64 };

// What makes a prediction of y W_l. kSigmoid keeps it within [output_low, output_high].
enum class OutputKind { kLinear, kSigmoid };

// kGlorot: uniform within sqrt(6 / (fan_in + fan_out)), biases zero, as in keras. kKaiming: weights and biases uniform
// within 1 / sqrt(fan_in), as in torch.nn.Linear.
enum class Initialization { kGlorot, kKaiming };

// One fully connected hidden layer: activation(x W + b).
struct HiddenLayer {
  std::int64_t size = 0;
  Activation activation = Activation::kTanh;
};

// Convolution with square kernels and stride 1, activation, then max-pooling over squares of `pool` pixels (1: none).
struct ConvLayer {
  std::int64_t filters = 0;
  std::int64_t kernel = 3;
  std::int64_t padding = 0;
  Activation activation = Activation::kRelu;
  std::int64_t pool = 1;
};

struct ModelOptions {
  std::int64_t features = 0;             // D. Of images channels * height * width
  std::vector<HiddenLayer> hidden = {};  // f' before the embedding layer; none: a linear encoder
  // Convolutions come before `hidden`; points are images (or flat rows of D numbers in the order channel, row, column).
  std::vector<ConvLayer> conv = {};
  std::int64_t channels = 1, height = 0, width = 0;  // of the images, if there are convolutions

  std::int64_t dim = 0;           // d
  std::int64_t targets = 0;       // n
  std::int64_t similarities = 1;  // k: the last layer W_l is d x n x k
  bool embedding_bias = true;     // as in the reference; hidden layers always have one, W_l never
  OutputKind output = OutputKind::kLinear;
  double output_low = 0, output_high = 1;  // of kSigmoid
  // A mirrored f' behind the embedding, which gives pre-images: d -> hidden layers in reverse -> D. Dense and sparse
  // inputs without convolutions only. Trained along by ObjectiveOptions::reconstruction.
  bool decoder = false;

  Initialization initialization = Initialization::kGlorot;
  std::uint64_t seed = 1;
  Precision precision = Precision::kFloat32;
  std::string device = "cpu";  // cpu, cuda, cuda:1, ...
};

// kInvalidArgument naming the option: sizes < 1, images that do not fit, an empty output range, a decoder of images,
// ...
absl::Status CheckModelOptions(const ModelOptions& options);

// The data term compares predictions and targets; kBce is the cross-entropy of the logits y W_l and needs
// OutputKind::kSigmoid and targets within [0, 1].
enum class LossKind { kMse, kMae, kBce };

// How the weighted errors of a batch become one number. kPerRow, as in the reference: sum_j w_ij e_ij / max(sum_j w_ij,
// 1), then the mean over rows; rows with few observed entries count as much as full ones. kGlobal: sum w e / max(sum w,
// 1) over the batch. Without missing entries both are the mean.
enum class MaskedMean { kPerRow, kGlobal };

// What the coefficients of the regularisers multiply (README.md has a table).
// kMean, the reference's: s_ll and orthogonality mean squares over n^2 and d^2 entries, l2 sums of squares, all added
// to the mean error of a batch. The meaning of each coefficient thus changes with n, d and m. kFrobenius, the paper's:
// the minimum of ||S - Y W||^2 + s_ll ||S_ll - W'W||^2 + orthogonality ||offdiag(W W')||^2 + l2 ||w||^2, all sums of
// squares; everything is divided by m n k, so that learning rates keep their meaning. s_ll of kMean is s_ll of
// kFrobenius times n / m (k = 1).
enum class Scaling { kMean, kFrobenius };

struct ObjectiveOptions {
  LossKind loss = LossKind::kMse;
  // Weight of a missing entry, whose target then is 0: 0 masks it, 1 takes zeros for observations.
  double missing_weight = 0;
  MaskedMean masked_mean = MaskedMean::kPerRow;
  bool allow_empty_rows = false;       // rows without any observed entry: an error, or silently without influence
  bool allow_free_dimensions = false;  // with s_ll, d > n: an error, or some dimensions mean nothing

  Scaling scaling = Scaling::kMean;
  double s_ll = 0;  // lambda of ||S_ll - W_l' W_l||^2, which makes Y Y' approximate S; summed over the similarities
  double orthogonality = 0;    // of rows of W_l: off-diagonal entries of W_l W_l'; summed over the similarities
  double l2_hidden = 1e-8;     // weights of f' before the embedding layer, and of the decoder; biases never
  double l2_embedding = 1e-5;  // weights of the embedding layer
  double l2_last = 0;          // W_l
  double reconstruction = 0;   // times the mean squared error of the decoder's pre-images
};

// kInvalidArgument naming the option: negative or infinite coefficients, missing_weight outside [0, 1], and what does
// not go with the model (kBce without kSigmoid, reconstruction without decoder).
absl::Status CheckObjectiveOptions(const ObjectiveOptions& objective, const ModelOptions& model);

enum class OptimizerKind { kAdamax, kAdam, kSgd };
enum class ScheduleKind { kConstant, kStep, kPlateau };

// The state of training after an epoch.
struct EpochReport {
  int epoch = 0;          // epochs done
  int epochs = 0;         // epochs asked for
  double loss = 0;        // mean of the data term over the epoch's batches
  double objective = 0;   // the same with all regularisers
  double validation = 0;  // data term on the validation split; NaN without one
  double learning_rate = 0;
  double seconds = 0;  // since the start of this call
};

struct TrainOptions {
  OptimizerKind optimizer = OptimizerKind::kAdamax;
  double learning_rate = 5e-4;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7;  // Adamax, Adam
  double momentum = 0;                                // SGD
  int epochs = 25;
  int batch = 32;          // the last batch of an epoch may be smaller
  std::uint64_t seed = 1;  // of the order of rows, the validation split, and dropout in modules of your own
  int threads = 0;         // of LibTorch; 0: as they are

  ScheduleKind schedule = ScheduleKind::kConstant;
  double schedule_factor = 0.1;      // what the learning rate is multiplied with
  int schedule_every = 10;           // kStep: after so many epochs each time
  int schedule_patience = 5;         // kPlateau: after more than so many epochs in a row without a smaller loss
  int schedule_start = 5;            // kPlateau: epochs that are not looked at
  double schedule_threshold = 1e-4;  // kPlateau: smaller means smaller by this part
  double smallest_learning_rate = 0;

  // Orthogonality counts only after this part of the epochs (simec_torch: 1/3). Since the objective is another one from
  // then on, the best epoch and the patience of early stopping are judged anew: it is none of the epochs before, and
  // training does not stop there.
  double orthogonality_after = 0;

  // Part of the rows that is held out, drawn from the seed. Early stopping and the best weights go by the data term on
  // these rows; without them by the mean objective of the epoch.
  double validation = 0;
  int patience = 0;        // stop after so many epochs without improvement; 0: never
  bool keep_best = false;  // in the end, the weights of the best epoch instead of the last

  // A file that training can be resumed from, written every so many epochs, at the end, and when `progress` stops
  // training. A resumed run ends with the weights of one that was never interrupted; options and data must be the same
  // (TrainData::identity), but there may be more epochs, unless orthogonality begins after a part of them.
  std::string checkpoint = {};
  int checkpoint_every = 5;
  bool resume = false;  // continue from `checkpoint` if that file exists

  // Called after each epoch; false stops training with kCancelled.
  std::function<bool(const EpochReport&)> progress = nullptr;
};

absl::Status CheckTrainOptions(const TrainOptions& options);

// kKeras: the reference's simec.py, with which the paper's experiments were made: Glorot, Adamax, 5e-4, constant, l2 of
// 1e-8 (hidden) and 1e-5 (embedding); these are the defaults above. kTorch: its simec_torch.py: Kaiming, Adam, plateau,
// best weights, no l2, orthogonality in the last two thirds.
enum class Preset { kKeras, kTorch };

// Sets what the preset says and leaves everything else.
void ApplyPreset(Preset preset, ModelOptions& model, ObjectiveOptions& objective, TrainOptions& training);

// Names as the command line and model files spell them: "tanh", "float32", "sigmoid", "glorot", "mse", "per-row",
// "frobenius", "adamax", "plateau", "keras". Parsing gives kInvalidArgument that lists what is known.
std::string_view Name(Activation value);
std::string_view Name(Precision value);
std::string_view Name(OutputKind value);
std::string_view Name(Initialization value);
std::string_view Name(LossKind value);
std::string_view Name(MaskedMean value);
std::string_view Name(Scaling value);
std::string_view Name(OptimizerKind value);
std::string_view Name(ScheduleKind value);
std::string_view Name(Preset value);
absl::StatusOr<Activation> ParseActivation(std::string_view name);
absl::StatusOr<Precision> ParsePrecision(std::string_view name);
absl::StatusOr<OutputKind> ParseOutputKind(std::string_view name);
absl::StatusOr<Initialization> ParseInitialization(std::string_view name);
absl::StatusOr<LossKind> ParseLossKind(std::string_view name);
absl::StatusOr<MaskedMean> ParseMaskedMean(std::string_view name);
absl::StatusOr<Scaling> ParseScaling(std::string_view name);
absl::StatusOr<OptimizerKind> ParseOptimizerKind(std::string_view name);
absl::StatusOr<ScheduleKind> ParseScheduleKind(std::string_view name);
absl::StatusOr<Preset> ParsePreset(std::string_view name);

// "200:tanh,100:relu"; "200" means 200:tanh; "" no layer.
absl::StatusOr<std::vector<HiddenLayer>> ParseHiddenLayers(std::string_view text);
std::string FormatHiddenLayers(const std::vector<HiddenLayer>& layers);

// filters:kernel:padding:activation:pool, as "16:5:2:relu:2,8:3:1:relu:2"; what is left out at the end is default.
absl::StatusOr<std::vector<ConvLayer>> ParseConvLayers(std::string_view text);
std::string FormatConvLayers(const std::vector<ConvLayer>& layers);

}  // namespace conec::simec
