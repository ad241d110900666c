#include "conec/context_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <tuple>

#include "base/file.h"
#include "tests/base/same_bits.h"
#include "tests/conec/oracles.h"

namespace conec {
namespace {

using corpora::WordId;
using testing::TestPath;

ContextMatrixOptions Counting(int window, ContextWeighting weighting, std::size_t buffer_mb = 64) {
  ContextMatrixOptions options;
  options.context.window = window;
  options.context.weighting = weighting;
  options.buffer_mb = buffer_mb;
  return options;
}

class ContextMatrixLaws : public ::testing::TestWithParam<std::tuple<int, ContextWeighting, double>> {};

TEST_P(ContextMatrixLaws, HoldsTheNaiveCounts) {
  const auto [window, weighting, gap_rate] = GetParam();
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const std::vector<WordId> stream = testing::RandomStream(seed, 60, 2000, gap_rate);
    const ContextMatrixOptions options = Counting(window, weighting);
    const std::string path = TestPath("matrix");
    ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, 60, options, path).ok());
    const auto matrix = ContextMatrix::Open(path);
    ASSERT_TRUE(matrix.ok()) << matrix.status();
    testing::Vectors dense(60, testing::Vector(60));
    for (std::size_t i = 0; i < matrix->rows(); ++i) {
      for (std::size_t k = 0; k < matrix->columns(i).size(); ++k) {
        dense[i][static_cast<std::size_t>(matrix->columns(i)[k])] = matrix->weights(i)[k];
        EXPECT_GT(matrix->weights(i)[k], 0);
      }
    }
    const testing::Vectors expected = testing::NaiveCounts(stream, 60, options.context);
    for (std::size_t i = 0; i < 60; ++i) {
      for (std::size_t j = 0; j < 60; ++j) {
        ASSERT_NEAR(dense[i][j], expected[i][j], 1e-5 * (1 + expected[i][j])) << i << " " << j;
        ASSERT_NEAR(dense[i][j], dense[j][i], 1e-5 * (1 + expected[i][j]));
      }
      EXPECT_NEAR(matrix->RowMaxima()[i], *std::max_element(dense[i].begin(), dense[i].end()), 1e-9);
      double sum = 0;
      for (const double value : dense[i]) sum += value;
      EXPECT_NEAR(matrix->RowSums()[i], sum, 1e-6 * (1 + sum));
    }
  }
}

TEST_P(ContextMatrixLaws, TimesATableIsTheStreamingProduct) {
  const auto [window, weighting, gap_rate] = GetParam();
  for (const std::uint64_t seed : {4u, 5u}) {
    const std::vector<WordId> stream = testing::RandomStream(seed, 300, 8000, gap_rate);
    const Matrix<float> table = testing::RandomTable(seed, 300, 33);
    const std::string path = TestPath("matrix");
    const ContextMatrixOptions options = Counting(window, weighting);
    ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, 300, options, path).ok());
    const auto matrix = ContextMatrix::Open(path);
    for (const bool unit_rows : {false, true}) {
      GlobalContextOptions streaming;
      streaming.context = options.context;
      streaming.context.unit_rows = unit_rows;
      const auto sums = ComputeContextSums({stream, {}, false}, table.view(), streaming);
      const auto product = matrix->Multiply(table.view(), unit_rows);
      for (std::size_t i = 0; i < 300; ++i) {
        const std::span<const float> row = sums->sums.row(i);
        testing::ExpectNear(product->row(i), testing::Vector(row.begin(), row.end()), 2e-5);
      }
    }
  }
}

TEST_P(ContextMatrixLaws, IsTheSameFileHoweverLittleFitsIntoMemory) {
  const auto [window, weighting, gap_rate] = GetParam();
  // More distinct pairs than the smallest buffer (1 MB: 65536 places) holds, so that runs are spilled and merged.
  const std::vector<WordId> stream = testing::RandomStream(6, 3000, 60000, gap_rate);
  const std::string small = TestPath("small"), large = TestPath("large");
  ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, 3000, Counting(window, weighting, 1), small).ok());
  ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, 3000, Counting(window, weighting, 256), large).ok());
  const auto a = ContextMatrix::Open(small), b = ContextMatrix::Open(large);
  ASSERT_TRUE(a.ok() && b.ok());
  ASSERT_EQ(a->nonzeros(), b->nonzeros());
  EXPECT_GT(a->nonzeros(), 65536u);
  for (std::size_t i = 0; i < a->rows(); ++i) {
    ASSERT_TRUE(std::equal(a->columns(i).begin(), a->columns(i).end(), b->columns(i).begin(), b->columns(i).end()));
    for (std::size_t k = 0; k < a->weights(i).size(); ++k) {
      // Sums of 1/distance in another order may differ in the last bit.
      ASSERT_FLOAT_EQ(a->weights(i)[k], b->weights(i)[k]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ContextMatrixLaws,
                         ::testing::Combine(::testing::Values(2, 5),
                                            ::testing::Values(ContextWeighting::kUniform,
                                                              ContextWeighting::kInverseDistance),
                                            ::testing::Values(0.0, 0.2)));

TEST(ContextMatrix, ProductIsTheSameBitsForAnyNumberOfThreads) {
  const std::vector<WordId> stream = testing::RandomStream(8, 500, 9000);
  const Matrix<float> table = testing::RandomTable(8, 500, 19);
  const std::string path = TestPath("matrix");
  ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, 500, Counting(5, ContextWeighting::kUniform), path).ok());
  const auto matrix = ContextMatrix::Open(path);
  const auto one = matrix->Multiply(table.view(), true, 1);
  for (const int threads : {2, 4})
    EXPECT_TRUE(SameBits(one->view(), matrix->Multiply(table.view(), true, threads)->view()));
  const Matrix<float> other = testing::RandomTable(8, 499, 19);
  EXPECT_EQ(matrix->Multiply(other.view(), true).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ContextMatrix, RememberedOptionsAreThoseItWasBuiltWith) {
  const std::vector<WordId> stream{WordId{0}, WordId{1}, corpora::kEndOfDocument};
  ContextMatrixOptions options = Counting(3, ContextWeighting::kInverseDistance);
  const std::string path = TestPath("matrix");
  ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, 4, options, path).ok());
  const auto matrix = ContextMatrix::Open(path);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_TRUE(matrix->context() == options.context);
  EXPECT_EQ(matrix->rows(), 4u);
  EXPECT_EQ(matrix->nonzeros(), 2u);
}

TEST(ContextMatrix, AnErrorOfTheVisitorEndsTheWalk) {
  const std::vector<WordId> stream = testing::RandomStream(1, 30, 500);
  int calls = 0;
  const absl::Status status =
      ForEachContextRow({stream, {}, false}, std::size_t{30}, Counting(2, ContextWeighting::kUniform),
                        [&](WordId, std::span<const std::uint32_t>, std::span<const double>) {
                          ++calls;
                          return Cancelled("enough");
                        });
  EXPECT_EQ(status.message(), "enough");
  EXPECT_EQ(calls, 1);
}

TEST(ContextMatrix, AScratchFolderThatDoesNotExistIsAnError) {
  const std::vector<WordId> stream = testing::RandomStream(1, 30, 500);
  ContextMatrixOptions options = Counting(2, ContextWeighting::kUniform);
  options.scratch_folder = TestPath("no such folder");
  EXPECT_EQ(BuildContextMatrix({stream, {}, false}, 30, options, TestPath("matrix")).code(),
            absl::StatusCode::kNotFound);
}

TEST(ContextMatrix, TruncatedFilesAreErrors) {
  const std::vector<WordId> stream = testing::RandomStream(1, 30, 500);
  const std::string path = TestPath("matrix"), cut = TestPath("cut");
  ASSERT_TRUE(BuildContextMatrix({stream, {}, false}, 30, Counting(2, ContextWeighting::kUniform), path).ok());
  const std::string bytes = *ReadFileToString(path);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 40) {
    std::ofstream(cut, std::ios::binary) << bytes.substr(0, size);
    EXPECT_EQ(ContextMatrix::Open(cut).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

// Writes a CSR file with the given arrays and the metadata of a good one.
absl::Status WriteCsr(const std::string& path, std::vector<std::int64_t> pointers, std::vector<std::int32_t> columns) {
  const std::vector<float> weights(columns.size(), 1.0f);
  SafetensorsWriter writer;
  for (const auto& [key, value] : std::map<std::string, std::string>{{"format", "conec-context-matrix"},
                                                                     {"format_version", "1"},
                                                                     {"context.window", "5"},
                                                                     {"context.weighting", "uniform"},
                                                                     {"context.scaling", "count"},
                                                                     {"context.unit_rows", "true"}}) {
    writer.SetMetadata(key, value);
  }
  writer.Declare("row_pointers", DType::kI64, {pointers.size()});
  writer.Declare("columns", DType::kI32, {columns.size()});
  writer.Declare("weights", DType::kF32, {columns.size()});
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int64_t>(pointers)));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int32_t>(columns)));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const float>(weights)));
  return writer.Commit();
}

TEST(ContextMatrix, FilesThatLieAboutTheirRowsAreErrors) {
  const std::string path = TestPath("matrix");
  const auto code = [&](std::vector<std::int64_t> pointers, std::vector<std::int32_t> columns) {
    EXPECT_TRUE(WriteCsr(path, std::move(pointers), std::move(columns)).ok());
    return ContextMatrix::Open(path).status().code();
  };
  EXPECT_EQ(code({0, 1, 3}, {1, 0, 1}), absl::StatusCode::kOk);
  EXPECT_EQ(code({0}, {}), absl::StatusCode::kOk);
  EXPECT_EQ(code({}, {}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({1, 1, 3}, {1, 0, 1}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, 4, 3}, {1, 0, 1}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, -1, 3}, {1, 0, 1}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, 1, 2}, {1, 0, 1}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, 1, 3}, {2, 0, 1}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, 1, 3}, {-1, 0, 1}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, 1, 3}, {1, 1, 1}), absl::StatusCode::kDataLoss);
}

TEST(ContextMatrix, OtherFilesAreErrorsThatSayWhatWasExpected) {
  const std::string path = TestPath("other");
  SafetensorsWriter writer;
  ASSERT_TRUE(writer.Begin(path).ok() && writer.Commit().ok());
  EXPECT_THAT(
      std::string(ContextMatrix::Open(path).status().message()),
      ::testing::HasSubstr("is not a context matrix (a safetensors file with row_pointers, columns and weights)"));
  EXPECT_EQ(ContextMatrix::Open(TestPath("nowhere")).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace conec
