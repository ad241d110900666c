// Matrices in files: what numpy and scipy write is read, what is written they read (matrix_files.py), and nothing that
// is wrong is taken for numbers.
#include "simec_core/matrix_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "base/file.h"
#include "simec_core/delimited.h"
#include "simec_core/matrix_market.h"
#include "tests/base/python.h"
#include "tests/base/scratch_folder.h"

namespace conec::simec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

at::Tensor Example() {
  return (at::arange(12, at::kDouble) / 8 - 0.5).view({4, 3});
}

at::Tensor Dense(const Features& features) {
  return features.is_sparse() ? features.sparse().ToDense() : features.dense();
}

TEST(MatrixFile, WhatNumpyAndScipyWriteIsRead) {
  if (!HaveNumpy()) GTEST_SKIP() << "numpy is not installed";
  const ScratchFolder folder;
  ASSERT_EQ(RunPython({Script("matrix_files.py"), "write", folder.path()}).exit_code, 0);
  const auto read = [&](const std::string& name) { return ReadMatrixFile(folder.path() + "/" + name)->values; };
  EXPECT_TRUE(read("f8.npy").dense().equal(Example()));
  EXPECT_TRUE(read("f4.npy").dense().equal(Example().to(at::kFloat)));
  const at::Tensor whole = (at::arange(6, at::kDouble) * 40).view({2, 3});
  for (const char* name : {"u1", "i2", "u2", "i4", "u4", "i8", "u8"}) {
    EXPECT_TRUE(read(std::string(name) + ".npy").dense().equal(whole)) << name;
  }
  EXPECT_TRUE(read("i1.npy").dense().equal(whole - whole.gt(127).to(at::kDouble) * 256));
  EXPECT_TRUE(read("bool.npy").dense().equal(at::tensor({1., 0., 1., 0., 1., 0.}, at::kDouble).view({2, 3})));
  EXPECT_TRUE(read("labels.npy").dense().equal(at::tensor({3., 0., 9007199254740992.}, at::kDouble).unsqueeze(1)));
  EXPECT_TRUE(read("plain.csv").dense().equal(Example()));
  EXPECT_TRUE(read("array.mtx").dense().equal(Example()));
  const at::Tensor symmetric = at::tensor({2., .25, 0., .25, 0., -1e-30, 0., -1e-30, 3e200}, at::kDouble).view({3, 3});
  EXPECT_TRUE(read("array_symmetric.mtx").dense().equal(symmetric));
  EXPECT_TRUE(read("array_skew.mtx").dense().equal(at::tensor({0., -4., 4., 0.}, at::kDouble).view({2, 2})));
  const at::Tensor part = Example() * Example().gt(0.2);
  EXPECT_TRUE(read("sparse.mtx").sparse().ToDense().equal(part));
  EXPECT_TRUE(read("sparse_integer.mtx").sparse().ToDense().equal(at::eye(3, at::kDouble) * 7));
  EXPECT_TRUE(read("sparse_pattern.mtx").sparse().ToDense().equal(part.ne(0).to(at::kDouble)));
  EXPECT_TRUE(read("sparse_symmetric.mtx").sparse().ToDense().equal(symmetric));
  EXPECT_THAT(ReadMatrixFile(folder.path() + "/complex.mtx").status().ToString(),
              HasSubstr("complex.mtx:1: 'complex'"));
}

TEST(MatrixFile, WhatIsWrittenNumpyAndScipyRead) {
  if (!HaveNumpy()) GTEST_SKIP() << "numpy is not installed";
  const ScratchFolder folder;
  const auto describe = [&](const std::string& name, const Features& values) {
    const std::string path = folder.path() + "/" + name;
    EXPECT_TRUE(WriteMatrixFile(path, {values, {}, {}}).ok());
    return RunPython({Script("matrix_files.py"), "describe", path}).output;
  };
  const at::Tensor matrix = at::tensor({0.1, -2., 3e-300, 12345678.9}, at::kDouble).view({2, 2});
  const std::string elements = "0.1 -2.0 3e-300 12345678.9\n";
  EXPECT_EQ(describe("x.npy", matrix), "<f8 2 2\n" + elements);
  EXPECT_EQ(describe("x.csv", matrix), "text 2 2\n" + elements);
  EXPECT_EQ(describe("x.tsv", matrix), "text 2 2\n" + elements);
  EXPECT_EQ(describe("x.mtx", matrix), "dense 2 2\n" + elements);
  EXPECT_EQ(describe("sparse.mtx", *CsrMatrix::FromDense(at::eye(2, at::kDouble) / 4)),
            "sparse 2 2\n0.25 0.0 0.0 0.25\n");
  EXPECT_EQ(describe("float.npy", at::eye(2, at::kFloat)), "<f4 2 2\n1.0 0.0 0.0 1.0\n");
}

TEST(MatrixFile, ReadingAfterWritingIsIdentity) {
  const ScratchFolder folder;
  MatrixFile file{Example() / 3, {"a", "b, c", "\"d\"", " e"}, {"x", "y", "#z"}};
  file.values.dense()[2][1] = std::numeric_limits<double>::quiet_NaN();
  for (const char* name : {"/x.csv", "/x.tsv", "/x.npy", "/x.mtx"}) {
    ASSERT_TRUE(WriteMatrixFile(folder.path() + name, file).ok());
    const auto back = ReadMatrixFile(folder.path() + name);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_TRUE(Dense(back->values).nan_to_num(77).equal(file.values.dense().nan_to_num(77))) << name;
    if (name[3] != 'c' && name[3] != 't') continue;
    EXPECT_EQ(back->row_names, file.row_names);
    EXPECT_EQ(back->column_names, file.column_names);
  }
  EXPECT_THAT(ReadMatrixFile("x.txt").status().ToString(), HasSubstr(".npy, .csv, .tsv or .mtx"));
  EXPECT_THAT(ReadMatrixFile(folder.path() + "/none.csv").status().ToString(), HasSubstr("none.csv"));
}

// Four million entries are written at a time.
TEST(MatrixFile, WhatIsWrittenPieceByPieceIsOneMatrix) {
  const ScratchFolder folder;
  const std::int64_t m = 2100, n = 2100;
  const at::Tensor dense = at::zeros({m, n}, at::kFloat);
  std::vector<std::string> row_names;
  for (std::int64_t i = 0; i < m; ++i) {
    dense[i][i % 7] = static_cast<float>(i) / 3;
    row_names.push_back(i == m - 1 ? "7" : "r" + std::to_string(i));
  }
  for (const Features& values : {Features(dense), Features(*CsrMatrix::FromDense(dense))}) {
    ASSERT_TRUE(WriteMatrixFile(folder.path() + "/x.npy", {values, {}, {}}).ok());
    EXPECT_TRUE(ReadMatrixFile(folder.path() + "/x.npy")->values.dense().equal(dense));
  }
  const Features sparse(*CsrMatrix::FromDense(dense));
  ASSERT_TRUE(WriteMatrixFile(folder.path() + "/x.csv", {sparse, row_names, {}}).ok());
  const auto back = ReadMatrixFile(folder.path() + "/x.csv");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(back->values.dense().to(at::kFloat).equal(dense));
  EXPECT_EQ(back->row_names, row_names);  // one is a number, far from the first piece, so that there is a header
  EXPECT_EQ(back->column_names.size(), 2100u);
  EXPECT_THAT(WriteMatrixFile(folder.path() + "/x.csv", {dense, {"one"}, {}}).ToString(),
              HasSubstr("1 row names and 0 column names for a matrix of 2100 x 2100"));
}

TEST(MatrixFile, TextOfFloatsHasTheDigitsThatFloatsNeed) {
  const at::Tensor x = at::tensor({0.1f, 1.f / 3, -16777216.f, 1e-20f}, at::kFloat).view({2, 2});
  std::string whole;
  const auto append = [&whole](std::string_view text) {
    whole += text;
    return absl::OkStatus();
  };
  EXPECT_TRUE(WriteMatrixText({x, {}, {}}, ',', append).ok());
  EXPECT_EQ(whole, "0.1,0.33333334\n-16777216,1e-20\n");
  const ScratchFolder folder;
  for (const char* name : {"/x.csv", "/x.tsv", "/x.mtx", "/s.mtx"}) {
    const Features values = name[1] == 's' ? Features(*CsrMatrix::FromDense(x)) : Features(x);
    ASSERT_TRUE(WriteMatrixFile(folder.path() + name, {values, {}, {}}).ok());
    const std::string text = *ReadFileToString(folder.path() + name);
    EXPECT_THAT(text, HasSubstr("0.33333334")) << name;
    EXPECT_EQ(text.find("0.333333343"), std::string::npos) << name;
    EXPECT_TRUE(Dense(ReadMatrixFile(folder.path() + name)->values).to(at::kFloat).equal(x)) << name;
  }
}

TEST(Delimited, HeaderNamesAndMissingFieldsAreRecognised) {
  const DelimitedMatrix m =
      *ParseDelimited("id,\"a,1\",b\r\n\r\n# no line\r\nx, 1 ,NA\r\n\"y\",,-2.5e-3\r\n", ',', "f");
  EXPECT_THAT(m.row_names, ElementsAre("x", "y"));
  EXPECT_THAT(m.column_names, ElementsAre("a,1", "b"));
  EXPECT_EQ(m.values.row(0)[0], 1);
  EXPECT_TRUE(std::isnan(m.values.row(0)[1]) && std::isnan(m.values.row(1)[0]));
  EXPECT_EQ(m.values.row(1)[1], -2.5e-3);
  // R leaves out the field above the row names; years as a header are numbers, so they are data.
  EXPECT_THAT(ParseDelimited("a\tb\nr1\t1\t2\n", '\t', "f")->column_names, ElementsAre("a", "b"));
  EXPECT_EQ(ParseDelimited("2001,2002\n1,2", ',', "f")->values.rows(), 2u);
  EXPECT_EQ(ParseDelimited("+1\n2", ',', "f")->values.row(0)[0], 1);
}

TEST(Delimited, AnEmptyFirstFieldMeansAHeaderAndRowNamesEvenIfAllAreNumbers) {
  for (const char* text : {",action,romance\n0,9,1\n1,8,2\n", "\"\",\"action\",\"romance\"\n\"0\",9,1\n\"1\",8,2\n",
                           "\xEF\xBB\xBF,action,romance\r\n0,9,1\r\n1,8,2\r\n"}) {
    const auto films = ParseDelimited(text, ',', "films");
    ASSERT_TRUE(films.ok()) << films.status();
    EXPECT_THAT(films->column_names, ElementsAre("action", "romance")) << text;
    EXPECT_THAT(films->row_names, ElementsAre("0", "1")) << text;
    EXPECT_THAT(films->values.row(1), ElementsAre(8, 2)) << text;
  }
  const DelimitedMatrix numbered = *ParseDelimited("\t0\t1\n0\t.5\t\n1\t\t2\n", '\t', "f");
  EXPECT_THAT(numbered.column_names, ElementsAre("0", "1"));
  EXPECT_EQ(numbered.values.rows(), 2u);
  EXPECT_EQ(numbered.values.cols(), 2u);
  EXPECT_THAT(ParseDelimited(",1,2\n", ',', "f").status().ToString(), HasSubstr("no row of numbers"));
  // R leaves the first field out.
  EXPECT_THAT(ParseDelimited("a,b\n1,9,1\n2,8,2\n", ',', "f")->row_names, ElementsAre("1", "2"));
}

TEST(Delimited, ANamedColumnOfNumbersAboveNumberedOnesIsNoRowOfData) {
  const DelimitedMatrix m = *ParseDelimited("id,0,1\n7,.5,2\n8,1,3\n", ',', "f");
  EXPECT_THAT(m.column_names, ElementsAre("id", "0", "1"));
  EXPECT_THAT(m.values.row(0), ElementsAre(7, .5, 2));
  EXPECT_THAT(ParseDelimited("a,0,1\nb,.5,2\n", ',', "f")->row_names, ElementsAre("a", "b"));
  EXPECT_THAT(ParseDelimited("a,0,1\n", ',', "f")->row_names, ElementsAre("a"));
}

// A slip must not make a header of a row of data, or names of a column.
TEST(Delimited, OneBadFieldIsNamedWhereverItStands) {
  for (const char* bad : {"inf", "O.5", "1e400", "0.5O", "-Infinity"}) {
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        std::string text;
        for (std::size_t i = 0; i < 3; ++i) {
          for (std::size_t j = 0; j < 3; ++j) text += fmt::format("{},", i == row && j == column ? bad : "0.25");
          text.back() = '\n';
        }
        const std::string error = ParseDelimited(text, ',', "f").status().ToString();
        EXPECT_THAT(error,
                    HasSubstr(fmt::format("f:{}: column {}: '{}' is not a finite number", row + 1, column + 1, bad)))
            << text;
      }
    }
  }
  EXPECT_THAT(ParseDelimited("3M,1,2\n7,1,2\n", ',', "f").status().ToString(), HasSubstr("row names"));
  EXPECT_THAT(ParseDelimited("name,x\n3M,1\n7,1\n", ',', "f").status().ToString(), HasSubstr("empty field"));
  EXPECT_THAT(ParseDelimited(",x\n3M,1\n7,1\n", ',', "f")->row_names, ElementsAre("3M", "7"));
}

TEST(Delimited, RowNamesThatAreNumbersAreWrittenBelowAHeader) {
  const DelimitedMatrix m = *ParseDelimited(",a,b\n0,9,1\n1,8,2\n", ',', "m");
  const std::string text = *FormatDelimited(m.values.view(), ',', m.row_names);
  EXPECT_EQ(text, ",1,2\n0,9,1\n1,8,2\n");
  EXPECT_EQ(ParseDelimited(text, ',', "again")->row_names, m.row_names);
}

TEST(Delimited, AByteOrderMarkIsNoPartOfTheFirstField) {
  EXPECT_EQ(ParseDelimited("\xEF\xBB\xBF"
                           "1,2\r\n3,4\r\n",
                           ',', "f")
                ->values.rows(),
            2u);
  EXPECT_THAT(ParseDelimited("\xEF\xBB\xBF"
                             "a,b\n3,4\n",
                             ',', "f")
                  ->column_names,
              ElementsAre("a", "b"));
}

// Else it would be read as a header.
TEST(Delimited, AMissingFirstNumberIsWrittenAsNA) {
  const DelimitedMatrix m = *ParseDelimited("NA,2\n,4\n", ',', "m");
  EXPECT_EQ(*FormatDelimited(m.values.view(), ','), "NA,2\n,4\n");
  EXPECT_EQ(*FormatDelimited(m.values.view(), ',', {"a", "b"}, {"", "y"}), ",,y\na,,2\nb,,4\n");
  EXPECT_EQ(*FormatDelimited(m.values.view(), ',', {}, {"", "y"}), "NA,y\n,2\n,4\n");
}

TEST(Delimited, RowsOfNothingButMissingNumbersAreReadBack) {
  for (const char delimiter : {',', '\t'}) {
    for (const std::string_view text : {"?\n1\n", "1\n?\n", "?%?\n", "a%?%?\nb%1%2\n", "x%y\nNA%?\n"}) {
      std::string lines(text);
      std::replace(lines.begin(), lines.end(), '%', delimiter);
      const auto matrix = ParseDelimited(lines, delimiter, "m");
      ASSERT_TRUE(matrix.ok()) << matrix.status();
      const auto written = FormatDelimited(matrix->values.view(), delimiter, matrix->row_names, matrix->column_names);
      const auto again = ParseDelimited(*written, delimiter, "again");
      ASSERT_TRUE(again.ok()) << *written << again.status();
      ASSERT_EQ(again->values.rows(), matrix->values.rows()) << *written;
      EXPECT_EQ(again->values.cols(), matrix->values.cols()) << *written;
      EXPECT_EQ(again->row_names, matrix->row_names);
      EXPECT_EQ(again->column_names, matrix->column_names);
    }
  }
}

TEST(Delimited, WhatIsNoMatrixIsRefusedByLine) {
  const auto error = [](std::string_view text) { return ParseDelimited(text, ',', "f.csv").status().ToString(); };
  EXPECT_THAT(error("1,2\n3\n"), HasSubstr("f.csv:2: 1 fields, the lines before have 2"));
  EXPECT_THAT(error("1,2\n3,4x\n"), HasSubstr("f.csv:2: column 2: '4x' is not a finite number"));
  EXPECT_THAT(error("1,2\n3,inf\n"), HasSubstr("'inf' is not a finite number"));
  EXPECT_THAT(error("1,2\n3,1e999\n"), HasSubstr("'1e999' is not a finite number"));
  EXPECT_THAT(error(""), HasSubstr("no row of numbers"));
  EXPECT_THAT(error("a,b\n"), HasSubstr("no row of numbers"));
  EXPECT_THAT(error("a,b,c\n1,2\n"), HasSubstr("f.csv:1: a header of 3 fields above 2 columns"));
  EXPECT_THAT(error("\"a,b\n1,2\n"), HasSubstr("f.csv:1: a field in quotes must end"));
}

TEST(MatrixMarket, WhatIsNoMatrixIsRefusedByLine) {
  const auto error = [](const std::string& text) { return ParseMatrixMarket(text, "f.mtx").status().ToString(); };
  const std::string coordinate = "%%MatrixMarket matrix coordinate real general\n";
  EXPECT_THAT(error(""), HasSubstr("f.mtx:1: expected '%%MatrixMarket"));
  EXPECT_THAT(error("%%MatrixMarket matrix coordinate real hermitian\n"), HasSubstr("'hermitian'"));
  EXPECT_THAT(error("%%MatrixMarket matrix array pattern general\n"), HasSubstr("'pattern' entries of 'array'"));
  EXPECT_THAT(error(coordinate + "% remark\n2 2\n"), HasSubstr("f.mtx:3: expected rows"));
  EXPECT_THAT(error(coordinate + "2 2 2\n1 1 5\n"), HasSubstr("2 entries are announced"));
  EXPECT_THAT(error(coordinate + "2 2 1\n1 1 5\n2 2 6\n"), HasSubstr("more than the 1 entries"));
  EXPECT_THAT(error(coordinate + "2 2 1\n3 1 5\n"), HasSubstr("f.mtx:3: entry (3, 1) lies outside of the 2 x 2"));
  EXPECT_THAT(error(coordinate + "2 2 1\n0 1 5\n"), HasSubstr("entry (0, 1)"));
  EXPECT_THAT(error(coordinate + "2 2 1\n1 1 five\n"), HasSubstr("and a number"));
  EXPECT_THAT(error(coordinate + "9 9 9223372036854775807\n1 1 1\n"), HasSubstr("the file is too short"));
  EXPECT_THAT(error(coordinate + "999999999999 2 0\n"), HasSubstr("too large"));
  EXPECT_THAT(error("%%MatrixMarket matrix array real general\n200000000 200000000\n1\n"), HasSubstr("too short"));
  EXPECT_THAT(error("%%MatrixMarket matrix array real general\n2 1\n1\n2\n3\n"), HasSubstr("more numbers than 2 x 1"));
  EXPECT_THAT(error("%%MatrixMarket matrix array real symmetric\n2 3\n1\n"), HasSubstr("symmetric matrix of 2 x 3"));
}

}  // namespace
}  // namespace conec::simec
