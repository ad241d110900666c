// ConEc is a SimEc (thesis ch. 7, figure 7.2): CBOW with negative sampling is a similarity encoder without hidden
// layer, whose input is the binary vector of a context, whose targets are binary and mostly missing, and whose loss is
// the masked cross-entropy.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/matrix.h"
#include "simec_core/model.h"
#include "simec_core/trainer.h"
#include "word2vec/reference_step.h"

namespace conec::simec {
namespace {

using word2vec::CbowUpdate;
using word2vec::ReferenceStep;

constexpr std::int64_t kWords = 12, kDim = 5;

Matrix<double> ToMatrix(const torch::Tensor& table) {
  Matrix<double> matrix =
      *Matrix<double>::Create(static_cast<std::size_t>(table.size(0)), static_cast<std::size_t>(kDim));
  for (std::int64_t i = 0; i < table.size(0); ++i) {
    for (std::int64_t j = 0; j < kDim; ++j) {
      matrix.row(static_cast<std::size_t>(i))[static_cast<std::size_t>(j)] = table[i][j].item<double>();
    }
  }
  return matrix;
}

double LargestDifference(const Matrix<double>& matrix, const torch::Tensor& table) {
  double largest = 0;
  for (std::int64_t i = 0; i < table.size(0); ++i) {
    for (std::int64_t j = 0; j < kDim; ++j) {
      const double ours = matrix.row(static_cast<std::size_t>(i))[static_cast<std::size_t>(j)];
      largest = std::max(largest, std::abs(ours - table[i][j].item<double>()));
    }
  }
  return largest;
}

SimEc MakeModel() {
  ModelOptions options;
  options.features = options.targets = kWords;
  options.dim = kDim;
  options.embedding_bias = false;
  options.output = OutputKind::kSigmoid;
  options.precision = Precision::kFloat64;
  return *SimEc::Create(options);
}

CsrMatrix Row(const std::map<std::int64_t, double>& entries) {
  std::vector<std::int64_t> rows(entries.size(), 0), columns;
  std::vector<double> values;
  for (const auto& [column, value] : entries) {
    columns.push_back(column);
    values.push_back(value);
  }
  return *CsrMatrix::FromEntries(rows, columns, values, 1, kWords);
}

class ConecIsSimecTest : public ::testing::TestWithParam<CbowUpdate> {};

// One step of gradient descent of the similarity encoder is one step of the word vectors' trainer.
TEST_P(ConecIsSimecTest, OneStepOfSgdIsOneStepOfCbow) {
  constexpr double kRate = 0.7;
  const ReferenceStep step{4, {1, 7, 7, 0, 11}, {2, 9, 3}};  // word 7 stands twice in the context
  const double share = GetParam() == CbowUpdate::kMean ? 1.0 / static_cast<double>(step.context.size()) : 1.0;
  std::map<std::int64_t, double> context, relation{{step.target, 1.0}};
  for (const std::uint32_t word : step.context) context[word] += share;
  for (const std::uint32_t word : step.negatives) relation[word] = 0;
  SimEc model = MakeModel();
  const torch::Tensor w1 = model.embedding()->weight, w2 = model.last_layer().select(2, 0).t();
  Matrix<double> input = ToMatrix(w1), output = ToMatrix(w2);

  const double loss = ApplyReferenceStep(step, GetParam(), kRate, input.view(), output.view());

  const double observed = static_cast<double>(relation.size());
  ObjectiveOptions objective;
  objective.loss = LossKind::kBce;
  objective.l2_embedding = 0;
  TrainOptions training;
  training.optimizer = OptimizerKind::kSgd;
  training.learning_rate = kRate * observed;  // the data term is a mean over observed entries, CBOW's loss a sum
  training.epochs = 1;
  const TrainData data{*InputRows::Sparse(Row(context)), *TargetRows::Sparse(Row(relation))};
  const absl::StatusOr<TrainReport> report = Train(model, data, objective, training);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_NEAR(report->epochs[0].loss * observed, loss, 1e-12);
  EXPECT_LT(LargestDifference(input, model.embedding()->weight), 1e-14);
  EXPECT_LT(LargestDifference(output, model.last_layer().select(2, 0).t()), 1e-14);
  EXPECT_GT(LargestDifference(input, MakeModel().embedding()->weight), 1e-3) << "the step changed nothing";
}

INSTANTIATE_TEST_SUITE_P(Updates, ConecIsSimecTest, ::testing::Values(CbowUpdate::kMean, CbowUpdate::kSum));

}  // namespace
}  // namespace conec::simec
