// E8: noisy features, noise-free similarities (thesis figures 3.6 and 3.7): kernel PCA must reproduce the noise, an
// encoder learns to leave it out.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <utility>
#include <vector>

#include "simec_core/kernel_pca.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/mnist.h"
#include "tools/simec/experiments/noise.h"
#include "tools/simec/experiments/similarity_task.h"

namespace conec::simec::experiments::e8_noise {
namespace {

constexpr std::int64_t kImages = 5000, kRank = 100;
constexpr std::uint32_t kNoiseSeed = 15;
// Noise with the same distribution: the published draws depend on signs that LAPACK chose.
constexpr double kCorrelatedTolerance = .02;

// MNIST images, centred, with the noise-free similarities. There are no test images: errors are those of the training
// images, and so were the published ones.
struct Images {
  at::Tensor x, s_linear, s_class;
  double deviation = 0;  // of all grey levels
};

absl::StatusOr<Images> LoadImages(const Run& run) {
  CONEC_ASSIGN_OR_RETURN(const std::string folder, run.Data("mnist"));
  CONEC_ASSIGN_OR_RETURN(const LabelledPoints mnist, LoadMnist(folder));
  CONEC_ASSIGN_OR_RETURN(const Split split, MnistSubset(mnist));
  // The test images come first in the order that the subset was drawn in.
  const std::int64_t more = kImages - split.test.x.size(0);
  const at::Tensor x = at::cat({split.test.x, split.train.x.narrow(0, 0, more)});
  const at::Tensor labels = at::cat({split.test.labels, split.train.labels.narrow(0, 0, more)});
  Images images;
  images.x = x - x.mean(0);
  images.deviation = images.x.std(/*unbiased=*/false).item<double>();
  CONEC_ASSIGN_OR_RETURN(images.s_linear, CentredSimilarity({SimilarityKind::kLinear}, images.x));
  CONEC_ASSIGN_OR_RETURN(images.s_class, CentredClassSimilarity(labels));
  return images;
}

struct NoiseErrors {
  double similarity = 0, prediction = 0;  // of Y Y' and of Y W
};

// What was printed for one amount of noise.
struct Level {
  double amount = 0;  // added noise: its deviation / the images'; extra features: their number / that of pixels
  double pca = 0;
  NoiseErrors linear, classes;
  // Accepted where re-runs with other noise and seeds (or what is asked for below) say more than a tolerance.
  NoiseErrors most_linear = {}, most_classes = {};
  std::vector<double> pca_reruns = {};  // with other noise
};

struct Variant {
  std::string name;
  bool is_correlated = false;
  bool is_extra = false;  // features of noise beside the pixels, instead of noise added to them
  std::vector<Level> levels;
};

// Without noise all are the same: once is enough. Of correlated noise the limits at levels 5 and 10 are those by which
// encoders are told from kernel PCA (3160 and 48926); they are 3.8 and 4.3 percent above what is printed.
const std::vector<Variant>& Variants() {
  // clang-format off
  static const std::vector<Variant>& variants = *new std::vector<Variant>{
      {"random noise", false, false, {
        {0, 11.04889, {11.10489, 11.07954}, {.023695, .020794}},
        {1, 14.64524, {14.18434, 12.63906}, {.019854, .018678}},
        {2.5, 36.67988, {27.01948, 19.54427}, {.022554, .020149}},
        {5, 165.51449, {52.71305, 35.92962}, {.029320, .023594}},
        {7.5, 602.60075, {71.21728, 50.79828}, {.040222, .030146}},
        {10, 1739.16663, {83.97555, 63.87165}, {.050387, .037045}, {},
         {AboveReruns({.055838, .054616, .054703, .056058, .053611}),
          AboveReruns({.040671, .040145, .039948, .041204, .039175})}}}},
      {"correlated noise", true, false, {
        {1, 16.63035, {11.19628, 11.12228}, {.022392, .020090}},
        {2.5, 233.59581, {11.36421, 11.20780}, {.025330, .021414}, {AboveReruns({11.38987, 11.60472, 11.68773})}},
        {5, 3160.44334, {12.71344, 11.88189}, {.033635, .026086}, {13.2}},
        {7.5, 15565.70460, {14.83895, 12.85276}, {.046625, .034443}},
        {10, 48926.11684, {17.74538, 14.21968}, {.062134, .046673}, {18.5}}}},
      {"extra random features", false, true, {
        {1, 11.06464, {11.32595, 11.17770}, {.019235, .018308}},
        {2, 11.08361, {11.63544, 11.33875}, {.018882, .018101}},
        {4, 11.13002, {12.67361, 12.53565}, {.018179, .017746}},
        {6, 11.18668, {11.93778, 12.00615}, {.018166, .017794},
         {AboveReruns({11.95425, 12.05662, 12.14592, 12.58549, 12.58775, 13.50441}),
          AboveReruns({12.13424, 12.22690, 12.12894, 12.66164, 12.74587, 12.58611})}},
        {8, 11.25246, {12.19764, 12.16781}, {.018346, .017921},
         {AboveReruns({11.75769, 11.87616, 13.65767, 12.48855, 13.88486, 12.68981}),
          AboveReruns({11.91576, 12.05079, 12.55707, 12.56609, 13.46697, 12.48884})}},
        {10, 11.32829, {12.94194, 12.63251}, {.018475, .018020},
         {AboveReruns({13.00876, 12.46263, 12.27064, 13.06633, 12.78558, 12.22778}),
          AboveReruns({12.37520, 12.05197, 12.07066, 12.71983, 12.33245, 12.32617})}}}},
      {"extra correlated features", true, true, {
        {1, 11.37393, {11.17193, 11.11059}, {.022739, .020200}},
        {2, 24.90956, {11.48115, 11.24044}, {.023163, .020487}, {}, {},
         {24.12631, 23.00602, 21.47160, 24.98657, 24.16302}},
        {4, 89.55807, {12.35582, 11.71772}, {.024827, .021454}},
        {6, 199.01193, {15.78597, 13.13130}, {.027324, .022622}},
        {8, 336.01312, {16.50026, 13.81132}, {.029641, .024058}, {}, {AboveReruns({.030796, .033097, .031437})}},
        {10, 509.91721, {26.53421, 17.41803}, {.035410, .026892}}}}};
  // clang-format on
  return variants;
}

absl::StatusOr<at::Tensor> Noise(const Variant& variant, const Images& images) {
  const std::int64_t pixels = images.x.size(1);
  const std::int64_t cols =
      variant.is_extra ? static_cast<std::int64_t>(variant.levels.back().amount) * pixels : pixels;
  if (variant.is_correlated) return CorrelatedNoise(kImages, cols, kRank, images.deviation, kNoiseSeed);
  return IndependentNoise(kImages, cols, images.deviation, kNoiseSeed);
}

at::Tensor WithNoise(const Variant& variant, double amount, const at::Tensor& x, const at::Tensor& noise) {
  if (!variant.is_extra) return x + amount * noise;
  return at::cat({x, noise.narrow(1, 0, static_cast<std::int64_t>(amount) * x.size(1))}, 1);
}

Settings LinearNoiseSettings(const Variant& variant, double amount) {
  const bool is_wide = variant.is_extra && !variant.is_correlated && amount > 4;
  Settings settings = LinearSettings(10, is_wide ? .001 : .005);
  settings.objective.s_ll = 10;
  settings.objective.l2_embedding = .001;
  settings.objective.l2_last = 1e-5;
  return settings;
}

Settings ClassNoiseSettings(const Variant& variant, double amount) {
  const bool is_wide = variant.is_extra && !variant.is_correlated && amount >= 4;
  Settings settings = LinearSettings(7, is_wide ? .005 : .01);
  settings.model.hidden = {{25}, {25}};
  settings.objective.s_ll = .1;
  settings.objective.orthogonality = 1e-5;
  settings.objective.l2_hidden = 0;
  settings.objective.l2_last = 1e-7;
  return settings;
}

// So many that the median's standard error is below two percent. Single seeds differ by 2.6 percent (standard
// deviation) with hidden layers, and by 4.5 percent where a small learning rate leaves it to the seed how far training
// comes: of 16 seeds with ten times as many random features, four of the first seven ended at 13.5 to 13.8, the rest at
// 12.1 to 13.0.
std::uint64_t SeedsOf(const Settings& settings) {
  if (!settings.model.hidden.empty()) return 5;
  return settings.training.learning_rate < .002 ? 9 : 1;
}

// Medians, each of its own.
absl::StatusOr<NoiseErrors> TrainOnNoise(const Run& run, Settings settings, const at::Tensor& x, const at::Tensor& s) {
  std::vector<double> similarities, predictions;
  for (std::uint64_t seed = 1; seed <= SeedsOf(settings); ++seed) {
    settings.model.seed = settings.training.seed = seed;
    CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainOnFirst(run, settings, x, s, kImages));
    CONEC_ASSIGN_OR_RETURN(similarities.emplace_back(), SimilarityError(encoded.y, s));
    CONEC_ASSIGN_OR_RETURN(predictions.emplace_back(), PredictionError(encoded.y, encoded, s));
  }
  return NoiseErrors{Median(similarities), Median(predictions)};
}

Panel PanelOf(const Variant& variant, const std::string& what) {
  return {.title = variant.name + ", " + what,
          .x_label = variant.is_extra ? "extra features / pixels" : "standard deviation of noise / of images",
          .y_label = "MSE",
          .log_y = what == "linear"};
}

absl::Status PcaOfNoise(Run& run, const Variant& variant, const Level& level, const std::string& name,
                        const at::Tensor& x, const at::Tensor& s) {
  CONEC_ASSIGN_OR_RETURN(const KernelPca pca, KernelPca::FitLinear(x, 10));
  CONEC_ASSIGN_OR_RETURN(const double mse, SimilarityError(pca.embedding(), s));
  run.Plot(PanelOf(variant, "linear"), "kernel PCA", level.amount, mse);
  if (!level.pca_reruns.empty()) return run.Add(AmongReruns(name, level.pca, level.pca_reruns, mse));
  return run.Add(variant.is_correlated ? Within(name, level.pca, kCorrelatedTolerance, mse)
                                       : Printed(name, level.pca, 5, mse));
}

// `most`: what is accepted, 0: by the tolerance.
absl::Status AddNoiseErrors(Run& run, const std::string& name, const NoiseErrors& printed, const NoiseErrors& most,
                            double tolerance, const NoiseErrors& ours) {
  const auto limit = [&](double of_printed, double accepted) {
    return accepted > 0 ? accepted : of_printed * tolerance;
  };
  CONEC_RETURN_IF_ERROR(
      run.Add(AtMost(name, printed.similarity, limit(printed.similarity, most.similarity), ours.similarity)));
  return run.Add(
      AtMost(name + ", Y W", printed.prediction, limit(printed.prediction, most.prediction), ours.prediction));
}

void PlotNoiseErrors(Run& run, const Panel& panel, double amount, const NoiseErrors& errors) {
  run.Plot(panel, "SimEc, Y Y'", amount, errors.similarity);
  run.Plot(panel, "SimEc, Y W", amount, errors.prediction);
}

// The three methods for one amount of noise. make_noise is called when noise is needed.
template <typename MakeNoise>
absl::Status AtLevel(Run& run, const Images& images, const Variant& variant, const Level& level,
                     const MakeNoise& make_noise) {
  const std::string name = fmt::format("{} {:g}", variant.name, level.amount);
  const auto noisy = [&]() -> absl::StatusOr<at::Tensor> {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor noise, make_noise());
    return WithNoise(variant, level.amount, images.x, noise);
  };
  if (run.Begin(name + ", kernel PCA")) {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor x, noisy());
    CONEC_RETURN_IF_ERROR(PcaOfNoise(run, variant, level, name + ", kernel PCA", x, images.s_linear));
  }
  if (run.Begin(name + ", SimEc")) {
    CONEC_ASSIGN_OR_RETURN(const at::Tensor x, noisy());
    CONEC_ASSIGN_OR_RETURN(const NoiseErrors errors,
                           TrainOnNoise(run, LinearNoiseSettings(variant, level.amount), x, images.s_linear));
    PlotNoiseErrors(run, PanelOf(variant, "linear"), level.amount, errors);
    CONEC_RETURN_IF_ERROR(
        AddNoiseErrors(run, name + ", SimEc", level.linear, level.most_linear, kSteadyTolerance, errors));
  }
  if (!run.Begin(name + ", SimEc of class labels")) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(const at::Tensor x, noisy());
  CONEC_ASSIGN_OR_RETURN(const NoiseErrors errors,
                         TrainOnNoise(run, ClassNoiseSettings(variant, level.amount), x, images.s_class));
  PlotNoiseErrors(run, PanelOf(variant, "class labels"), level.amount, errors);
  return AddNoiseErrors(run, name + ", SimEc of class labels", level.classes, level.most_classes, kSeedTolerance,
                        errors);
}

absl::Status RunNoise(Run& run) {
  return CatchTorch("noise", [&]() -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(const Images images, LoadImages(run));
    for (const Variant& variant : Variants()) {
      at::Tensor noise;
      const auto make_noise = [&]() -> absl::StatusOr<at::Tensor> {
        if (noise.defined()) return noise;
        CONEC_ASSIGN_OR_RETURN(noise, Noise(variant, images));
        return noise;
      };
      for (const Level& level : variant.levels) {
        CONEC_RETURN_IF_ERROR(AtLevel(run, images, variant, level, make_noise));
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E8",
          .alias = "noise",
          .title = "noisy images, noise-free similarities",
          .data = "mnist",
          .time = "30 min",
          .quick = {"random noise 1, kernel PCA", "random noise 5, kernel PCA", "correlated noise 5, kernel PCA"},
          .run = RunNoise};
}

}  // namespace conec::simec::experiments::e8_noise
