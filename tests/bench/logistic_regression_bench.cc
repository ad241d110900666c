// Speed of logistic regression on features of the size of CoNLL-2003: 204,000 tokens, words distributed as in text, a
// table of 60,000 vectors of 200 dimensions. What is timed is one evaluation of the objective and its gradient, a fit
// of the paper's classifier, and one with the vectors of five words and 30 of 200,000 sparse columns per token.
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <vector>

#include "base/random.h"
#include "ner/logistic_objective.h"
#include "ner/logistic_regression.h"

namespace conec::ner {
namespace {

using regression_internal::LogisticObjective;
using regression_internal::LogisticProblem;

constexpr std::size_t kTokens = 204000, kDim = 200;
constexpr std::uint32_t kVectors = 60000, kSparseColumns = 200000;

// Rank distributed roughly as 1 / rank.
std::uint32_t ZipfRank(PhiloxStream& random, std::uint32_t ranks) {
  return static_cast<std::uint32_t>(std::exp(random.Uniform() * std::log(static_cast<double>(ranks)))) - 1;
}

std::shared_ptr<const Matrix<float>> UnitVectors() {
  auto table = std::make_shared<Matrix<float>>(*Matrix<float>::Create(kVectors, kDim));
  PhiloxStream random(2);
  const float scale = std::sqrt(12.0f / kDim);
  for (std::size_t i = 0; i < kVectors; ++i) {
    for (float& value : table->row(i)) value = scale * (UniformFloat(random()) - 0.5f);
  }
  return table;
}

// The vectors of a token and of its neighbours: `offsets` blocks of one table.
DesignMatrix WindowFeatures(std::size_t offsets, std::shared_ptr<const Matrix<float>> table) {
  PhiloxStream random(3);
  std::vector<std::uint32_t> words(kTokens + offsets);
  for (std::uint32_t& word : words) word = ZipfRank(random, kVectors);
  DesignMatrix x;
  x.rows = kTokens;
  for (std::size_t offset = 0; offset < offsets; ++offset) {
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(offset);
    x.dense.push_back({table->view(), {first, first + static_cast<std::ptrdiff_t>(kTokens)}, table});
  }
  return x;
}

// 30 columns per token, some of them in nearly all tokens.
SparseBlock SparseFeatures() {
  constexpr std::uint32_t kPerToken = 30, kGroup = kSparseColumns / kPerToken;
  PhiloxStream random(4);
  SparseBlock sparse;
  sparse.cols = kSparseColumns;
  sparse.row_begins = {0};
  for (std::size_t i = 0; i < kTokens; ++i) {
    for (std::uint32_t group = 0; group < kPerToken; ++group) {
      sparse.columns.push_back(group * kGroup + ZipfRank(random, kGroup));
    }
    sparse.row_begins.push_back(sparse.columns.size());
  }
  return sparse;
}

// Labels that a linear classifier can learn for the most part; the first class has five of six tokens.
std::vector<std::uint32_t> Labels(const DesignMatrix& x, std::uint32_t classes) {
  PhiloxStream random(5);
  std::vector<std::uint32_t> labels;
  for (const std::uint32_t row : x.dense[0].row_of) {
    const std::span<const float> vector = x.dense[0].table.row(row);
    const bool entity = vector[0] + vector[1] > 0.095f || UniformBelow(random(), 40) == 0;
    const auto kind = static_cast<std::uint32_t>(std::abs(vector[2] + vector[3]) * 30) % (classes - 1);
    labels.push_back(entity ? 1 + kind : 0);
  }
  return labels;
}

LogisticRegressionOptions PaperOptions(std::int64_t threads) {
  LogisticRegressionOptions options;
  options.multi_class = MultiClass::kOneVsRest;
  options.class_weights = ClassWeights::kBalanced;
  options.regularize_intercept = true;
  options.threads = static_cast<int>(threads);
  return options;
}

template <typename Real>
void Evaluate(benchmark::State& state) {
  const std::uint32_t classes = static_cast<std::uint32_t>(state.range(2));
  LogisticProblem problem;
  problem.x = WindowFeatures(static_cast<std::size_t>(state.range(1)), UnitVectors());
  if (state.range(3) != 0) problem.x.sparse = SparseFeatures();
  problem.labels = Labels(problem.x, classes);
  problem.weights.assign(kTokens, 1.0);
  problem.class_weights.assign(classes, 1.0);
  problem.options.threads = static_cast<int>(state.range(0));
  LogisticObjective<Real> objective(problem);
  std::vector<Real> theta(problem.parameters(), Real(0.01)), gradient(theta.size());
  for (auto _ : state) benchmark::DoNotOptimize(objective.Evaluate(theta.data(), gradient.data()));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kTokens));
}

void EvaluationArguments(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"threads", "offsets", "classes", "sparse"})->UseRealTime()->Unit(benchmark::kMillisecond);
  bench->Args({1, 1, 5, 0})->Args({2, 1, 5, 0})->Args({1, 5, 9, 0})->Args({2, 5, 9, 0})->Args({2, 5, 9, 1});
}
BENCHMARK_TEMPLATE(Evaluate, double)->Apply(EvaluationArguments);
BENCHMARK_TEMPLATE(Evaluate, float)->Apply(EvaluationArguments);

// The iterations are limited, so that this can be run for a moment: 0 fits to the default tolerance.
void Fit(benchmark::State& state, const DesignMatrix& x, std::uint32_t classes, LogisticRegressionOptions options) {
  const std::vector<std::uint32_t> labels = Labels(x, classes);
  std::vector<std::string> names;
  for (std::uint32_t c = 0; c < classes; ++c) names.push_back(std::to_string(c));
  if (state.range(1) > 0) options.max_iterations = static_cast<int>(state.range(1));
  FitReport report;
  for (auto _ : state) {
    benchmark::DoNotOptimize(FitLogisticRegression(x, labels, names, {}, options, &report));
  }
  state.counters["evaluations"] = report.evaluations;
  state.counters["examples"] = static_cast<double>(report.examples);
  state.counters["objective"] = report.objective;
}
void FitPaper(benchmark::State& state) {
  Fit(state, WindowFeatures(1, UnitVectors()), 5, PaperOptions(state.range(0)));
}
BENCHMARK(FitPaper)
    ->ArgNames({"threads", "iterations"})
    ->Args({2, 5})
    ->Args({2, 0})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

template <Precision precision>
void FitWindow(benchmark::State& state) {
  DesignMatrix x = WindowFeatures(5, UnitVectors());
  x.sparse = SparseFeatures();
  LogisticRegressionOptions options;
  options.precision = precision;
  options.threads = static_cast<int>(state.range(0));
  Fit(state, x, 9, options);
}
BENCHMARK_TEMPLATE(FitWindow, Precision::kFloat64)
    ->ArgNames({"threads", "iterations"})
    ->Args({2, 10})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(FitWindow, Precision::kFloat32)
    ->ArgNames({"threads", "iterations"})
    ->Args({2, 10})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace conec::ner
