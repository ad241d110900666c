// E13, its linear part: what each feature contributes to a similarity and to a prediction (thesis chapter 5). The films
// and ratings of the publication cannot be had: the laws of the linear case are shown on MovieLens 100k.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <utility>

#include "simec_core/explain.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/e1_flowerpots.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/movielens.h"

namespace conec::simec::experiments::e13_relevance {
namespace {

constexpr double kRounding = 1e-5;                     // accepted, relative to the largest number
constexpr std::int64_t kEveryUser = 50;                // whose predictions are explained
constexpr std::int64_t kFilm = 49;                     // "Star Wars (1977)"
constexpr char kGenres[2][8] = {"Sci-Fi", "Romance"};  // two reasons to like it

struct Recommender {
  MovieLens data;
  InputRows x;
  Encoded encoded;
  at::Tensor bias;  // 1 x d
};

// Predicts ratings' residuals from genres and decades; missing ratings count as zeros.
absl::StatusOr<Recommender> TrainRecommender(const Run& run) {
  CONEC_ASSIGN_OR_RETURN(const std::string folder, run.Data("movielens/ml-100k"));
  Recommender recommender;
  CONEC_ASSIGN_OR_RETURN(recommender.data, LoadMovieLens(folder));
  const at::Tensor x = recommender.data.features;
  CONEC_ASSIGN_OR_RETURN(recommender.x, InputRows::Dense(x));
  Settings settings = LinearSettings(20, .01, 20);
  settings.model.precision = Precision::kFloat64;
  CONEC_ASSIGN_OR_RETURN(recommender.encoded, TrainEncoder(run, settings,
                                                           {.x = x,
                                                            .s = RatingResiduals(recommender.data),
                                                            .s_ll = {},
                                                            .others = {at::zeros({1, x.size(1)}, at::kDouble)}}));
  recommender.bias = recommender.encoded.others[0];  // what a film without features is embedded as
  return recommender;
}

// The largest difference, relative to the largest entry of b.
double Difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

// The largest differences over some users.
struct PredictionLaws {
  double parts = 0, kept_sums = 0, spread_sums = 0, correction = 0;
};

// `parts`: x o (W1 W_l[:, j]), the linear case in closed form. `bias`: b W_l[:, j].
absl::Status AddUser(const Recommender& recommender, std::int64_t user, PredictionLaws& laws) {
  const at::Tensor& x = recommender.data.features;
  const at::Tensor w = recommender.encoded.last_layer.select(2, 0).select(1, user);
  const at::Tensor parts = x * recommender.encoded.first_weights.matmul(w);
  const at::Tensor bias = recommender.bias.matmul(w), prediction = recommender.encoded.y.matmul(w);
  ExplainOptions options;
  options.epsilon = 0;
  CONEC_ASSIGN_OR_RETURN(const Explanation kept,
                         ExplainPredictions(*recommender.encoded.model, recommender.x, {.target = user}, options));
  options.bias = BiasShare::kSpread;
  CONEC_ASSIGN_OR_RETURN(const Explanation spread,
                         ExplainPredictions(*recommender.encoded.model, recommender.x, {.target = user}, options));
  laws.parts = std::max(laws.parts, Difference(kept.relevance.dense(), parts));
  laws.kept_sums = std::max(laws.kept_sums, Difference(kept.relevance.dense().sum(1) + bias, prediction));
  laws.spread_sums = std::max(laws.spread_sums, Difference(spread.relevance.dense().sum(1), prediction));
  // As published: predictions of single features, x_k W1 + b, plus (1 / #features - 1) b.
  const at::Tensor present = x.ne(0).to(at::kDouble);
  const at::Tensor corrected = parts + present * bias / present.sum(1, /*keepdim=*/true).clamp_min(1);
  laws.correction = std::max(laws.correction, Difference(spread.relevance.dense(), corrected));
  return absl::OkStatus();
}

absl::Status Predictions(Run& run, const Recommender& recommender) {
  PredictionLaws laws;
  for (std::int64_t user = 0; user < recommender.data.user_count; user += kEveryUser) {
    CONEC_RETURN_IF_ERROR(AddUser(recommender, user, laws));
  }
  const std::string name = "predicted ratings: ";
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + "parts against x o (W1 W)", 0, kRounding, laws.parts)));
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + "parts and bias against predictions", 0, kRounding, laws.kept_sums)));
  CONEC_RETURN_IF_ERROR(
      run.Add(AtMost(name + "parts with bias shared out against predictions", 0, kRounding, laws.spread_sums)));
  return run.Add(AtMost(name + "the same against (1/#features - 1) b", 0, kRounding, laws.correction));
}

// Of all films to one.
absl::Status Similarities(Run& run, const Recommender& recommender) {
  const at::Tensor &x = recommender.data.features, &w = recommender.encoded.first_weights;
  CONEC_ASSIGN_OR_RETURN(const InputRows film, InputRows::Dense(x.narrow(0, kFilm, 1).contiguous()));
  CONEC_ASSIGN_OR_RETURN(const Explanation why,
                         ExplainLinearSimilarities(*recommender.encoded.model, recommender.x, film));
  const at::Tensor y = recommender.encoded.y - recommender.bias;
  const std::string name = "similar films: ";
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + "parts against x o (W1 W1'x')", 0, kRounding,
                                       Difference(why.relevance.dense(), x * w.matmul(w.t()).matmul(x[kFilm])))));
  return run.Add(AtMost(name + "sums of parts against y y'", 0, kRounding,
                        Difference(why.relevance.dense().sum(1), y.matmul(y[kFilm]))));
}

// Why two users will like the same film: those for whom one of two genres says most.
absl::Status PlotReasons(Run& run, const Recommender& recommender) {
  const MovieLens& data = recommender.data;
  if (static_cast<std::int64_t>(data.titles.size()) <= kFilm) return DataLoss("only {} films", data.titles.size());
  const at::Tensor per_user = recommender.encoded.first_weights.matmul(recommender.encoded.last_layer.select(2, 0));
  const at::Tensor parts = data.features[kFilm].unsqueeze(1) * per_user;  // D x users
  const at::Tensor present = data.features[kFilm].nonzero().squeeze(1);
  Panel panel = {.title = "What speaks for " + data.titles[kFilm], .x_label = "", .y_label = "contribution"};
  for (std::int64_t i = 0; i < present.size(0); ++i) {
    panel.ticks.push_back(data.feature_names[static_cast<std::size_t>(present[i].item<std::int64_t>())]);
  }
  for (const char* genre : kGenres) {
    const auto found = std::find(data.feature_names.begin(), data.feature_names.end(), genre);
    if (found == data.feature_names.end()) return DataLoss("no genre '{}'", genre);
    const auto user = parts[found - data.feature_names.begin()].argmax().item<std::int64_t>();
    for (std::int64_t i = 0; i < present.size(0); ++i) {
      run.Plot(panel, fmt::format("user {}", user + 1), static_cast<double>(i), parts[present[i]][user].item<double>());
    }
  }
  return absl::OkStatus();
}

absl::Status RunRelevance(Run& run) {
  return CatchTorch("relevance", [&]() -> absl::Status {
    if (run.Begin("flowerpots")) CONEC_RETURN_IF_ERROR(e1_flowerpots::FlowerpotContributions(run));
    if (!run.Begin("films")) return absl::OkStatus();
    CONEC_ASSIGN_OR_RETURN(const Recommender recommender, TrainRecommender(run));
    CONEC_RETURN_IF_ERROR(Predictions(run, recommender));
    CONEC_RETURN_IF_ERROR(Similarities(run, recommender));
    return PlotReasons(run, recommender);
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E13",
          .alias = "relevance",
          .title = "what each feature contributes to a similarity and to a prediction",
          .data = "flowerpots, movielens/ml-100k",
          .time = "1 s",
          .quick = {},
          .run = RunRelevance};
}

}  // namespace conec::simec::experiments::e13_relevance
