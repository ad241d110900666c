// E5: posts of seven newsgroups as sparse bags of words, by their linear and their class-label similarity.
#include <ATen/Functions.h>

#include <array>
#include <utility>

#include "simec_core/eigen.h"
#include "simec_core/kernel_pca.h"
#include "simec_core/ridge.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/missing_values.h"
#include "tools/simec/experiments/newsgroups.h"
#include "tools/simec/experiments/similarity_task.h"
#include "tools/simec/experiments/text_features.h"

namespace conec::simec::experiments::e5_newsgroups {
namespace {

// The published evaluation leaves out the last of the 2,616 test posts, since it ends its range of numbers too early.
constexpr std::int64_t kTestPosts = 2359;
// One feature of 45,813 is another one, which is the transliteration of some rare sign: Unidecode's table of 2018 is
// not at hand.
constexpr double kOneFeature = 5e-4;
// The published regression ended before its optimum: for sparse features scikit-learn 0.19 changed to stochastic
// average gradients, which stop once weights change by less than a thousandth.
constexpr double kStoppedEarly = .01;
constexpr std::int64_t kTargets = 1000, kClassTargets = 2000;
constexpr std::uint32_t kMissingSeed = 10;

struct Posted {
  Features x, x_test;
  at::Tensor labels, labels_test;
};

// Errors of Y Y' on training and test posts; test similarities are centred by themselves.
struct Errors {
  double train = 0, test = 0;
};

// A similarity of the training posts and one of the test posts.
struct Pair {
  at::Tensor s, s_test;
};

absl::StatusOr<Posted> LoadPosts(const Run& run) {
  CONEC_ASSIGN_OR_RETURN(const std::string path, run.Data("20newsgroups.tar.zst"));
  CONEC_ASSIGN_OR_RETURN(Newsgroups news, LoadNewsgroups(path, ExperimentGroups()));
  if (static_cast<std::int64_t>(news.test.texts.size()) < kTestPosts) {
    return DataLoss("'{}': {} test posts, at least {} are needed", path, news.test.texts.size(), kTestPosts);
  }
  const TextFeatures features = TextFeatures::Fit(news.train.texts);
  CONEC_ASSIGN_OR_RETURN(const CsrMatrix x, features.Transform(news.train.texts));
  CONEC_ASSIGN_OR_RETURN(const CsrMatrix x_test, features.Transform(news.test.texts));
  return Posted{x, x_test.SliceRows(0, kTestPosts), at::tensor(news.train.labels, at::kLong),
                at::tensor(news.test.labels, at::kLong).narrow(0, 0, kTestPosts)};
}

absl::StatusOr<Pair> LinearPair(const Posted& posts) {
  Pair pair;
  CONEC_ASSIGN_OR_RETURN(pair.s, CentredSimilarity({SimilarityKind::kLinear}, posts.x));
  CONEC_ASSIGN_OR_RETURN(pair.s_test, CentredSimilarity({SimilarityKind::kLinear}, posts.x_test));
  return pair;
}

absl::StatusOr<Pair> ClassPair(const Posted& posts) {
  Pair pair;
  CONEC_ASSIGN_OR_RETURN(pair.s, CentredClassSimilarity(posts.labels));
  CONEC_ASSIGN_OR_RETURN(pair.s_test, CentredClassSimilarity(posts.labels_test));
  return pair;
}

absl::StatusOr<Errors> ErrorsOf(const at::Tensor& y, const at::Tensor& y_test, const Pair& pair) {
  Errors errors;
  CONEC_ASSIGN_OR_RETURN(errors.train, SimilarityError(y, pair.s));
  CONEC_ASSIGN_OR_RETURN(errors.test, SimilarityError(y_test, pair.s_test));
  return errors;
}

absl::StatusOr<Errors> TrainOnPosts(const Run& run, const Settings& settings, const Posted& posts, const Pair& pair,
                                    const at::Tensor& targets, std::int64_t n) {
  CONEC_ASSIGN_OR_RETURN(const Encoded encoded, TrainOnFirst(run, settings, posts.x, targets, n, {posts.x_test}));
  return ErrorsOf(encoded.y, encoded.others[0], pair);
}

struct Row {
  std::int64_t d;
  Errors printed;
};

absl::Status AddWithin(Run& run, const std::string& name, const Errors& printed, double tolerance, const Errors& ours) {
  CONEC_RETURN_IF_ERROR(run.Add(Within(name, printed.train, tolerance, ours.train)));
  return run.Add(Within(name + ", test", printed.test, tolerance, ours.test));
}

absl::Status AddLimited(Run& run, const std::string& name, const Errors& printed, const Errors& most,
                        const Errors& ours) {
  CONEC_RETURN_IF_ERROR(run.Add(AtMost(name, printed.train, most.train, ours.train)));
  return run.Add(AtMost(name + ", test", printed.test, most.test, ours.test));
}

Errors Times(const Errors& errors, double factor) {
  return {errors.train * factor, errors.test * factor};
}

const Panel& LinearPanel() {
  static const Panel panel = {.title = "Linear similarity", .x_label = "dimensions", .y_label = "MSE"};
  return panel;
}

void PlotErrors(Run& run, const Panel& panel, const std::string& method, double x, const Errors& errors) {
  run.Plot(panel, method, x, errors.train);
  run.Plot(panel, method + ", test", x, errors.test);
}

absl::Status KernelPcaOfPosts(Run& run, const Posted& posts, const Pair& pair) {
  constexpr Row kPrinted[] = {{2, {.033187, .042162}},  {4, {.031640, .041250}},  {6, {.030550, .040318}},
                              {10, {.029294, .039042}}, {15, {.028281, .038145}}, {25, {.026858, .037200}},
                              {50, {.024406, .036023}}, {100, {.021002, .034524}}};
  CONEC_ASSIGN_OR_RETURN(const at::Tensor kernel, ComputeSimilarity({SimilarityKind::kLinear}, posts.x));
  CONEC_ASSIGN_OR_RETURN(const KernelPca pca, KernelPca::Fit(kernel, 100));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor rows, ComputeSimilarity({SimilarityKind::kLinear}, posts.x_test, posts.x));
  CONEC_ASSIGN_OR_RETURN(const at::Tensor projected, pca.Project(rows));
  for (const Row& row : kPrinted) {
    CONEC_ASSIGN_OR_RETURN(const Errors errors, ErrorsOf(pca.embedding().narrow(1, 0, row.d),
                                                         projected.narrow(1, 0, row.d).contiguous(), pair));
    CONEC_RETURN_IF_ERROR(
        AddWithin(run, fmt::format("linear kernel PCA d={}", row.d), row.printed, kOneFeature, errors));
    PlotErrors(run, LinearPanel(), "kernel PCA", static_cast<double>(row.d), errors);
  }
  return absl::OkStatus();
}

Settings PostSettings(std::int64_t d) {
  Settings settings = LinearSettings(d, .005);
  settings.objective.l2_last = 1e-8;
  settings.objective.s_ll = .5;
  return settings;
}

absl::Status LinearEncoders(Run& run, const Posted& posts, const Pair& pair) {
  constexpr Row kPrinted[] = {{2, {.033829, .042596}},  {4, {.032437, .041652}},  {6, {.031641, .040863}},
                              {10, {.031022, .040043}}, {15, {.030579, .039635}}, {25, {.030044, .039104}},
                              {50, {.028369, .038228}}, {100, {.026541, .037030}}};
  for (const Row& row : kPrinted) {
    const std::string name = fmt::format("SimEc linear d={}", row.d);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const Errors errors, TrainOnPosts(run, PostSettings(row.d), posts, pair, pair.s, kTargets));
    CONEC_RETURN_IF_ERROR(
        AddLimited(run, name, row.printed, Times(row.printed, row.d == 10 ? 1.02 : kSteadyTolerance), errors));
    PlotErrors(run, LinearPanel(), "SimEc", static_cast<double>(row.d), errors);
  }
  return absl::OkStatus();
}

absl::Status NumbersOfTargets(Run& run, const Posted& posts, const Pair& pair) {
  constexpr Row kPrinted[] = {{100, {.037255, .046164}},  {250, {.034211, .043276}},  {500, {.032331, .041131}},
                              {750, {.031308, .040456}},  {1000, {.031116, .040184}}, {1500, {.030551, .039632}},
                              {2500, {.030500, .039204}}, {3959, {.030432, .038991}}};
  const Panel panel = {.title = "Linear similarity, 10 dimensions", .x_label = "targets", .y_label = "MSE"};
  for (const Row& row : kPrinted) {
    const std::string name = fmt::format("SimEc linear {} targets", row.d);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const Errors errors, TrainOnPosts(run, PostSettings(10), posts, pair, pair.s, row.d));
    CONEC_RETURN_IF_ERROR(AddLimited(run, name, row.printed, Times(row.printed, kSteadyTolerance), errors));
    PlotErrors(run, panel, "SimEc", static_cast<double>(row.d), errors);
  }
  return absl::OkStatus();
}

absl::Status MissingTargets(Run& run, const Posted& posts, const Pair& pair) {
  constexpr std::array<Errors, 10> kPrinted = {{{.031043, .040008},
                                                {.030993, .039992},
                                                {.031342, .040119},
                                                {.031498, .040430},
                                                {.031700, .040171},
                                                {.032366, .040350},
                                                {.033034, .040595},
                                                {.034620, .041208},
                                                {.037931, .041248},
                                                {.044163, .042434}}};
  const Panel panel = {.title = "Missing targets, 10 dimensions", .x_label = "missing", .y_label = "MSE"};
  for (std::size_t tenths = 0; tenths < kPrinted.size(); ++tenths) {
    const double part = static_cast<double>(tenths) / 10;
    const std::string name = fmt::format("SimEc linear {:.1f} missing", part);
    if (!run.Begin(name)) continue;
    CONEC_ASSIGN_OR_RETURN(const Errors errors, TrainOnPosts(run, PostSettings(10), posts, pair,
                                                             WithMissing(pair.s, kMissingSeed, part), kTargets));
    CONEC_RETURN_IF_ERROR(AddLimited(run, name, kPrinted[tenths], Times(kPrinted[tenths], kSteadyTolerance), errors));
    PlotErrors(run, panel, "SimEc", part, errors);
  }
  return absl::OkStatus();
}

// ---- class labels

const Panel& ClassPanel() {
  static const Panel panel = {.title = "Class labels", .x_label = "dimensions", .y_label = "MSE"};
  return panel;
}

absl::Status ClassBaselines(Run& run, const Posted& posts, const Pair& pair) {
  struct ClassRow {
    std::int64_t d;
    double eigen;
    Errors ridge;
  };
  constexpr ClassRow kPrinted[] = {{2, .079464, {.085028, .110218}},
                                   {3, .058687, {.067327, .104408}},
                                   {4, .038285, {.049976, .096880}},
                                   {5, .018388, {.033179, .091087}},
                                   {6, 0, {.017187, .085461}}};
  CONEC_ASSIGN_OR_RETURN(const EigenPairs top, TopEigen(pair.s, 6));
  const at::Tensor y = EigenEmbedding(top);
  CONEC_ASSIGN_OR_RETURN(const RidgeModel ridge, FitRidge(posts.x, y, 2.5));
  const at::Tensor predicted = ridge.Predict(posts.x), predicted_test = ridge.Predict(posts.x_test);
  for (const ClassRow& row : kPrinted) {
    CONEC_ASSIGN_OR_RETURN(const double best, SimilarityError(y.narrow(1, 0, row.d), pair.s));
    CONEC_RETURN_IF_ERROR(
        run.Add(Printed(fmt::format("class labels, eigendecomposition d={}", row.d), row.eigen, 6, best)));
    CONEC_ASSIGN_OR_RETURN(const Errors errors, ErrorsOf(predicted.narrow(1, 0, row.d).contiguous(),
                                                         predicted_test.narrow(1, 0, row.d).contiguous(), pair));
    CONEC_RETURN_IF_ERROR(
        AddWithin(run, fmt::format("class labels, ridge d={}", row.d), row.ridge, kStoppedEarly, errors));
    PlotErrors(run, ClassPanel(), "ridge", static_cast<double>(row.d), errors);
    run.Plot(ClassPanel(), "eigendecomposition", static_cast<double>(row.d), best);
  }
  return absl::OkStatus();
}

Settings ClassSettings(std::int64_t d, bool is_deep) {
  Settings settings = LinearSettings(d, .01);
  if (is_deep) settings.model.hidden = {{25}, {25}};
  settings.objective = {
      .s_ll = is_deep ? 1 : .5, .l2_hidden = 0, .l2_embedding = is_deep ? .01 : 1e-4, .l2_last = 1e-5};
  return settings;
}

absl::Status ClassEncoders(Run& run, const Posted& posts, const Pair& pair) {
  constexpr Row kLinear[] = {{2, {.087533, .107993}},
                             {3, {.071293, .103113}},
                             {4, {.051783, .097694}},
                             {5, {.035113, .092189}},
                             {6, {.017848, .085673}}};
  constexpr Row kDeep[] = {{2, {.081201, .099688}},
                           {3, {.060645, .091182}},
                           {4, {.039308, .074846}},
                           {5, {.019714, .066781}},
                           {6, {.000196, .053679}}};
  for (const bool is_deep : {false, true}) {
    for (const Row& row : is_deep ? kDeep : kLinear) {
      const std::string method = is_deep ? "2hl" : "0hl";
      const std::string name = fmt::format("class labels, SimEc {} d={}", method, row.d);
      if (!run.Begin(name)) continue;
      CONEC_ASSIGN_OR_RETURN(const Errors errors,
                             TrainOnPosts(run, ClassSettings(row.d, is_deep), posts, pair, pair.s, kClassTargets));
      // Deep networks are held to what is accepted of linear ones; but where the optimum is zero, the error of a run is
      // what training left over.
      const bool is_exact = is_deep && row.d == 6;
      const Errors most = is_exact ? Errors{.0004, .056} : Times(row.printed, kSteadyTolerance);
      CONEC_RETURN_IF_ERROR(AddLimited(run, name, row.printed, most, errors));
      PlotErrors(run, ClassPanel(), "SimEc " + method, static_cast<double>(row.d), errors);
    }
  }
  return absl::OkStatus();
}

absl::Status RunNewsgroups(Run& run) {
  return CatchTorch("newsgroups", [&]() -> absl::Status {
    CONEC_ASSIGN_OR_RETURN(const Posted posts, LoadPosts(run));
    if (run.Begin("data")) {
      CONEC_RETURN_IF_ERROR(run.Add(Printed("training posts", 3959, 3, static_cast<double>(posts.x.rows()))));
      CONEC_RETURN_IF_ERROR(run.Add(Within("features", 45813, kOneFeature, static_cast<double>(posts.x.cols()))));
    }
    CONEC_ASSIGN_OR_RETURN(const Pair linear, LinearPair(posts));
    if (run.Begin("linear kernel PCA")) CONEC_RETURN_IF_ERROR(KernelPcaOfPosts(run, posts, linear));
    CONEC_RETURN_IF_ERROR(LinearEncoders(run, posts, linear));
    CONEC_RETURN_IF_ERROR(NumbersOfTargets(run, posts, linear));
    CONEC_RETURN_IF_ERROR(MissingTargets(run, posts, linear));
    CONEC_ASSIGN_OR_RETURN(const Pair classes, ClassPair(posts));
    if (run.Begin("class labels, baselines")) CONEC_RETURN_IF_ERROR(ClassBaselines(run, posts, classes));
    return ClassEncoders(run, posts, classes);
  });
}

}  // namespace

Experiment Describe() {
  return {.name = "E5",
          .alias = "newsgroups",
          .title = "posts of seven newsgroups, by words and by class labels",
          .data = "20newsgroups.tar.zst",
          .time = "10 min",
          .quick = {"data", "linear kernel PCA", "SimEc linear d=10", "class labels, baselines",
                    "class labels, SimEc 2hl d=6"},
          .run = RunNewsgroups};
}

}  // namespace conec::simec::experiments::e5_newsgroups
