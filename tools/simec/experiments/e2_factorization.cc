// E2: factorisation of a matrix whose rows are numbers without features (thesis 2.1).
#include <ATen/Functions.h>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "simec_core/closed_forms.h"
#include "simec_core/similarity_match.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/encoder_run.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/factorization.h"
#include "tools/simec/experiments/missing_values.h"

namespace conec::simec::experiments::e2_factorization {
namespace {

const Panel kSvdPanel = {.title = "Factorisation", .x_label = "dimensions", .y_label = "MSE", .log_y = true};
const Panel kMissingPanel = {.title = "Missing values", .x_label = "missing", .y_label = "MSE", .log_y = true};
const Panel kEigenPanel = {.title = "Eigendecomposition", .x_label = "dimensions", .y_label = "MSE", .log_y = true};

absl::StatusOr<TrainData> IdentityData(const at::Tensor& s) {
  TrainData data;
  CONEC_ASSIGN_OR_RETURN(data.inputs, InputRows::OneHot(s.size(0)));
  CONEC_ASSIGN_OR_RETURN(data.targets, TargetRows::Dense(s.to(at::kFloat)));
  return data;
}

struct Printed2 {
  std::int64_t d;
  double printed;
};

double SvdRate(std::int64_t d) {
  if (d <= 250) return .005;
  if (d == 400) return .004;
  if (d == 500) return .0034;
  return d == 750 ? .0032 : .003;
}

// (a) against the SVD.
absl::Status Svd(Run& run, const at::Tensor& a) {
  constexpr Printed2 kPrinted[] = {{2, .033152},   {10, .011033},  {25, .007148},  {50, .004712},
                                   {75, .002849},  {100, .001307}, {250, .000188}, {400, .000184},
                                   {500, .000187}, {750, .000175}, {1000, .000168}};
  for (const auto& [d, printed] : kPrinted) {
    const std::string name = fmt::format("SimEc d={}", d);
    if (!run.Begin(name)) continue;
    Settings settings = LinearSettings(d, SvdRate(d), 50);
    settings.objective.orthogonality = d > 500 ? .001 : 0;
    CONEC_ASSIGN_OR_RETURN(const TrainData data, IdentityData(a));
    CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainEncoder(run, settings, data));
    CONEC_ASSIGN_OR_RETURN(const double mse, PredictionError(encoded.y, encoded, a));
    CONEC_RETURN_IF_ERROR(run.Add(AtMost(name, printed, d == 10 ? .0119 : printed * kSteadyTolerance, mse)));
    run.Plot(kSvdPanel, "SimEc", static_cast<double>(d), mse);
  }
  return absl::OkStatus();
}

// The optimum for A' given W_l = Y1'.
absl::StatusOr<double> ClosedFormError(const at::Tensor& a_transposed, const at::Tensor& last_layer) {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, LeastSquaresEmbedding(a_transposed, last_layer));
  CONEC_ASSIGN_OR_RETURN(const Match match, MatchPrediction(y, last_layer, a_transposed));
  return match.mse;
}

// (b) the second network of a pair, W_l frozen to Y1'. The published one was trained for 50 epochs; the optimum is a
// least-squares solution.
absl::Status SecondEncoder(Run& run, const at::Tensor& a) {
  struct Row {
    std::int64_t d;
    double printed;
    std::optional<double> optimum;
    double most = 0;  // accepted; 0: by kSteadyTolerance
  };
  // Optima are those of a re-run, which was done in five of the dimensions; they depend on the first network, so that
  // ours may be this much larger.
  constexpr double kOptimumTolerance = 1.05;
  // Four re-runs of the published rate ended at .010476 to this.
  constexpr double kRerun400 = .010537;
  const Row kRows[] = {{2, .033876, .033027},   {10, .022290, .011237},
                       {25, .017418, {}},       {50, .014493, .004264},
                       {75, .012942, {}},       {100, .011935, .000673},
                       {250, .010874, .000069}, {400, .010189, {}, kRerun400 * kSteadyTolerance},
                       {500, .009962, {}},      {750, .010133, {}},
                       {1000, .010026, {}}};
  const at::Tensor transposed = a.t().contiguous();
  for (const Row& row : kRows) {
    const double most = row.most > 0 ? row.most : row.printed * kSteadyTolerance;
    const std::string name = fmt::format("second SimEc d={}", row.d);
    if (!run.Begin(name)) continue;
    const Settings settings = LinearSettings(row.d, SvdRate(row.d), 50);
    CONEC_ASSIGN_OR_RETURN(const TrainData first, IdentityData(a));
    CONEC_ASSIGN_OR_RETURN(const Encoded one, TrainEncoder(run, settings, first));
    CONEC_ASSIGN_OR_RETURN(const TrainData second, IdentityData(transposed));
    const at::Tensor last_layer = one.y.t().contiguous();
    CONEC_ASSIGN_OR_RETURN(const Encoded two, TrainSecondEncoder(run, settings, second, last_layer));
    CONEC_ASSIGN_OR_RETURN(const double mse, PredictionError(two.y, two, transposed));
    CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + ", 50 epochs", row.printed, most, mse)));
    CONEC_ASSIGN_OR_RETURN(const double closed, ClosedFormError(transposed, last_layer));
    const std::string closed_name = name + ", closed form";
    CONEC_RETURN_IF_ERROR(run.Add(row.optimum
                                      ? AtMost(closed_name, row.optimum, *row.optimum * kOptimumTolerance, closed)
                                      : Shown(closed_name, std::nullopt, closed)));
    run.Plot(kSvdPanel, "second SimEc, 50 epochs", static_cast<double>(row.d), mse);
    run.Plot(kSvdPanel, "second SimEc, closed form", static_cast<double>(row.d), closed);
  }
  return absl::OkStatus();
}

// Below .001 the error is what the last steps of a constant learning rate leave over, and changes with the seed: at
// d = 100 without missing entries .000263 was printed, and a re-run of the reference ended at .000209. A quarter is
// what these two differ by; ours is the median of kSeeds.
constexpr double kSmall = .001, kSmallTolerance = 1.25;

double MostMissing(std::int64_t d, int tenths, double printed) {
  if (d == 10 && tenths == 5) return .0112;
  if (d == 10 && tenths == 9) return .0158;
  if (d == 500 && tenths == 4) return AboveReruns({.001038, .001163, .000991, .000989});
  return printed * (printed < kSmall ? kSmallTolerance : kSteadyTolerance);
}

absl::StatusOr<double> MissingError(const Run& run, std::int64_t d, int tenths, const at::Tensor& a,
                                    const TrainData& data, std::uint64_t seed) {
  Settings settings = LinearSettings(d, d < 50 ? .025 : .01, 60);
  settings.model.seed = settings.training.seed = seed;
  settings.objective.l2_last = tenths < 7 ? 0 : 1e-5;
  CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainEncoder(run, settings, data));
  return PredictionError(encoded.y, encoded, a);
}

// (c) entries missing at random; the error is that of the whole matrix.
absl::Status Missing(Run& run, const at::Tensor& a) {
  struct Row {
    std::int64_t d;
    double printed[10];
  };
  constexpr Row kRows[] = {
      {2, {.03299, .03302, .03294, .03302, .03312, .03311, .03342, .03343, .03388, .03573}},
      {10, {.010542, .010567, .010596, .010699, .010782, .010903, .011144, .011678, .012419, .015357}},
      {50, {.003928, .004018, .004141, .004343, .004625, .005090, .005909, .007702, .010148, .019468}},
      {100, {.000263, .000236, .000368, .000507, .000878, .001712, .003865, .007030, .009945, .018759}},
      {250, {.000433, .000340, .000357, .000457, .000786, .001596, .003753, .006732, .009847, .018335}},
      {500, {.000440, .000442, .000646, .000778, .001025, .002124, .004412, .006676, .009819, .018188}}};
  for (const Row& row : kRows) {
    for (int tenths = 0; tenths < 10; ++tenths) {
      const double missing = tenths / 10.0, printed = row.printed[tenths];
      const std::string name = fmt::format("SimEc {:.1f} missing d={}", missing, row.d);
      if (!run.Begin(name)) continue;
      CONEC_ASSIGN_OR_RETURN(const TrainData data,
                             IdentityData(tenths == 0 ? a : WithMissing(a, kMissingSeed, missing)));
      std::vector<double> errors;
      for (std::uint64_t seed = 1; seed <= (printed < kSmall ? kSeeds : 1); ++seed) {
        CONEC_ASSIGN_OR_RETURN(errors.emplace_back(), MissingError(run, row.d, tenths, a, data, seed));
      }
      const double mse = Median(errors);
      CONEC_RETURN_IF_ERROR(run.Add(AtMost(name, printed, MostMissing(row.d, tenths, printed), mse)));
      run.Plot(kMissingPanel, fmt::format("d={}", row.d), missing, mse);
    }
  }
  return absl::OkStatus();
}

struct EigenErrors {
  double prediction = 0, product = 0;
};

struct EigenRow {
  std::int64_t d;
  EigenErrors printed;
  EigenErrors most = {};  // accepted; 0: by kSteadyTolerance
};

absl::StatusOr<EigenErrors> EigenOf(const Run& run, std::int64_t d, int epochs, const at::Tensor& s,
                                    const TrainData& data, std::uint64_t seed) {
  Settings settings = LinearSettings(d, d <= 75 ? .1 : d <= 250 ? .05 : .01, epochs);
  settings.model.seed = settings.training.seed = seed;
  settings.objective.s_ll = 1;
  settings.objective.allow_free_dimensions = true;  // 750 and 1000, of 500 and 700
  CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainEncoder(run, settings, data));
  EigenErrors errors;
  CONEC_ASSIGN_OR_RETURN(errors.prediction, PredictionError(encoded.y, encoded, s));
  CONEC_ASSIGN_OR_RETURN(errors.product, SimilarityError(encoded.y, s));
  return errors;
}

// Medians over kSeeds, each of its own.
absl::StatusOr<EigenErrors> MedianOfEigen(const Run& run, std::int64_t d, int epochs, const at::Tensor& s) {
  CONEC_ASSIGN_OR_RETURN(TrainData data, IdentityData(s));
  data.s_ll = s.to(at::kFloat);
  std::vector<double> predictions, products;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CONEC_ASSIGN_OR_RETURN(const EigenErrors errors, EigenOf(run, d, epochs, s, data, seed));
    predictions.push_back(errors.prediction);
    products.push_back(errors.product);
  }
  return EigenErrors{Median(predictions), Median(products)};
}

// (d) a symmetric matrix: Y W_l and Y Y', medians of kSeeds. In 100 and 250 dimensions the learning rate is high for
// what the error is, and seeds matter: most runs of the reference's settings miss three percent of the printed one.
absl::Status Eigen(Run& run, const std::string& which, const at::Tensor& s, int epochs,
                   const std::vector<EigenRow>& rows) {
  for (const EigenRow& row : rows) {
    const std::string name = fmt::format("SimEc {} d={}", which, row.d);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const EigenErrors errors, MedianOfEigen(run, row.d, epochs, s));
    for (const auto& [kind, printed, most, ours] :
         {std::tuple<std::string, double, double, double>(", Y W", row.printed.prediction, row.most.prediction,
                                                          errors.prediction),
          {", Y Y'", row.printed.product, row.most.product, errors.product}}) {
      CONEC_RETURN_IF_ERROR(run.Add(AtMost(name + kind, printed, most > 0 ? most : printed * kSteadyTolerance, ours)));
      run.Plot(kEigenPanel, fmt::format("SimEc {}{}", which, kind), static_cast<double>(row.d), ours);
    }
  }
  return absl::OkStatus();
}

absl::Status Baselines(Run& run) {
  CONEC_ASSIGN_OR_RETURN(const std::vector<Figure> figures, FactorizationBaselines());
  CONEC_RETURN_IF_ERROR(run.Add(figures));
  PlotNumbered(run, kSvdPanel, "SVD", figures, "SVD d=");
  PlotNumbered(run, kMissingPanel, "mean-filled SVD d=10", figures, "mean-filled SVD d=10, ", " missing");
  PlotNumbered(run, kMissingPanel, "mean-filled SVD d=100", figures, "mean-filled SVD d=100, ", " missing");
  for (const char* which : {"A A'", "A'A"}) {
    PlotNumbered(run, kEigenPanel, which, figures, fmt::format("{} eigendecomposition d=", which));
  }
  return absl::OkStatus();
}

absl::Status RunFactorization(Run& run) {
  return CatchTorch("factorisation", [&]() -> absl::Status {
    if (run.Begin("baselines")) CONEC_RETURN_IF_ERROR(Baselines(run));
    CONEC_ASSIGN_OR_RETURN(const at::Tensor a, FactorizationMatrix());
    CONEC_RETURN_IF_ERROR(Svd(run, a));
    CONEC_RETURN_IF_ERROR(SecondEncoder(run, a));
    CONEC_RETURN_IF_ERROR(Missing(run, a));
    const EigenErrors most100 = {AboveReruns({.05585, .05690, .05498}), AboveReruns({.11340, .11762, .11166})};
    const EigenErrors most250 = {
        AboveReruns({.02175, .01561, .01677, .01735, .02337, .01622, .01982, .02538, .02099, .01762, .01654}),
        AboveReruns({.15375, .11822, .13373, .12953, .14015, .13346, .12474, .13144, .13521, .12870, .11400})};
    const EigenErrors most250_transposed = {AboveReruns({.01776, .01785, .01677, .01772, .01807, .01792}),
                                            AboveReruns({.08498, .08410, .07977, .08543, .08128, .08485})};
    const EigenErrors most750 = {AboveReruns({.02468, .02468, .02524}), .16624 * kSteadyTolerance};
    CONEC_RETURN_IF_ERROR(Eigen(run, "A A'", a.matmul(a.t()), 100,
                                {{2, {31.9134, 31.9118}},
                                 {10, {1.07446, 1.06854}},
                                 {25, {.25171, .35732}},
                                 {50, {.16402, .18760}},
                                 {75, {.10888, .16842}},
                                 {100, {.05474, .11226}, most100},
                                 {250, {.01902, .11757}, most250},
                                 {400, {.05115, .24611}},
                                 {500, {.03898, .20962}},
                                 {750, {.02378, .16624}, most750},
                                 {1000, {.01785, .14218}}}));
    return Eigen(run, "A'A", a.t().matmul(a), 60,
                 {{2, {16.2620, 16.2615}},
                  {10, {.55319, .55380}},
                  {25, {.13565, .21713}},
                  {50, {.10145, .13189}},
                  {75, {.06967, .10538}},
                  {100, {.05676, .10762}},
                  {250, {.01868, .08045}, most250_transposed},
                  {400, {.06425, .19172}},
                  {500, {.04984, .16095}},
                  {750, {.03371, .12234}},
                  {1000, {.02703, .10486}}});
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E2",
          .alias = "factorization",
          .title = "factorisation of a matrix, complete and with missing entries",
          .data = "",
          .time = "15 min",
          .quick = {"d=10"},
          .run = RunFactorization};
}

}  // namespace conec::simec::experiments::e2_factorization
