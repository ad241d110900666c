#include "simec_core/objective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "simec_core/model.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;
using torch::Tensor;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

ModelOptions Doubles(std::int64_t features, std::int64_t dim, std::int64_t targets, std::int64_t similarities = 1) {
  ModelOptions options;
  options.features = features;
  options.dim = dim;
  options.targets = targets;
  options.similarities = similarities;
  options.precision = Precision::kFloat64;
  return options;
}

Tensor Random(std::vector<std::int64_t> sizes, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::rand(sizes, torch::kFloat64);
}

Tensor Symmetric(std::int64_t n, std::uint64_t seed) {
  const Tensor a = Random({n, n}, seed);
  return a + a.t();
}

// A third of the entries missing, none of the rows without any.
Tensor WithMissing(Tensor s) {
  const Tensor flat = s.view({-1});
  for (std::int64_t i = 1; i < flat.numel(); i += 3) flat[i] = kNan;
  return s;
}

// Compares autograd's gradient of `value` with central differences in every entry of `parameter`.
template <typename Function>
void ExpectGradient(const Tensor& parameter, Function&& value) {
  const Tensor gradient = torch::autograd::grad({value()}, {parameter})[0].contiguous().view({-1});
  const torch::NoGradGuard no_grad;
  const Tensor flat = parameter.view({-1});
  constexpr double kStep = 1e-5;
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    const double before = flat[i].item<double>();
    flat[i] = before + kStep;
    const double above = value().template item<double>();
    flat[i] = before - kStep;
    const double below = value().template item<double>();
    flat[i] = before;
    EXPECT_NEAR(gradient[i].item<double>(), (above - below) / (2 * kStep), 1e-7) << "entry " << i;
  }
}

TargetBlock BlockOf(const Tensor& s) {
  const absl::StatusOr<TargetRows> targets = TargetRows::Dense(s);
  EXPECT_TRUE(targets.ok()) << targets.status();
  return *targets->Block(torch::arange(s.size(0)));
}

InputBatch Dense(const Tensor& x) {
  return InputRows::Dense(x)->Batch(torch::arange(x.size(0)));
}

class DataTermTest : public ::testing::TestWithParam<std::tuple<LossKind, MaskedMean, double>> {};

TEST_P(DataTermTest, GradientsOfAllParametersAreFiniteDifferences) {
  ObjectiveOptions options;
  std::tie(options.loss, options.masked_mean, options.missing_weight) = GetParam();
  options.l2_hidden = 0.01;
  options.l2_embedding = 0.02;
  options.l2_last = 0.03;
  options.s_ll = 0.5;
  options.orthogonality = 0.1;
  ModelOptions shape = Doubles(5, 3, 4, 2);
  shape.hidden = {{6, Activation::kTanh}};
  if (options.loss == LossKind::kBce) shape.output = OutputKind::kSigmoid;
  absl::StatusOr<SimEc> model = SimEc::Create(shape);
  ASSERT_TRUE(model.ok()) << model.status();
  const Tensor s_ll = torch::stack({Symmetric(4, 1), WithMissing(Symmetric(4, 2))}, 2);
  absl::StatusOr<SymmetricTarget> symmetric = SymmetricTarget::Create(s_ll, options);
  ASSERT_TRUE(symmetric.ok()) << symmetric.status();
  const absl::StatusOr<Objective> objective = Objective::Create(*model, options, *symmetric, 7);
  ASSERT_TRUE(objective.ok()) << objective.status();
  const InputBatch x = Dense(Random({7, 5}, 3));
  const TargetBlock block = BlockOf(WithMissing(Random({7, 4, 2}, 4)));
  for (const auto& parameter : model->module().named_parameters()) {
    SCOPED_TRACE(parameter.key());
    ExpectGradient(parameter.value(),
                   [&] { return objective->Batch(*model, x, block).total + objective->L2Term(*model); });
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, DataTermTest,
                         ::testing::Combine(::testing::Values(LossKind::kMse, LossKind::kMae, LossKind::kBce),
                                            ::testing::Values(MaskedMean::kPerRow, MaskedMean::kGlobal),
                                            ::testing::Values(0.0, 0.3)));

TEST(ReconstructionTest, GradientsReachTheEncoderThroughTheDecoder) {
  ModelOptions shape = Doubles(4, 2, 3);
  shape.hidden = {{5, Activation::kTanh}};
  shape.decoder = true;
  absl::StatusOr<SimEc> model = SimEc::Create(shape);
  ASSERT_TRUE(model.ok()) << model.status();
  ObjectiveOptions options;
  options.reconstruction = 0.7;
  const absl::StatusOr<Objective> objective = Objective::Create(*model, options, std::nullopt, 6);
  ASSERT_TRUE(objective.ok()) << objective.status();
  const InputBatch x = Dense(Random({6, 4}, 1));
  const TargetBlock block = BlockOf(Random({6, 3}, 2));
  for (const auto& parameter : model->module().named_parameters()) {
    SCOPED_TRACE(parameter.key());
    ExpectGradient(parameter.value(), [&] { return objective->Batch(*model, x, block).total; });
  }
}

TEST(SymmetricTargetTest, EqualsTheFormWithNByNActivations) {
  const Tensor s = Symmetric(9, 1), w = Random({3, 9, 1}, 2).requires_grad_();
  const absl::StatusOr<SymmetricTarget> target = SymmetricTarget::Create(s, {});
  ASSERT_TRUE(target.ok()) << target.status();
  const Tensor flat = w.select(2, 0), ours = target->Loss(w), plain = (s - flat.t().mm(flat)).square().mean();
  EXPECT_NEAR(ours.item<double>(), plain.item<double>(), 1e-14);
  const Tensor gradient = torch::autograd::grad({ours * 2}, {w})[0];
  EXPECT_TRUE(torch::allclose(gradient, torch::autograd::grad({plain * 2}, {w})[0], 1e-12, 1e-14));
}

void ExpectPlainTerm(const Tensor& s, std::int64_t rank, double tolerance) {
  const Tensor w = Random({3, s.size(0), 1}, 5).to(s.scalar_type()).requires_grad_(), flat = w.select(2, 0);
  const absl::StatusOr<SymmetricTarget> target = SymmetricTarget::Create(s, {});
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->rank(0), rank);
  const Tensor ours = target->Loss(w), plain = (s - flat.t().mm(flat)).square().mean();
  EXPECT_NEAR(ours.item<double>(), plain.item<double>(), tolerance);
  const Tensor gradient = torch::autograd::grad({ours}, {w})[0], expected = torch::autograd::grad({plain}, {w})[0];
  EXPECT_LT((gradient - expected).abs().max().item<double>(), tolerance * expected.abs().max().item<double>());
}

Tensor Centred(const Tensor& s) {
  return s - s.mean(0, true) - s.mean(1, true) + s.mean();
}

TEST(SymmetricTargetTest, OfLowRankIsFactorizedAndGivesTheSameTermAndGradient) {
  const Tensor x = Random({300, 7}, 1), labels = torch::arange(600) % 10;
  ExpectPlainTerm(x.mm(x.t()), 7, 1e-11);
  ExpectPlainTerm(x.mm(x.t()).to(torch::kFloat32), 7, 1e-4);
  ExpectPlainTerm(Centred((labels.unsqueeze(0) == labels.unsqueeze(1)).to(torch::kFloat64)), 9, 1e-11);
}

TEST(SymmetricTargetTest, OfAnotherRankIsKept) {
  const Tensor x = Random({300, 7}, 1), low = x.mm(x.t());
  ExpectPlainTerm(low + 1e-3 * torch::eye(300, low.options()), 300, 1e-11);
  ExpectPlainTerm(x.slice(1, 0, 4).mm(x.slice(1, 0, 4).t()) - x.slice(1, 4).mm(x.slice(1, 4).t()), 300, 1e-11);
  Tensor pair = torch::ones({300, 300}, low.options());  // the diagonal alone looks like rank one
  pair[1][2] = pair[2][1] = .5;
  ExpectPlainTerm(pair, 300, 1e-11);
  ExpectPlainTerm(torch::zeros({300, 300}, low.options()), 300, 1e-11);
}

TEST(SymmetricTargetTest, MaskedTermIsTheMeanOfRowMeansOrTheGlobalMean) {
  constexpr std::int64_t kSize = 300;  // more than one block of rows
  const Tensor s = WithMissing(Symmetric(kSize, 1)), w = Random({2, kSize, 1}, 2).requires_grad_();
  const Tensor observed = s.isnan().logical_not().to(torch::kFloat64), flat = w.select(2, 0);
  const Tensor errors = (s.nan_to_num(0) - flat.t().mm(flat)).square() * observed;
  ObjectiveOptions options;
  const Tensor per_row = (errors.sum(1) / observed.sum(1)).mean(), ours = SymmetricTarget::Create(s, options)->Loss(w);
  EXPECT_NEAR(ours.item<double>(), per_row.item<double>(), 1e-12);
  EXPECT_TRUE(torch::allclose(torch::autograd::grad({ours}, {w})[0], torch::autograd::grad({per_row}, {w}, {}, true)[0],
                              1e-10, 1e-14));
  options.masked_mean = MaskedMean::kGlobal;
  EXPECT_NEAR(SymmetricTarget::Create(s, options)->Loss(w).item<double>(),
              (errors.sum() / observed.sum()).item<double>(), 1e-12);
}

TEST(SymmetricTargetTest, NamesWhatIsWrongWithSll) {
  Tensor s = Symmetric(5, 1);
  s[1][3] += 1;
  EXPECT_THAT(std::string(SymmetricTarget::Create(s, {}).status().message()), HasSubstr("row 2, column 4"));
  EXPECT_EQ(SymmetricTarget::Create(Random({4, 5}, 1), {}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SymmetricTarget::Create(torch::full({3, 3}, kNan), {}).status().code(), absl::StatusCode::kInvalidArgument);
  s[3][1] = kNan;  // one of a pair is enough
  EXPECT_TRUE(SymmetricTarget::Create(s, {}).ok());
}

TEST(OrthogonalityTest, IsTheMeanSquareOfOffDiagonalProductsSummedOverSimilarities) {
  const Tensor w = Random({3, 5, 2}, 1);
  double expected = 0;
  for (int k = 0; k < 2; ++k) {
    const Tensor g = w.select(2, k).mm(w.select(2, k).t());
    expected += (g - g.diag().diag()).square().mean().item<double>();
  }
  EXPECT_NEAR(OrthogonalityTerm(w).item<double>(), expected, 1e-14);
}

TEST(ScalingTest, FrobeniusIsTheSumOfSquaresOfThePaper) {
  absl::StatusOr<SimEc> model = SimEc::Create(Doubles(6, 2, 4));
  ASSERT_TRUE(model.ok()) << model.status();
  ObjectiveOptions options;
  options.scaling = Scaling::kFrobenius;
  options.s_ll = 0.5;
  options.orthogonality = 0.3;
  options.l2_embedding = 0.2;
  options.l2_last = 0.1;
  const Tensor s_ll = Symmetric(4, 1), s = Random({6, 4}, 2), x = Random({6, 6}, 3);
  const absl::StatusOr<Objective> objective =
      Objective::Create(*model, options, *SymmetricTarget::Create(s_ll, options), 6);
  ASSERT_TRUE(objective.ok()) << objective.status();
  const Tensor w = model->last_layer().select(2, 0), a = model->embedding()->weight, g = w.mm(w.t());
  const Tensor sum = (s - model->Logits(model->EmbedBatch(Dense(x)))).square().sum() +
                     0.5 * (s_ll - w.t().mm(w)).square().sum() + 0.3 * (g - g.diag().diag()).square().sum() +
                     0.2 * a.square().sum() + 0.1 * w.square().sum();
  const Tensor ours = objective->Batch(*model, Dense(x), BlockOf(s)).total + objective->L2Term(*model);
  EXPECT_NEAR(ours.item<double>() * 6 * 4, sum.item<double>(), 1e-10);
}

TEST(MaskTest, WeightOneTakesZerosForObservationsAndZeroIgnoresTheEntry) {
  const Tensor s = WithMissing(Random({5, 4}, 1)), outputs = Random({5, 4}, 2);
  for (const MaskedMean mean : {MaskedMean::kPerRow, MaskedMean::kGlobal}) {
    ObjectiveOptions options;
    options.masked_mean = mean;
    options.missing_weight = 1;
    EXPECT_NEAR(DataTerm(outputs, BlockOf(s), options).item<double>(),
                DataTerm(outputs, BlockOf(s.nan_to_num(0)), options).item<double>(), 1e-14);
    options.missing_weight = 0;
    const Tensor changed = torch::where(s.isnan(), outputs + 5, outputs);
    EXPECT_NEAR(DataTerm(outputs, BlockOf(s), options).item<double>(),
                DataTerm(changed, BlockOf(s), options).item<double>(), 1e-14);
  }
}

TEST(MaskTest, RowsWithFewEntriesCountAsMuchAsFullOnesOnlyPerRow) {
  const Tensor s = torch::zeros({2, 4}, torch::kFloat64), outputs = torch::zeros({2, 4}, torch::kFloat64);
  s[0].slice(0, 1).fill_(kNan);  // one entry, error 4; the other row four entries of error 0
  outputs[0][0] = 2;
  ObjectiveOptions options;
  EXPECT_NEAR(DataTerm(outputs, BlockOf(s), options).item<double>(), 4.0 / 2, 1e-14);
  options.masked_mean = MaskedMean::kGlobal;
  EXPECT_NEAR(DataTerm(outputs, BlockOf(s), options).item<double>(), 4.0 / 5, 1e-14);
}

TEST(TargetRowsTest, NanMaskCsrAndComputedBlocksAreTheSameTargets) {
  const Tensor s = WithMissing(Random({6, 5}, 1)), observed = s.isnan().logical_not(), rows = torch::tensor({4, 0, 5});
  const TargetBlock expected = *TargetRows::Dense(s)->Block(rows);
  std::vector<std::int64_t> row_of, column_of;
  std::vector<double> values;
  for (std::int64_t i = 0; i < 6; ++i) {
    for (std::int64_t j = 0; j < 5; ++j) {
      if (!observed[i][j].item<bool>()) continue;
      row_of.push_back(i);
      column_of.push_back(j);
      values.push_back(s[i][j].item<double>());
    }
  }
  const auto compute = [&](const Tensor& wanted) -> absl::StatusOr<Tensor> { return s.index_select(0, wanted); };
  const std::vector<absl::StatusOr<TargetRows>> others{
      TargetRows::Masked(s.nan_to_num(77), observed),
      TargetRows::Sparse(*CsrMatrix::FromEntries(row_of, column_of, values, 6, 5)),
      TargetRows::Computed(6, 5, 1, compute)};
  for (const auto& other : others) {
    ASSERT_TRUE(other.ok()) << other.status();
    const TargetBlock block = *other->To(torch::kCPU, torch::kFloat64).Block(rows);
    EXPECT_TRUE(torch::equal(block.values, expected.values));
    EXPECT_TRUE(torch::equal(block.observed, expected.observed));
  }
}

TEST(TargetRowsTest, ErrorsNameThePlace) {
  Tensor s = Random({3, 4}, 1);
  s[2][1] = kNan;
  const Tensor all = torch::ones({3, 4}, torch::kBool);
  EXPECT_THAT(std::string(TargetRows::Masked(s, all).status().message()), HasSubstr("row 3, column 2"));
  s[2][1] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(std::string(TargetRows::Dense(s).status().message()), HasSubstr("row 3, column 2"));
  s[2].fill_(kNan);
  EXPECT_THAT(TargetRows::Dense(s)->empty_rows(), ::testing::ElementsAre(2));
  const auto wrong = [](const Tensor&) -> absl::StatusOr<Tensor> { return torch::zeros({1, 1}); };
  const auto flat = [](const Tensor&) -> absl::StatusOr<Tensor> { return torch::zeros({4}); };
  for (const TargetRows::Function& function : {TargetRows::Function(wrong), TargetRows::Function(flat)}) {
    EXPECT_EQ(TargetRows::Computed(3, 4, 1, function)->Block(torch::tensor({0})).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(InputRowsTest, SparseAndOneHotRowsGiveTheGradientsOfTheirDenseForm) {
  ModelOptions shape = Doubles(8, 3, 4);
  shape.hidden = {{5, Activation::kTanh}};
  absl::StatusOr<SimEc> model = SimEc::Create(shape);
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::StatusOr<Objective> objective = Objective::Create(*model, {}, std::nullopt, 8);
  const Tensor dense = Random({8, 8}, 1), rows = torch::tensor({6, 1, 3}), s = Random({8, 4}, 2);
  dense.masked_fill_(dense.lt(0.6), 0);
  dense[1].zero_();  // an empty row
  const TargetBlock block = *TargetRows::Dense(s)->Block(rows);
  const auto gradients = [&](const InputRows& x) {
    return torch::autograd::grad({objective->Batch(*model, x.Batch(rows), block).total}, model->module().parameters());
  };
  const auto expect_equal = [&](const InputRows& ours, const Tensor& as_dense) {
    const auto actual = gradients(ours), expected = gradients(*InputRows::Dense(as_dense));
    for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_TRUE(torch::allclose(actual[i], expected[i], 1e-12, 1e-15));
    EXPECT_TRUE(torch::allclose(*model->Embed(ours), *model->Embed(*InputRows::Dense(as_dense)), 1e-12, 1e-15));
    EXPECT_TRUE(torch::equal(*ours.ToDense(), as_dense));
  };
  expect_equal(*InputRows::Sparse(*CsrMatrix::FromDense(dense)), dense);
  expect_equal(InputRows::OneHot(8)->To(torch::kCPU, torch::kFloat64), torch::eye(8, torch::kFloat64));
  const Tensor ids = torch::tensor({3, 3, 0, 7, 1, 2, 2, 5});
  expect_equal(InputRows::OneHot(ids, 8)->To(torch::kCPU, torch::kFloat64),
               torch::eye(8, torch::kFloat64).index_select(0, ids));
}

TEST(ObjectiveTest, ErrorsSayWhatDoesNotFit) {
  absl::StatusOr<SimEc> model = SimEc::Create(Doubles(5, 6, 4));
  ASSERT_TRUE(model.ok()) << model.status();
  ObjectiveOptions options;
  options.s_ll = 1;
  const auto message = [&](std::optional<SymmetricTarget> s_ll) {
    return std::string(Objective::Create(*model, options, std::move(s_ll), 5).status().message());
  };
  EXPECT_THAT(message(std::nullopt), HasSubstr("needs S_ll"));
  EXPECT_THAT(message(*SymmetricTarget::Create(Symmetric(3, 1), options)), HasSubstr("3 x 3"));
  EXPECT_THAT(message(*SymmetricTarget::Create(Symmetric(4, 1), options)), HasSubstr("6 dimensions"));
  options.allow_free_dimensions = true;
  EXPECT_EQ(message(*SymmetricTarget::Create(Symmetric(4, 1), options)), "");
  options.allow_free_dimensions = false;
  options.s_ll = 0;
  options.loss = LossKind::kBce;
  EXPECT_THAT(message(std::nullopt), HasSubstr("sigmoid"));
  options.loss = LossKind::kMse;
  options.reconstruction = 1;
  EXPECT_THAT(message(std::nullopt), HasSubstr("decoder"));
  options.reconstruction = -1;
  EXPECT_THAT(message(std::nullopt), HasSubstr("reconstruction"));
}

}  // namespace
}  // namespace conec::simec
