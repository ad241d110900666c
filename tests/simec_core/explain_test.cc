#include "simec_core/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "simec_core/centering.h"
#include "simec_core/model.h"
#include "simec_core/numpy_random.h"
#include "simec_core/relevance.h"
#include "simec_core/trainer.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;

ModelOptions Options(std::vector<HiddenLayer> hidden = {}, std::vector<ConvLayer> conv = {}) {
  ModelOptions options;
  options.features = 36;
  options.dim = 4;
  options.targets = 5;
  options.hidden = std::move(hidden);
  options.conv = std::move(conv);
  if (!options.conv.empty()) options.height = options.width = 6;
  options.precision = Precision::kFloat64;
  return options;
}

SimEc Model(const ModelOptions& options) {
  absl::StatusOr<SimEc> model = SimEc::Create(options);
  EXPECT_TRUE(model.ok()) << model.status();
  return *std::move(model);
}

// Glorot's biases are zero; these are not.
ModelOptions WithBiases(ModelOptions options) {
  options.initialization = Initialization::kKaiming;
  return options;
}

torch::Tensor Normal(std::vector<std::int64_t> sizes, std::uint64_t seed = 3) {
  torch::manual_seed(seed);
  return torch::randn(sizes, torch::kFloat64);
}

InputRows Points(std::int64_t m = 7, std::uint64_t seed = 3) {
  return *InputRows::Dense(Normal({m, 36}, seed));
}

InputRows SparsePoints() {
  const torch::Tensor x = Normal({7, 36});
  return *InputRows::Sparse(*CsrMatrix::FromDense(x * (x > 0.5)));
}

ExplainOptions With(RelevanceRule dense, RelevanceRule conv, BiasShare bias, double alpha = 2) {
  ExplainOptions options;
  options.dense = dense;
  options.conv = conv;
  options.bias = bias;
  options.alpha = alpha;
  options.beta = alpha - 1;
  options.epsilon = 0;
  return options;
}

torch::Tensor DenseOf(const Explanation& why) {
  return why.relevance.is_sparse() ? why.relevance.sparse().ToDense() : why.relevance.dense();
}

double LargestError(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs() / b.abs().clamp_min(1e-12)).max().item<double>();
}

void ExpectClose(const torch::Tensor& a, const torch::Tensor& b, double tolerance = 1e-10) {
  ASSERT_EQ(a.sizes(), b.sizes());
  EXPECT_TRUE(torch::allclose(a, b, tolerance, tolerance)) << a << "\nbut expected\n" << b;
}

void ExpectSumsUp(const SimEc& model, const InputRows& x, const ExplainOptions& options, double tolerance = 1e-5) {
  const auto why = ExplainPredictions(model, x, {.target = 2}, options);
  ASSERT_TRUE(why.ok()) << why.status();
  ExpectClose(why->outputs, model.Predict(x)->select(1, 2), tolerance);
  EXPECT_LT(LargestError(why->relevance.RowSums(), why->outputs), tolerance)
      << Name(options.dense) << " " << Name(options.conv) << " " << Name(options.bias) << " " << options.alpha;
}

std::vector<ExplainOptions> AllRules(BiasShare bias) {
  using enum RelevanceRule;
  std::vector<ExplainOptions> all = {With(kEpsilon, kEpsilon, bias), With(kAlphaBeta, kAlphaBeta, bias),
                                     With(kAlphaBeta, kAlphaBeta, bias, 1), With(kEpsilon, kAlphaBeta, bias, 1),
                                     With(kFlat, kFlat, bias)};
  all.push_back(all.front());
  all.back().first = kFlat;
  return all;
}

std::vector<ModelOptions> AllNetworks() {
  return {Options(), Options({{20, Activation::kTanh}, {9, Activation::kTanh}}),
          Options({{25, Activation::kRelu}, {15, Activation::kSoftplus}}),
          Options({{8, Activation::kTanh}}, {{.filters = 5, .padding = 1, .activation = Activation::kTanh, .pool = 2},
                                             {.filters = 3, .kernel = 2, .activation = Activation::kSigmoid}}),
          Options({}, {{.filters = 6, .activation = Activation::kRelu, .pool = 3}})};
}

TEST(ExplainTest, RelevancesSumUpToTheOutputWithoutBiasesAndEpsilon) {
  for (const ModelOptions& network : AllNetworks()) {
    const SimEc model = Model(network);
    for (const ExplainOptions& rules : AllRules(BiasShare::kKept)) ExpectSumsUp(model, Points(), rules);
  }
}

TEST(ExplainTest, RelevancesSumUpToTheOutputWithBiasesThatAreSpreadOrIgnored) {
  for (const BiasShare bias : {BiasShare::kSpread, BiasShare::kIgnored}) {
    for (const ModelOptions& network : AllNetworks()) {
      const SimEc model = Model(WithBiases(network));
      for (const ExplainOptions& rules : AllRules(bias)) ExpectSumsUp(model, Points(), rules);
    }
  }
}

TEST(ExplainTest, SinglePrecisionKeepsTheSumToo) {
  ModelOptions options = Options({{30, Activation::kSoftplus}});
  options.precision = Precision::kFloat32;
  const SimEc model = Model(options);
  const auto why = ExplainPredictions(model, Points(), {}, With(RelevanceRule::kEpsilon, {}, BiasShare::kKept));
  ASSERT_TRUE(why.ok()) << why.status();
  EXPECT_EQ(why->relevance.scalar_type(), torch::kFloat32);
  const torch::Tensor scale = DenseOf(*why).abs().sum(1);
  EXPECT_LT(((why->relevance.RowSums() - why->outputs) / scale).abs().max().item<double>(), 1e-5);
}

TEST(ExplainTest, ALinearEncodersFeaturesGetXTimesW1TimesTheColumn) {
  const SimEc model = Model(WithBiases(Options()));
  const torch::Tensor column = model.last_layer().select(2, 0).select(1, 2).detach();
  const torch::Tensor weights = model.embedding()->weight.detach().mv(column);
  const ExplainOptions options = With(RelevanceRule::kEpsilon, {}, BiasShare::kKept);
  for (const InputRows& x : {Points(), SparsePoints(), *InputRows::OneHot(36)}) {
    const auto why = ExplainPredictions(model, x, {.target = 2}, options);
    ASSERT_TRUE(why.ok()) << why.status();
    EXPECT_EQ(why->relevance.is_sparse(), x.kind() != InputKind::kDense);
    ExpectClose(DenseOf(*why), x.ToDense()->to(torch::kFloat64) * weights);
    const torch::Tensor bias_part = model.embedding()->bias.detach().dot(column);
    ExpectClose(why->relevance.RowSums(), why->outputs - bias_part);
  }
}

// The reference's correction of the bias for features that are present: predictions of single features, each with the
// bias in them, + (1 / #features - 1) b.
TEST(ExplainTest, ASpreadBiasIsTheCorrectionOfLinearContributions) {
  const SimEc model = Model(WithBiases(Options()));
  const InputRows x = SparsePoints();
  const torch::Tensor column = model.last_layer().select(2, 0).select(1, 1).detach();
  const torch::Tensor dense = *x.ToDense(), present = (dense != 0).to(torch::kFloat64);
  const torch::Tensor bias = model.embedding()->bias.detach().dot(column);
  const torch::Tensor single = dense * model.embedding()->weight.detach().mv(column) + bias;
  const torch::Tensor correction = (1 / present.sum(1, true) - 1) * bias;
  const auto why = ExplainPredictions(model, x, {.target = 1}, With(RelevanceRule::kEpsilon, {}, BiasShare::kSpread));
  ASSERT_TRUE(why.ok()) << why.status();
  ExpectClose(DenseOf(*why), (single + correction) * present);
  ExpectClose(why->relevance.RowSums(), why->outputs);
}

TEST(ExplainTest, SparseAndDenseRowsOfTheSamePointsGetTheSame) {
  const InputRows sparse = SparsePoints(), dense = *InputRows::Dense(*sparse.ToDense());
  for (const BiasShare bias : {BiasShare::kKept, BiasShare::kSpread, BiasShare::kIgnored, BiasShare::kKeptWhole}) {
    for (const ModelOptions& network : {Options(), Options({{12, Activation::kTanh}})}) {
      const SimEc model = Model(WithBiases(network));
      for (const ExplainOptions& rules : AllRules(bias)) {
        const auto a = ExplainPredictions(model, sparse, {}, rules), b = ExplainPredictions(model, dense, {}, rules);
        ASSERT_TRUE(a.ok() && b.ok());
        const bool flat = rules.first.value_or(rules.dense) == RelevanceRule::kFlat;
        EXPECT_EQ(a->relevance.is_sparse(), !flat);
        ExpectClose(DenseOf(*a), DenseOf(*b));
      }
    }
  }
}

TEST(ExplainTest, RowsDoNotDependOnTheirNeighbours) {
  const SimEc model = Model(Options({{6, Activation::kTanh}}));
  const torch::Tensor x = Normal({600, 36});
  const InputRows sparse = *InputRows::Sparse(*CsrMatrix::FromDense(x * (x > 1)));
  for (const InputRows& all : {*InputRows::Dense(x), sparse}) {
    const torch::Tensor alone = all.ToDense()->narrow(0, 555, 2);
    const auto one = ExplainPredictions(model, *InputRows::Dense(alone), {}, {});
    const auto many = ExplainPredictions(model, all, {}, {});
    ASSERT_TRUE(one.ok() && many.ok());
    ASSERT_EQ(many->relevance.rows(), 600);
    ExpectClose(DenseOf(*many).narrow(0, 555, 2), DenseOf(*one));
    ExpectClose(many->outputs.narrow(0, 555, 2), one->outputs);
  }
}

TEST(ExplainTest, ASimilarityIsAPredictionWithTheOthersEmbeddingAsColumn) {
  SimEc model = Model(WithBiases(Options({{8, Activation::kTanh}}, {{.filters = 4, .pool = 2}})));
  const InputRows x = Points(), other = Points(1, 9);
  const auto alike = ExplainSimilarities(model, x, other, SequentialPresetAFlat());
  ASSERT_TRUE(alike.ok()) << alike.status();
  const torch::Tensor y = *model.Embed(x), of_other = *model.Embed(other);
  ExpectClose(alike->outputs, y.mv(of_other[0]));
  torch::Tensor last = model.last_layer().detach().clone();
  last.select(2, 0).select(1, 3).copy_(of_other[0]);
  ASSERT_TRUE(model.SetLastLayer(last, false).ok());
  const auto why = ExplainPredictions(model, x, {.target = 3}, SequentialPresetAFlat());
  ASSERT_TRUE(why.ok()) << why.status();
  ExpectClose(alike->relevance.dense(), why->relevance.dense());
}

TEST(ExplainTest, PairsOfPointsAreExplainedRowByRow) {
  const SimEc model = Model(Options({{8, Activation::kTanh}}));
  const InputRows x = Points(), others = Points(7, 9);
  const auto pairs = ExplainSimilarities(model, x, others, {});
  const auto fourth = ExplainSimilarities(model, x, *InputRows::Dense(others.Range(4, 5).dense), {});
  ASSERT_TRUE(pairs.ok() && fourth.ok());
  ExpectClose(pairs->relevance.dense()[4], fourth->relevance.dense()[4]);
}

TEST(ExplainTest, LinearSimilaritiesAreSymmetricAndLeaveTheBiasOut) {
  const SimEc model = Model(WithBiases(Options()));
  const InputRows x = Points(), others = Points(7, 9);
  const auto there = ExplainLinearSimilarities(model, x, others), back = ExplainLinearSimilarities(model, others, x);
  ASSERT_TRUE(there.ok() && back.ok());
  const torch::Tensor w = model.embedding()->weight.detach();
  ExpectClose(there->relevance.dense(), *x.ToDense() * others.ToDense()->mm(w.mm(w.t())));
  ExpectClose(there->outputs, back->outputs);
  ExpectClose(there->relevance.RowSums(), back->relevance.RowSums());
  ExpectClose(there->relevance.RowSums(), there->outputs);
}

TEST(ExplainTest, LinearSimilaritiesOfSparseRowsHaveTheirEntries) {
  const SimEc model = Model(WithBiases(Options()));
  const InputRows sparse = SparsePoints(), dense = *InputRows::Dense(*sparse.ToDense());
  const auto a = ExplainLinearSimilarities(model, sparse, Points(1)),
             b = ExplainLinearSimilarities(model, dense, Points(1));
  ASSERT_TRUE(a.ok() && b.ok());
  ASSERT_TRUE(a->relevance.is_sparse());
  ExpectClose(DenseOf(*a), DenseOf(*b));
}

TEST(ExplainTest, EachOfSeveralSimilaritiesHasItsOwnExplanation) {
  ModelOptions options = Options();
  options.similarities = 3;
  const SimEc model = Model(options);
  const auto why = ExplainPredictions(model, Points(), {.target = 4, .similarity = 2}, {});
  ASSERT_TRUE(why.ok()) << why.status();
  ExpectClose(why->outputs, model.Predict(Points())->select(2, 2).select(1, 4));
}

TEST(ExplainTest, ASigmoidOutputIsExplainedBeforeTheSigmoid) {
  ModelOptions options = Options();
  options.output = OutputKind::kSigmoid;
  const SimEc model = Model(options);
  const auto why = ExplainPredictions(model, Points(), {}, {});
  ASSERT_TRUE(why.ok()) << why.status();
  ExpectClose(torch::sigmoid(why->outputs), model.Predict(Points())->select(1, 0));
}

// The sums of ExplainOptions' comments, term by term.
torch::Tensor TermByTerm(const WeightedLayer& layer, const torch::Tensor& x, const torch::Tensor& relevance,
                         bool alpha_beta, double epsilon, double alpha) {
  torch::Tensor result = torch::zeros_like(x);
  for (std::int64_t b = 0; b < x.size(0); ++b) {
    for (std::int64_t j = 0; j < layer.weight.size(1); ++j) {
      const torch::Tensor terms = x[b] * layer.weight.select(1, j), bias = layer.bias[j];
      const torch::Tensor up = terms.clamp_min(0), down = terms.clamp_max(0), z = terms.sum() + bias;
      const torch::Tensor part = alpha_beta
                                     ? alpha * up / (up.sum() + bias.clamp_min(0)) -
                                           (alpha - 1) * down / (down.sum() + bias.clamp_max(0)).clamp_max(-1e-300)
                                     : terms / (z + (z.item<double>() >= 0 ? epsilon : -epsilon));
      result[b] += part * relevance[b][j];
    }
  }
  return result;
}

TEST(ExplainTest, RulesAreTheirSums) {
  const WeightedLayer layer{.weight = Normal({12, 5}), .bias = Normal({5}, 4), .convolution = {}};
  InputBatch x;
  x.dense = Normal({6, 12}, 5);
  const torch::Tensor relevance = Normal({6, 5}, 6);
  ExplainOptions options;
  options.epsilon = 0.1;
  options.alpha = 3;
  options.beta = 2;
  ExpectClose(Propagate(layer, x, relevance, RelevanceRule::kEpsilon, options),
              TermByTerm(layer, x.dense, relevance, false, 0.1, 3));
  ExpectClose(Propagate(layer, x, relevance, RelevanceRule::kAlphaBeta, options),
              TermByTerm(layer, x.dense, relevance, true, 0.1, 3));
  ExpectClose(Propagate(layer, x, relevance, RelevanceRule::kFlat, options),
              (relevance.sum(1, true) / 12).expand({6, 12}));
}

// x = (1, 2), w = (3, -1), b = -0.5: z+ = 3, z- = -2; with the whole bias 2.5 and -2.5.
TEST(ExplainTest, TheWholeBiasCountsAmongPositiveAndNegativeParts) {
  const WeightedLayer layer{.weight = torch::tensor({{3.0}, {-1.0}}, torch::kFloat64),
                            .bias = torch::tensor({-0.5}, torch::kFloat64),
                            .convolution = {}};
  InputBatch x;
  x.dense = torch::tensor({{1.0, 2.0}}, torch::kFloat64);
  ExplainOptions options;
  options.bias = BiasShare::kKeptWhole;
  const torch::Tensor one = torch::ones({1, 1}, torch::kFloat64);
  ExpectClose(Propagate(layer, x, one, RelevanceRule::kAlphaBeta, options),
              torch::tensor({{2 * 3 / 2.5, -2 / 2.5}}, torch::kFloat64));
  options.bias = BiasShare::kKept;
  ExpectClose(Propagate(layer, x, one, RelevanceRule::kAlphaBeta, options),
              torch::tensor({{2.0, -2 / 2.5}}, torch::kFloat64));
}

TEST(ExplainTest, FlatGivesEvenlyToTheInputsThatANeuronSees) {
  Convolution pairs;
  pairs.padding = {1, 0, 0, 0};
  const WeightedLayer layer{.weight = Normal({1, 1, 1, 2}), .bias = {}, .convolution = pairs};
  InputBatch x;
  x.dense = torch::zeros({1, 1, 1, 3}, torch::kFloat64);
  const torch::Tensor relevance = torch::tensor({1.0, 10.0, 100.0}, torch::kFloat64).view({1, 1, 1, 3});
  const torch::Tensor expected = torch::tensor({1 + 5.0, 5.0 + 50, 50.0}, torch::kFloat64).view({1, 1, 1, 3});
  ExpectClose(Propagate(layer, x, relevance, RelevanceRule::kFlat, {}), expected);
}

absl::StatusOr<SimEc> Own(const torch::nn::Sequential& features, std::int64_t size) {
  return SimEc::Create(features, size, Options());
}

// x -> conv as a matrix: its rows are what the convolution makes of unit vectors.
torch::Tensor Unrolled(torch::nn::Conv2d conv, std::int64_t channels, std::int64_t side) {
  const torch::NoGradGuard no_grad;
  const std::int64_t size = channels * side * side;
  const torch::Tensor with_bias = conv->forward(torch::eye(size, torch::kFloat64).view({size, channels, side, side}));
  return (with_bias - conv->bias.view({-1, 1, 1})).flatten(1);
}

// One model with the convolution, one with the matrix, the same above.
void ExpectEqualsUnrolled(const torch::nn::Conv2dOptions& options, const ExplainOptions& rules) {
  using namespace torch::nn;  // NOLINT(google-build-using-namespace)
  torch::manual_seed(8);
  Conv2d conv(options);
  conv->to(torch::kFloat64);
  const torch::Tensor matrix = Unrolled(conv, 4, 3);
  const torch::Tensor bias = conv->bias.detach().repeat_interleave(matrix.size(1) / conv->bias.size(0));
  Affine affine(36, matrix.size(1), true, torch::TensorOptions(torch::kFloat64));
  {
    const torch::NoGradGuard no_grad;
    affine->weight.copy_(matrix);
    affine->bias.copy_(bias);
  }
  const auto folded =
      Own(Sequential(Unflatten(UnflattenOptions(1, {4, 3, 3})), conv, Tanh(), Flatten()), matrix.size(1));
  const auto flat = Own(Sequential(affine, Tanh()), matrix.size(1));
  ASSERT_TRUE(folded.ok() && flat.ok()) << folded.status() << flat.status();
  ExpectClose(*folded->Embed(Points()), *flat->Embed(Points()));
  const auto a = ExplainPredictions(*folded, Points(), {}, rules), b = ExplainPredictions(*flat, Points(), {}, rules);
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  ExpectClose(a->relevance.dense(), b->relevance.dense());
}

TEST(ExplainTest, AConvolutionIsAFullyConnectedLayerWithItsUnrolledWeights) {
  using torch::nn::Conv2dOptions;
  for (const RelevanceRule rule : {RelevanceRule::kEpsilon, RelevanceRule::kAlphaBeta}) {
    for (const BiasShare bias : {BiasShare::kKept, BiasShare::kIgnored, BiasShare::kKeptWhole}) {
      const ExplainOptions rules = With(rule, rule, bias);
      ExpectEqualsUnrolled(Conv2dOptions(4, 3, 2), rules);
      ExpectEqualsUnrolled(Conv2dOptions(4, 2, {3, 2}).padding({1, 2}), rules);
      ExpectEqualsUnrolled(Conv2dOptions(4, 5, 2).stride(2).padding(1), rules);
      ExpectEqualsUnrolled(Conv2dOptions(4, 5, {1, 2}).stride({2, 1}), rules);
      ExpectEqualsUnrolled(Conv2dOptions(4, 6, 2).groups(2).dilation(2), rules);
      ExpectEqualsUnrolled(Conv2dOptions(4, 3, 2).padding(torch::kSame), rules);
    }
  }
}

TEST(ExplainTest, TheLargestInputOfAPoolTakesAllRelevance) {
  using namespace torch::nn;  // NOLINT(google-build-using-namespace)
  const auto model = Own(Sequential(Unflatten(UnflattenOptions(1, {1, 6, 6})), MaxPool2d(3), Flatten()), 4);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto why = ExplainPredictions(*model, Points(), {}, With(RelevanceRule::kEpsilon, {}, BiasShare::kKept));
  ASSERT_TRUE(why.ok()) << why.status();
  const torch::Tensor x = Points().ToDense()->view({7, 1, 6, 6});
  const torch::Tensor largest =
      torch::max_pool2d(x, 3).repeat_interleave(3, 2).repeat_interleave(3, 3).flatten(1) == x.flatten(1);
  const torch::Tensor weights =
      model->embedding()->weight.detach().mv(model->last_layer().detach().select(2, 0).select(1, 0));
  const torch::Tensor parts = (torch::max_pool2d(x, 3).flatten(1) * weights).view({7, 1, 2, 2});
  ExpectClose(why->relevance.dense(),
              parts.repeat_interleave(3, 2).repeat_interleave(3, 3).flatten(1) * largest.to(torch::kFloat64));
}

// What iNNvestigate does: relevance times the inputs' gradient of the layer without activation.
torch::Tensor ByGradient(const torch::Tensor& x, const torch::Tensor& z, const torch::Tensor& c) {
  return torch::autograd::grad({z}, {x}, {c.detach()})[0];
}

torch::Tensor Leaf(const torch::Tensor& x) {
  return x.detach().clone().set_requires_grad(true);
}

torch::Tensor EpsilonByGradient(const torch::Tensor& values, const AffineImpl& layer, const torch::Tensor& relevance) {
  const torch::Tensor x = Leaf(values);
  const torch::Tensor z = layer.bias.defined() ? torch::addmm(layer.bias, x, layer.weight) : x.mm(layer.weight);
  return x.detach() * ByGradient(x, z, relevance / (z + torch::where(z >= 0, 0.1, -0.1)));
}

torch::Tensor Alpha1Beta0ByGradient(const torch::Tensor& values, const torch::nn::Conv2dImpl& conv,
                                    const torch::Tensor& relevance) {
  const torch::Tensor x = Leaf(values);  // not negative: behind a ReLU
  const torch::Tensor z = torch::conv2d(x, conv.weight.clamp_min(0));
  return x.detach() * ByGradient(x, z, relevance / (z + conv.bias.view({-1, 1, 1})));
}

torch::Tensor FlatByGradient(const torch::Tensor& values, const torch::nn::Conv2dImpl& conv,
                             const torch::Tensor& relevance) {
  const torch::Tensor x = Leaf(values), ones = torch::ones_like(conv.weight);
  const auto map = [&](const torch::Tensor& of) { return torch::conv2d(of, ones, {}, 1, 1); };
  return ByGradient(x, map(x), relevance / map(torch::ones_like(x)));
}

TEST(ExplainTest, ThePresetIsTheReferencesGradients) {
  const SimEc model = Model(WithBiases(
      Options({{8, Activation::kTanh}}, {{.filters = 5, .padding = 1, .pool = 2}, {.filters = 3, .kernel = 2}})));
  const torch::nn::Sequential net = model.features();  // flatten, unflatten, conv, relu, pool, conv, relu, flatten, ...
  const auto& first = *net->ptr(2)->as<torch::nn::Conv2d>();
  auto& second = *net->ptr(5)->as<torch::nn::Conv2d>();
  const AffineImpl& hidden = *net->ptr(8)->as<Affine>();
  AffineImpl last(4, 1, false, torch::TensorOptions(torch::kFloat64));
  last.weight = model.last_layer().detach().select(2, 0).narrow(1, 2, 1);

  const torch::Tensor x = Points().ToDense()->view({7, 1, 6, 6});
  const torch::Tensor a1 = Leaf(torch::relu(torch::conv2d(x, first.weight, first.bias, 1, 1)));
  const torch::Tensor h1 = torch::max_pool2d(a1, 2), a2 = torch::relu(second.forward(h1)).flatten(1);
  const torch::Tensor a3 = torch::tanh(torch::addmm(hidden.bias, a2, hidden.weight));
  const torch::Tensor y = model.embedding()->weight.t().matmul(a3.t()).t() + model.embedding()->bias;
  torch::Tensor relevance = EpsilonByGradient(y, last, y.mm(last.weight));
  relevance = EpsilonByGradient(a3, *model.embedding(), relevance);
  relevance = EpsilonByGradient(a2, hidden, relevance);
  relevance = Alpha1Beta0ByGradient(h1, second, relevance.view({7, 3, 2, 2}));
  relevance = FlatByGradient(x, first, ByGradient(a1, h1, relevance));

  const auto why = ExplainPredictions(model, Points(), {.target = 2}, SequentialPresetAFlat());
  ASSERT_TRUE(why.ok()) << why.status();
  ExpectClose(why->relevance.dense(), relevance.flatten(1));
}

TEST(ExplainTest, NetworksOfYourOwnAreExplainedInEvaluationModeAndLeftAsTheyWere) {
  using namespace torch::nn;  // NOLINT(google-build-using-namespace)
  torch::manual_seed(8);
  const Sequential features(Linear(LinearOptions(36, 20).bias(false)), LeakyReLU(), Dropout(0.5),
                            Linear(LinearOptions(20, 9).bias(false)), SiLU(), Identity());
  const auto model = Own(features, 9);
  ASSERT_TRUE(model.ok()) << model.status();
  model->module().train();
  ExpectSumsUp(*model, Points(), With(RelevanceRule::kEpsilon, {}, BiasShare::kKept));
  EXPECT_TRUE(features->is_training());
}

TEST(ExplainTest, AModuleThatCannotBeExplainedIsNamed) {
  using namespace torch::nn;  // NOLINT(google-build-using-namespace)
  const auto model = Own(Sequential(Linear(36, 20), BatchNorm1d(20)), 20);
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::Status status = ExplainPredictions(*model, Points(), {}, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("BatchNorm1d"));
}

TEST(ExplainTest, WhatDoesNotFitIsNamed) {
  const SimEc model = Model(Options()), deep = Model(Options({{3}}));
  const auto message = [](const auto& result) { return std::string(result.status().message()); };
  ExplainOptions options;
  options.alpha = 1;
  EXPECT_THAT(message(ExplainPredictions(model, Points(), {}, options)), HasSubstr("alpha - beta must be 1"));
  options = {};
  options.epsilon = -1;
  EXPECT_THAT(message(ExplainPredictions(model, Points(), {}, options)), HasSubstr("epsilon"));
  EXPECT_THAT(message(ExplainPredictions(model, Points(), {.target = 5}, {})), HasSubstr("target 5 is not within"));
  EXPECT_THAT(message(ExplainPredictions(model, Points(), {.similarity = 1}, {})), HasSubstr("similarity 1"));
  EXPECT_THAT(message(ExplainPredictions(model, *InputRows::OneHot(9), {}, {})), HasSubstr("9 features"));
  EXPECT_THAT(message(ExplainSimilarities(model, Points(), Points(2), {})), HasSubstr("7 points"));
  EXPECT_THAT(message(ExplainAlong(model, Points(), torch::ones({1, 3}), {})), HasSubstr("1 x 4"));
  EXPECT_THAT(message(ExplainAlong(model, Points(), torch::full({1, 4}, NAN), {})), HasSubstr("finite"));
  EXPECT_THAT(message(ExplainLinearSimilarities(deep, Points(), Points())), HasSubstr("linear encoder"));
}

TEST(ExplainTest, NamesOfRulesReadBack) {
  for (const auto rule : {RelevanceRule::kEpsilon, RelevanceRule::kAlphaBeta, RelevanceRule::kFlat}) {
    EXPECT_EQ(*ParseRelevanceRule(Name(rule)), rule);
  }
  for (const auto share : {BiasShare::kKept, BiasShare::kSpread, BiasShare::kIgnored, BiasShare::kKeptWhole}) {
    EXPECT_EQ(*ParseBiasShare(Name(share)), share);
  }
  EXPECT_THAT(std::string(ParseRelevanceRule("flet").status().message()),
              HasSubstr("unknown relevance rule 'flet': expected epsilon, alpha-beta or flat"));
  EXPECT_THAT(std::string(ParseBiasShare("").status().message()),
              HasSubstr("expected kept, spread, ignored or kept-whole"));
}

// Flowerpots of Gati & Tversky (thesis figure 5.2): stem size, leaf shape and three features of noise.
struct Flowerpots {
  torch::Tensor x, s;  // 16 x 5 and 16 x 16
  std::vector<std::int64_t> order;
};

torch::Tensor ReadCsv(const std::string& file, bool has_header) {
  std::ifstream in(file);
  std::string line;
  if (has_header) std::getline(in, line);
  std::vector<double> values;
  for (std::string number; std::getline(in, line);) {
    for (std::istringstream row(line); std::getline(row, number, ',');) values.push_back(std::stod(number));
  }
  return torch::tensor(values, torch::kFloat64).view({16, -1});
}

Flowerpots ReadFlowerpots(const std::string& folder) {
  Flowerpots pots;
  pots.s = *CenterSimilarity(1 - ReadCsv(folder + "dissimilarity_full.csv", false) / 20);
  pots.x = torch::tensor(NumpyRandom(15).Randn(80), torch::kFloat64).view({16, 5});
  pots.x.narrow(1, 0, 2).copy_(ReadCsv(folder + "features.csv", true));
  pots.x = (pots.x - pots.x.mean(0)) / pots.x.std(0, /*unbiased=*/false);
  pots.order = NumpyRandom(25).Permutation(16);
  return pots;
}

SimEc FlowerpotsModel(const Flowerpots& pots, std::uint64_t seed) {
  const torch::Tensor train = torch::tensor(std::vector<std::int64_t>(pots.order.begin(), pots.order.begin() + 14));
  const torch::Tensor s = pots.s.index_select(0, train).index_select(1, train);
  ModelOptions options;
  options.features = 5;
  options.dim = 2;
  options.targets = 14;
  options.seed = seed;
  SimEc model = Model(options);
  ObjectiveOptions objective;
  objective.s_ll = 1;
  TrainOptions training;
  training.learning_rate = 0.5;
  training.epochs = 50;
  training.seed = seed;
  const auto report =
      Train(model, {*InputRows::Dense(pots.x.index_select(0, train)), *TargetRows::Dense(s), s}, objective, training);
  EXPECT_TRUE(report.ok()) << report.status();
  return model;
}

// The parts of stem, leaf and noise in the similarity of pots that are numbered from 1, in the mean of a few seeds.
torch::Tensor PartsOf(const std::vector<SimEc>& models, const Flowerpots& pots, std::int64_t a, std::int64_t b) {
  torch::Tensor sum = torch::zeros({5});
  for (const SimEc& model : models) {
    const auto row = [&](std::int64_t i) { return *InputRows::Dense(pots.x.narrow(0, i - 1, 1)); };
    sum += ExplainLinearSimilarities(model, row(b), row(a))->relevance.dense()[0];
  }
  return sum / static_cast<double>(models.size());
}

// Printed in the reference's notebook: [.1435 -.2759 .0091 -.0005 .0007], [-.1620 .2759 ...], [-.0509 -.2759 ...].
TEST(ExplainTest, FlowerpotsAreAlikeByStemAndLeafAndNotByNoise) {
  const char* data = std::getenv("CONEC_DATA");
  const std::string folder = std::string(data == nullptr ? "" : data) + "/flowerpots/";
  if (!std::filesystem::exists(folder + "features.csv")) GTEST_SKIP() << "CONEC_DATA names no folder with flowerpots/";
  const Flowerpots pots = ReadFlowerpots(folder);
  std::vector<SimEc> models;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) models.push_back(FlowerpotsModel(pots, seed));
  const std::vector<std::tuple<int, double, double>> expected = {
      {1, .1435, -.2759}, {16, -.1620, .2759}, {9, -.0509, -.2759}};
  for (const auto& [other, stem, leaf] : expected) {
    const torch::Tensor parts = PartsOf(models, pots, 4, other);
    EXPECT_NEAR(parts[0].item<double>(), stem, 0.05) << other;
    EXPECT_NEAR(parts[1].item<double>(), leaf, 0.05) << other;
    EXPECT_LT(parts.narrow(0, 2, 3).abs().max().item<double>(), 0.03) << other;
  }
}

}  // namespace
}  // namespace conec::simec
