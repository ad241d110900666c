// conec-analogy, conec-similarity and tools/eval_analogy.sh: what they report, and by which rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "conec/model.h"
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
                                                          {"--vectors", "conec", "--unit-parts", "--own-weight", "9"},
                                                          {"--vectors", "conec", "--output-weight", "0.5"},
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
  EXPECT_THAT(Similarity({Model(), Pairs(), "--output-weight", "1"}).error,
              HasSubstr("--output-weight is for --vectors conec"));
  EXPECT_EQ(Similarity({Model(), Pairs(), "--vectors", "conec", "--output-weight", "-1"}).exit_code, 2);
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

// One variant of one model, for comparison with what several in one call say.
Json Alone(const std::string& model, const std::string& questions, const Json& variant) {
  std::vector<std::string> command = {"conec-analogy", "--model",          model,      "--questions",     questions,
                                      "--vectors",     variant["vectors"], "--method", variant["method"], "--json"};
  if (variant.contains("own_weight")) {
    command.insert(command.end(), {variant["unit_parts"] == true ? "--unit-own-weight" : "--own-weight",
                                   fmt::format("{:g}", variant["own_weight"].get<double>()), "--output-weight",
                                   fmt::format("{:g}", variant["output_weight"].get<double>())});
  }
  const RunResult result = RunProgram(command);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return Json::parse(result.out);
}

TEST_F(Score, SeveralModelsAndVariantsInOneCallAreTheirSingleScores) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m2", {"--seed", "7"})).exit_code, 0);
  const Json json = MustParse(
      Analogy({"--model", Model(), "--model", folder_ / "m2", "--vectors", "word2vec,conec", "--own-weight", "0.5,4",
               "--unit-own-weight", "1.5", "--output-weight", "0,0.5", "--method", "3cosadd,3cosmul", "--json"}));
  ASSERT_EQ(json["variants"].size(), 14u);
  for (const Json& variant : json["variants"]) {
    SCOPED_TRACE(variant.dump().substr(0, 100));
    const Json first = Alone(Model(), Questions(), variant), second = Alone(folder_ / "m2", Questions(), variant);
    const auto accuracy = [](const Json& score) { return score["accuracy"].get<double>(); };
    for (const char* row : {"total", "semantic", "syntactic"}) {
      const double a = accuracy(first[row]), b = accuracy(second[row]);
      EXPECT_NEAR(variant[row]["accuracy_mean"].get<double>(), (a + b) / 2, 1e-9);
      EXPECT_NEAR(variant[row]["accuracy_std"].get<double>(), std::abs(a - b) / std::sqrt(2), 1e-9);
      EXPECT_EQ(variant[row]["answered"], Json({first[row]["answered"], second[row]["answered"]}));
    }
    ASSERT_EQ(variant["sections"].size(), first["sections"].size());
    for (std::size_t i = 0; i < first["sections"].size(); ++i) {
      EXPECT_EQ(variant["sections"][i]["correct"],
                Json({first["sections"][i]["correct"], second["sections"][i]["correct"]}));
    }
    EXPECT_EQ(variant.contains("gain_mean"), variant["vectors"] == "conec");
  }
}

TEST_F(Score, VariantsWithOutputWeightAreNamedByIt) {
  const RunResult table = Analogy(
      {"--model", Model(), "--vectors", "word2vec,conec", "--unit-own-weight", "2", "--output-weight", "0,0.5"});
  EXPECT_EQ(table.exit_code, 0) << table.error;
  EXPECT_THAT(table.out, HasSubstr("conec unit 2  "));
  EXPECT_THAT(table.out, HasSubstr("conec unit 2 output 0.5"));
  const RunResult unused = Analogy({"--model", Model(), "--output-weight", "0.5"});
  EXPECT_EQ(unused.exit_code, 2);
  EXPECT_THAT(unused.error, HasSubstr("--output-weight is for --vectors conec"));
  EXPECT_EQ(Analogy({"--model", Model(), "--vectors", "conec", "--output-weight", "-1"}).exit_code, 2);
}

TEST_F(Score, GainsAreThoseOverWord2vecByTheSameMethod) {
  const Json json = MustParse(Analogy(
      {"--model", Model(), "--vectors", "output", "--vectors", "word2vec", "--method", "3cosmul,3cosadd", "--json"}));
  ASSERT_EQ(json["variants"].size(), 4u);
  for (const int method : {0, 1}) {
    const Json &output = json["variants"][method], &word2vec = json["variants"][2 + method];
    EXPECT_EQ(output["method"], word2vec["method"]);
    EXPECT_NEAR(output["gain_mean"].get<double>(),
                output["total"]["accuracy_mean"].get<double>() - word2vec["total"]["accuracy_mean"].get<double>(),
                1e-9);
  }
}

TEST_F(Score, PublishedFiguresStandBesideOurs) {
  WriteAll(folder_ / "p.tsv", "section\tpaper A\tpaper B\ntotal\t42.1 (0.6)\t46.5\nnowhere\t1\t2\n");
  const RunResult table = Analogy({"--model", Model(), "--published", folder_ / "p.tsv"});
  EXPECT_EQ(table.exit_code, 0) << table.error;
  EXPECT_THAT(table.out, ::testing::ContainsRegex("3cosadd +answered/total +word2vec +paper A +paper B\n"));
  EXPECT_THAT(table.out, ::testing::ContainsRegex("\ntotal [^\n]*  42.1 \\(0.6\\)     46.5\n"));
  const Json json = MustParse(Analogy({"--model", Model(), "--published", folder_ / "p.tsv", "--json"}));
  EXPECT_EQ(json["published"]["total"]["paper B"], "46.5");
  WriteAll(folder_ / "bad.tsv", "section\tA\ntotal\n");
  const RunResult bad = Analogy({"--model", Model(), "--published", folder_ / "bad.tsv"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.error, HasSubstr("bad.tsv:2: expected 2 columns, found 1"));
}

TEST_F(Score, ProtocolsAreNamedAndOptionsOverrideThem) {
  const std::map<std::string, std::pair<std::string, int>> rules = {{"model", {"model", 30000}},
                                                                    {"conec", {"lower", 30000}},
                                                                    {"word2vec", {"fold-ascii", 30000}},
                                                                    {"gensim", {"fold", 300000}}};
  for (const auto& [protocol, expected] : rules) {
    const Json json = MustParse(Analogy({"--model", Model(), "--protocol", protocol, "--json"}));
    EXPECT_EQ(json["protocol"], protocol);
    EXPECT_EQ(json["case"], expected.first);
    EXPECT_EQ(json["restrict_vocab"], expected.second);
    EXPECT_EQ(json["unknown"], "skip");
    EXPECT_LT(json["total"]["answered"], json["total"]["total"]);
    const Json other = MustParse(Analogy({"--model", Model(), "--protocol", protocol, "--restrict-vocab", "50",
                                          "--case", "exact", "--unknown", "wrong", "--json"}));
    EXPECT_EQ(other["case"], "exact");
    EXPECT_EQ(other["restrict_vocab"], 50);
    EXPECT_EQ(other["total"]["answered"], other["total"]["total"]);
  }
  EXPECT_EQ(MustParse(Analogy({"--model", Model(), "--json"}))["protocol"], "model");
}

TEST_F(Score, WhereNothingCouldBeAnsweredTheNoteSaysOfHowManyAndAmongWhat) {
  WriteAll(folder_ / "q", ": section\nno such words here\n");
  const RunResult one = RunProgram({"conec-analogy", "--model", Model(), "--questions", folder_ / "q"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_THAT(one.error, HasSubstr(": of 1 question, none has all of its four words among its 30,000 most frequent"));
  WriteAll(folder_ / "q", ": section\nno such words here\nand none of these\n");
  const RunResult two =
      RunProgram({"conec-analogy", "--model", Model(), "--questions", folder_ / "q", "--restrict-vocab", "0"});
  EXPECT_THAT(two.error, HasSubstr(": of 2 questions, none has all of its four words among the words of the model"));
}

TEST_F(Score, ProtocolsDifferInCase) {
  WriteAll(folder_ / "v", "5 2\nAthens 1 0\ngreece 0 1\nOslo 1 1\nNORWAY 1 3\nnorway 1 4\n");
  WriteAll(folder_ / "q", ": capitals\nathens Greece oslo norway\n");
  const std::map<std::string, std::string> answered = {{"conec", "0"}, {"word2vec", "1"}, {"gensim", "1"}};
  for (const auto& [protocol, count] : answered) {
    const Json json = MustParse(RunProgram(
        {"conec-analogy", "--model", folder_ / "v", "--questions", folder_ / "q", "--protocol", protocol, "--json"}));
    EXPECT_EQ(json["total"]["answered"].dump(), count) << protocol;
    EXPECT_EQ(json["total"]["correct"].dump(), count) << protocol;
  }
}

TEST_F(Score, ASingleModelHasNoDeviation) {
  const Json json = MustParse(Analogy({"--model", Model(), "--vectors", "word2vec,conec", "--json"}));
  ASSERT_EQ(json["variants"].size(), 2u);
  for (const Json& variant : json["variants"]) EXPECT_TRUE(variant["total"]["accuracy_std"].is_null());
  EXPECT_TRUE(json["variants"][1].contains("gain_mean") && json["variants"][1]["gain_std"].is_null());
}

// tools/eval_analogy.sh on the sample corpus.
class EvalAnalogy : public Score {
 protected:
  static void SetUpTestSuite() {
    Score::SetUpTestSuite();
    setenv("CONEC_BIN", CONEC_BIN, 1);
  }

  RunResult Run(const std::vector<std::string>& more) const {
    const std::filesystem::path script = std::filesystem::path(CONEC_SOURCE_DIR) / "tools/eval_analogy.sh";
    std::vector<std::string> command = {script.lexically_relative(CONEC_BIN)};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command);
  }

  RunResult RunOnSample(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {Text(),          Questions(),   "--dim", "16",
                                          "--epochs=2",    "--min-count", "2",     "--out",
                                          folder_ / "out", "--progress",  "none"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
};

TEST_F(EvalAnalogy, TrainsAModelPerSeedAndScoresEachVariant) {
  const Json json = MustParse(RunOnSample({"--seeds", "4,9", "--own-weight", "0,1", "--json"}));
  EXPECT_EQ(json["models"].size(), 2u);
  EXPECT_EQ(json["protocol"], "conec");
  ASSERT_EQ(json["variants"].size(), 8u);
  for (const Json& variant : json["variants"]) {
    EXPECT_EQ(variant["total"]["accuracies"].size(), 2u);
    EXPECT_GT(variant["total"]["answered"][0], 0);
  }
  EXPECT_EQ(json["published"]["total"]["text8 ConEc"], "46.5 (0.1)");
  const auto model = conec::Model::Open(folder_ / "out/seed9.conec");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->dim(), 16u);
  EXPECT_EQ(model->info.training->seed, 9u);
  EXPECT_EQ(model->info.training->negatives, 13);
  EXPECT_EQ(model->info.training->shared_negatives, 1);
  EXPECT_EQ(model->info.training->epochs, 2);
  EXPECT_EQ(model->info.tokenizer.kind, tokenize::TokenizerKind::kWhitespace);
}

TEST_F(EvalAnalogy, UsesModelsThatAreThereUnlessTheyAreOthers) {
  ASSERT_EQ(RunOnSample({"--seeds", "1"}).exit_code, 0);
  const std::string before = ReadAll(folder_ / "out/seed1.conec");
  const RunResult again = RunOnSample({"--seeds", "1", "--method", "3cosadd"});
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_THAT(again.error, HasSubstr("seed1.conec is there"));
  EXPECT_TRUE(ReadAll(folder_ / "out/seed1.conec") == before);
  const RunResult other = RunOnSample({"--seeds", "1", "--window", "2"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.error, HasSubstr("trained with other options"));
  EXPECT_THAT(other.out, IsEmpty());
}

// Programs that print how they were called, in a folder that CONEC_BIN names.
class EvalAnalogyCalls : public EvalAnalogy {
 protected:
  EvalAnalogyCalls() {
    for (const char* name : {"conec-train", "conec-analogy"}) {
      WriteAll(folder_ / name, "#!/bin/sh\nprintf '%s|' \"$(basename \"$0\")\" \"$@\"; echo\n");
      std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_all);
    }
    setenv("CONEC_BIN", folder_.path().c_str(), 1);
  }
  ~EvalAnalogyCalls() override { setenv("CONEC_BIN", CONEC_BIN, 1); }

  RunResult Call(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {Text(), Questions(), "--seeds=7"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
};

TEST_F(EvalAnalogyCalls, OtherSpellingsReplaceTheSettingsOfTheScript) {
  for (const std::vector<std::string>& spelled : std::vector<std::vector<std::string>>{
           {"-size", "50", "-window", "3", "-negative", "4", "-iter", "2", "-min-count", "1", "-sample", "1e-3",
            "-threads", "1"},
           {"-dim", "50", "-ws", "3", "-neg", "4", "-epoch", "2", "-minCount", "1", "-t", "1e-3", "-thread", "1"},
           {"--dim=50", "--window=3", "--negatives=4", "--epochs=2", "--min-count=1", "--sample=1e-3", "--threads=1"},
           {"--dim", "9", "-size", "50", "--window", "3", "--negatives", "4", "--epochs", "2", "--min-count", "1",
            "--sample", "1e-3", "--threads", "1"}}) {
    const RunResult result = Call(spelled);
    ASSERT_EQ(result.exit_code, 0) << result.error;
    EXPECT_THAT(result.error, HasSubstr("|--tokenizer|whitespace|--dim|50|--window|3|--negatives|4|--shared-negatives|"
                                        "1|--min-count|1|--sample|1e-3|"
                                        "--epochs|2|--seed|7|--threads|1|--output|"));
    EXPECT_THAT(result.out, HasSubstr("|--threads|1|"));
  }
}

TEST_F(EvalAnalogyCalls, EverySettingOfThePaperCanBeReplaced) {
  EXPECT_THAT(Call({"--shared-negatives", "32", "--tokenizer=icu"}).error,
              HasSubstr("|--tokenizer|icu|--dim|200|--window|5|--negatives|13|--shared-negatives|32|--min-count|5|"
                        "--sample|0|--epochs|10|--seed|7|"));
}

TEST_F(EvalAnalogyCalls, NothingThatIsGivenIsEvaluated) {
  const std::string hostile = "$(touch " + folder_ / "evaluated" + ")";
  const RunResult result =
      Call({"--line-token", hostile, "--locale=" + hostile, "--x[" + hostile + "]", "--dim", hostile});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("|--line-token|" + hostile + "|--locale=" + hostile + "|--x[" + hostile + "]|"));
  EXPECT_THAT(result.error, HasSubstr("|--dim|" + hostile + "|"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "evaluated"));
}

TEST_F(EvalAnalogyCalls, ProgramsThatAreNotWhereTheyAreSaidToBeAreAnError) {
  std::filesystem::remove(folder_ / "conec-analogy");
  const RunResult lacks = Call({});
  EXPECT_EQ(lacks.exit_code, 1);
  EXPECT_THAT(lacks.error, HasSubstr("'" + folder_.path() + "', which holds no program conec-analogy"));
  setenv("CONEC_BIN", (folder_ / "nowhere").c_str(), 1);
  const RunResult nowhere = Call({});
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_THAT(nowhere.error, HasSubstr("nowhere', which is no folder"));
}

TEST_F(EvalAnalogy, MistakesHaveTheirExitCodes) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"corpus"},
                                             {"corpus", "questions", "--seeds", "1;2"},
                                             {"corpus", "questions", "--seeds=1,1"},
                                             {"corpus", "questions", "-seed", "1"},
                                             {"corpus", "questions", "-train", "text"},
                                             {"corpus", "questions", "--seed", "1"},
                                             {"corpus", "questions", "--out"}}) {
    const RunResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(arguments) << result.error;
    EXPECT_THAT(result.error, HasSubstr("--help"));
  }
  EXPECT_EQ(Run({"corpus", "/nonexistent/questions"}).exit_code, 1);
  EXPECT_EQ(RunOnSample({"--no-such-option"}).exit_code, 2);
  EXPECT_EQ(Run({"--help"}).exit_code, 0);
}

}  // namespace
}  // namespace conec::testing_tools
