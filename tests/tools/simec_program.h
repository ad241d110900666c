// simec on points of three classes, as a user runs it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/tools/run_program.h"

namespace conec::testing_tools {

using Rows = std::vector<std::vector<double>>;

inline std::string Csv(const Rows& rows) {
  std::ostringstream text;
  text.precision(12);
  for (const std::vector<double>& row : rows) {
    for (std::size_t j = 0; j < row.size(); ++j) text << (j > 0 ? "," : "") << row[j];
    text << "\n";
  }
  return text.str();
}

inline Rows FromCsv(const std::string& text) {
  Rows rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) rows.back().push_back(std::stod(field));
  }
  return rows;
}

// Points of three clusters in six dimensions; their class is their row modulo 3.
inline Rows Clusters(int points) {
  PhiloxStream random(3, 7);
  Rows rows;
  for (int i = 0; i < points; ++i) {
    std::vector<double> row(6);
    for (std::size_t j = 0; j < row.size(); ++j) {
      row[j] = (j / 2 == static_cast<std::size_t>(i % 3) ? 1.0 : 0.0) + 0.2 * (random.Below(1000) / 1000.0 - 0.5);
    }
    rows.push_back(row);
  }
  return rows;
}

inline Rows Classes(int points) {
  Rows rows;
  for (int i = 0; i < points; ++i) rows.push_back({static_cast<double>(i % 3)});
  return rows;
}

inline double Product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

class SimecProgram : public ::testing::Test {
 protected:
  static constexpr int kPoints = 60;

  void SetUp() override {
    WriteAll(folder_ / "x.csv", Csv(Clusters(kPoints)));
    WriteAll(folder_ / "y.csv", Csv(Classes(kPoints)));
  }

  // The program in the folder of the files, with `more` behind the command's own arguments.
  RunResult Simec(std::vector<std::string> arguments, const std::vector<std::string>& more = {}) {
    arguments.insert(arguments.begin(), "simec");
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments, {.folder = folder_.path()});
  }
  RunResult Fit(const std::vector<std::string>& more) {
    return Simec({"fit", "--input", "x.csv", "--output", "my.simec", "--threads", "1", "--progress", "none"}, more);
  }
  void FitLabels() {
    const RunResult fit =
        Fit({"--similarity", "labels", "--labels", "y.csv", "--dim", "2", "--s-ll-weight", "1", "--lr", "0.05"});
    ASSERT_EQ(fit.exit_code, 0) << fit.error;
  }
  // `arguments` are refused with exit code `code` and a message that has all of `words`.
  void ExpectError(const RunResult& result, int code, const std::vector<std::string>& words) {
    EXPECT_EQ(result.exit_code, code) << result.error;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.error, ::testing::HasSubstr("simec: error: "));
    for (const std::string& word : words) EXPECT_THAT(result.error, ::testing::HasSubstr(word));
  }

  TempFolder folder_;
};

}  // namespace conec::testing_tools
