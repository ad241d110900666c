#include "base/matrix.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace conec {
namespace {

template <typename T>
class MatrixTest : public ::testing::Test {};
using Elements = ::testing::Types<float, double>;
TYPED_TEST_SUITE(MatrixTest, Elements);

TYPED_TEST(MatrixTest, RowsStartAtCacheLinesAndDoNotOverlap) {
  for (const std::size_t cols : {1, 7, 8, 16, 17, 200}) {
    auto matrix = Matrix<TypeParam>::Create(5, cols);
    ASSERT_TRUE(matrix.ok()) << matrix.status();
    EXPECT_GE(matrix->stride(), cols);
    for (std::size_t i = 0; i < matrix->rows(); ++i) {
      EXPECT_EQ(matrix->row(i).size(), cols);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(matrix->row(i).data()) % 64, 0u);
      EXPECT_EQ(matrix->row(i).data(), matrix->view().data + i * matrix->stride());
    }
  }
}

TYPED_TEST(MatrixTest, IsZeroIncludingThePadding) {
  auto matrix = Matrix<TypeParam>::Create(300, 13);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  const MatrixView<TypeParam> view = matrix->view();
  for (std::size_t i = 0; i < view.rows * view.stride; ++i) ASSERT_EQ(view.data[i], TypeParam{0}) << i;
}

TYPED_TEST(MatrixTest, MovesKeepTheElementsInPlace) {
  auto matrix = Matrix<TypeParam>::Create(2, 3);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  matrix->row(1)[2] = 5;
  const TypeParam* const data = matrix->view().data;
  const Matrix<TypeParam> moved = *std::move(matrix);
  EXPECT_EQ(moved.view().data, data);
  EXPECT_EQ(moved.row(1)[2], TypeParam{5});
}

TYPED_TEST(MatrixTest, WithoutElementsKeepsItsShape) {
  const auto no_rows = Matrix<TypeParam>::Create(0, 4);
  ASSERT_TRUE(no_rows.ok()) << no_rows.status();
  EXPECT_EQ(no_rows->rows(), 0u);
  EXPECT_EQ(no_rows->cols(), 4u);
  EXPECT_TRUE(no_rows->view().empty());
  const auto no_cols = Matrix<TypeParam>::Create(4, 0);
  ASSERT_TRUE(no_cols.ok()) << no_cols.status();
  EXPECT_EQ(no_cols->rows(), 4u);
  EXPECT_TRUE(no_cols->row(3).empty());
}

TYPED_TEST(MatrixTest, SizesThatOverflowOrExceedMemoryAreErrors) {
  constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();
  constexpr std::size_t kHuge = std::size_t{1} << 40;
  for (const auto& [rows, cols] :
       {std::pair{kMax, std::size_t{1}}, std::pair{std::size_t{1}, kMax}, std::pair{kMax, kMax},
        std::pair{kHuge, kHuge}, std::pair{kMax / 64, kHuge}, std::pair{std::size_t{1} << 57, std::size_t{1}}}) {
    EXPECT_EQ(Matrix<TypeParam>::Create(rows, cols).status().code(), absl::StatusCode::kResourceExhausted)
        << rows << " x " << cols;
  }
}

TEST(MatrixView, OfConstElementsIsMadeFromAViewToChange) {
  float elements[] = {1, 2, 3, 4, 5, 6};
  const MatrixView<float> view(elements, 2, 2, 3);
  const MatrixView<const float> read = view;
  EXPECT_EQ(read.row(1)[1], 5.0f);
  static_assert(!std::is_convertible_v<MatrixView<const float>, MatrixView<float>>);
}

TEST(MatrixView, WithoutStrideIsContiguous) {
  double elements[6] = {};
  const MatrixView<double> view(elements, 3, 2);
  EXPECT_EQ(view.row(2).data(), elements + 4);
  EXPECT_FALSE(view.empty());
}

}  // namespace
}  // namespace conec
