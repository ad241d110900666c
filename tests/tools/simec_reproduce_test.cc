// simec reproduce, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_program.h"

namespace conec::testing_tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Json = nlohmann::json;

class Reproduce : public ::testing::Test {
 protected:
  RunResult Reproduced(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"simec", "reproduce"});
    return RunProgram(arguments, {.folder = folder_.path()});
  }

  // Sixteen pots in two groups of eight, which the first feature tells apart: nothing like the published data.
  void WriteOtherPots() {
    std::string dissimilarities, features = "stem_size,leaf_shape\n";
    for (int i = 0; i < 16; ++i) {
      for (int j = 0; j < 16; ++j) {
        dissimilarities += std::string(j == 0 ? "" : ",") + (i == j ? "0" : i / 8 == j / 8 ? "2" : "19");
      }
      dissimilarities += "\n";
      features += std::to_string(i / 8) + "," + std::to_string(i % 4) + "\n";
    }
    std::filesystem::create_directory(folder_ / "flowerpots");
    WriteAll(folder_ / "flowerpots/dissimilarity_full.csv", dissimilarities);
    WriteAll(folder_ / "flowerpots/features.csv", features);
  }

  TempFolder folder_;
};

TEST_F(Reproduce, ListsTheExperiments) {
  const RunResult list = Reproduced({"--list"});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.out, AllOf(HasSubstr("E1 "), HasSubstr("flowerpots"), HasSubstr("E2 "), HasSubstr("factorization")));
  const Json json = Json::parse(Reproduced({"--list", "--json"}).out);
  EXPECT_GE(json.size(), 3U);
  EXPECT_EQ(json[0]["alias"], "flowerpots");
}

// The column of each heading starts at the same place in all lines, after two blanks.
TEST_F(Reproduce, TheListsColumnsAreApart) {
  std::istringstream lines(Reproduced({"--list"}).out);
  std::string head;
  ASSERT_TRUE(std::getline(lines, head));
  std::vector<std::size_t> starts;
  for (const char* name : {"name", "time", "data", "what"}) starts.push_back(head.find(name));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    for (const std::size_t start : starts) {
      ASSERT_LT(start, line.size()) << line;
      EXPECT_EQ(line.substr(start - 2, 2), "  ") << line;
      EXPECT_NE(line[start], ' ') << line;
    }
  }
  EXPECT_GE(count, 12);
}

TEST_F(Reproduce, StepsThatNeedNoDataRunWithoutThem) {
  const RunResult result = Reproduced({"E3", "--only", "toy", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_TRUE(Json::parse(result.out)["met"].get<bool>());
}

TEST_F(Reproduce, WrongUsageIsToldApartFromFailure) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {"E1", "--list"},
                                                {"E99"},
                                                {"E2", "--quick", "--only", "d=2"},
                                                {"E1", "--threads", "-1"}}) {
    const RunResult result = Reproduced(wrong);
    EXPECT_EQ(result.exit_code, 2) << result.error;
    EXPECT_THAT(result.error, HasSubstr("error: "));
  }
  EXPECT_THAT(Reproduced({"E99"}).error, HasSubstr("E1 (flowerpots)"));
}

TEST_F(Reproduce, MissingDataIsNamedWithTheOptionThatHelps) {
  const RunResult result = Reproduced({"flowerpots", "--data", "."});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, AllOf(HasSubstr("./flowerpots"), HasSubstr("--data"), HasSubstr("CONEC_DATA")));
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(Reproduce, FiguresThatAreMissedAreMarkedAndMakeItFail) {
  WriteOtherPots();
  const RunResult table = Reproduced({"E1", "--data", ".", "--only", "baselines", "--plot", "pots.svg"});
  EXPECT_EQ(table.exit_code, 1);
  EXPECT_THAT(table.out, AllOf(HasSubstr("reference"), HasSubstr("deviation"), HasSubstr("MISSED")));
  EXPECT_THAT(table.error, HasSubstr("5 figures missed"));
  const RunResult result = Reproduced({"E1", "--data", ".", "--only", "baselines", "--json"});
  EXPECT_EQ(result.exit_code, 1);
  const Json json = Json::parse(result.out);
  EXPECT_FALSE(json["met"].get<bool>());
  ASSERT_EQ(json["figures"].size(), 5U);
  EXPECT_FALSE(json["figures"][0]["met"].get<bool>());
  EXPECT_NEAR(json["figures"][0]["reference"].get<double>(), .02863, 1e-12);
}

TEST_F(Reproduce, AStepThatDoesNotExistIsAnErrorThatListsThem) {
  WriteOtherPots();
  const RunResult result = Reproduced({"E1", "--data", ".", "--only", "nothing"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, AllOf(HasSubstr("'nothing'"), HasSubstr("baselines, SimEc, SimEc with noise")));
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(Reproduce, AFigureThatCannotBeWrittenIsRefusedAtOnce) {
  const RunResult result = Reproduced({"E2", "--plot", "none/x.svg"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("none"));
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(Reproduce, FlowerpotsComeOutAsPublished) {
  if (std::getenv("CONEC_DATA") == nullptr) GTEST_SKIP() << "CONEC_DATA is not set";
  const RunResult result = Reproduced({"flowerpots", "--json", "--plot", "pots.svg"});
  ASSERT_EQ(result.exit_code, 0) << result.error << result.out;
  EXPECT_TRUE(Json::parse(result.out)["met"].get<bool>());
  EXPECT_THAT(ReadAll(folder_ / "pots.svg"), StartsWith("<?xml"));
  EXPECT_EQ(Reproduced({"E13"}).exit_code, 0);
}

}  // namespace
}  // namespace conec::testing_tools
