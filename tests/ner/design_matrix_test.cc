// What a design matrix must be, and products with it.
#include "ner/design_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "ner/design_product.h"
#include "ner/merge_rows.h"
#include "tests/ner/regression_testing.h"

namespace conec::ner {
namespace {

using regression_internal::DesignProduct;
using regression_internal::Examples;
using regression_internal::MergeEqualRows;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(CheckDesignMatrix, AcceptsWhatFitsTogether) {
  EXPECT_TRUE(CheckDesignMatrix(RandomData({}).x).ok());
  EXPECT_TRUE(CheckDesignMatrix({}).ok());
  EXPECT_TRUE(CheckDesignMatrix(RandomData({.tables = 0}).x).ok());
}

TEST(CheckDesignMatrix, SaysWhatDoesNotFit) {
  struct Case {
    std::function<void(DesignMatrix&)> spoil;
    const char* why;
  };
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Case> cases = {
      {[](DesignMatrix& x) { x.dense[1].row_of.pop_back(); }, "dense block 1 has rows for 49 tokens"},
      {[](DesignMatrix& x) { x.dense[0].row_of[4] = 9; }, "dense block 0: token 4 uses row 9 of a table of 9"},
      {[](DesignMatrix& x) { ++x.rows; }, "expected 51"},
      {[](DesignMatrix& x) { x.dense.clear(), x.sparse.row_begins.pop_back(); }, "50 row begins do not fit 50 tokens"},
      {[](DesignMatrix& x) { x.sparse.row_begins[0] = 1; }, "row begins"},
      {[](DesignMatrix& x) { x.sparse.row_begins[3] = 1u << 30; }, "of"},
      {[](DesignMatrix& x) { x.sparse.columns[0] = 12; }, "uses column 12 of 12"},
      {[](DesignMatrix& x) { std::swap(x.sparse.columns[0], x.sparse.columns[1]); }, "do not ascend"},
      {[](DesignMatrix& x) { x.sparse.columns[1] = x.sparse.columns[0]; }, "do not ascend"},
      {[](DesignMatrix& x) { x.sparse.values.pop_back(); }, "values for"},
      {[nan](DesignMatrix& x) { x.sparse.values[5] = nan; }, "a value is not finite"},
  };
  for (const Case& spoiled : cases) {
    DesignMatrix x = RandomData({}).x;
    ASSERT_GE(x.sparse.row_begins[1], 2u);
    spoiled.spoil(x);
    const absl::Status status = CheckDesignMatrix(x);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(spoiled.why));
  }
}

TEST(CheckDesignMatrix, OnlyRowsThatAreUsedMustBeFinite) {
  PhiloxStream random(1);
  const auto table = RandomTable(3, 2, random);
  table->row(1)[1] = std::numeric_limits<float>::infinity();
  DesignMatrix x{2, {{table->view(), {0, 2}, table}}, {}};
  EXPECT_TRUE(CheckDesignMatrix(x).ok());
  x.dense[0].row_of[0] = 1;
  EXPECT_THAT(std::string(CheckDesignMatrix(x).message()), HasSubstr("row 1 is not finite"));
}

TEST(SelectRows, GivesTheRowsInTheOrderAsked) {
  const DesignMatrix x = RandomData({}).x;
  const std::vector<std::uint32_t> rows = {7, 3, 7, 49};
  const DesignMatrix selected = SelectRows(x, rows);
  ASSERT_TRUE(CheckDesignMatrix(selected).ok());
  const auto all = Materialize(x);
  EXPECT_THAT(Materialize(selected), ElementsAre(all[7], all[3], all[7], all[49]));
}

// Enough rows for several parts of each kind.
DataOptions Large() {
  return {.rows = 6000, .table_rows = 900, .table_cols = 5, .sparse_cols = 20};
}

template <typename Real>
std::vector<Real> RandomValues(std::size_t size, std::uint64_t seed) {
  PhiloxStream random(seed);
  std::vector<Real> values(size);
  for (Real& value : values) value = static_cast<Real>(random.Uniform() - 0.5);
  return values;
}

template <typename Real>
class DesignProductOf : public testing::Test {
 public:
  static constexpr double kTolerance = sizeof(Real) == sizeof(float) ? 2e-3 : 1e-10;
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(DesignProductOf, Reals, );

TYPED_TEST(DesignProductOf, MultiplyIsTheProductWithTheFullMatrix) {
  for (const DataOptions& options : {DataOptions{}, Large(), DataOptions{.tables = 0, .sparse_values = false}}) {
    const DesignMatrix x = RandomData(options).x;
    const std::size_t outputs = 3;
    DesignProduct<TypeParam> product(x, outputs, false, 2);
    const auto w = RandomValues<TypeParam>(x.cols() * outputs, 5);
    std::vector<TypeParam> z(x.rows * outputs, 77);  // is overwritten
    product.Multiply(w.data(), z.data());
    const auto rows = Materialize(x);
    for (std::size_t i = 0; i < x.rows; ++i) {
      for (std::size_t k = 0; k < outputs; ++k) {
        double expected = 0;
        for (std::size_t j = 0; j < x.cols(); ++j) expected += rows[i][j] * static_cast<double>(w[j * outputs + k]);
        ASSERT_NEAR(z[i * outputs + k], expected, this->kTolerance) << i << " " << k;
      }
    }
  }
}

TYPED_TEST(DesignProductOf, TransposedIsTheProductWithTheTransposedMatrix) {
  for (const DataOptions& options : {DataOptions{}, Large(), DataOptions{.tables = 0, .sparse_values = false}}) {
    const DesignMatrix x = RandomData(options).x;
    const std::size_t outputs = 4;
    DesignProduct<TypeParam> product(x, outputs, true, 2);
    const auto g = RandomValues<TypeParam>(x.rows * outputs, 6);
    std::vector<TypeParam> gradient(x.cols() * outputs, 77);
    product.MultiplyTransposed(g.data(), gradient.data());
    const auto rows = Materialize(x);
    for (std::size_t j = 0; j < x.cols(); ++j) {
      for (std::size_t k = 0; k < outputs; ++k) {
        double expected = 0;
        for (std::size_t i = 0; i < x.rows; ++i) expected += rows[i][j] * static_cast<double>(g[i * outputs + k]);
        ASSERT_NEAR(gradient[j * outputs + k], expected, this->kTolerance) << j << " " << k;
      }
    }
  }
}

TYPED_TEST(DesignProductOf, BitsDoNotDependOnTheNumberOfThreads) {
  const DesignMatrix x = RandomData(Large()).x;
  const std::size_t outputs = 5;
  const auto w = RandomValues<TypeParam>(x.cols() * outputs, 5);
  std::vector<TypeParam> first_z, first_gradient;
  for (const int threads : {1, 2, 3}) {
    DesignProduct<TypeParam> product(x, outputs, true, threads);
    std::vector<TypeParam> z(x.rows * outputs), gradient(x.cols() * outputs);
    product.Multiply(w.data(), z.data());
    product.MultiplyTransposed(z.data(), gradient.data());
    if (threads == 1) first_z = z, first_gradient = gradient;
    EXPECT_EQ(z, first_z);
    EXPECT_EQ(gradient, first_gradient);
  }
}

TEST(DesignProduct, TablesThatNobodyUsesCountNothing) {
  DesignMatrix x = RandomData({.rows = 4, .tables = 1, .sparse_cols = 0}).x;
  for (DenseBlock& block : x.dense) block.row_of.assign(4, kNoRow);
  DesignProduct<double> product(x, 2, true, 2);
  std::vector<double> w(x.cols() * 2, 1.0), z(8, 1.0);
  product.Multiply(w.data(), z.data());
  EXPECT_THAT(z, testing::Each(0.0));
  product.MultiplyTransposed(std::vector<double>(8, 1.0).data(), w.data());
  EXPECT_THAT(w, testing::Each(0.0));
}

TEST(DesignProduct, TablesWithoutColumnsCountNothing) {
  const DesignMatrix x = RandomData({.table_cols = 0, .sparse_cols = 1, .sparse_values = false}).x;
  DesignProduct<double> product(x, 1, true, 2);
  std::vector<double> w = {3}, z(x.rows);
  testing::internal::CaptureStdout();  // BLAS would complain there
  product.Multiply(w.data(), z.data());
  product.MultiplyTransposed(z.data(), w.data());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(w[0], 3.0 * static_cast<double>(x.sparse.columns.size()));
}

TEST(MergeEqualRows, AddsTheWeightsOfEqualRowsOfOneLabel) {
  const DesignMatrix x = RandomData({.rows = 5}).x;
  const std::vector<std::uint32_t> rows = {0, 1, 0, 2, 1, 0, 3};
  const std::vector<std::uint32_t> labels = {0, 1, 0, 1, 1, 1, 0};
  const std::vector<double> weights = {1, 2, 4, 8, 16, 32, 0};
  const Examples examples = MergeEqualRows(SelectRows(x, rows), labels, weights);
  EXPECT_THAT(examples.rows, ElementsAre(0, 1, 3, 5));
  EXPECT_THAT(examples.labels, ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(examples.weights, ElementsAre(5, 18, 8, 32));
}

TEST(MergeEqualRows, KeepsRowsApartThatDifferInOneFeature) {
  const DesignMatrix one = SelectRows(RandomData({}).x, std::vector<std::uint32_t>{0, 0});
  ASSERT_EQ(MergeEqualRows(one, std::vector<std::uint32_t>{0, 0}, {}).rows.size(), 1u);
  const auto merged = [&](const std::function<void(DesignMatrix&)>& change) {
    DesignMatrix x = one;
    change(x);
    return MergeEqualRows(x, std::vector<std::uint32_t>{0, 0}, {}).rows.size();
  };
  EXPECT_EQ(merged([](DesignMatrix& x) { x.dense[2].row_of[1] = x.dense[2].row_of[0] == 0 ? 1 : 0; }), 2u);
  EXPECT_EQ(merged([](DesignMatrix& x) { x.sparse.values.back() += 1; }), 2u);
  EXPECT_EQ(merged([](DesignMatrix& x) { x.sparse.columns.back() += 1, x.sparse.cols += 1; }), 2u);
  EXPECT_EQ(merged([](DesignMatrix& x) {
              x.sparse.columns.pop_back(), x.sparse.values.pop_back(), --x.sparse.row_begins.back();
            }),
            2u);
}

}  // namespace
}  // namespace conec::ner
