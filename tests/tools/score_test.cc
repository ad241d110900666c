// conec-analogy and conec-similarity: what they report, and by which rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/sample_fixture.h"

namespace conec::testing_tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using Json = nlohmann::json;

class Score : public SampleTest {
 protected:
  static RunResult Similarity(const std::vector<std::string>& more) {
    std::vector<std::string> command = {"conec-similarity", "--model"};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command);
  }

  static RunResult Analogy(const std::vector<std::string>& more) {
    std::vector<std::string> command = {"conec-analogy", "--questions", Questions()};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command);
  }

  static Json MustParse(const RunResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result.exit_code == 0 ? Json::parse(result.out) : Json();
  }
};

TEST_F(Score, SimilarityReportsEachFile) {
  WriteAll(folder_ / "none", "zorblax quux 1\nquux the 2\n");
  const RunResult table = Similarity({Model(), Pairs(), folder_ / "none"});
  EXPECT_EQ(table.exit_code, 0) << table.error;
  EXPECT_THAT(table.out, AllOf(StartsWith("file "), HasSubstr("80.0%"), HasSubstr("0.0%         -         -\n")));
  EXPECT_THAT(table.error, HasSubstr("none: no correlation: 0 of 2 pairs have vectors"));
  const Json json = MustParse(Similarity({Model(), Pairs(), folder_ / "none", "--json"}));
  ASSERT_EQ(json["files"].size(), 2u);
  EXPECT_EQ(json["files"][0]["pairs"], 5);
  EXPECT_EQ(json["files"][0]["found"], 4);
  EXPECT_LE(std::abs(json["files"][0]["spearman"].get<double>()), 1);
  EXPECT_TRUE(json["files"][1]["spearman"].is_null());
}

TEST_F(Score, SimilarityDependsOnVectorsAndOnWhatUnknownPairsAre) {
  const auto pearson = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {Model(), Pairs(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return MustParse(Similarity(arguments))["files"][0]["pearson"].get<double>();
  };
  const std::vector<std::vector<std::string>> variants = {{},
                                                          {"--unknown", "zero"},
                                                          {"--vectors", "conec"},
                                                          {"--vectors", "conec", "--own-weight", "9"},
                                                          {"--vectors", "conec", "--center"},
                                                          {"--vectors", "output"}};
  std::map<double, std::size_t> seen;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    EXPECT_TRUE(seen.emplace(pearson(variants[i]), i).second) << i;
  }
}

TEST_F(Score, SimilarityRefusesWhatWouldChangeNothing) {
  const RunResult result = Similarity({Model(), Pairs(), "--own-weight", "2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error, HasSubstr("--own-weight is for --vectors conec"));
  WriteAll(folder_ / "bad", "a b 1\nc d\n");
  const RunResult bad = Similarity({Model(), folder_ / "bad"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.error, HasSubstr("bad:2: expected two words and a number"));
}

TEST_F(Score, SimilarityFindsWordsInTheCaseAskedFor) {
  WriteAll(folder_ / "pairs", "THE OF 3\nthe a 2\n");
  for (const auto& [letters, found] :
       std::map<std::string, int>{{"model", 2}, {"exact", 1}, {"lower", 2}, {"fold", 2}, {"fold-ascii", 2}}) {
    const Json json = MustParse(Similarity({Model(), folder_ / "pairs", "--case", letters, "--json"}));
    EXPECT_EQ(json["files"][0]["found"], found) << letters;
    EXPECT_EQ(json["case"], letters);
  }
}

TEST_F(Score, AQuestionFileWithoutQuestionsIsAnError) {
  for (const char* text : {"", "\n", ": section\n"}) {
    WriteAll(folder_ / "questions", text);
    const RunResult result = RunProgram({"conec-analogy", "--model", Model(), "--questions", folder_ / "questions"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.error, HasSubstr("no questions"));
    EXPECT_THAT(result.out, IsEmpty());
  }
}

}  // namespace
}  // namespace conec::testing_tools
