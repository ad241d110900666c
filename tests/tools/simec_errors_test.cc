// What simec fit and embed refuse, and what they say then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tests/base/sanitizers.h"
#include "tests/tools/run_program.h"
#include "tests/tools/simec_program.h"

namespace conec::testing_tools {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

TEST_F(SimecProgram, WrongUsageIsToldApartFromFailure) {
  ExpectError(Fit({}), 2, {"--target", "--similarity"});
  ExpectError(Fit({"--similarity", "labels", "--labels", "y.csv", "--features", "x.csv"}), 2,
              {"--features is for --similarity of features"});
  ExpectError(Fit({"--target", "s.csv", "--gamma", "2"}), 2, {"--gamma is for --similarity"});
  ExpectError(Fit({"--similarity", "labels"}), 2, {"--labels"});
  ExpectError(Fit({"--similarity", "euclid"}), 2, {"euclid"});
  ExpectError(Fit({"--similarity", "linear", "--dim", "0"}), 2, {"dim"});
  ExpectError(Fit({"--similarity", "linear", "--hidden", "5:softmax"}), 2, {"softmax"});
  ExpectError(Fit({"--similarity", "linear", "--lr", "-1"}), 2, {"learning"});
  ExpectError(Fit({"--similarity", "linear", "--missing-weight", "2"}), 2, {"missing"});
  ExpectError(Fit({"--similarity", "linear", "--loss", "bce"}), 2, {"sigmoid"});
  ExpectError(Fit({"--similarity", "linear", "--freeze-last-layer"}), 2, {"--last-layer"});
  ExpectError(Fit({"--similarity", "linear", "--resume"}), 2, {"--checkpoint"});
  ExpectError(Fit({"--similarity", "jaccard", "--binarize", "1e999"}), 2,
              {"--binarize is 1e999: expected a finite number"});  // an option without a range of its own
  WriteAll(folder_ / "w.csv", "1,2\n3,4\n");
  ExpectError(Fit({"--similarity", "linear", "--balance", "--last-layer", "w.csv", "--freeze-last-layer"}), 2,
              {"--balance", "--freeze-last-layer"});
  ExpectError(Fit({"--similarity", "linear", "--balance", "--output-kind", "sigmoid"}), 2, {"--balance", "linear"});
}

TEST_F(SimecProgram, FilesThatDoNotFitAreNamed) {
  WriteAll(folder_ / "short.csv", Csv(Classes(7)));
  ExpectError(Fit({"--target", "short.csv"}), 1, {"short.csv", "7 rows", "60"});
  ExpectError(Fit({"--similarity", "labels", "--labels", "short.csv"}), 1, {"short.csv", "7 rows", "60"});
  ExpectError(Fit({"--target", "none.csv"}), 1, {"none.csv"});
  ExpectError(Fit({"--similarity", "linear", "--targets", "61"}), 1, {"--targets 61", "60"});
  ExpectError(Fit({"--similarity", "simpson"}), 1, {"binary", "row 1", "--binarize"});  // features that are not binary
  ExpectError(Fit({"--similarity", "geodesic", "--neighbours", "60"}), 1, {"--neighbours 60", "59 other points"});
  WriteAll(folder_ / "two.csv", Csv(Rows(kPoints, {1, 2})));
  ExpectError(Fit({"--similarity", "labels", "--labels", "two.csv"}), 1, {"two.csv", "one dense column", "60 x 2"});
  ExpectError(Fit({"--target", "two.csv", "--loss", "bce", "--output-kind", "sigmoid"}), 1,
              {"two.csv", "--loss bce", "within [0, 1]", "row 1, column 2 is 2", "--normalize minmax"});
  WriteAll(folder_ / "ragged.csv", "1,2\n3\n");
  ExpectError(Fit({"--target", "ragged.csv"}), 1, {"ragged.csv:2"});
  WriteAll(folder_ / "other.csv", Csv(Rows(5, {1, 2})));
  FitLabels();
  ExpectError(Simec({"embed", "--model", "my.simec", "--input", "other.csv"}), 1, {"other.csv", "2", "6"});
  ExpectError(Simec({"embed", "--model", "x.csv", "--input", "x.csv"}), 1, {"x.csv"});
}

TEST_F(SimecProgram, WhatCannotBeLearntIsRefused) {
  Rows s(kPoints, std::vector<double>(kPoints, 1));
  s[3][5] = 7;
  WriteAll(folder_ / "lopsided.csv", Csv(s));
  for (const std::string option : {"--s-ll-weight=1", "--balance", "--last-layer=eigen"}) {
    ExpectError(Fit({"--target", "lopsided.csv", option}), 1,
                {"lopsided.csv", option.substr(0, option.find('=')) + " ", "not symmetric",
                 "row 4, column 6 is 7 but row 6, column 4 is 1"});
    ExpectError(Fit({"--similarity", "linear", "--targets", "3", "--dim", "4", option}), 1,
                {"--dim 4 is more than 3 targets"});
  }
  ExpectError(Fit({"--target", "lopsided.csv", "--center", "on"}), 1, {"lopsided.csv", "not symmetric", "row 4"});
  EXPECT_EQ(Fit({"--target", "lopsided.csv", "--epochs", "1"}).exit_code, 0);  // Y W_l need not be symmetric
  std::filesystem::remove(folder_ / "my.simec");
  WriteAll(folder_ / "wide.csv", Csv(Rows(kPoints, {1, 2})));
  ExpectError(Fit({"--target", "wide.csv", "--s-ll-weight", "1"}), 1, {"square", "60 x 2"});
  ExpectError(Fit({"--target", "wide.csv", "--balance"}), 1, {"square", "60 x 2"});
  const RunResult free = Fit({"--target", "wide.csv", "--dim", "3", "--epochs", "1"});
  EXPECT_EQ(free.exit_code, 0);
  EXPECT_THAT(free.error, HasSubstr("--dim 3 is more than 2 targets can tell apart"));
  std::filesystem::remove(folder_ / "my.simec");
  WriteAll(folder_ / "zero.csv", Csv(Rows(kPoints, {0, 0})));
  ExpectError(Fit({"--target", "zero.csv"}), 1, {"zero.csv", "from 0 to 0", "--normalize none"});
  WriteAll(folder_ / "infinite.csv", "1,2\n3,inf\n");
  ExpectError(Fit({"--target", "infinite.csv"}), 1, {"infinite.csv:2", "column 2", "inf"});
  Rows x = Clusters(kPoints);
  x[4][2] = std::nan("");
  WriteAll(folder_ / "x.csv", Csv(x));
  ExpectError(Fit({"--similarity", "linear"}), 1, {"x.csv", "row 5, column 3"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "my.simec"));
}

// As with conec-ner, OpenBLAS would wait for ever.
TEST_F(SimecProgram, TooLittleMemoryIsAnErrorAndNobodyHangs) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need terabytes of addresses";
  const std::set<std::string> before = folder_.Names();
  bool told = false, succeeded = false;
  for (rlim_t megabytes = 100; megabytes <= 20000 && !succeeded; megabytes += 20 + megabytes / 8) {
    const RunResult result =
        RunProgram({"simec", "fit", "--input", "x.csv", "--similarity", "labels", "--labels", "y.csv", "--output",
                    "low.simec", "--epochs", "2", "--threads", "1"},
                   {.folder = folder_.path(), .memory = megabytes * 1000000, .patience_seconds = 120});
    // 127: the system's loader, before there is any program.
    EXPECT_THAT(result.exit_code, AnyOf(0, 1, 127)) << megabytes << " MB: " << result.error;
    EXPECT_TRUE(result.exit_code != 1 || result.error.find("memory") != std::string::npos) << result.error;
    EXPECT_EQ(folder_.Names().size(), before.size() + (result.exit_code == 0 ? 1 : 0)) << result.error;
    told = told || result.exit_code == 1;
    succeeded = result.exit_code == 0;
  }
  EXPECT_TRUE(told && succeeded);
}

// 3000 x 500000 numbers are 6 GB, their 3000 entries are nothing.
TEST_F(SimecProgram, ExplanationsOfSparsePointsNeedMemoryForTheirEntriesOnly) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need terabytes of addresses";
  std::string x = "%%MatrixMarket matrix coordinate real general\n3000 500000 3000\n", s;
  for (int i = 1; i <= 3000; ++i) {
    x += std::to_string(i) + " " + std::to_string(i * 150) + " 1\n";
    s += std::to_string(i % 3) + "\n";
  }
  WriteAll(folder_ / "x.mtx", x);
  WriteAll(folder_ / "s.csv", s);
  const RunResult fit = Simec({"fit", "--input", "x.mtx", "--target", "s.csv", "--output", "my.simec", "--epochs", "1",
                               "--batch", "3000", "--dim", "1", "--threads", "1", "--progress", "none"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  const auto explain = [this](std::vector<std::string> more) {
    more.insert(more.begin(), {"simec", "explain", "--model", "my.simec", "--input", "x.mtx", "--target", "1"});
    return RunProgram(more, {.folder = folder_.path(), .memory = rlim_t{5000} * 1000000, .patience_seconds = 120});
  };
  const RunResult result = explain({"--output", "r.mtx"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(ReadAll(folder_ / "r.mtx"), HasSubstr("\n3000 500000 3000\n1 150 "));
  // Zeros get a share, too.
  const RunResult flat = explain({"--first-rule", "flat", "--output", "flat.mtx"});
  ExpectError(flat, 1, {"out of memory"});
  EXPECT_EQ(std::count(flat.error.begin(), flat.error.end(), '\n'), 1) << flat.error;
}

TEST_F(SimecProgram, NoOutputTakesThePlaceOfAnInput) {
  ASSERT_EQ(Fit({"--similarity", "linear", "--epochs", "1"}).exit_code, 0);
  WriteAll(folder_ / "c.toml", "dim = 2\n");
  const std::string x = ReadAll(folder_ / "x.csv"), y = ReadAll(folder_ / "y.csv");
  using Arguments = std::vector<std::string>;
  const Arguments fit = {"fit", "--input", "x.csv", "--similarity", "labels", "--labels", "y.csv"};
  const auto fit_with = [&fit](Arguments more) {
    more.insert(more.begin(), fit.begin(), fit.end());
    return more;
  };
  for (const Arguments& arguments : std::vector<Arguments>{
           fit_with({"--output", "y.csv"}),
           fit_with({"--output", "./x.csv"}),
           fit_with({"--config", "c.toml", "--output", "c.toml"}),
           fit_with({"--output", "m", "--checkpoint", "m"}),
           fit_with({"--output", "m", "--checkpoint", "./m"}),
           fit_with({"--output", "m", "--checkpoint", "y.csv"}),
           {"explain", "--model", "my.simec", "--input", "y.csv", "--similar-to", "x.csv", "--output", "x.csv"},
           {"embed", "--model", "my.simec", "--input", "x.csv", "--output", "my.simec"},
           {"map", "--input", "y.csv", "--project", "x.csv", "--encoder", "x.csv"}}) {
    ExpectError(Simec(arguments), 2, {"would overwrite"});
    EXPECT_TRUE(ReadAll(folder_ / "x.csv") == x && ReadAll(folder_ / "y.csv") == y);
  }
}

TEST_F(SimecProgram, RowsWithoutAnyTargetAreAnErrorUnlessAllowed) {
  Rows s(kPoints, {1, 2});
  s[8] = {std::nan(""), std::nan("")};
  WriteAll(folder_ / "s.csv", Csv(s));
  ExpectError(Fit({"--target", "s.csv", "--epochs", "1"}), 1,
              {"s.csv", "1 row ", "row 9", "--missing-weight", "--allow-empty-rows"});
  EXPECT_EQ(Fit({"--target", "s.csv", "--epochs", "1", "--missing-weight", "0.5"}).exit_code, 0);
  EXPECT_EQ(Fit({"--target", "s.csv", "--epochs", "1", "--allow-empty-rows"}).exit_code, 0);
}

}  // namespace
}  // namespace conec::testing_tools
