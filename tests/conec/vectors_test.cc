#include "conec/vectors.h"

#include <gtest/gtest.h>

#include "conec/global_context.h"
#include "conec/model.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;
using testing::Vector;
using testing::Vectors;

struct Fixture {
  explicit Fixture(ContextOptions context = {}) : stream(testing::RandomStream(11, 29, 4000)) {
    GlobalContextOptions options;
    options.context = context;
    // Word 29 does not occur.
    table = std::make_shared<const Matrix<float>>(testing::RandomTable(11, 30, 18));
    auto computed = ComputeGlobalContext({stream, {}, false}, table->view(), options);
    global = std::make_shared<const Matrix<float>>(*std::move(computed));
    model.vocabulary = testing::NumberedWords(30);
    model.input = table->view();
    model.global_context = global->view();
    model.info.context = context;
  }
  std::vector<WordId> stream;
  std::shared_ptr<const Matrix<float>> table, global;
  Model model;
};

// The context vector of every word with `own_weight` on the diagonal of each of its occurrences, times W1.
Vectors NaiveWithTarget(const Fixture& f, double own_weight) {
  const ContextOptions& context = f.model.info.context;
  Vectors counts = testing::NaiveCounts(f.stream, 30, context);
  const std::vector<double> occurrences = testing::NaiveOccurrences(f.stream, 30);
  for (std::size_t i = 0; i < 30; ++i) counts[i][i] += own_weight * occurrences[i];
  Vectors product = testing::NaiveProduct(counts, testing::UnitRows(f.table->view(), context.unit_rows));
  for (std::size_t i = 0; i < 29; ++i) {
    for (double& value : product[i]) value /= occurrences[i];
  }
  return product;
}

TEST(ConecVectors, WithOwnWeightAreTheNaiveSumsWithTheTargetIncluded) {
  for (const bool unit_rows : {true, false}) {
    ContextOptions context;
    context.unit_rows = unit_rows;
    const Fixture f(context);
    for (const double own_weight : {0.0, 1.0, 4.0}) {
      ConecVectorOptions options;
      options.own_weight = own_weight;
      options.unit_length = false;
      Vectors expected = NaiveWithTarget(f, own_weight);
      expected.pop_back();
      const auto vectors = ConecVectors(f.model, options);
      ASSERT_TRUE(vectors.ok());
      MatrixView<const float> occurring = vectors->vectors;
      occurring.rows = 29;
      testing::ExpectRowsNear(occurring, expected, 1e-5);
      options.unit_length = true;
      for (Vector& vector : expected) testing::ToUnit(vector);
      occurring.data = nullptr;
      const auto unit = ConecVectors(f.model, options);
      occurring.data = unit->vectors.data;
      testing::ExpectRowsNear(occurring, expected, 1e-5);
    }
  }
}

TEST(ConecVectors, OfWordsWithoutContextAreZero) {
  const Fixture f;
  for (const bool center : {false, true}) {
    ConecVectorOptions options;
    options.center = center;
    const auto vectors = ConecVectors(f.model, options);
    for (const float value : vectors->vectors.row(29)) EXPECT_EQ(value, 0);
  }
}

TEST(ConecVectors, CenteredAreUnitVectorsWithoutTheMeanDirection) {
  const Fixture f;
  Vectors unit = NaiveWithTarget(f, 0.5);
  unit.pop_back();
  Vector mean(18);
  for (Vector& vector : unit) {
    testing::ToUnit(vector);
    for (std::size_t j = 0; j < 18; ++j) mean[j] += vector[j] / 29;
  }
  // Word 29 has a vector of its own here: the own weight gives it one.
  const Vector own = testing::UnitRow(f.table->row(29), true);
  for (std::size_t j = 0; j < 18; ++j) mean[j] = mean[j] * 29 / 30 + own[j] / 30;
  ConecVectorOptions options;
  options.own_weight = 0.5;
  options.center = true;
  const auto vectors = ConecVectors(f.model, options);
  testing::ExpectNear(*MeanConecVector(f.model, {.own_weight = 0.5}), mean, 1e-5);
  for (std::size_t i = 0; i < 29; ++i) {
    for (std::size_t j = 0; j < 18; ++j) unit[i][j] -= mean[j];
    testing::ToUnit(unit[i]);
    testing::ExpectNear(vectors->vectors.row(i), unit[i], 1e-4);
  }
}

TEST(ConecVectors, NeedAGlobalContext) {
  Fixture f;
  f.model.global_context = {};
  EXPECT_EQ(ConecVectors(f.model).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MeanConecVector(f.model, {}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Word2vecVectors, AreTheInputTable) {
  const Fixture f;
  const word2vec::WordVectors vectors = *Word2vecVectors(f.model);
  EXPECT_EQ(vectors.vectors.data, f.model.input.data);
  EXPECT_EQ(vectors.vocabulary.size(), 30u);
}

TEST(ToUnitLength, MakesAVectorWithValuesThatAreNotFiniteZero) {
  std::vector<float> vector{1.0f, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_FALSE(vectors_internal::ToUnitLength(vector));
  EXPECT_EQ(vector, (std::vector<float>{0, 0}));
  std::vector<float> infinite{std::numeric_limits<float>::infinity(), 1.0f};
  EXPECT_FALSE(vectors_internal::ToUnitLength(infinite));
  EXPECT_EQ(infinite, (std::vector<float>{0, 0}));
}

TEST(ToUnitLength, KeepsTheDirectionOfVeryLongAndVeryShortVectors) {
  for (const float length : {1e-30f, 1e30f}) {
    std::vector<float> vector{3 * length, 4 * length};
    EXPECT_TRUE(vectors_internal::ToUnitLength(vector));
    EXPECT_FLOAT_EQ(vector[0], 0.6f);
    EXPECT_FLOAT_EQ(vector[1], 0.8f);
  }
}

}  // namespace
}  // namespace conec
