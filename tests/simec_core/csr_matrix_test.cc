// Sparse matrices do what dense ones do.
#include "simec_core/csr_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>
#include <numeric>

#include "simec_core/features.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

using ::testing::HasSubstr;

// About a third of the entries, one row and one column empty.
at::Tensor RandomDense(std::int64_t rows, std::int64_t cols, at::ScalarType type) {
  at::manual_seed(rows * 100 + cols);
  at::Tensor dense = at::randn({rows, cols}, type) * at::rand({rows, cols}).lt(0.35);
  dense.select(0, rows / 2).zero_();
  dense.select(1, cols / 2).zero_();
  return dense;
}

std::string ErrorOf(const std::vector<std::int64_t>& offsets, const std::vector<std::int64_t>& columns,
                    const std::vector<double>& values, std::int64_t cols) {
  return CsrMatrix::Create(at::tensor(offsets), at::tensor(columns), at::tensor(values, at::kDouble), cols)
      .status()
      .ToString();
}

TEST(CsrMatrix, AgreesWithTheDenseMatrix) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const at::Tensor dense = RandomDense(37, 23, type), other = RandomDense(41, 23, type);
    const CsrMatrix sparse = *CsrMatrix::FromDense(dense);
    EXPECT_TRUE(sparse.ToDense().equal(dense));
    EXPECT_EQ(sparse.scalar_type(), type);
    EXPECT_EQ(sparse.entries(), dense.ne(0).sum().item<std::int64_t>());
    EXPECT_TRUE(sparse.Transposed().ToDense().equal(dense.t()));
    const at::Tensor index = at::tensor({36, 0, 18, 0}, at::kLong);
    EXPECT_TRUE(sparse.SelectRows(index).ToDense().equal(dense.index_select(0, index)));
    EXPECT_TRUE(sparse.SliceRows(11, 29).ToDense().equal(dense.narrow(0, 11, 18)));
    EXPECT_EQ(sparse.SliceRows(5, 5).rows(), 0);
    const at::Tensor right = at::randn({23, 7}, type), left = at::randn({37, 7}, type);
    EXPECT_TRUE(sparse.MatMul(right).allclose(dense.matmul(right), 1e-5, 1e-5));
    EXPECT_TRUE(sparse.TransposedMatMul(left).allclose(dense.t().matmul(left), 1e-5, 1e-5));
    EXPECT_TRUE(
        SparseProduct(sparse, CsrMatrix::FromDense(other)->Transposed()).allclose(dense.matmul(other.t()), 1e-5, 1e-5));
    const Features features(sparse), dense_features(dense);
    EXPECT_TRUE(features.RowSums().allclose(dense_features.RowSums(), 1e-5, 1e-5));
    EXPECT_TRUE(features.RowSquaredNorms().allclose(dense_features.RowSquaredNorms(), 1e-5, 1e-5));
    EXPECT_TRUE(features.ColumnMeans().allclose(dense_features.ColumnMeans(), 1e-5, 1e-6));
  }
}

TEST(CsrMatrix, EntriesComeInAnyOrderAndAddUp) {
  const std::vector<std::int64_t> row{2, 0, 2, 0, 2}, column{1, 3, 0, 3, 1};
  const std::vector<double> value{1, 2, 4, 8, -16};
  const CsrMatrix matrix = *CsrMatrix::FromEntries(row, column, value, 3, 4);
  EXPECT_EQ(matrix.entries(), 3);
  EXPECT_TRUE(matrix.ToDense().equal(
      at::tensor({0., 0., 0., 10., 0., 0., 0., 0., 4., -15., 0., 0.}, at::kDouble).view({3, 4})));
  EXPECT_EQ(CsrMatrix::FromEntries({}, {}, {}, 2, 3)->ToDense().sum().item<double>(), 0);
}

TEST(CsrMatrix, PartsThatDoNotFitAreRefusedByName) {
  EXPECT_THAT(ErrorOf({0, 1, 3}, {0, 1, 1}, {1, 2, 3}, 4), HasSubstr("row 2"));
  EXPECT_THAT(ErrorOf({0, 1, 3}, {0, 1, 4}, {1, 2, 3}, 4), HasSubstr("within [0, 4), got 4"));
  EXPECT_THAT(ErrorOf({0, 1, 3}, {-1, 1, 2}, {1, 2, 3}, 4), HasSubstr("got -1"));
  EXPECT_THAT(ErrorOf({0, 2, 1, 3}, {0, 1, 2}, {1, 2, 3}, 4), HasSubstr("must ascend"));
  EXPECT_THAT(ErrorOf({0, 1, 4}, {0, 1, 2}, {1, 2, 3}, 4), HasSubstr("end at 3"));
  EXPECT_THAT(ErrorOf({0, 9, 3}, {0, 1, 2}, {1, 2, 3}, 4), HasSubstr("row 1"));
  EXPECT_THAT(ErrorOf({0, 1, 2}, {0, 1, 2}, {1, 2}, 4), HasSubstr("3 columns for 2 values"));
  EXPECT_THAT(ErrorOf({0, 1, 1, 2}, {0, 2}, {1, std::numeric_limits<double>::quiet_NaN()}, 4),
              HasSubstr("row 3 of a sparse matrix holds nan"));
  const std::vector<std::int64_t> row{0, 3}, column{0, 0};
  const std::vector<double> value{1, 2};
  EXPECT_THAT(CsrMatrix::FromEntries(row, column, value, 3, 1).status().ToString(), HasSubstr("within [0, 3), got 3"));
}

// LibTorch's own message is a page of stack frames.
TEST(CatchTorch, MemoryThatLibTorchLacksIsToldInOneLine) {
  const absl::Status status = CatchTorch("a step", [] { return (void)at::empty({1LL << 50}), absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "a step: out of memory: 4503599627370496 bytes more were needed");
}

TEST(CatchTorch, OtherErrorsAreToldWithoutStackFrames) {
  const absl::Status status = CatchTorch("a step", [] { return (void)at::ones({2}).view({3}), absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(status.ToString(), ::testing::AllOf(::testing::HasSubstr("a step: "), ::testing::HasSubstr("shape '[3]'"),
                                                  ::testing::Not(::testing::HasSubstr("frame #"))));
}

TEST(Features, MatricesAreCheckedWithTheirNames) {
  at::Tensor matrix = at::ones({3, 3}, at::kDouble);
  EXPECT_TRUE(CheckSymmetric(matrix, "S").ok());
  matrix[0][2] = 2;
  EXPECT_THAT(CheckSymmetric(matrix, "S").ToString(),
              HasSubstr("S: not symmetric, row 1, column 3 is 2 but row 3, column 1 is 1"));
  matrix[1][2] = std::nan("");
  EXPECT_THAT(CheckMatrix(matrix, "S").ToString(), HasSubstr("S: row 2, column 3 is nan"));
  EXPECT_THAT(CheckSymmetric(at::ones({2, 3}), "S").ToString(), HasSubstr("2 x 3 is not square"));
  EXPECT_THAT(CheckMatrix(at::ones({3}), "S").ToString(), HasSubstr("1 dimension"));
  EXPECT_THAT(CheckMatrix(at::ones({3, 0}), "S").ToString(), HasSubstr("is empty"));
  EXPECT_THAT(CheckMatrix(at::ones({3, 1}, at::kLong), "S").ToString(), HasSubstr("float32 or float64"));
  EXPECT_THAT(CheckMatrix(at::Tensor(), "S").ToString(), HasSubstr("no matrix"));
  EXPECT_TRUE(CheckMatrix(at::full({300, 300}, 1e38f, at::kFloat), "large").ok());
}

}  // namespace
}  // namespace conec::simec
