// E9: a similarity with negative eigenvalues, and several similarities at once (SimEc paper figures 5 to 7).
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <array>
#include <optional>
#include <vector>

#include "simec_core/eigen.h"
#include "simec_core/ridge.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/baselines_mnist.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/images.h"
#include "tools/simec/experiments/similarity_task.h"

namespace conec::simec::experiments::e9_nonmetric {
namespace {

// Of S1 and S2, whose errors are a few 1e-5 of the squared largest entry: the reference's own runs differ by this much.
constexpr double kPartsTolerance = 1.15;
const Panel kPanel = {.title = "Simpson similarity", .x_label = "dimensions", .y_label = "MSE", .log_y = true};
const Panel kPartPanels[] = {{.title = "S1", .x_label = "dimensions", .y_label = "1e6 MSE", .log_y = true},
                             {.title = "S2", .x_label = "dimensions", .y_label = "1e6 MSE", .log_y = true}};

Settings NonmetricSettings(std::int64_t d, double s_ll) {
  Settings settings = LinearSettings(d, 8e-4);
  settings.model.hidden = {{200, Activation::kTanh}};
  settings.objective = {.s_ll = s_ll, .l2_hidden = 1e-7, .l2_embedding = 1e-4, .l2_last = 1e-7};
  return settings;
}

// Reads and computes what is asked for when it is asked for.
class Nonmetric {
 public:
  explicit Nonmetric(const Run& run) : images_(run) {}

  // Grey values, centred, float32.
  absl::StatusOr<at::Tensor> X() {
    if (!x_.defined()) {
      CONEC_ASSIGN_OR_RETURN(const LabelledPoints mnist, images_.All());
      CONEC_ASSIGN_OR_RETURN(const LabelledPoints pair, MnistPair(mnist, 0, 7, 5000));
      x_ = pair.x.sub(pair.x.mean(0)).to(at::kFloat);
    }
    return x_;
  }

  absl::StatusOr<at::Tensor> S() {
    if (!s_.defined()) {
      CONEC_ASSIGN_OR_RETURN(const LabelledPoints mnist, images_.All());
      CONEC_ASSIGN_OR_RETURN(s_, SimpsonSimilarity(mnist));
    }
    return s_;
  }

  absl::StatusOr<NonmetricParts> Parts() {
    if (!parts_) {
      CONEC_ASSIGN_OR_RETURN(const at::Tensor s, S());
      CONEC_ASSIGN_OR_RETURN(parts_, SplitSimilarity(s));
    }
    return *parts_;
  }

  absl::StatusOr<std::array<at::Tensor, 2>> Scaled() {
    if (!scaled_) {
      CONEC_ASSIGN_OR_RETURN(const NonmetricParts parts, Parts());
      CONEC_ASSIGN_OR_RETURN(const ScaledParts scaled, ScaleParts(parts));
      scaled_ = {scaled.s1, scaled.s2};
    }
    return *scaled_;
  }

 private:
  Images images_;
  at::Tensor x_, s_;
  std::optional<NonmetricParts> parts_;
  std::optional<std::array<at::Tensor, 2>> scaled_;
};

absl::Status Baselines(Run& run, Nonmetric& data) {
  CONEC_RETURN_IF_ERROR(run.Progress(0));
  CONEC_ASSIGN_OR_RETURN(const NonmetricParts parts, data.Parts());
  CONEC_ASSIGN_OR_RETURN(const std::vector<Figure> figures, NonmetricBaselines(parts));
  CONEC_RETURN_IF_ERROR(run.Add(figures));
  for (const char* kind : {"positive eigenvalues", "largest absolute eigenvalues"}) {
    PlotNumbered(run, kPanel, kind, figures, fmt::format("{} d=", kind));
  }
  for (std::size_t i = 0; i < 2; ++i) {
    PlotNumbered(run, kPartPanels[i], "eigendecomposition", figures,
                 fmt::format("1e6 S{} eigendecomposition d=", i + 1));
  }
  return absl::OkStatus();
}

// Y W_l learns negative eigenvalues, too, which Y Y' cannot show.
absl::Status Whole(Run& run, Nonmetric& data) {
  struct Row {
    std::int64_t d;
    double printed;
  };
  constexpr Row kRows[] = {{2, .007095},  {5, .003618},  {10, .001825}, {25, .000757},
                           {50, .000642}, {75, .000625}, {100, .000605}};
  for (const Row& row : kRows) {
    const std::string name = fmt::format("SimEc d={}", row.d);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const at::Tensor x, data.X());
    CONEC_ASSIGN_OR_RETURN(const at::Tensor s, data.S());
    CONEC_ASSIGN_OR_RETURN(const Encoded encoded,
                           TrainEncoder(run, NonmetricSettings(row.d, 0), {.x = x, .s = s.to(at::kFloat), .s_ll = {}}));
    CONEC_ASSIGN_OR_RETURN(const double mse, PredictionError(encoded.y, encoded, s));
    const double most = row.d == 2 ? .0073 : row.d == 10 ? .0019 : row.d == 25 ? .00083 : row.printed * kSeedTolerance;
    CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + ", Y W", row.printed, most, mse)));
    run.Plot(kPanel, "SimEc", static_cast<double>(row.d), mse);
  }
  return absl::OkStatus();
}

// Figures of one part, in 1e-6: printed for Y W and Y Y'.
absl::Status AddPart(Run& run, std::size_t part, const std::string& model, std::int64_t d, const std::string& kind,
                     double printed, double most, double mse) {
  const std::string name = fmt::format("1e6 {} d={}, S{} by {}", model, d, part + 1, kind);
  run.Plot(kPartPanels[part], fmt::format("{}, {}", model, kind), static_cast<double>(d), 1e6 * mse);
  return run.Add(AtMost(name, printed, most, 1e6 * mse));
}

struct PartsRow {
  std::int64_t d;
  double prediction[2], product[2];  // printed, times 1e-6: Y W and Y Y' against S1 and S2
};

// An encoder for each part.
absl::Status OnePart(Run& run, Nonmetric& data, std::size_t part) {
  constexpr PartsRow kRows[] = {{2, {421, 191}, {426, 218}}, {5, {187, 125}, {197, 171}}, {10, {96, 107}, {114, 159}},
                                {25, {46, 106}, {69, 159}},  {50, {41, 120}, {64, 181}},  {75, {44, 112}, {70, 178}},
                                {100, {46, 121}, {75, 262}}};
  const std::string model = fmt::format("S{} alone", part + 1);
  for (const PartsRow& row : kRows) {
    if (!run.Begin(fmt::format("{} d={}", model, row.d))) continue;
    CONEC_ASSIGN_OR_RETURN(const at::Tensor x, data.X());
    CONEC_ASSIGN_OR_RETURN(const auto parts, data.Scaled());
    const at::Tensor s = parts[part].to(at::kFloat);
    CONEC_ASSIGN_OR_RETURN(const Encoded encoded,
                           TrainEncoder(run, NonmetricSettings(row.d, 1), {.x = x, .s = s, .s_ll = s}));
    CONEC_ASSIGN_OR_RETURN(const double prediction, PredictionError(encoded.y, encoded, parts[part]));
    CONEC_ASSIGN_OR_RETURN(const double product, SimilarityError(encoded.y, parts[part]));
    CONEC_RETURN_IF_ERROR(AddPart(run, part, model, row.d, "Y W", row.prediction[part],
                                  row.prediction[part] * kPartsTolerance, prediction));
    CONEC_RETURN_IF_ERROR(
        AddPart(run, part, model, row.d, "Y Y'", row.product[part], row.product[part] * kPartsTolerance, product));
  }
  return absl::OkStatus();
}

// One embedding, two last layers (W_l is d x n x 2). One embedding cannot have both similarities as Y Y'.
absl::Status BothParts(Run& run, Nonmetric& data) {
  constexpr PartsRow kRows[] = {{2, {767, 561}, {1072, 804}},   {5, {337, 247}, {1265, 1293}},
                                {10, {149, 173}, {1142, 1412}}, {25, {63, 135}, {1255, 1510}},
                                {50, {47, 126}, {1166, 1651}},  {75, {50, 124}, {1221, 1825}},
                                {100, {48, 134}, {1314, 1850}}};
  for (const PartsRow& row : kRows) {
    if (!run.Begin(fmt::format("[S1;S2] d={}", row.d))) continue;
    CONEC_ASSIGN_OR_RETURN(const at::Tensor x, data.X());
    CONEC_ASSIGN_OR_RETURN(const auto parts, data.Scaled());
    const at::Tensor s = at::stack({parts[0].to(at::kFloat), parts[1].to(at::kFloat)}, 2);
    CONEC_ASSIGN_OR_RETURN(const Encoded encoded,
                           TrainEncoder(run, NonmetricSettings(row.d, 1), {.x = x, .s = s, .s_ll = s}));
    for (std::size_t i = 0; i < 2; ++i) {
      CONEC_ASSIGN_OR_RETURN(const double prediction,
                             PredictionError(encoded.y, encoded, parts[i], static_cast<std::int64_t>(i)));
      CONEC_ASSIGN_OR_RETURN(const double product, SimilarityError(encoded.y, parts[i]));
      const double most = row.d == 10 ? (i == 0 ? 170 : 200) : row.prediction[i] * kPartsTolerance;
      CONEC_RETURN_IF_ERROR(AddPart(run, i, "[S1;S2]", row.d, "Y W", row.prediction[i], most, prediction));
      CONEC_RETURN_IF_ERROR(
          AddPart(run, i, "[S1;S2]", row.d, "Y Y'", row.product[i], row.product[i] * kPartsTolerance, product));
    }
  }
  return absl::OkStatus();
}

// Errors against S1 and S2, of each seed.
struct PartErrors {
  std::vector<double> prediction[2], product[2];
};

// What an embedding of the sum has of one part or the other differs with the seed by a tenth where there are more
// dimensions than it needs: figures are medians of kSeeds then, each its own.
absl::StatusOr<PartErrors> ErrorsOfSum(const Run& run, std::int64_t d, const at::Tensor& x,
                                       const std::array<at::Tensor, 2>& parts) {
  const at::Tensor s = parts[0].add(parts[1]).to(at::kFloat);
  Settings settings = NonmetricSettings(d, 1);
  PartErrors errors;
  for (std::uint64_t seed = 1; seed <= (d < 75 ? 1 : kSeeds); ++seed) {
    settings.model.seed = settings.training.seed = seed;
    CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainEncoder(run, settings, {.x = x, .s = s, .s_ll = s}));
    for (std::size_t i = 0; i < 2; ++i) {
      CONEC_ASSIGN_OR_RETURN(errors.prediction[i].emplace_back(), PredictionError(encoded.y, encoded, parts[i]));
      CONEC_ASSIGN_OR_RETURN(errors.product[i].emplace_back(), SimilarityError(encoded.y, parts[i]));
    }
  }
  return errors;
}

// An encoder of the sum of both parts does not tell them apart.
absl::Status SumOfParts(Run& run, Nonmetric& data) {
  constexpr PartsRow kRows[] = {{2, {1352, 1202}, {1358, 1214}},  {5, {1328, 1239}, {1351, 1274}},
                                {10, {1178, 1346}, {1162, 1387}}, {25, {1073, 1385}, {1016, 1461}},
                                {50, {1143, 1445}, {1185, 1585}}, {75, {1056, 1371}, {1005, 1424}},
                                {100, {1075, 1438}, {1055, 1558}}};
  for (const PartsRow& row : kRows) {
    if (!run.Begin(fmt::format("S1+S2 d={}", row.d))) continue;
    CONEC_ASSIGN_OR_RETURN(const at::Tensor x, data.X());
    CONEC_ASSIGN_OR_RETURN(const auto parts, data.Scaled());
    CONEC_ASSIGN_OR_RETURN(const PartErrors errors, ErrorsOfSum(run, row.d, x, parts));
    for (std::size_t i = 0; i < 2; ++i) {
      CONEC_RETURN_IF_ERROR(AddPart(run, i, "S1+S2", row.d, "Y W", row.prediction[i],
                                    row.prediction[i] * kPartsTolerance, Median(errors.prediction[i])));
      CONEC_RETURN_IF_ERROR(AddPart(run, i, "S1+S2", row.d, "Y Y'", row.product[i], row.product[i] * kPartsTolerance,
                                    Median(errors.product[i])));
    }
  }
  return absl::OkStatus();
}

// 4000 images, the last of the 5000: S with W_l tied to S1 + S2, so that Y Y' approximates the latter. Settings and
// figures of the notebook 02_embed_nonmetric.
absl::Status TiedToSum(Run& run, const LabelledPoints& mnist) {
  constexpr std::int64_t kTest = 1000, kTargets = 1000;
  CONEC_ASSIGN_OR_RETURN(const LabelledPoints pair, MnistPair(mnist, 0, 7, 5000));
  const at::Tensor grey = pair.x.narrow(0, kTest, pair.x.size(0) - kTest);
  const at::Tensor x = grey - grey.mean(0);
  CONEC_ASSIGN_OR_RETURN(const at::Tensor s,
                         CentredSimilarity({SimilarityKind::kSimpson}, grey.ge(0.5).to(at::kDouble)));
  CONEC_ASSIGN_OR_RETURN(const EigenPairs all, AllEigen(s, EigenOrder::kLargestMagnitude));
  const at::Tensor largest = all.vectors * all.values.abs().sqrt();  // as the notebook has it: Y Y' = S1 + S2
  const at::Tensor sum = largest.matmul(largest.t());
  CONEC_ASSIGN_OR_RETURN(const RidgeModel ridge, FitRidge(x, largest.narrow(1, 0, 10).contiguous(), 1));
  CONEC_ASSIGN_OR_RETURN(const double regressed, SimilarityError(ridge.Predict(x), sum));
  CONEC_RETURN_IF_ERROR(run.Add(Printed("S tied to S1+S2: ridge d=10", .002598, 6, regressed)));
  const at::Tensor targets = s.narrow(1, 0, kTargets).to(at::kFloat).contiguous();
  const at::Tensor s_ll = sum.narrow(0, 0, kTargets).narrow(1, 0, kTargets).to(at::kFloat).contiguous();
  CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainEncoder(run, NonmetricSettings(10, .5),
                                                             {.x = x.to(at::kFloat), .s = targets, .s_ll = s_ll}));
  CONEC_ASSIGN_OR_RETURN(const double mse, SimilarityError(encoded.y, sum));
  return run.Add(AtMost("S tied to S1+S2: SimEc d=10, Y Y'", .002092, .002092 * kSeedTolerance, mse));
}

absl::Status RunNonmetric(Run& run) {
  return CatchTorch("non-metric similarities", [&]() -> absl::Status {
    Nonmetric data(run);
    if (run.Begin("baselines")) CONEC_RETURN_IF_ERROR(Baselines(run, data));
    CONEC_RETURN_IF_ERROR(Whole(run, data));
    for (const std::size_t part : {0, 1}) CONEC_RETURN_IF_ERROR(OnePart(run, data, part));
    CONEC_RETURN_IF_ERROR(BothParts(run, data));
    CONEC_RETURN_IF_ERROR(SumOfParts(run, data));
    if (!run.Begin("S tied to S1+S2")) return absl::OkStatus();
    Images images(run);
    CONEC_ASSIGN_OR_RETURN(const LabelledPoints mnist, images.All());
    return TiedToSum(run, mnist);
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E9",
          .alias = "nonmetric",
          .title = "a similarity with negative eigenvalues, and its two parts at once",
          .data = "mnist",
          .time = "2 h",
          .quick = {"SimEc d=10"},
          .run = RunNonmetric};
}

}  // namespace conec::simec::experiments::e9_nonmetric
