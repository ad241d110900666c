// conec-nn, conec-analogy and conec-convert.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "conec/model.h"
#include "tests/tools/sample_fixture.h"
#include "word2vec/vector_file.h"

namespace conec::testing_tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using Json = nlohmann::json;

class Query : public SampleTest {};

TEST_F(Query, NeighboursAreSortedAndDoNotIncludeTheWord) {
  const RunResult result = RunProgram({"conec-nn", "--model", Model(), "-k", "7", "--json", "The"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json query = Json::parse(result.out)["queries"][0];
  EXPECT_EQ(query["word"], "the");
  ASSERT_EQ(query["neighbours"].size(), 7u);
  double previous = 1.0001;
  for (const Json& neighbour : query["neighbours"]) {
    EXPECT_NE(neighbour["word"], "the");
    EXPECT_LE(neighbour["cosine"], previous);
    previous = neighbour["cosine"];
  }
}

TEST_F(Query, WordsComeFromStandardInputWhenNoneIsGiven) {
  WriteAll(folder_ / "words", "the\nof\n");
  const RunResult piped = RunProgram({"conec-nn", "--model", Model(), "-k", "3"}, {.input_file = folder_ / "words"});
  const RunResult given = RunProgram({"conec-nn", "--model", Model(), "-k", "3", "the", "of"});
  EXPECT_EQ(piped.exit_code, 0) << piped.error;
  EXPECT_EQ(piped.out, given.out);
  EXPECT_THAT(given.out, StartsWith("the\t"));
}

TEST_F(Query, AnUnknownWordPointsToDocument) {
  const RunResult result = RunProgram({"conec-nn", "--model", Model(), "zorblax"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("'zorblax' is not in the vocabulary: give --document FILE"));
  EXPECT_THAT(result.out, IsEmpty());
  WriteAll(folder_ / "words", "the\nzorblax\n");
  const RunResult piped = RunProgram({"conec-nn", "--model", Model()}, {.input_file = folder_ / "words"});
  EXPECT_EQ(piped.exit_code, 1);
  EXPECT_THAT(piped.out, StartsWith("the\t"));
}

TEST_F(Query, AnUnknownWordHasNeighboursInADocument) {
  WriteAll(folder_ / "d", "the Zorblax of the house was in the Zorblax");
  const RunResult result = RunProgram(
      {"conec-nn", "--model", Model(), "--document", folder_ / "d", "--word", "zorblax", "-k", "4", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json query = Json::parse(result.out)["queries"][0];
  EXPECT_EQ(query["known"], false);
  EXPECT_EQ(query["neighbours"].size(), 4u);
  const RunResult absent = RunProgram({"conec-nn", "--model", Model(), "--document", folder_ / "d", "--word", "quux"});
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_THAT(absent.error, HasSubstr("'quux' does not occur in"));
}

TEST_F(Query, AWordWithoutAVectorDoesNotSilenceTheOthers) {
  const RunResult result = RunProgram({"conec-nn", "--model", Model(), "-k", "2", "zorblax", "the", "quux"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, StartsWith("the\t"));
  EXPECT_THAT(result.error, testing::AllOf(HasSubstr("'zorblax'"), HasSubstr("'quux'")));
}

TEST_F(Query, NegativeNumbersAreWrongUsage) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"conec-nn", "--model", Model(), "-k", "-3", "the"},
                                             {"conec-nn", "--model", Model(), "--restrict-vocab", "-1", "the"},
                                             Train(folder_ / "m", {"--max-vocab", "-5"})}) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error, HasSubstr("must not be negative, got"));
  }
}

TEST_F(Query, WeightsHaveARange) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"conec-nn", "--model", Model(), "--own-weight", "-1", "the"},
           {"conec-embed", "--model", Model(), Text(), "--own-weight", "-0.5"},
           {"conec-convert", "--model", Model(), "--vectors", "conec", "--own-weight", "-1", "--to", "npy", "--output",
            folder_ / "v"},
           {"conec-similarity", "--model", Model(), Questions(), "--vectors", "conec", "--own-weight", "-1"},
           {"conec-similarity", "--model", Model(), Questions(), "--vectors", "conec", "--own-weight", "1e300"},
           {"conec-analogy", "--model", Model(), "--questions", Questions(), "--vectors", "conec", "--own-weight",
            "1,-1"},
           {"conec-analogy", "--model", Model(), "--questions", Questions(), "--vectors", "conec", "--unit-own-weight",
            "-1"}}) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error, HasSubstr("must be 0 to 1000000, got"));
  }
}

TEST_F(Query, OutputWeightMixesTheSameVectorsForNeighboursAndForOtherFormats) {
  const std::vector<std::string> mix = {"--vectors", "conec", "--own-weight", "2", "--unit-parts"};
  const auto run = [&](std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), mix.begin(), mix.end());
    command.insert(command.end(), more.begin(), more.end());
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result.out;
  };
  const std::vector<std::string> nn = {"conec-nn", "the", "-k", "5", "--model"};
  const std::vector<std::string> convert = {"conec-convert", "--to",    "word2vec-bin", "--output",
                                            folder_ / "v",   "--model", Model()};
  std::vector<std::string> of_model = nn;
  of_model.push_back(Model());
  for (const char* weight : {"0", "0.5"}) {
    run(convert, {"--output-weight", weight});
    const RunResult converted = RunProgram({"conec-nn", "the", "-k", "5", "--model", folder_ / "v"});
    EXPECT_EQ(converted.out, run(of_model, {"--output-weight", weight}));
  }
  EXPECT_NE(run(of_model, {}), run(of_model, {"--output-weight", "0.5"}));
  EXPECT_EQ(run(of_model, {}), run(of_model, {"--output-weight", "0"}));
}

TEST_F(Query, OutputWeightNeedsAnOutputTableAndConecVectors) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--corpus", folder_ / "corpus"})).exit_code, 0);
  ASSERT_EQ(RunProgram({"conec-convert", "--model", folder_ / "m", "--to", "word2vec-bin", "--output", folder_ / "v"})
                .exit_code,
            0);
  ASSERT_EQ(RunProgram({"conec-convert", "--input", folder_ / "v", "--to", "model", "--corpus", folder_ / "corpus",
                        "--output", folder_ / "w"})
                .exit_code,
            0);
  const RunResult missing =
      RunProgram({"conec-nn", "the", "--model", folder_ / "w", "--vectors", "conec", "--output-weight", "0.5"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.error, HasSubstr("--output-weight: the model has no output table"));
  const RunResult unused =
      RunProgram({"conec-nn", "the", "--model", Model(), "--vectors", "word2vec", "--output-weight", "0.5"});
  EXPECT_EQ(unused.exit_code, 2);
  EXPECT_THAT(unused.error, HasSubstr("--output-weight is for --vectors conec"));
}

TEST_F(Query, PlainVectorsHaveNothingToCompareADocumentWith) {
  ASSERT_EQ(RunProgram({"conec-convert", "--model", Model(), "--to", "glove", "--output", folder_ / "v"}).exit_code, 0);
  WriteAll(folder_ / "d", "the zorblax of the house");
  const RunResult result =
      RunProgram({"conec-nn", "--model", folder_ / "v", "--document", folder_ / "d", "--word", "zorblax"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("conec-convert --to model --corpus"));
}

// A model of text that was prepared beforehand (lower case, no punctuation) meets text that was not.
TEST_F(Query, PreparedTextMeetsCapitalsAndPunctuation) {
  const std::string model = folder_ / "prepared.conec";
  std::string text;
  for (int i = 0; i < 40; ++i) text += "the king of france lives in paris and the king of spain lives in madrid\n";
  WriteAll(folder_ / "prepared", text);
  ASSERT_EQ(RunProgram({"conec-train", "--input", folder_ / "prepared", "--output", model, "--tokenizer", "whitespace",
                        "--dim", "8", "--epochs", "1", "--threads", "1", "--progress", "none"})
                .exit_code,
            0);
  WriteAll(folder_ / "questions", ": capitals\nParis France Madrid Spain\n");
  const std::vector<std::string> ask = {"conec-analogy",       "--model", model, "--questions",
                                        folder_ / "questions", "--json"};
  EXPECT_EQ(Json::parse(RunProgram(ask).out)["total"]["answered"], 1);
  std::vector<std::string> exact = ask;
  exact.push_back("--exact-case");
  EXPECT_EQ(Json::parse(RunProgram(exact).out)["total"]["answered"], 0);
  WriteAll(folder_ / "d", "The Zorblax, of Paris! Madrid: \"zorblax.\"");
  const RunResult near = RunProgram({"conec-embed", "--model", model, "--input", folder_ / "d", "--words", "oov",
                                     "--format", "tsv", "--progress", "none"});
  EXPECT_THAT(near.out, HasSubstr("\tzorblax\t2\t")) << near.out << near.error;
  const RunResult split = RunProgram({"conec-embed", "--model", model, "--input", folder_ / "d", "--words", "oov",
                                      "--format", "tsv", "--progress", "none", "--tokenizer", "whitespace"});
  EXPECT_THAT(split.out, HasSubstr("\tZorblax,\t1\t")) << split.out << split.error;
}

TEST_F(Query, AnalogyTotalsAreTheSumsOfTheSections) {
  for (const char* vectors : {"word2vec", "conec", "output"}) {
    const RunResult result =
        RunProgram({"conec-analogy", "--model", Model(), "--questions", Questions(), "--vectors", vectors, "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.error;
    const Json json = Json::parse(result.out);
    for (const char* key : {"correct", "answered", "total"}) {
      std::uint64_t sum = 0;
      for (const Json& section : json["sections"]) sum += section[key].get<std::uint64_t>();
      EXPECT_EQ(json["total"][key], sum) << key;
    }
    EXPECT_GT(json["total"]["answered"], 0);
    EXPECT_NEAR(json["total"]["accuracy"].get<double>(),
                100 * json["total"]["correct"].get<double>() / json["total"]["answered"].get<double>(), 1e-9);
  }
}

TEST_F(Query, AnalogyTableEndsWithTheTotal) {
  const RunResult result = RunProgram({"conec-analogy", "--model", Model(), "--questions", Questions()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("section "));
  EXPECT_THAT(result.out, HasSubstr("\ntotal "));
  EXPECT_THAT(result.error, IsEmpty());
}

TEST_F(Query, AMalformedQuestionIsNamedByItsLine) {
  WriteAll(folder_ / "questions", ": section\na b c d\na b c\n");
  const RunResult result = RunProgram({"conec-analogy", "--model", Model(), "--questions", folder_ / "questions"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("questions:3:"));
}

TEST_F(Query, PlainVectorsScoreAsTheModelTheyCameFrom) {
  ASSERT_EQ(RunProgram({"conec-convert", "--model", Model(), "--to", "word2vec-text", "--output", folder_ / "v.txt"})
                .exit_code,
            0);
  const RunResult plain =
      RunProgram({"conec-analogy", "--model", folder_ / "v.txt", "--questions", Questions(), "--restrict-vocab", "0"});
  const RunResult own =
      RunProgram({"conec-analogy", "--model", Model(), "--questions", Questions(), "--restrict-vocab", "0"});
  EXPECT_EQ(plain.exit_code, 0) << plain.error;
  EXPECT_EQ(plain.out, own.out);
  const RunResult refused =
      RunProgram({"conec-analogy", "--model", folder_ / "v.txt", "--questions", Questions(), "--vectors", "conec"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.error, HasSubstr("--vectors word2vec"));
}

TEST_F(Query, EveryFormatGivesBackTheVectors) {
  const auto model = conec::Model::Open(Model());
  ASSERT_TRUE(model.ok());
  for (const char* format : {"word2vec-text", "word2vec-bin", "fasttext", "glove", "npy", "projector"}) {
    const TempFolder there, back;
    const RunResult to =
        RunProgram({"conec-convert", "--model", Model(), "--to", format, "--output", there / "v.tsv", "--json"});
    ASSERT_EQ(to.exit_code, 0) << format << to.error;
    EXPECT_EQ(Json::parse(to.out)["words"], model->size());
    const RunResult from = RunProgram({"conec-convert", "--input", there / "v.tsv", "--from", format, "--to",
                                       "word2vec-bin", "--output", back / "v.bin"});
    ASSERT_EQ(from.exit_code, 0) << format << from.error;
    const auto vectors = word2vec::LoadWordVectors(back / "v.bin");
    ASSERT_TRUE(vectors.ok()) << vectors.status();
    ASSERT_EQ(vectors->vocabulary.size(), model->size());
    for (std::size_t i = 0; i < model->size(); ++i) {
      const auto id = static_cast<corpora::WordId>(i);
      ASSERT_EQ(vectors->vocabulary.word(id), model->vocabulary.word(id));
      for (std::size_t j = 0; j < model->dim(); ++j) ASSERT_EQ(vectors->vectors.row(i)[j], model->input.row(i)[j]);
    }
  }
}

TEST_F(Query, ConvertingWritesIntoAPipeWhatItWritesIntoAFile) {
  const std::vector<std::string> convert = {"conec-convert", "--model", Model(), "--to", "word2vec-text", "--output"};
  const auto to = [&](const std::string& output) {
    std::vector<std::string> command = convert;
    command.push_back(output);
    return RunProgram(command).exit_code;
  };
  ASSERT_EQ(to(folder_ / "file"), 0);
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = ReadAll(pipe); });
  EXPECT_EQ(to(pipe), 0);
  const int release = open(pipe.c_str(), O_WRONLY | O_NONBLOCK);  // a reader that still waits
  if (release >= 0) close(release);
  reader.join();
  EXPECT_TRUE(read == ReadAll(folder_ / "file"));
}

TEST_F(Query, ConvertingNeverOverwritesWhatItReads) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--corpus", folder_ / "ids"})).exit_code, 0);
  const std::string model = ReadAll(folder_ / "m"), corpus = ReadAll(folder_ / "ids");
  std::filesystem::create_symlink("m", folder_ / "link");
  std::filesystem::create_symlink("m", folder_ / "v.words.txt");
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{
           {"--to", "npy", "--output", folder_ / "m"},
           {"--to", "glove", "--output", folder_ / "link"},
           {"--to", "npy", "--output", folder_ / "v.npy"},  // its words
           {"--to", "model", "--corpus", folder_ / "ids", "--output", folder_ / "ids"}}) {
    std::vector<std::string> command = {"conec-convert", "--model", folder_ / "m"};
    command.insert(command.end(), more.begin(), more.end());
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(command);
    EXPECT_THAT(result.error, HasSubstr("would overwrite"));
  }
  EXPECT_TRUE(ReadAll(folder_ / "m") == model && ReadAll(folder_ / "ids") == corpus);
}

TEST_F(Query, ConvertingRefusesOptionsThatWouldChangeNothing) {
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{{"--from", "glove"},
                                                                                    {"--max-words", "5"},
                                                                                    {"--skip-duplicates"},
                                                                                    {"--own-weight", "1"},
                                                                                    {"--output-weight", "1"},
                                                                                    {"--center"}}) {
    std::vector<std::string> command = {"conec-convert", "--model", Model(), "--to", "npy", "--output", folder_ / "v"};
    command.insert(command.end(), more.begin(), more.end());
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 2) << more[0];
    EXPECT_THAT(result.error, HasSubstr("error: " + more[0] + " "));
  }
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(Query, WhatIsWrongWithAVectorsFileNamesTheOptionThatReadsIt) {
  for (const auto& [text, option, value, expected] :
       std::vector<std::array<std::string, 4>>{{"2 1\na 1\na 2\n", "--skip-duplicates", "", "a 1\n"},
                                               {"2 1\na 1\nb nan\n", "--allow-non-finite", "", "a 1\nb nan\n"},
                                               {"2 1\na 1\nb\xC3 2\n", "--invalid-utf8", "skip", "a 1\nb 2\n"}}) {
    WriteAll(folder_ / "v", text);
    std::vector<std::string> command = {"conec-convert", "--input",  folder_ / "v",  "--to",
                                        "glove",         "--output", folder_ / "out"};
    const RunResult refused = RunProgram(command);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.error, HasSubstr("conec-convert " + option));
    command.push_back(option);
    if (!value.empty()) command.push_back(value);
    const RunResult read = RunProgram(command);
    EXPECT_EQ(read.exit_code, 0) << read.error;
    EXPECT_EQ(ReadAll(folder_ / "out"), expected);
    std::filesystem::remove(folder_ / "out");
  }
}

TEST_F(Query, BinaryIsTheAliasOfWord2vec) {
  ASSERT_EQ(RunProgram({"conec-convert", "-model", Model(), "-binary", "1", "-output", folder_ / "a"}).exit_code, 0);
  ASSERT_EQ(
      RunProgram({"conec-convert", "--model", Model(), "--to", "word2vec-bin", "--output", folder_ / "b"}).exit_code,
      0);
  EXPECT_TRUE(ReadAll(folder_ / "a") == ReadAll(folder_ / "b"));
}

// The global context vectors of a model file, and what they are.
struct Contexts {
  std::vector<float> values;
  ContextOptions options;
};

Contexts ContextsOf(const std::string& path) {
  const auto model = conec::Model::Open(path);
  EXPECT_TRUE(model.ok()) << model.status();
  Contexts contexts;
  for (std::size_t i = 0; i < model->global_context.rows; ++i) {
    const auto row = model->global_context.row(i);
    contexts.values.insert(contexts.values.end(), row.begin(), row.end());
  }
  EXPECT_EQ(contexts.values.size(), model->size() * model->dim());
  contexts.options = model->info.context;
  return contexts;
}

const std::vector<std::string> kOtherContexts = {
    "--context-window", "3",    "--context-weighting", "inverse-distance",        "--context-scaling", "max",
    "--context-sif",    "1e-3", "--no-unit-rows",      "--context-exclude-target"};

// Vectors of word2vec's format have no counts of words, which --context-sif needs: they come from the corpus.
TEST_F(Query, OtherToolsVectorsBecomeAModelWithTheContextsOfACorpus) {
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--context-sif", "0"}, kOtherContexts}) {
    const auto with = [&options](std::vector<std::string> command) {
      command.insert(command.end(), options.begin(), options.end());
      const RunResult result = RunProgram(command);
      ASSERT_EQ(result.exit_code, 0) << result.error;
    };
    with(Train(folder_ / "m", {"--corpus", folder_ / "ids"}));
    ASSERT_EQ(RunProgram({"conec-convert", "--model", folder_ / "m", "--to", "word2vec-bin", "--output", folder_ / "v"})
                  .exit_code,
              0);
    with({"conec-convert", "--input", folder_ / "v", "--to", "model", "--corpus", folder_ / "ids", "--output",
          folder_ / "m2"});
    const Contexts trained = ContextsOf(folder_ / "m"), made = ContextsOf(folder_ / "m2");
    EXPECT_TRUE(made.options == trained.options);
    EXPECT_TRUE(made.values == trained.values);
    WriteAll(folder_ / "d", "the zorblax of the house");
    const auto embedded = [this](const std::string& model) {
      return RunProgram({"conec-embed", "--model", folder_ / model, "--input", folder_ / "d"});
    };
    EXPECT_EQ(embedded("m2").exit_code, 0) << embedded("m2").error;
    EXPECT_EQ(embedded("m2").out, embedded("m").out);
  }
}

TEST_F(Query, AModelsContextsAreMadeAnewAsTheyWereButForWhatIsAsked) {
  std::vector<std::string> train = Train(folder_ / "m", {"--corpus", folder_ / "ids"});
  train.insert(train.end(), kOtherContexts.begin(), kOtherContexts.end());
  ASSERT_EQ(RunProgram(train).exit_code, 0);
  const auto converted = [this](const std::vector<std::string>& more) {
    std::vector<std::string> command = {"conec-convert", "--model",       folder_ / "m", "--to",        "model",
                                        "--corpus",      folder_ / "ids", "--output",    folder_ / "m2"};
    command.insert(command.end(), more.begin(), more.end());
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return ContextsOf(folder_ / "m2");
  };
  const Contexts before = ContextsOf(folder_ / "m");
  EXPECT_TRUE(converted({}).values == before.values);
  const Contexts wider = converted({"--context-window", "4"});
  ContextOptions expected = before.options;
  expected.window = 4;
  EXPECT_TRUE(wider.options == expected);
  EXPECT_FALSE(wider.values == before.values);
}

TEST_F(Query, ContextOptionsOfConvertingNeedACorpusAndSense) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--corpus", folder_ / "ids"})).exit_code, 0);
  const auto convert = [this](const std::vector<std::string>& more) {
    std::vector<std::string> command = {"conec-convert", "--model",  folder_ / "m", "--to",
                                        "model",         "--output", folder_ / "m2"};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command);
  };
  const RunResult alone = convert({"--context-window", "3"});
  EXPECT_EQ(alone.exit_code, 2);
  EXPECT_THAT(alone.error, HasSubstr("--context-window needs --corpus"));
  EXPECT_EQ(convert({"--corpus", folder_ / "ids", "--context-window", "-3"}).exit_code, 2);
  EXPECT_EQ(convert({"--corpus", folder_ / "ids", "--context-sif", "-1"}).exit_code, 2);
  const RunResult shapes = convert({"--corpus", folder_ / "ids", "--feature-weight", "2"});
  EXPECT_EQ(shapes.exit_code, 1);
  EXPECT_THAT(shapes.error, HasSubstr("has no shapes among its inputs"));
}

}  // namespace
}  // namespace conec::testing_tools
