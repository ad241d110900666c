#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/npy.h"
#include "conec/model.h"
#include "tests/tools/sample_fixture.h"
#include "word2vec/vector_file.h"

namespace conec::testing_tools {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using Json = nlohmann::json;

class EmbedProgram : public SampleTest {
 protected:
  static std::vector<std::string> Embed(const std::string& input, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {"conec-embed", "--model", Model(), "--input", input};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

double Length(const Json& vector) {
  double sum = 0;
  for (const Json& value : vector) sum += value.get<double>() * value.get<double>();
  return std::sqrt(sum);
}

TEST_F(EmbedProgram, NothingThatIsReadIsOverwritten) {
  WriteAll(folder_ / "d", "the zorblax of the house");
  std::filesystem::copy_file(Model(), folder_ / "model");
  const std::string before = ReadAll(folder_ / "model");
  for (const char* output : {"model", "d"}) {
    const RunResult result = RunProgram(
        {"conec-embed", "--model", folder_ / "model", "--input", folder_ / "d", "--output", folder_ / output});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error, HasSubstr("would overwrite"));
  }
  EXPECT_EQ(ReadAll(folder_ / "model"), before);
  EXPECT_EQ(ReadAll(folder_ / "d"), "the zorblax of the house");
}

TEST_F(EmbedProgram, JsonLinesAreRecognisedByName) {
  WriteAll(folder_ / "d.jsonl", "{\"text\": \"the zorblax of the house\"}\n");
  const auto words = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command = {"conec-embed", "--model", Model(),    "--input", folder_ / "d.jsonl",
                                        "--words",     "oov",     "--format", "tsv",     "--progress",
                                        "none"};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command).out;
  };
  EXPECT_THAT(words({}), testing::AllOf(HasSubstr("\tzorblax\t"), testing::Not(HasSubstr("\ttext\t"))));
  EXPECT_EQ(words({}), words({"--input-format", "jsonl"}));
  EXPECT_THAT(words({"--input-format", "line"}), HasSubstr("\tzorblax\t"));
  EXPECT_NE(words({}), words({"--input-format", "line"}));
}

TEST_F(EmbedProgram, EveryDocumentIsALineInTheOrderOfTheFiles) {
  const RunResult result = RunProgram(Embed(HeldOut()));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const std::vector<std::string> lines = Lines(result.out);
  const auto files = std::distance(std::filesystem::directory_iterator(HeldOut()), {});
  ASSERT_EQ(static_cast<std::ptrdiff_t>(lines.size()), files);
  std::string previous;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json json = Json::parse(lines[i]);
    EXPECT_EQ(json["document"], i);
    EXPECT_LT(previous, json["source"].get<std::string>());
    previous = json["source"];
    for (const Json& word : json["words"]) {
      ASSERT_EQ(word["vector"].size(), 16u);
      EXPECT_NEAR(Length(word["vector"]), word["zero"].get<bool>() ? 0 : 1, 1e-5);
    }
  }
}

TEST_F(EmbedProgram, TheNumberOfThreadsChangesNothing) {
  const RunResult one = RunProgram(Embed(Text(), {"--input-format", "line", "--threads", "1"}));
  const RunResult three = RunProgram(Embed(Text(), {"--input-format", "line", "--threads", "3"}));
  ASSERT_EQ(one.exit_code, 0) << one.error;
  EXPECT_TRUE(one.out == three.out);
}

TEST_F(EmbedProgram, OnlyWordsOutsideTheVocabularyOnRequest) {
  WriteAll(folder_ / "d", ReadAll(Text()).substr(0, 2000) + " zorblax and zorblax");
  const RunResult result = RunProgram(Embed(folder_ / "d", {"--words", "oov"}));
  const auto model = conec::Model::Open(Model());
  ASSERT_TRUE(model.ok());
  bool found = false;
  const Json json = Json::parse(result.out);
  for (const Json& word : json["words"]) {
    EXPECT_FALSE(word["known"].get<bool>());
    EXPECT_FALSE(model->vocabulary.Find(word["word"].get<std::string>()).has_value());
    if (word["word"] == "zorblax") {
      found = true;
      EXPECT_EQ(word["count"], 2);
    }
  }
  EXPECT_TRUE(found);
}

TEST_F(EmbedProgram, ADocumentLongerThanABatchIsOneDocument) {
  // 1.2 MB: many batches, and more output than is kept in memory at once.
  std::string text;
  while (text.size() < 1200000) text += ReadAll(Text());
  WriteAll(folder_ / "long", text);
  const RunResult result = RunProgram(Embed(folder_ / "long", {"--threads", "2"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  ASSERT_EQ(Lines(result.out).size(), 1u);
  std::uint64_t tokens = 0;
  const Json json = Json::parse(result.out);
  for (const Json& word : json["words"]) tokens += word["count"].get<std::uint64_t>();
  const RunResult per_token = RunProgram(Embed(folder_ / "long", {"--per", "token", "--format", "tsv"}));
  EXPECT_EQ(Lines(per_token.out).size(), tokens);
}

TEST_F(EmbedProgram, WordsWithoutKnownContextAreReportedAsZero) {
  WriteAll(folder_ / "d", "xyzzy qwghlm");
  const RunResult result = RunProgram(Embed(folder_ / "d"));
  ASSERT_EQ(result.exit_code, 0);
  const Json json = Json::parse(result.out);
  ASSERT_EQ(json["words"].size(), 2u);
  EXPECT_TRUE(json["words"][0]["zero"].get<bool>());
  EXPECT_THAT(result.error, HasSubstr("note: 2 of the vectors are zero"));
}

TEST_F(EmbedProgram, AllFormatsHoldTheSameVectors) {
  WriteAll(folder_ / "d", ReadAll(Text()).substr(0, 3000));
  ASSERT_EQ(RunProgram(Embed(folder_ / "d", {"--format", "npy", "--output", folder_ / "v.npy"})).exit_code, 0);
  ASSERT_EQ(RunProgram(Embed(folder_ / "d", {"--format", "word2vec", "--output", folder_ / "v.txt"})).exit_code, 0);
  EXPECT_THAT(folder_.Names(), ElementsAre("d", "v.npy", "v.txt", "v.words.tsv"));
  const Json json = Json::parse(RunProgram(Embed(folder_ / "d")).out);
  const auto npy = ReadNpy(folder_ / "v.npy");
  const auto text = word2vec::LoadWordVectors(folder_ / "v.txt");
  const auto labels = Lines(ReadAll(folder_ / "v.words.tsv"));
  const auto tsv = Lines(RunProgram(Embed(folder_ / "d", {"--format", "tsv"})).out);
  ASSERT_TRUE(npy.ok() && text.ok()) << npy.status() << text.status();
  const std::size_t count = json["words"].size();
  ASSERT_EQ(npy->rows(), count);
  ASSERT_EQ(text->vocabulary.size(), count);
  ASSERT_EQ(labels.size(), count);
  ASSERT_EQ(tsv.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const Json& word = json["words"][i];
    EXPECT_EQ(text->vocabulary.word(static_cast<corpora::WordId>(i)), word["word"].get<std::string>());
    EXPECT_THAT(tsv[i], StartsWith(labels[i] + "\t"));
    EXPECT_THAT(labels[i], StartsWith("0\t" + word["word"].get<std::string>() + "\t"));
    for (std::size_t j = 0; j < 16; ++j) {
      EXPECT_EQ(npy->row(i)[j], word["vector"][j].get<float>());
      EXPECT_EQ(text->vectors.row(i)[j], word["vector"][j].get<float>());
    }
  }
}

TEST_F(EmbedProgram, TheNameOfTheOutputSaysItsFormatUnlessAnOptionDoes) {
  WriteAll(folder_ / "d", "the first\n");
  for (const char* name : {"x.npy", "x.tsv", "x.json"}) {
    ASSERT_EQ(RunProgram(Embed(folder_ / "d", {"--output", folder_ / name})).exit_code, 0);
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("d", "x.json", "x.npy", "x.tsv", "x.words.tsv"));
  EXPECT_TRUE(ReadNpy(folder_ / "x.npy").ok());
  EXPECT_EQ(ReadAll(folder_ / "x.tsv"), RunProgram(Embed(folder_ / "d", {"--format", "tsv"})).out);
  ASSERT_EQ(RunProgram(Embed(folder_ / "d", {"--format", "jsonl", "--output", folder_ / "y.npy"})).exit_code, 0);
  EXPECT_EQ(ReadAll(folder_ / "y.npy"), ReadAll(folder_ / "x.json"));
}

TEST_F(EmbedProgram, WordsOfSeveralDocumentsCarryTheirNumber) {
  WriteAll(folder_ / "d", "the first\nthe second\n");
  const RunResult result = RunProgram(Embed(folder_ / "d", {"--input-format", "line", "--format", "word2vec"}));
  const auto lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0], "4 16");
  EXPECT_THAT(lines[1], StartsWith("the#0 "));
  EXPECT_THAT(lines[3], StartsWith("the#1 "));
}

TEST_F(EmbedProgram, PoolingGivesOneVectorPerDocument) {
  const RunResult result = RunProgram(Embed(HeldOut(), {"--pool", "mean"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  for (const std::string& line : Lines(result.out)) {
    const Json json = Json::parse(line);
    EXPECT_FALSE(json.contains("words"));
    EXPECT_NEAR(Length(json["vector"]), 1, 1e-5);
    EXPECT_GT(json["tokens"], 0);
  }
}

TEST_F(EmbedProgram, GlobalWeightOneGivesKnownWordsOneVectorEverywhere) {
  WriteAll(folder_ / "d", ReadAll(Text()).substr(0, 6000));
  const RunResult result =
      RunProgram(Embed(folder_ / "d", {"--global-weight", "1", "--input-format", "line", "--format", "jsonl"}));
  std::map<std::string, Json> first;
  std::size_t repeated = 0;
  for (const std::string& line : Lines(result.out)) {
    const Json document = Json::parse(line);
    for (const Json& word : document["words"]) {
      if (!word["known"].get<bool>()) continue;
      const auto [place, is_new] = first.try_emplace(word["word"].get<std::string>(), word["vector"]);
      if (!is_new) ++repeated;
      EXPECT_EQ(place->second, word["vector"]);
    }
  }
  EXPECT_GT(repeated, 20u);
}

TEST_F(EmbedProgram, AnEmptyDocumentAndAnEmptyInputAreNoErrors) {
  WriteAll(folder_ / "empty", "");
  for (const char* format : {"jsonl", "tsv", "word2vec"}) {
    EXPECT_EQ(RunProgram(Embed(folder_ / "empty", {"--format", format})).exit_code, 0) << format;
  }
}

TEST_F(EmbedProgram, ReadsStandardInputAsItReadsTheFile) {
  RunResult file = RunProgram(Embed(Text(), {"--format", "tsv"}));
  const RunResult piped = RunProgram(Embed("-", {"--format", "tsv"}), {.input_file = Text()});
  EXPECT_EQ(piped.exit_code, 0) << piped.error;
  EXPECT_TRUE(file.out == piped.out);
}

TEST_F(EmbedProgram, InvalidUtf8IsAnErrorThatNamesTheByteUnlessAskedOtherwise) {
  WriteAll(folder_ / "d", "the caf\xe9 here");
  const RunResult refused = RunProgram(Embed(folder_ / "d", {"--output", folder_ / "v"}));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.error, HasSubstr("not UTF-8 at byte 7"));
  EXPECT_THAT(folder_.Names(), ElementsAre("d"));
  const RunResult skipped = RunProgram(Embed(folder_ / "d", {"--invalid-utf8", "skip", "--format", "tsv"}));
  EXPECT_EQ(skipped.exit_code, 0);
  EXPECT_THAT(skipped.out, HasSubstr("\tcaf\t"));
}

TEST_F(EmbedProgram, JsonSummarisesWhereTheVectorsGoToAFile) {
  const RunResult result = RunProgram(Embed(HeldOut(), {"--json", "--output", folder_ / "v"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["documents"], Lines(ReadAll(folder_ / "v")).size());
  EXPECT_GT(json["vectors"], 0);
  EXPECT_EQ(RunProgram(Embed(HeldOut(), {"--json"})).exit_code, 2);
}

TEST_F(EmbedProgram, TakesOtherToolsVectorsWithLocalContextsOnly) {
  ASSERT_EQ(RunProgram({"conec-convert", "--model", Model(), "--to", "word2vec-bin", "--output", folder_ / "v.bin"})
                .exit_code,
            0);
  WriteAll(folder_ / "d", ReadAll(Text()).substr(0, 2000));
  const RunResult plain =
      RunProgram({"conec-embed", "--model", folder_ / "v.bin", "--input", folder_ / "d", "--format", "tsv"});
  ASSERT_EQ(plain.exit_code, 0) << plain.error;
  EXPECT_THAT(plain.error, HasSubstr("--global-weight is 0"));
  // Vectors without counts know no frequent words.
  const RunResult own =
      RunProgram(Embed(folder_ / "d", {"--format", "tsv", "--global-weight", "0", "--context-sif", "0"}));
  // A known word without local context has its global vector there, and none here.
  const std::vector<std::string> here = Lines(plain.out), there = Lines(own.out);
  ASSERT_EQ(here.size(), there.size());
  std::size_t same = 0;
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (here[i] == there[i]) {
      ++same;
    } else {
      EXPECT_THAT(here[i], EndsWith("\t0\t0\t0"));
    }
  }
  EXPECT_GT(same, 50u);
  const RunResult refused =
      RunProgram({"conec-embed", "--model", folder_ / "v.bin", "--input", folder_ / "d", "--global-weight", "0.5"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out, IsEmpty());
}

}  // namespace
}  // namespace conec::testing_tools
