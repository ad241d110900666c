#include "conec/vectors.h"

#include <gtest/gtest.h>

#include "conec/global_context.h"
#include "conec/model.h"
#include "tests/base/same_bits.h"
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

// Rows u(u(W2[w]) - m), m the mean of u(W2[v]) over the words v that have a row.
Vectors NaiveOutputParts(MatrixView<const float> output) {
  Vectors parts = testing::UnitRows(output, true);
  Vector mean(output.cols);
  double words = 0;
  const auto is_zero = [](const Vector& part) { return part == Vector(part.size()); };
  for (const Vector& part : parts) {
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += part[j];
    if (!is_zero(part)) ++words;
  }
  for (Vector& part : parts) {
    if (is_zero(part)) continue;
    for (std::size_t j = 0; j < mean.size(); ++j) part[j] -= mean[j] / words;
    testing::ToUnit(part);
  }
  return parts;
}

// With an output table whose rows share much, as those of trained models do; word 3 has no row.
struct OutputFixture : Fixture {
  explicit OutputFixture(ContextOptions context = {}) : Fixture(context), output(testing::RandomTable(12, 30, 18)) {
    for (std::size_t i = 0; i < 30; ++i) {
      for (float& value : output.row(i)) value = i == 3 ? 0 : (value + 0.7f) * static_cast<float>(i + 1);
    }
    model.output = output.view();
  }
  Matrix<float> output;
};

TEST(ConecVectors, WithOutputWeightAreTheNaiveSumOfTheThreeParts) {
  for (const bool unit_rows : {true, false}) {
    ContextOptions context;
    context.unit_rows = unit_rows;
    const OutputFixture f(context);
    const Vectors output = NaiveOutputParts(f.output.view());
    for (const bool unit_parts : {true, false}) {
      const ConecVectorOptions options{
          .own_weight = 2, .unit_parts = unit_parts, .output_weight = 0.5, .unit_length = false};
      const Vectors global = testing::UnitRows(f.global->view(), unit_parts);
      const Vectors own = testing::UnitRows(f.table->view(), unit_rows || unit_parts);
      Vectors expected(30, Vector(18));
      for (std::size_t i = 0; i < 30; ++i) {
        for (std::size_t j = 0; j < 18; ++j) expected[i][j] = global[i][j] + 2 * own[i][j] + 0.5 * output[i][j];
      }
      const auto vectors = ConecVectors(f.model, options);
      ASSERT_TRUE(vectors.ok()) << vectors.status();
      testing::ExpectRowsNear(vectors->vectors, expected, 1e-5);
    }
  }
}

TEST(ConecVectors, AreTheTableOfTheModelWhereNothingIsToBeChanged) {
  const Fixture f;
  const auto vectors = ConecVectors(f.model, {.unit_length = false});
  ASSERT_TRUE(vectors.ok()) << vectors.status();
  EXPECT_EQ(vectors->vectors.data, f.model.global_context.data);
  EXPECT_EQ(vectors->vectors.rows, f.model.size());
  for (const ConecVectorOptions& options : {ConecVectorOptions{.own_weight = 1, .unit_length = false},
                                            ConecVectorOptions{.unit_parts = true, .unit_length = false},
                                            ConecVectorOptions{.center = true, .unit_length = false}}) {
    EXPECT_NE(ConecVectors(f.model, options)->vectors.data, f.model.global_context.data);
  }
}

TEST(ConecVectors, WithOutputWeightDependNeitherOnTheLengthsNorOnTheScaleOfOutputVectors) {
  OutputFixture f;
  const ConecVectorOptions options{.own_weight = 2, .output_weight = 0.5};
  const auto before = ConecVectors(f.model, options);
  for (std::size_t i = 0; i < 30; ++i) {
    for (float& value : f.output.row(i)) value *= static_cast<float>(40 - i);
  }
  const auto after = ConecVectors(f.model, options);
  const auto without = ConecVectors(f.model, {.own_weight = 2});
  for (std::size_t i = 0; i < 30; ++i) {
    const auto row = before->vectors.row(i);
    testing::ExpectNear(after->vectors.row(i), Vector(row.begin(), row.end()), 1e-5);
  }
  EXPECT_FALSE(SameBits(before->vectors, without->vectors));
}

TEST(ConecVectors, WithOutputWeightAreCenteredByTheMeanOfTheWholeMix) {
  const OutputFixture f;
  ConecVectorOptions options{.own_weight = 2, .unit_parts = true, .output_weight = 0.5};
  const auto plain = ConecVectors(f.model, options);
  Vector mean(18);
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t j = 0; j < 18; ++j) mean[j] += static_cast<double>(plain->vectors.row(i)[j]) / 30;
  }
  testing::ExpectNear(*MeanConecVector(f.model, options), mean, 1e-5);
  options.center = true;
  const auto centered = ConecVectors(f.model, options);
  for (std::size_t i = 0; i < 30; ++i) {
    Vector expected(plain->vectors.row(i).begin(), plain->vectors.row(i).end());
    for (std::size_t j = 0; j < 18; ++j) expected[j] -= mean[j];
    testing::ToUnit(expected);
    testing::ExpectNear(centered->vectors.row(i), expected, 1e-4);
  }
}

TEST(ConecVectors, WithOutputWeightNeedAnOutputTableAndAWeightThatIsOne) {
  OutputFixture f;
  for (const double weight :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(ConecVectors(f.model, {.output_weight = weight}).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(MeanConecVector(f.model, {.output_weight = weight}).status().code(), absl::StatusCode::kInvalidArgument);
  }
  f.model.output = {};
  EXPECT_EQ(ConecVectors(f.model, {.output_weight = 1}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MeanConecVector(f.model, {.output_weight = 1}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(ConecVectors(f.model, {.output_weight = 0}).ok());
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
