#include "simec_core/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simec_core/trainer.h"

namespace conec::simec {
namespace {

ModelOptions Options(std::int64_t features, std::int64_t dim, std::int64_t targets) {
  ModelOptions options;
  options.features = features;
  options.dim = dim;
  options.targets = targets;
  return options;
}

TEST(TrainTest, FactorisesAMatrixOfLowRank) {
  torch::manual_seed(1);
  const torch::Tensor s = torch::rand({40, 3}).mm(torch::rand({3, 30}));
  absl::StatusOr<SimEc> model = SimEc::Create(Options(40, 3, 30));
  ASSERT_TRUE(model.ok()) << model.status();
  const TrainData data{*InputRows::OneHot(40), *TargetRows::Dense(s)};
  ObjectiveOptions objective;
  objective.l2_embedding = 0;
  TrainOptions training;
  training.learning_rate = 0.05;
  training.epochs = 300;
  const auto report = Train(*model, data, objective, training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_LT(report->epochs.back().loss, 1e-3 * s.square().mean().item<double>());
  EXPECT_TRUE(torch::allclose(*model->Predict(data.inputs), s, 0.05, 0.05));
}

}  // namespace
}  // namespace conec::simec
