#include "tools/simec/experiments/encoder_run.h"

#include <utility>

#include "simec_core/closed_forms.h"
#include "simec_core/model.h"
#include "simec_core/similarity_match.h"
#include "simec_core/tensor_status.h"

namespace conec::simec::experiments {
namespace {

// Products of a batch that are worth sharing among cores; below, threads cost more than they bring.
constexpr std::int64_t kManyWeights = 500000;

int Threads(const Run& run, const ModelOptions& model) {
  if (run.options().threads > 0) return run.options().threads;
  std::int64_t in = model.features, weights = 0;
  for (const HiddenLayer& layer : model.hidden) weights += in * std::exchange(in, layer.size);
  weights += (in + model.targets * model.similarities) * model.dim;
  return weights < kManyWeights ? 1 : 0;
}

at::Tensor Wide(const at::Tensor& x) {
  return x.detach().to(at::kCPU, at::kDouble);
}

// Everything that an Encoded has of its model.
absl::Status ReadOut(Encoded& encoded, const InputRows& inputs, const std::vector<InputRows>& others) {
  const SimEc& model = *encoded.model;
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, model.Embed(inputs));
  encoded.y = Wide(y);
  encoded.others.clear();
  for (const InputRows& x : others) {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor embedded, model.Embed(x));
    encoded.others.push_back(Wide(embedded));
  }
  encoded.last_layer = Wide(model.last_layer());
  encoded.first_weights = Wide(model.embedding()->weight);
  return absl::OkStatus();
}

absl::StatusOr<Encoded> TrainModel(const Run& run, SimEc made, const Settings& settings, const TrainData& data,
                                   const std::vector<InputRows>& others) {
  Encoded encoded;
  encoded.model = std::make_shared<SimEc>(std::move(made));
  SimEc& model = *encoded.model;
  TrainOptions training = settings.training;
  training.threads = Threads(run, model.options());
  training.progress = [&run](const EpochReport& epoch) {
    return run.Progress(static_cast<double>(epoch.epoch) / epoch.epochs).ok();
  };
  CONEC_RETURN_IF_ERROR(run.Progress(0));
  CONEC_ASSIGN_OR_RETURN(const TrainReport report, Train(model, data, settings.objective, training));
  encoded.loss = report.epochs.back().loss;
  CONEC_RETURN_IF_ERROR(ReadOut(encoded, data.inputs, others));
  return encoded;
}

void SetSizes(ModelOptions& model, const TrainData& data) {
  model.features = data.inputs.features();
  model.targets = data.targets.targets();
  model.similarities = data.targets.similarities();
}

absl::StatusOr<TrainData> Rows(const DenseData& data) {
  TrainData train;
  train.s_ll = data.s_ll;
  CONEC_ASSIGN_OR_RETURN(train.inputs, InputRows::Dense(data.x));
  CONEC_ASSIGN_OR_RETURN(train.targets, TargetRows::Dense(data.s));
  return train;
}

absl::StatusOr<std::vector<InputRows>> Others(const DenseData& data) {
  std::vector<InputRows> others;
  for (const at::Tensor& x : data.others) {
    CONEC_ASSIGN_OR_RETURN(InputRows rows, InputRows::Dense(x));
    others.push_back(std::move(rows));
  }
  return others;
}

}  // namespace

Settings LinearSettings(std::int64_t d, double learning_rate, int epochs) {
  Settings settings;
  settings.model.dim = d;
  settings.training.learning_rate = learning_rate;
  settings.training.epochs = epochs;
  return settings;
}

absl::StatusOr<Encoded> TrainEncoder(const Run& run, Settings settings, const TrainData& data,
                                     const std::vector<InputRows>& others) {
  return CatchTorch("encoder", [&]() -> absl::StatusOr<Encoded> {
    SetSizes(settings.model, data);
    CONEC_ASSIGN_OR_RETURN(SimEc model, SimEc::Create(settings.model));
    return TrainModel(run, std::move(model), settings, data, others);
  });
}

absl::StatusOr<Encoded> TrainEncoder(const Run& run, Settings settings, const DenseData& data) {
  CONEC_ASSIGN_OR_RETURN(const TrainData train, Rows(data));
  CONEC_ASSIGN_OR_RETURN(const std::vector<InputRows> others, Others(data));
  return TrainEncoder(run, std::move(settings), train, others);
}

absl::StatusOr<Encoded> TrainSecondEncoder(const Run& run, Settings settings, const TrainData& data,
                                           const at::Tensor& last_layer) {
  return CatchTorch("encoder", [&]() -> absl::StatusOr<Encoded> {
    SetSizes(settings.model, data);
    CONEC_ASSIGN_OR_RETURN(SimEc model, SimEc::Create(settings.model));
    CONEC_RETURN_IF_ERROR(model.SetLastLayer(last_layer.unsqueeze(2), /*frozen=*/true));
    return TrainModel(run, std::move(model), settings, data, {});
  });
}

absl::Status BalanceEncoder(Encoded& encoded, const DenseData& data) {
  return CatchTorch("encoder", [&]() -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(const InputRows inputs, InputRows::Dense(data.x));
    CONEC_ASSIGN_OR_RETURN(const InputRows targets, InputRows::Dense(data.x.narrow(0, 0, data.s.size(1))));
    CONEC_ASSIGN_OR_RETURN(const std::vector<InputRows> others, Others(data));
    CONEC_RETURN_IF_ERROR(Balance(*encoded.model, targets));
    return ReadOut(encoded, inputs, others);
  });
}

absl::StatusOr<double> SimilarityError(const at::Tensor& y, const at::Tensor& s) {
  CONEC_ASSIGN_OR_RETURN(const Match match, MatchSimilarity(y, s));
  return match.mse;
}

absl::StatusOr<double> PredictionError(const at::Tensor& y, const Encoded& encoded, const at::Tensor& s,
                                       std::int64_t k) {
  const at::Tensor w = encoded.last_layer.select(2, k).contiguous();
  CONEC_ASSIGN_OR_RETURN(const Match match, MatchPrediction(y, w, s.narrow(1, 0, w.size(1)).contiguous()));
  return match.mse;
}

}  // namespace conec::simec::experiments
