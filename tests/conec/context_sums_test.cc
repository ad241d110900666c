#include "conec/context_sums.h"

#include <gtest/gtest.h>

#include <ostream>

#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::kGap;
using corpora::WordId;
using testing::Vectors;

struct Case {
  int window;
  ContextWeighting weighting;
  bool unit_rows;
  double gap_rate;
};

// Otherwise GoogleTest prints bytes, also those between the members.
void PrintTo(const Case& c, std::ostream* out) {
  *out << "window " << c.window << ", " << Name(c.weighting) << (c.unit_rows ? ", unit rows" : "") << ", gaps "
       << c.gap_rate;
}

// Rounding errors are to be compared with the sum of the sizes of what was added.
Vectors Absolute(Vectors rows) {
  for (auto& row : rows) {
    for (double& value : row) value = std::abs(value);
  }
  return rows;
}

class ContextSums : public ::testing::TestWithParam<Case> {
 protected:
  ContextOptions Options() const {
    ContextOptions options;
    options.window = GetParam().window;
    options.weighting = GetParam().weighting;
    options.unit_rows = GetParam().unit_rows;
    return options;
  }
};

TEST_P(ContextSums, OfOneSegmentAreTheNaiveSums) {
  const ContextOptions options = Options();
  for (const std::size_t length : {1u, 2u, 7u, 63u, 64u, 65u, 700u}) {
    for (const std::size_t dim : {1u, 7u, 16u, 37u}) {
      std::vector<WordId> ids = testing::RandomStream(length, 20, length, GetParam().gap_rate, 100000);
      ids.resize(length);
      std::replace_if(ids.begin(), ids.end(), corpora::EndsSegment, WordId{0});
      const Matrix<float> table = testing::RandomTable(dim, 20, dim);
      Matrix<float> sums = *Matrix<float>::Create(20, dim);
      const std::vector<float> scales = RowScales(table.view(), options.unit_rows);
      ASSERT_TRUE(AccumulateContextSums({ids, {}}, options, table.view(), scales, sums.view()).ok());
      const Vectors counts = testing::NaiveCounts(ids, 20, options);
      const Vectors rows = testing::UnitRows(table.view(), options.unit_rows);
      const Vectors expected = testing::NaiveProduct(counts, rows),
                    mass = testing::NaiveProduct(counts, Absolute(rows));
      for (std::size_t i = 0; i < 20; ++i) {
        for (std::size_t j = 0; j < dim; ++j) {
          ASSERT_NEAR(sums.row(i)[j], expected[i][j], 2e-6 * (mass[i][j] + 1)) << i << " " << j << " of " << length;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ContextSums,
                         ::testing::Values(Case{5, ContextWeighting::kUniform, true, 0},
                                           Case{1, ContextWeighting::kUniform, false, 0.3},
                                           Case{100, ContextWeighting::kUniform, true, 0.1},
                                           Case{2, ContextWeighting::kUniform, true, 1},
                                           Case{5, ContextWeighting::kInverseDistance, true, 0},
                                           Case{3, ContextWeighting::kInverseDistance, false, 0.3},
                                           Case{100, ContextWeighting::kInverseDistance, true, 0.1}));

TEST(ContextSumsContract, AddToWhatIsThere) {
  const std::vector<WordId> ids{WordId{0}, WordId{1}};
  Matrix<float> table = *Matrix<float>::Create(2, 1);
  table.row(0)[0] = 3;
  table.row(1)[0] = 5;
  Matrix<float> sums = *Matrix<float>::Create(2, 1);
  sums.row(0)[0] = 100;
  const std::vector<float> scales{1, 1};
  ASSERT_TRUE(AccumulateContextSums({ids, {}}, {}, table.view(), scales, sums.view()).ok());
  EXPECT_EQ(sums.row(0)[0], 105);
  EXPECT_EQ(sums.row(1)[0], 3);
}

TEST(ContextSumsContract, AGapCountsAsDistanceOnly) {
  Matrix<float> table = *Matrix<float>::Create(2, 1);
  table.row(0)[0] = table.row(1)[0] = 1;
  const std::vector<float> scales{1, 1};
  ContextOptions options;
  options.window = 2;
  options.weighting = ContextWeighting::kInverseDistance;
  Matrix<float> sums = *Matrix<float>::Create(2, 1);
  const std::vector<WordId> ids{WordId{0}, kGap, WordId{1}};
  ASSERT_TRUE(AccumulateContextSums({ids, {}}, options, table.view(), scales, sums.view()).ok());
  EXPECT_EQ(sums.row(0)[0], 0.5f);
  options.window = 1;
  Matrix<float> none = *Matrix<float>::Create(2, 1);
  ASSERT_TRUE(AccumulateContextSums({ids, {}}, options, table.view(), scales, none.view()).ok());
  EXPECT_EQ(none.row(0)[0], 0);
}

TEST(ContextSumsContract, RefusesWhatWouldReadOutside) {
  const Matrix<float> table = testing::RandomTable(1, 3, 4);
  Matrix<float> sums = *Matrix<float>::Create(3, 4);
  Matrix<float> narrow = *Matrix<float>::Create(3, 3);
  const std::vector<float> scales(3, 1.0f), few_scales(2, 1.0f);
  const std::vector<WordId> good{WordId{2}, kGap}, large{WordId{3}}, mark{corpora::kEndOfSegment};
  const auto code = [&](std::span<const WordId> ids, const ContextOptions& options, std::span<const float> s,
                        MatrixView<float> out) {
    return AccumulateContextSums({ids, {}}, options, table.view(), s, out).code();
  };
  ContextOptions no_window;
  no_window.window = 0;
  EXPECT_EQ(code(good, {}, scales, sums.view()), absl::StatusCode::kOk);
  EXPECT_EQ(code(large, {}, scales, sums.view()), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(mark, {}, scales, sums.view()), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(good, no_window, scales, sums.view()), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(good, {}, few_scales, sums.view()), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(good, {}, scales, narrow.view()), absl::StatusCode::kInvalidArgument);
}

TEST(RowScales, MakeUnitRowsAndPassOverZeroRows) {
  Matrix<float> table = testing::RandomTable(5, 3, 37);
  std::fill(table.row(1).begin(), table.row(1).end(), 0.0f);
  const std::vector<float> scales = RowScales(table.view(), true);
  EXPECT_EQ(scales[1], 0);
  for (const std::size_t i : {0u, 2u}) {
    double squared = 0;
    for (const float value : table.row(i)) squared += std::pow(static_cast<double>(value * scales[i]), 2);
    EXPECT_NEAR(squared, 1, 1e-6);
  }
  EXPECT_EQ(RowScales(table.view(), false), std::vector<float>(3, 1.0f));
}

}  // namespace
}  // namespace conec
