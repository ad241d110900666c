#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "simec_core/closed_forms.h"
#include "simec_core/eigen.h"
#include "simec_core/fingerprint.h"
#include "simec_core/model.h"
#include "simec_core/numpy_random.h"
#include "simec_core/tensor_file.h"
#include "simec_core/trainer.h"
#include "tests/base/scratch_folder.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;
using torch::Tensor;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Tensor Random(std::vector<std::int64_t> sizes, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::rand(sizes);
}

// 60 points of 8 features, which have something to do with their relation to 10 targets.
TrainData SmallData() {
  const Tensor x = Random({60, 8}, 1), s = (x.mm(Random({8, 10}, 2)) - 2).tanh();
  TrainData data{*InputRows::Dense(x), *TargetRows::Dense(s)};
  data.s_ll = Random({10, 10}, 3);
  data.s_ll = data.s_ll + data.s_ll.t();
  return data;
}

SimEc SmallModel(std::uint64_t seed = 1) {
  ModelOptions options;
  options.features = 8;
  options.hidden = {{12, Activation::kTanh}, {6, Activation::kSoftplus}};
  options.dim = 3;
  options.targets = 10;
  options.seed = seed;
  return *SimEc::Create(options);
}

ObjectiveOptions AllTerms() {
  ObjectiveOptions objective;
  objective.s_ll = 0.1;
  objective.orthogonality = 0.05;
  objective.l2_hidden = objective.l2_last = 1e-3;
  return objective;
}

TrainOptions Epochs(int epochs) {
  TrainOptions training;
  training.epochs = epochs;
  training.learning_rate = 0.01;
  training.threads = 1;
  training.batch = 16;  // 60 rows: the last batch is smaller
  return training;
}

std::vector<Tensor> Weights(const SimEc& model) {
  std::vector<Tensor> weights;
  for (const Tensor& parameter : model.module().parameters()) weights.push_back(parameter.detach().clone());
  return weights;
}

bool Equal(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) equal = torch::equal(a[i], b[i]);
  return equal;
}

std::vector<Tensor> Trained(const TrainOptions& training, std::uint64_t model_seed = 1) {
  SimEc model = SmallModel(model_seed);
  const auto report = Train(model, SmallData(), AllTerms(), training);
  EXPECT_TRUE(report.ok()) << report.status();
  return Weights(model);
}

TEST(TrainTest, SeedsDecideTheWeightsToTheBit) {
  TrainOptions training = Epochs(3);
  const std::vector<Tensor> first = Trained(training);
  EXPECT_TRUE(Equal(first, Trained(training)));
  EXPECT_FALSE(Equal(first, Trained(training, 2)));
  training.seed = 2;
  EXPECT_FALSE(Equal(first, Trained(training)));
}

// What the published programs compute, written out with autograd and a full batch.
TEST(TrainTest, StepsAreThoseOfTheTextbook) {
  for (const OptimizerKind kind : {OptimizerKind::kAdamax, OptimizerKind::kAdam, OptimizerKind::kSgd}) {
    SCOPED_TRACE(std::string(Name(kind)));
    TrainOptions training = Epochs(4);
    training.optimizer = kind;
    training.batch = 60;
    training.momentum = 0.9;
    SimEc ours = SmallModel(), plain = SmallModel();
    const TrainData data = SmallData();
    ASSERT_TRUE(Train(ours, data, AllTerms(), training).ok());
    const auto objective = Objective::Create(plain, AllTerms(), *SymmetricTarget::Create(data.s_ll, AllTerms()), 60);
    const std::vector<Tensor> w = plain.module().parameters();
    std::vector<Tensor> m, v;
    for (const Tensor& p : w) m.push_back(torch::zeros_like(p)), v.push_back(torch::zeros_like(p));
    const Tensor rows = torch::arange(60);
    for (int t = 1; t <= 4; ++t) {
      const Tensor value = objective->Batch(plain, data.inputs.Batch(rows), *data.targets.Block(rows)).total;
      const std::vector<Tensor> g = torch::autograd::grad({value + objective->L2Term(plain)}, w);
      const torch::NoGradGuard no_grad;
      for (std::size_t i = 0; i < w.size(); ++i) {
        Tensor step;
        if (kind == OptimizerKind::kSgd) {
          step = m[i] = 0.9 * m[i] + g[i];
        } else {
          m[i] = 0.9 * m[i] + 0.1 * g[i];
          const bool adam = kind == OptimizerKind::kAdam;
          v[i] = adam ? 0.999 * v[i] + 0.001 * g[i].square() : torch::maximum(0.999 * v[i], g[i].abs());
          const Tensor size = adam ? (v[i] / (1 - std::pow(0.999, t))).sqrt() : v[i];
          step = m[i] / (1 - std::pow(0.9, t)) / (size + 1e-7);
        }
        w[i].sub_(step, 0.01);
      }
    }
    const std::vector<Tensor> actual = Weights(ours);
    for (std::size_t i = 0; i < w.size(); ++i) EXPECT_TRUE(torch::allclose(actual[i], w[i], 1e-3, 2e-5)) << i;
  }
}

class ResumeTest : public ::testing::TestWithParam<OptimizerKind> {};

TEST_P(ResumeTest, MoreEpochsEndWithTheWeightsOfAsManyInOneGo) {
  const ScratchFolder folder;
  TrainOptions training = Epochs(5);
  training.optimizer = GetParam();
  training.checkpoint = folder.File("run.checkpoint");
  Trained(training);
  training.epochs = 10;
  training.resume = true;
  const std::vector<Tensor> resumed = Trained(training);
  training.checkpoint.clear();
  training.resume = false;
  EXPECT_TRUE(Equal(resumed, Trained(training)));
}

TEST_P(ResumeTest, ResumedRunsEndWithTheWeightsOfUninterruptedOnes) {
  const ScratchFolder folder;
  TrainOptions training = Epochs(9);
  training.optimizer = GetParam();
  training.schedule = ScheduleKind::kPlateau;
  training.schedule_start = training.schedule_patience = 0;
  training.schedule_threshold = 0.2;  // so that it happens
  training.schedule_factor = 0.5;
  training.validation = 0.2;
  training.keep_best = true;
  const std::vector<Tensor> expected = Trained(training);

  training.checkpoint = folder.File("run.checkpoint");
  training.resume = true;  // there is no file yet: a fresh start
  training.progress = [](const EpochReport& epoch) { return epoch.epoch < 4; };
  SimEc model = SmallModel();
  EXPECT_EQ(Train(model, SmallData(), AllTerms(), training).status().code(), absl::StatusCode::kCancelled);
  training.progress = nullptr;
  SimEc resumed = SmallModel(7);  // its weights do not matter, but its options do
  EXPECT_THAT(std::string(Train(resumed, SmallData(), AllTerms(), training).status().message()), HasSubstr("seed"));
  resumed = SmallModel();
  const auto report = Train(resumed, SmallData(), AllTerms(), training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(Equal(Weights(resumed), expected));
  ASSERT_EQ(report->epochs.size(), 9u);
  EXPECT_LT(report->epochs.back().learning_rate, 0.01);
  EXPECT_EQ(report->epochs[2].epoch, 3);
  EXPECT_EQ(folder.Names(), std::set<std::string>{"run.checkpoint"});
}

INSTANTIATE_TEST_SUITE_P(Optimizers, ResumeTest,
                         ::testing::Values(OptimizerKind::kAdamax, OptimizerKind::kAdam, OptimizerKind::kSgd));

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Trains `data` with a checkpoint of five epochs of SmallData(), which is not changed if that is refused.
absl::Status ResumeWith(const TrainData& data, const TrainOptions& changed,
                        const ObjectiveOptions& objective = AllTerms(), SimEc model = SmallModel()) {
  const ScratchFolder folder;
  TrainOptions training = Epochs(5);
  training.checkpoint = folder.File("run.checkpoint");
  SimEc first = SmallModel();
  EXPECT_TRUE(Train(first, SmallData(), AllTerms(), training).ok());
  const std::string before = Contents(training.checkpoint);
  training = changed;
  training.checkpoint = folder.File("run.checkpoint");
  training.resume = true;
  const std::vector<Tensor> weights = Weights(model);
  const auto report = Train(model, data, objective, training);
  EXPECT_EQ(Equal(Weights(model), weights), !report.ok());
  EXPECT_EQ(Contents(training.checkpoint) == before, !report.ok());
  EXPECT_EQ(report.ok() ? report->resumed_epochs : 5, 5);
  return report.status();
}

TEST(ResumeTest, OtherDataOrOptionsOrFewerEpochsAreRefusedAndNothingChanges) {
  const auto expect_refused = [](const absl::Status& status, const std::string& what) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << what << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(what));
    EXPECT_THAT(std::string(status.message()), HasSubstr("run.checkpoint"));
  };
  const TrainData good = SmallData();
  EXPECT_TRUE(ResumeWith(good, Epochs(10)).ok());
  TrainData data = good;
  data.inputs = *InputRows::Dense(Random({60, 8}, 9));
  expect_refused(ResumeWith(data, Epochs(10)), "its inputs is 60 x 8, ");
  data = good;
  Tensor s = good.targets.Block(torch::arange(60))->values.clone();
  s[59][9] = kNan;
  data.targets = *TargetRows::Dense(s);
  expect_refused(ResumeWith(data, Epochs(10)), "its targets is 60 x 10 x 1, ");
  data = good;
  data.s_ll = data.s_ll + 1e-6;
  expect_refused(ResumeWith(data, Epochs(10)), "its s_ll is 10 x 10, ");
  data = good;
  data.validation_rows = {3};
  expect_refused(ResumeWith(data, Epochs(10)), "its validation rows is nothing, here it is 1, ");
  data = good;
  data.identity["last layer"] = "eigen";
  expect_refused(ResumeWith(data, Epochs(10)), "its last layer is nothing, here it is eigen");
  SimEc frozen = SmallModel();
  ASSERT_TRUE(frozen.SetLastLayer(frozen.last_layer(), true).ok());
  expect_refused(ResumeWith(good, Epochs(10), AllTerms(), std::move(frozen)), "its weights is ");
  ObjectiveOptions objective = AllTerms();
  objective.s_ll = 0.2;
  expect_refused(ResumeWith(good, Epochs(10), objective), "its s_ll is 0.1, here it is 0.2");
  TrainOptions training = Epochs(10);
  training.learning_rate = 0.02;
  expect_refused(ResumeWith(good, training), "its learning_rate is 0.01, here it is 0.02");
  expect_refused(ResumeWith(good, Epochs(3)), "holds 5 epochs, more than the 3");
}

TEST(ResumeTest, ComputedTargetsAreKnownBySomeRowsOrByWhatTheyAreSaidToBe) {
  const TrainData dense = SmallData();
  const Tensor all = dense.targets.Block(torch::arange(60))->values;
  int calls = 0;
  const auto computed = [&](double factor) {
    return *TargetRows::Computed(60, 10, 1, [&calls, all, factor](const Tensor& rows) -> absl::StatusOr<Tensor> {
      ++calls;
      return all.index_select(0, rows) * factor;
    });
  };
  EXPECT_EQ(*FingerprintOf(computed(1)), *FingerprintOf(dense.targets));  // 60 rows are no more than 64
  EXPECT_NE(*FingerprintOf(computed(1)), *FingerprintOf(computed(1.001)));
  std::vector<std::int64_t> asked;
  const auto large = TargetRows::Computed(100000, 2, 1, [&](const Tensor& rows) -> absl::StatusOr<Tensor> {
    for (std::int64_t i = 0; i < rows.size(0); ++i) asked.push_back(rows[i].item<std::int64_t>());
    return torch::ones({rows.size(0), 2});
  });
  ASSERT_TRUE(FingerprintOf(*large).ok());
  EXPECT_EQ(asked.size(), 64U);
  EXPECT_EQ(asked.front(), 0);
  EXPECT_EQ(asked.back(), 99999);
  calls = 0;
  TrainOptions training = Epochs(1);
  const ScratchFolder folder;
  training.checkpoint = folder.File("run.checkpoint");
  TrainData data{dense.inputs, computed(1)};
  data.identity["targets"] = "similarity a";
  SimEc model = SmallModel();
  ASSERT_TRUE(Train(model, data, {}, training).ok());
  EXPECT_EQ(calls, 4);  // batches: none for a checksum
  training.resume = true;
  data.identity["targets"] = "similarity b";
  EXPECT_THAT(std::string(Train(model, data, {}, training).status().message()),
              HasSubstr("its targets is similarity a, here it is similarity b"));
}

TEST(ResumeTest, CheckpointsThatAreNotWholeAreRefused) {
  const ScratchFolder folder;
  TrainOptions training = Epochs(2);
  training.checkpoint = folder.Write("run.checkpoint", "no safetensors");
  training.resume = true;
  SimEc model = SmallModel();
  EXPECT_EQ(Train(model, SmallData(), AllTerms(), training).status().code(), absl::StatusCode::kDataLoss);
}

std::int64_t WeightCount(const SimEc& model) {
  std::int64_t count = 0;
  for (const Tensor& weights : Weights(model)) count += weights.numel();
  return count;
}

// A checkpoint of two of three epochs with one tensor changed, and how training goes on from it.
absl::Status ResumeFrom(const std::string& changed, const Tensor& value) {
  constexpr const char* kFormat = "conec-simec-checkpoint";
  const ScratchFolder folder;
  TrainOptions training = Epochs(3);
  training.checkpoint = folder.File("run.checkpoint");
  training.resume = true;
  training.progress = [](const EpochReport& epoch) { return epoch.epoch < 2; };
  SimEc model = SmallModel();
  EXPECT_TRUE(absl::IsCancelled(Train(model, SmallData(), AllTerms(), training).status()));
  const auto file = ReadTensors(training.checkpoint, kFormat);
  EXPECT_TRUE(file.ok()) << file.status();
  NamedTensors tensors;
  for (const auto& [name, tensor] : file->tensors) tensors.emplace_back(name, name == changed ? value : tensor);
  EXPECT_TRUE(WriteTensors(training.checkpoint, file->metadata, tensors).ok());
  training.progress = nullptr;
  const auto report = Train(model, SmallData(), AllTerms(), training);
  EXPECT_TRUE(torch::isfinite(model.last_layer()).all().item<bool>());
  return report.status();
}

TEST(ResumeTest, StatesThatNoTrainingLeavesAreRefused) {
  const auto numbers = [](std::vector<double> values) { return torch::tensor(values, torch::kFloat64); };
  const auto counts = [](std::vector<std::int64_t> values) { return torch::tensor(values, torch::kInt64); };
  const auto epochs = [&](double first, double second) {
    return numbers({first, 3, 0, 0, 0, 0, 0, second, 3, 0, 0, 0, 0, 0}).view({2, 7});
  };
  EXPECT_TRUE(ResumeFrom("numbers", numbers({0.01, 1, 2, 1})).ok());
  EXPECT_TRUE(ResumeFrom("epochs", epochs(1, 2)).ok());
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::pair<std::string, Tensor>> wrong = {
      {"numbers", numbers({kNan, 1, 2, 1})},
      {"numbers", numbers({0.01, 1, kNan, 1})},
      {"numbers", numbers({0.01, 1, 1e300, 1})},
      {"numbers", numbers({0.01, 1, -1, 1})},
      {"counts", counts({-1, 1})},
      {"counts", counts({kMost, 1})},
      {"counts", counts({8, 3})},
      {"counts", counts({8, std::numeric_limits<std::int64_t>::min()})},
      {"epochs", epochs(1, 1e300)},
      {"epochs", epochs(kNan, 2)},
      {"weights", torch::full({WeightCount(SmallModel())}, kNan)}};
  for (const auto& [name, value] : wrong) {
    const absl::Status status = ResumeFrom(name, value);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << name << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("run.checkpoint"));
  }
}

TEST(EarlyStoppingTest, StopsAfterPatienceAndKeepsTheBestEpoch) {
  TrainData data = SmallData();
  for (std::int64_t row = 0; row < 60; row += 4) data.validation_rows.push_back(row);
  TrainOptions training = Epochs(200);
  training.learning_rate = 0.3;  // jumps about
  training.patience = 3;
  training.keep_best = true;
  SimEc model = SmallModel();
  const auto report = Train(model, data, {}, training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->stopped_early);
  EXPECT_EQ(static_cast<int>(report->epochs.size()), report->best_epoch + 3);
  const Tensor rows = torch::tensor(data.validation_rows);
  const auto objective = Objective::Create(model, {}, std::nullopt, 45);
  const double best = objective->DataLossOf(model, data.inputs.Batch(rows), *data.targets.Block(rows)).item<double>();
  EXPECT_NEAR(best, report->epochs[static_cast<std::size_t>(report->best_epoch - 1)].validation, 1e-6);
  for (const EpochReport& epoch : report->epochs) EXPECT_GE(epoch.validation, best - 1e-6);
}

double LargestCosineOfRows(const Tensor& w) {
  const Tensor rows = w.detach() / w.detach().norm(2, {1}, true), cosines = rows.mm(rows.t());
  return (cosines - torch::diag(cosines.diag())).abs().max().item<double>();
}

// Its first third is without orthogonality, and of a smaller objective.
TEST(EarlyStoppingTest, TheBestEpochAndPatienceAreJudgedAnewFromWhenOrthogonalityCounts) {
  const Tensor x = Random({60, 8}, 1) - 0.5;
  const TrainData data{*InputRows::Dense(x), *TargetRows::Dense(x.mm(Random({8, 10}, 2)))};
  ModelOptions options;
  ObjectiveOptions objective;
  TrainOptions training = Epochs(90);
  training.learning_rate = 0.03;
  ApplyPreset(Preset::kTorch, options, objective, training);
  options.features = 8;
  options.dim = 3;
  options.targets = 10;
  objective.orthogonality = 1;
  for (const int patience : {0, 5}) {
    training.patience = patience;
    SimEc model = *SimEc::Create(options);
    const auto report = Train(model, data, objective, training);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_GT(report->best_epoch, 30);
    EXPECT_GT(report->epochs[30].objective, 1.5 * report->epochs[29].objective);  // epoch 31 is the first with it
    EXPECT_LT(LargestCosineOfRows(model.last_layer().select(2, 0)), 0.02);
    for (std::size_t i = 30; i < report->epochs.size(); ++i) {
      EXPECT_GE(report->epochs[i].objective,
                report->epochs[static_cast<std::size_t>(report->best_epoch - 1)].objective);
    }
  }
  objective.orthogonality = 0;  // nothing changes: all epochs count
  training.learning_rate = 0.3;
  SimEc model = *SimEc::Create(options);
  const auto report = Train(model, data, objective, training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->stopped_early);
  EXPECT_LE(report->best_epoch, 30);
}

TEST(TrainTest, StopsWithTheLastFiniteWeightsWhenNumbersOverflow) {
  TrainOptions training = Epochs(20);
  training.optimizer = OptimizerKind::kSgd;
  training.learning_rate = 1e6;
  SimEc model = SmallModel();
  const absl::Status status = Train(model, SmallData(), AllTerms(), training).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("not finite in epoch"));
  for (const Tensor& weight : Weights(model)) EXPECT_TRUE(weight.isfinite().all().item<bool>());
}

TEST(TrainTest, FrozenLastLayersStayAndErrorsNameTheSizes) {
  SimEc model = SmallModel();
  const Tensor w = Random({3, 10}, 5);
  ASSERT_TRUE(model.SetLastLayer(w, true).ok());
  ASSERT_TRUE(Train(model, SmallData(), AllTerms(), Epochs(2)).ok());
  EXPECT_TRUE(torch::equal(model.last_layer().select(2, 0), w));
  const auto message = [&](const TrainData& data) {
    return std::string(Train(model, data, {}, Epochs(1)).status().message());
  };
  const TrainData good = SmallData();
  EXPECT_THAT(message({*InputRows::OneHot(60), good.targets}), HasSubstr("60 features, the model takes 8"));
  EXPECT_THAT(message({good.inputs, *TargetRows::Dense(Random({61, 10}, 1))}), HasSubstr("61 rows of targets"));
  EXPECT_THAT(message({good.inputs, *TargetRows::Dense(Random({60, 9}, 1))}), HasSubstr("60 x 9 x 1"));
  Tensor s = Random({60, 10}, 1);
  s[17].fill_(kNan);
  EXPECT_THAT(message({good.inputs, *TargetRows::Dense(s)}), HasSubstr("row 18"));
  EXPECT_EQ(model.SetLastLayer(Random({4, 10}, 5), true).code(), absl::StatusCode::kInvalidArgument);
}

TEST(TrainTest, ComputedTargetsTrainTheSameWeightsAsDenseOnes) {
  const TrainData dense = SmallData();
  const Tensor all = dense.targets.Block(torch::arange(60))->values;
  const auto rows_of = [&](const Tensor& rows) -> absl::StatusOr<Tensor> { return all.index_select(0, rows); };
  const TrainData computed{dense.inputs, *TargetRows::Computed(60, 10, 1, rows_of)};
  SimEc a = SmallModel(), b = SmallModel();
  ASSERT_TRUE(Train(a, dense, {}, Epochs(3)).ok());
  ASSERT_TRUE(Train(b, computed, {}, Epochs(3)).ok());
  EXPECT_TRUE(Equal(Weights(a), Weights(b)));
  const auto failing = [](const Tensor&) -> absl::StatusOr<Tensor> { return NotFound("no such block"); };
  EXPECT_EQ(Train(a, {dense.inputs, *TargetRows::Computed(60, 10, 1, failing)}, {}, Epochs(1)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(BalanceTest, MakesBothGramMatricesEqualAndKeepsPredictions) {
  SimEc model = SmallModel();
  const InputRows targets = *InputRows::Dense(Random({10, 8}, 4));
  const Tensor before = *model.Predict(targets);
  ASSERT_TRUE(Balance(model, targets).ok());
  EXPECT_TRUE(torch::allclose(*model.Predict(targets), before, 1e-3, 1e-5));
  const Tensor y = *model.Embed(targets), w = model.last_layer().select(2, 0);
  EXPECT_TRUE(torch::allclose(y.t().mm(y), w.mm(w.t()), 1e-3, 1e-4));
  EXPECT_EQ(Balance(model, *InputRows::Dense(Random({9, 8}, 4))).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(model.SetLastLayer(w, true).ok());
  EXPECT_EQ(Balance(model, targets).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(EigenLastLayerTest, IsTheBestPositiveApproximationOfItsRank) {
  const Tensor a = Random({6, 3}, 1).to(torch::kFloat64), s = a.mm(a.t());
  const auto w = EigenLastLayer(s, 3);
  ASSERT_TRUE(w.ok()) << w.status();
  EXPECT_TRUE(torch::allclose(w->t().mm(*w), s, 1e-8, 1e-10));
  EXPECT_EQ(EigenLastLayer(s, 7).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_LT(EigenLastLayer(-s, 2)->abs().max().item<double>(), 1e-6);
}

TEST(LeastSquaresTest, SolvesEachRowOverItsObservedEntries) {
  const Tensor w = Random({3, 9}, 1).to(torch::kFloat64), y = Random({7, 3}, 2).to(torch::kFloat64);
  Tensor r = y.mm(w);
  EXPECT_TRUE(torch::allclose(*LeastSquaresEmbedding(r, w), y, 1e-8, 1e-10));
  for (std::int64_t i = 0; i < 7; ++i) r[i].slice(0, i % 3, 9, 2) = kNan;
  EXPECT_TRUE(torch::allclose(*LeastSquaresEmbedding(r, w), y, 1e-6, 1e-8));
  r[0].fill_(kNan);
  EXPECT_EQ((*LeastSquaresEmbedding(r, w))[0].abs().max().item<double>(), 0);
  const Tensor x = Random({7, 3}, 3).to(torch::kFloat64), map = Random({3, 3}, 4).to(torch::kFloat64);
  const auto fitted = LeastSquaresMap(x, (x.mm(map) + 0.5).mm(w), w);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_TRUE(torch::allclose(fitted->weights, map, 1e-6, 1e-8));
}

// The published experiment on a random matrix with a steep spectrum (500 x 700, seed 28), X = I, d = 10.
Tensor SteepMatrix() {
  const std::vector<double> draws = NumpyRandom(28).Rand(500 * 700);
  const Tensor a = torch::tensor(draws, torch::kFloat64).view({500, 700});
  const auto [u, s, v] = *TopSvd(a, 500);
  Tensor values = s.clone();
  values[0] = values[1] + 1;
  values.slice(0, 0, 10).mul_(50);
  values.slice(0, 10, 20).mul_(20);
  values.slice(0, 20, 100).mul_(10);
  const Tensor rebuilt = (u * values).mm(v.t());
  return (rebuilt / rebuilt.abs().max()).to(torch::kFloat32);
}

SimEc Factorizer(std::int64_t m, std::int64_t n) {
  ModelOptions options;
  options.features = m;
  options.dim = 10;
  options.targets = n;
  return *SimEc::Create(options);
}

double MeanSquare(const Tensor& difference) {
  return difference.square().mean().item<double>();
}

TEST(MatrixFactorizationTest, ComesNearTheSvdAlsoFromTheOtherSide) {
  const Tensor a = SteepMatrix();
  SimEc model = Factorizer(500, 700);
  const InputRows identity = *InputRows::OneHot(500);
  TrainOptions training;
  training.epochs = 50;
  training.learning_rate = 0.005;
  training.threads = 1;
  const auto report = Train(model, {identity, *TargetRows::Dense(a)}, {}, training);
  ASSERT_TRUE(report.ok()) << report.status();
  const double mse = MeanSquare(*model.Predict(identity) - a);
  EXPECT_LT(mse, 0.0119);  // 0.010457 by SVD, 0.0110 to 0.0118 published
  EXPECT_GT(mse, 0.010456);
  const Tensor y1 = *model.Embed(identity), y2 = *LeastSquaresEmbedding(a.t(), y1.t());
  EXPECT_LT(MeanSquare(y1.mm(y2.t()) - a), 1.05 * 0.011237);
}

TEST(MatrixFactorizationTest, FillsMissingEntriesBetterThanTheSvdOfTheFilledMatrix) {
  const Tensor a = SteepMatrix();
  const Tensor mask = torch::tensor(NumpyRandom(15).Rand(500 * 700), torch::kFloat64).view({500, 700}).gt(0.5);
  SimEc model = Factorizer(500, 700);
  const InputRows identity = *InputRows::OneHot(500);
  TrainOptions training;
  training.epochs = 60;
  training.learning_rate = 0.025;
  training.threads = 1;
  const auto report = Train(model, {identity, *TargetRows::Masked(a, mask)}, {}, training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_LT(MeanSquare(*model.Predict(identity) - a), 0.0112);  // 0.0171 by the SVD of the matrix filled with means
}

}  // namespace
}  // namespace conec::simec
