#include "base/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/base/python.h"
#include "tests/base/scratch_folder.h"

namespace conec {
namespace {

using ::testing::HasSubstr;

Matrix<float> Numbered(std::size_t rows, std::size_t cols) {
  auto matrix = Matrix<float>::Create(rows, cols);
  EXPECT_TRUE(matrix.ok()) << matrix.status();
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) matrix->row(i)[j] = static_cast<float>(i * cols + j) / 8 - 0.5f;
  }
  return *std::move(matrix);
}

void ExpectEqual(const Matrix<float>& actual, const Matrix<float>& expected) {
  ASSERT_EQ(actual.rows(), expected.rows());
  ASSERT_EQ(actual.cols(), expected.cols());
  for (std::size_t i = 0; i < expected.rows(); ++i) {
    for (std::size_t j = 0; j < expected.cols(); ++j) EXPECT_EQ(actual.row(i)[j], expected.row(i)[j]) << i << ' ' << j;
  }
}

// An npy file with any header text and data.
std::string NpyFile(const std::string& dictionary, const std::string& data) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(dictionary.size() & 0xFF);
  file += static_cast<char>(dictionary.size() >> 8);
  return file + dictionary + data;
}

std::string FloatsOfShape(const std::string& shape) {
  return "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

void ExpectDataLoss(const ScratchFolder& folder, const std::string& contents) {
  const std::string path = folder.Write("hostile.npy", contents);
  const absl::Status status = ReadNpy(path).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
}

TEST(Npy, ReadAfterWriteIsIdentity) {
  const ScratchFolder folder;
  for (const auto& [rows, cols] : {std::pair{1, 1}, std::pair{3, 5}, std::pair{100, 200}, std::pair{0, 4}}) {
    const Matrix<float> matrix = Numbered(static_cast<std::size_t>(rows), static_cast<std::size_t>(cols));
    ASSERT_TRUE(WriteNpy(folder.File("x.npy"), matrix.view()).ok());
    const auto read = ReadNpy(folder.File("x.npy"));
    ASSERT_TRUE(read.ok()) << read.status();
    ExpectEqual(*read, matrix);
  }
}

TEST(Npy, KeepsEveryKindOfFloat) {
  const ScratchFolder folder;
  Matrix<float> matrix = Numbered(1, 6);
  using Limits = std::numeric_limits<float>;
  const float values[] = {-0.0f,         Limits::infinity(), -Limits::infinity(), Limits::denorm_min(),
                          Limits::max(), Limits::quiet_NaN()};
  std::copy(std::begin(values), std::end(values), matrix.row(0).begin());
  ASSERT_TRUE(WriteNpy(folder.File("x.npy"), matrix.view()).ok());
  const auto read = ReadNpy(folder.File("x.npy"));
  ASSERT_TRUE(read.ok()) << read.status();
  for (std::size_t j = 0; j + 1 < 6; ++j) EXPECT_EQ(read->row(0)[j], values[j]);
  EXPECT_TRUE(std::signbit(read->row(0)[0]));
  EXPECT_TRUE(std::isnan(read->row(0)[5]));
}

TEST(Npy, HeaderFillsMultiplesOf64Bytes) {
  for (const std::uint64_t rows :
       {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{1234567}, std::numeric_limits<std::uint64_t>::max()}) {
    const std::string header = NpyHeader(rows, rows);
    EXPECT_EQ(header.size() % 64, 0u);
    EXPECT_EQ(header.back(), '\n');
  }
}

TEST(Npy, NumpyReadsWhatWeWrite) {
  if (!HaveNumpy()) GTEST_SKIP() << "python3 has no numpy";
  const ScratchFolder folder;
  // Rows with padding behind them: what lies between columns and stride must not be written.
  ASSERT_TRUE(WriteNpy(folder.File("x.npy"), Numbered(2, 3).view()).ok());
  const PythonResult described = RunPython({Script("npy_numpy.py"), "describe", folder.File("x.npy")});
  EXPECT_EQ(described.exit_code, 0);
  EXPECT_EQ(described.output, "<f4 C 2 3\n-0.5 -0.375 -0.25 -0.125 0.0 0.125\n");
}

TEST(Npy, ReadsWhatNumpyWrites) {
  if (!HaveNumpy()) GTEST_SKIP() << "python3 has no numpy";
  const ScratchFolder folder;
  ASSERT_EQ(RunPython({Script("npy_numpy.py"), "write", folder.path()}).exit_code, 0);
  for (const char* name : {"f4", "f8", "version1", "version2", "version3", "fortran"}) {
    const auto read = ReadNpy(folder.File(std::string(name) + ".npy"));
    ASSERT_TRUE(read.ok()) << read.status();
    ExpectEqual(*read, Numbered(4, 3));
  }
  ExpectEqual(*ReadNpy(folder.File("no_rows.npy")), Numbered(0, 3));
  ExpectEqual(*ReadNpy(folder.File("no_cols.npy")), Numbered(4, 0));
}

TEST(Npy, RefusesWhatNumpyWritesOfOtherKinds) {
  if (!HaveNumpy()) GTEST_SKIP() << "python3 has no numpy";
  const ScratchFolder folder;
  ASSERT_EQ(RunPython({Script("npy_numpy.py"), "write", folder.path()}).exit_code, 0);
  for (const auto& [name, reason] :
       {std::pair{"big_endian", "little-endian"}, std::pair{"integers", "float32"}, std::pair{"half", "float32"},
        std::pair{"vector", "two dimensions"}, std::pair{"scalar", "two dimensions"},
        std::pair{"cube", "two dimensions"}, std::pair{"structured", "float32"}}) {
    const absl::Status status = ReadNpy(folder.File(std::string(name) + ".npy")).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << name << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason)) << name;
  }
}

TEST(Npy, NumbersOfAnyWidthAndVectorsAreReadInDoublePrecision) {
  if (!HaveNumpy()) GTEST_SKIP() << "python3 has no numpy";
  const ScratchFolder folder;
  ASSERT_EQ(RunPython({Script("npy_numpy.py"), "write", folder.path()}).exit_code, 0);
  const auto f4 = ReadNpyNumbers(folder.File("f4.npy")), f8 = ReadNpyNumbers(folder.File("f8.npy"));
  EXPECT_TRUE(f4->is_float32);
  EXPECT_FALSE(f8->is_float32);
  EXPECT_EQ(f8->matrix.row(3)[2], 11.0 / 8 - 0.5);
  EXPECT_EQ(ReadNpyNumbers(folder.File("integers.npy"))->matrix.row(3)[0], 0);  // -0.5 + 9/8 as an integer
  const auto vector = ReadNpyNumbers(folder.File("vector.npy"));
  EXPECT_EQ(vector->matrix.rows(), 3u);
  EXPECT_EQ(vector->matrix.cols(), 1u);
  EXPECT_EQ(vector->matrix.row(2)[0], -0.25);
  EXPECT_EQ(ReadNpyNumbers(folder.File("fortran.npy"))->matrix.row(3)[1], 10.0 / 8 - 0.5);
  for (const char* name : {"big_endian", "half", "scalar", "cube", "structured"}) {
    EXPECT_TRUE(absl::IsDataLoss(ReadNpyNumbers(folder.File(std::string(name) + ".npy")).status())) << name;
  }
}

TEST(Npy, DoublesAreWrittenAsTheyAre) {
  const ScratchFolder folder;
  Matrix<double> matrix = *Matrix<double>::Create(2, 2);
  matrix.row(0)[1] = 0.1;
  matrix.row(1)[0] = -3e300;
  ASSERT_TRUE(WriteNpy(folder.File("x.npy"), MatrixView<const double>(matrix.view())).ok());
  const auto back = ReadNpyNumbers(folder.File("x.npy"));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_FALSE(back->is_float32);
  EXPECT_EQ(back->matrix.row(0)[1], 0.1);
  EXPECT_EQ(back->matrix.row(1)[0], -3e300);
}

TEST(Npy, AMatrixThatIsWrittenRowByRowIsTheSameFile) {
  const ScratchFolder folder;
  Matrix<float> matrix = *Matrix<float>::Create(3, 2);
  matrix.row(1)[1] = 7;
  const MatrixView<const float> whole = matrix.view();
  ASSERT_TRUE(WriteNpy(folder.File("whole.npy"), whole).ok());
  auto writer = *NpyWriter<float>::Create(folder.File("parts.npy"), 3, 2);
  ASSERT_TRUE(writer.Append({whole.data, 1, 2, whole.stride}).ok());
  EXPECT_FALSE(writer.Append({whole.data, 1, 1, whole.stride}).ok());
  EXPECT_FALSE(writer.Append(whole).ok());
  EXPECT_EQ(writer.Commit().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(writer.Append({whole.data + whole.stride, 2, 2, whole.stride}).ok());
  ASSERT_TRUE(writer.Commit().ok());
  EXPECT_EQ(*ReadFileToString(folder.File("parts.npy")), *ReadFileToString(folder.File("whole.npy")));
}

TEST(Npy, TruncatedAtAnyLengthOrContinuedIsDataLoss) {
  const ScratchFolder folder;
  ASSERT_TRUE(WriteNpy(folder.File("x.npy"), Numbered(2, 3).view()).ok());
  const std::string whole = *ReadFileToString(folder.File("x.npy"));
  for (std::size_t length = 0; length < whole.size(); ++length) ExpectDataLoss(folder, whole.substr(0, length));
  ExpectDataLoss(folder, whole + '\0');
}

TEST(Npy, HostileHeadersAreDataLoss) {
  const ScratchFolder folder;
  const std::string floats(24, '\0');
  const std::vector<std::string> shapes = {"(2, 3",
                                           "(2, )",
                                           "()",
                                           "2, 3",
                                           "(-2, -3)",
                                           "(2.0, 3)",
                                           "(2, 4)",
                                           "(1, 3)",
                                           "(2, 3, 1)",
                                           "('2', 3)",
                                           "(2 3)",
                                           "",
                                           "(99999999999999999999, 3)",
                                           "(4611686018427387905, 2)",
                                           "(4294967296, 4294967296)",
                                           "(2,"};
  for (const std::string& shape : shapes) ExpectDataLoss(folder, NpyFile(FloatsOfShape(shape), floats));
  ExpectDataLoss(folder, NpyFile("", floats));
  ExpectDataLoss(folder, NpyFile("{'descr': '<f4', 'shape': (2, 3), }", floats));
  ExpectDataLoss(folder, NpyFile("{'descr': '<f4', 'fortran_order': Perhaps, 'shape': (2, 3), }", floats));
  ExpectDataLoss(folder, NpyFile("{'descr': 'O', 'fortran_order': False, 'shape': (2, 3), }", floats));
  std::string version4 = NpyFile(FloatsOfShape("(2, 3)"), floats);
  version4[6] = 4;
  ExpectDataLoss(folder, version4);
  ExpectDataLoss(folder, std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12) + floats);
}

TEST(Npy, ManyRowsWithoutColumnsCostNothing) {
  const ScratchFolder folder;
  const std::string rows = FloatsOfShape("(18446744073709551615, 0)");
  const auto read = ReadNpy(folder.Write("x.npy", NpyFile(rows, "")));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->view().empty());
}

TEST(Npy, MissingFileIsNotFound) {
  const ScratchFolder folder;
  EXPECT_TRUE(absl::IsNotFound(ReadNpy(folder.File("x.npy")).status()));
}

}  // namespace
}  // namespace conec
