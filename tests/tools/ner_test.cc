// conec-ner train, tag, sweep and eval with a tagger, and tools/eval_ner.sh, as a user runs them on a small corpus.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/base/sanitizers.h"
#include "tests/tools/run_program.h"

namespace conec::testing_tools {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

// Sentences of a few patterns. Names of persons and places are made of syllables: there are so many that most of a
// document are in no other, but what stands around them tells one kind from the other.
class Writer {
 public:
  explicit Writer(std::uint64_t seed) : random_(seed, 11) {}

  std::string Documents(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += "-DOCSTART- -X- O\n\n";
      const std::string person = Name(), place = Name();
      for (int j = 0; j < 5; ++j) text += Sentence(person, place);
    }
    return text;
  }

 private:
  std::string Name() {
    static const std::vector<std::string> kSyllables = {"ba", "do", "ki", "lu", "me", "no", "ra", "si", "ta", "vu"};
    std::string name = Pick(kSyllables) + Pick(kSyllables) + Pick(kSyllables);
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
  }
  const std::string& Pick(const std::vector<std::string>& from) {
    return from[random_.Below(static_cast<std::uint32_t>(from.size()))];
  }
  std::string Sentence(const std::string& person, const std::string& place) {
    static const std::vector<std::string> kPatterns = {
        "yesterday the minister P said it would rain .", "they drove along the river to L for the fair .",
        "the singer P laughed and went home with L behind .", "trains from L to the coast are late .",
        "a letter of doctor P arrived ."};
    std::istringstream words(Pick(kPatterns));
    std::string text;
    for (std::string word; words >> word;) {
      if (word == "P") {
        text += person + " NN I-PER\n";
      } else if (word == "L") {
        text += place + " NN I-LOC\n";
      } else {
        text += word + " XX O\n";
      }
    }
    return text + "\n";
  }

  PhiloxStream random_;
};

std::vector<std::string> Plus(std::vector<std::string> command, const std::vector<std::string>& more) {
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

class NerProgram : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = std::make_unique<TempFolder>();
    WriteAll(*shared_ / "eng.train", Writer(1).Documents(120));
    WriteAll(*shared_ / "eng.testa", Writer(2).Documents(30));
    WriteAll(*shared_ / "eng.testb", Writer(3).Documents(30));
    for (const char* seed : {"1", "2"}) {
      const RunResult trained = RunProgram({"conec-train", "--input",      Train(),    "--format",    "conll",
                                            "--tokenizer", "pretokenized", "--output", Model(seed),   "--dim",
                                            "16",          "--epochs",     "20",       "--min-count", "1",
                                            "--segments",  "document",     "--seed",   seed,          "--threads",
                                            "1",           "--line-token", "</s>",     "--progress",  "none"});
      ASSERT_EQ(trained.exit_code, 0) << trained.error;
    }
  }
  static void TearDownTestSuite() { shared_.reset(); }

  static std::string Folder() { return shared_->path(); }
  static std::string Train() { return *shared_ / "eng.train"; }
  static std::string Test() { return *shared_ / "eng.testb"; }
  static std::string Model(const std::string& seed = "1") { return *shared_ / ("model" + seed); }

  std::vector<std::string> TrainCommand(const std::string& name, const std::vector<std::string>& more = {}) const {
    return Plus({"conec-ner", "train", "--model", Model(), "--train", Train(), "--output", folder_ / name, "--threads",
                 "1", "--progress", "none", "--neighbours", "1"},
                more);
  }
  std::vector<std::string> Tag(const std::string& tagger, const std::vector<std::string>& more = {}) const {
    return Plus({"conec-ner", "tag", "--model", Model(), "--tagger", folder_ / tagger, "--threads", "1"}, more);
  }

  TempFolder folder_;

 private:
  static inline std::unique_ptr<TempFolder> shared_;
};

TEST_F(NerProgram, WordsNeverSeenAreTaggedByTheirContexts) {
  const RunResult trained = RunProgram(TrainCommand("t", {"--dev", Test(), "--json"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.error;
  const Json json = Json::parse(trained.out);
  EXPECT_EQ(json["features"], 48);
  EXPECT_EQ(json["scheme"], "bioes");
  EXPECT_EQ(json["output_scheme"], "iob1");
  EXPECT_TRUE(json["converged"]);
  EXPECT_GE(json["dev"]["f1"].get<double>(), 90);
  EXPECT_GE(json["dev"]["types"]["PER"]["f1"].get<double>(), 85);
  EXPECT_THAT(trained.error, AllOf(HasSubstr(" in 3 classes"), HasSubstr("eng.testb: F1 ")));
}

// OpenBLAS waits for ever where it gets no memory, in threads that start before main().
TEST_F(NerProgram, TooLittleMemoryIsAnErrorAndNobodyHangs) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need terabytes of addresses";
  bool told = false, succeeded = false;
  for (rlim_t megabytes = 100; megabytes <= 20000 && !succeeded; megabytes += 20 + megabytes / 8) {
    const RunResult result = RunProgram(TrainCommand("t"), {.memory = megabytes * 1000000, .patience_seconds = 120});
    // 127: the system's loader, before there is any program.
    EXPECT_THAT(result.exit_code, AnyOf(0, 1, 127)) << megabytes << " MB: " << result.error;
    EXPECT_TRUE(result.exit_code != 1 || result.error.find("out of memory") != std::string::npos) << result.error;
    EXPECT_EQ(folder_.Names().size(), result.exit_code == 0 ? 1u : 0u);
    told = told || result.exit_code == 1;
    succeeded = result.exit_code == 0;
  }
  EXPECT_TRUE(told && succeeded);
}

TEST_F(NerProgram, ScoringMultipliesNothingAndNeedsNoMemoryForIt) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need terabytes of addresses";
  WriteAll(folder_ / "tagged", "Bonn I-LOC I-LOC\n\n");
  setenv("OMP_NUM_THREADS", "40", 1);
  const RunResult result = RunProgram({"conec-ner", "eval", folder_ / "tagged"}, {.memory = 3000000000});
  unsetenv("OMP_NUM_THREADS");
  EXPECT_EQ(result.exit_code, 0) << result.error;
}

TEST_F(NerProgram, TaggingAddsAColumnAndNothingElse) {
  ASSERT_EQ(RunProgram(TrainCommand("t")).exit_code, 0);
  const RunResult tagged = RunProgram(Tag("t", {Test()}));
  ASSERT_EQ(tagged.exit_code, 0) << tagged.error;
  std::istringstream before(ReadAll(Test())), after(tagged.out);
  std::string line, with_tag;
  while (std::getline(before, line)) {
    ASSERT_TRUE(std::getline(after, with_tag));
    EXPECT_THAT(with_tag, StartsWith(line));
    EXPECT_EQ(std::count(with_tag.begin(), with_tag.end(), ' '), line.empty() ? 0 : 3) << with_tag;
  }
  ASSERT_EQ(RunProgram(Tag("t", {Test(), "--output", folder_ / "tagged", "--json"})).exit_code, 0);
  EXPECT_EQ(ReadAll(folder_ / "tagged"), tagged.out);
}

TEST_F(NerProgram, EvalWithATaggerNamesTheLinesOfTheUsersFile) {
  ASSERT_EQ(RunProgram(TrainCommand("t")).exit_code, 0);
  WriteAll(folder_ / "spaced", "\n\n\nKibaba\tNN\tS-PER\n\n\nsaid XX O\nRabado NN B-LOC\nx NN S-LOC\n");
  const std::vector<std::string> eval = {"conec-ner", "eval",  "--tagger",        folder_ / "t",
                                         "--model",   Model(), folder_ / "spaced"};
  EXPECT_THAT(RunProgram(eval).error, HasSubstr("spaced:4: conlleval's rules do not know tags like 'S-PER'"));
  EXPECT_THAT(RunProgram(Plus(eval, {"--strict"})).error, HasSubstr("spaced:9: the tag 'S-LOC' breaks the rules"));
}

TEST_F(NerProgram, EvalWithATaggerIsTagAndThenEval) {
  ASSERT_EQ(RunProgram(TrainCommand("t")).exit_code, 0);
  ASSERT_EQ(RunProgram(Tag("t", {Test(), "--output", folder_ / "tagged"})).exit_code, 0);
  const RunResult two_steps = RunProgram({"conec-ner", "eval", folder_ / "tagged"});
  const RunResult one_step = RunProgram({"conec-ner", "eval", "--tagger", folder_ / "t", "--model", Model(), Test()});
  ASSERT_EQ(one_step.exit_code, 0) << one_step.error;
  EXPECT_EQ(one_step.out, two_steps.out);
  EXPECT_THAT(one_step.out, StartsWith("processed "));
  EXPECT_EQ(RunProgram({"conec-ner", "eval", "--tagger", folder_ / "t", Test()}).exit_code, 1);
  EXPECT_EQ(RunProgram({"conec-ner", "eval", "--model", Model(), Test()}).exit_code, 2);
}

TEST_F(NerProgram, PlainTokensFromStandardInputAreTagged) {
  ASSERT_EQ(RunProgram(TrainCommand("t")).exit_code, 0);
  WriteAll(folder_ / "plain", "yesterday\nthe\nminister\nXyzzy\nsaid\nit\n\n");
  const RunResult tagged = RunProgram(Tag("t"), {.input_file = folder_ / "plain"});
  EXPECT_EQ(tagged.out, "yesterday O\nthe O\nminister O\nXyzzy I-PER\nsaid O\nit O\n\n") << tagged.error;
}

TEST_F(NerProgram, AnotherModelIsRefusedUnlessAskedFor) {
  ASSERT_EQ(RunProgram(TrainCommand("t")).exit_code, 0);
  std::vector<std::string> command = {"conec-ner",   "tag",  "--model",   Model("2"), "--tagger",
                                      folder_ / "t", Test(), "--threads", "1"};
  const RunResult refused = RunProgram(command);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.error, AllOf(HasSubstr("another embedding model"), HasSubstr("--any-model")));
  EXPECT_EQ(RunProgram(Plus(command, {"--any-model"})).exit_code, 0);
  EXPECT_EQ(RunProgram({"conec-ner", "tag", "--model", Model(), "--tagger", Model(), Test()}).exit_code, 1);
  WriteAll(folder_ / "vectors", "the 1 2 3\n");  // of other dimensions
  ASSERT_EQ(RunProgram(TrainCommand("w", {"--embedding", "word2vec"})).exit_code, 0);
  command[3] = folder_ / "vectors";
  command[5] = folder_ / "w";
  const RunResult misfit = RunProgram(Plus(command, {"--any-model"}));
  EXPECT_EQ(misfit.exit_code, 1);
  EXPECT_THAT(misfit.error, HasSubstr("the tagger was trained with"));
}

TEST_F(NerProgram, EveryCommandThatReadsAModelVerifiesIt) {
  ASSERT_EQ(RunProgram(TrainCommand("t", {"--verify"})).exit_code, 0);
  EXPECT_EQ(RunProgram(Tag("t", {"--verify", Test()})).exit_code, 0);
  std::string bytes = ReadAll(Model());
  bytes[bytes.size() - 100] = static_cast<char>(bytes[bytes.size() - 100] ^ 1);  // in the last table
  const std::string damaged = folder_ / "damaged";
  WriteAll(damaged, bytes);
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"train", "--model", damaged, "--train", Train(), "--output", folder_ / "x"},
           {"tag", "--model", damaged, "--any-model", "--tagger", folder_ / "t", "--output", folder_ / "x", Test()},
           {"eval", "--model", damaged, "--any-model", "--tagger", folder_ / "t", Test()},
           {"sweep", "--model", damaged, "--train", Train()}}) {
    const RunResult result = RunProgram(Plus(Plus({"conec-ner"}, command), {"--verify", "--threads", "1"}));
    EXPECT_EQ(result.exit_code, 1) << command[0];
    EXPECT_THAT(result.error, HasSubstr("'" + damaged + "': the model fails its self-test: table 'global_context'"));
    EXPECT_EQ(result.out, "") << command[0];
    EXPECT_EQ(folder_.Names().count("x"), 0U);
  }
  EXPECT_EQ(RunProgram({"conec-ner", "eval", "--verify", Test()}).exit_code, 2);
}

TEST_F(NerProgram, VectorsOfOtherToolsAndHandFeaturesAreEnough) {
  ASSERT_EQ(RunProgram({"conec-convert", "--model", Model(), "--to", "word2vec-text", "--output", folder_ / "vectors"})
                .exit_code,
            0);
  const auto train = [&](const std::vector<std::string>& more) {
    const RunResult result = RunProgram(Plus({"conec-ner", "train", "--train", Train(), "--dev", Test(), "--output",
                                              folder_ / "t", "--threads", "1", "--progress", "none", "--json"},
                                             more));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return Json::parse(result.out)["dev"]["f1"].get<double>();
  };
  const double vectors = train({"--model", folder_ / "vectors", "--embedding", "word2vec"});
  EXPECT_LT(vectors, 60);  // most names are unknown to them
  EXPECT_GT(train({"--model", folder_ / "vectors", "--embedding", "word2vec", "--neighbours", "2"}), vectors + 10);
  EXPECT_GT(train({"--model", Model(), "--embedding", "none", "--hand-features", "word:2,case"}), 95);
  EXPECT_GT(train({"--embedding", "none", "--hand-features", "word:2,case"}), 95);
  const RunResult global = RunProgram({"conec-ner", "train", "--model", folder_ / "vectors", "--train", Train(),
                                       "--output", folder_ / "t", "--embedding", "global"});
  EXPECT_EQ(global.exit_code, 1);
  EXPECT_THAT(global.error, HasSubstr("without global contexts"));
}

TEST_F(NerProgram, SweepComparesKindsOfVectorsOverRuns) {
  const RunResult result =
      RunProgram({"conec-ner", "sweep",         "--model",   Model("1"), "--model", Model("2"),         "--train",
                  Train(),     "--dev",         Test(),      "--test",   Test(),    "--global-weights", "0,0.5,1",
                  "--tsv",     folder_ / "tsv", "--threads", "1",        "--json",  "--progress",       "none"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json.size(), 5u);
  EXPECT_EQ(json["mix"].size(), 3u);
  for (const Json& setting : {json["word2vec"], json["global"], json["oov"], json["mix"]["0.0"], json["mix"]["0.5"]}) {
    for (const char* fold : {"train", "dev", "test"}) {
      ASSERT_EQ(setting[fold]["f1"].size(), 2u);
      EXPECT_NEAR((setting[fold]["f1"][0].get<double>() + setting[fold]["f1"][1].get<double>()) / 2,
                  setting[fold]["f1_mean"].get<double>(), 1e-9);
      EXPECT_GE(setting[fold]["f1_std"].get<double>(), 0);
      EXPECT_LE(setting[fold]["f1_mean"].get<double>(), 100);
    }
    EXPECT_EQ(setting["dev"], setting["test"]);  // the same file
  }
  EXPECT_EQ(json["mix"]["1.0"], json["oov"]);
  EXPECT_GT(json["oov"]["test"]["f1_mean"].get<double>(), json["global"]["test"]["f1_mean"].get<double>() + 20);
  EXPECT_EQ(json["gains"].size(), 3u);
  const Json& gain = json["gains"]["A"];
  EXPECT_EQ(gain["of"], "global - word2vec");
  for (const int run : {0, 1}) {
    EXPECT_NEAR(gain["test"]["f1"][run].get<double>(),
                json["global"]["test"]["f1"][run].get<double>() - json["word2vec"]["test"]["f1"][run].get<double>(),
                1e-9);
  }
  const std::string tsv = ReadAll(folder_ / "tsv");
  EXPECT_THAT(tsv, StartsWith("vectors\tglobal_weight\tfold\tf1_mean\tf1_std\n"));
  EXPECT_THAT(tsv, AllOf(HasSubstr("\nmix\t0.5\tdev\t"), HasSubstr("\ngain C\t-\ttest\t")));
}

TEST_F(NerProgram, WeightsThatDifferInTheSecondDecimalKeepTheirOwnFigures) {
  const RunResult result =
      RunProgram({"conec-ner", "sweep", "--model", Model(), "--train", Train(), "--embeddings", "mix",
                  "--global-weights", "0.6,0.62,1", "--threads", "1", "--json", "--progress", "none"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json mix = Json::parse(result.out)["mix"];
  EXPECT_EQ(mix.size(), 3u);
  EXPECT_TRUE(mix.contains("0.6") && mix.contains("0.62") && mix.contains("1.0")) << mix;
}

// conlleval's rules would take all of them for entities of one type without a name.
TEST_F(NerProgram, BareTypesAreScoredByTheirTypes) {
  const auto bare = [&](const std::string& from, const std::string& name) {
    std::string text = ReadAll(from);
    for (std::size_t at; (at = text.find(" I-")) != std::string::npos;) text.replace(at, 3, " ");
    WriteAll(folder_ / name, text);
    return folder_ / name;
  };
  const auto types = [&](const std::string& train, const std::string& dev) {
    const RunResult result =
        RunProgram({"conec-ner", "train", "--model", Model(), "--train", train, "--dev", dev, "--output", folder_ / "t",
                    "--neighbours", "1", "--threads", "1", "--progress", "none", "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return Json::parse(result.out)["dev"]["types"];
  };
  const std::vector<std::string> bare_files = {bare(Train(), "train"), bare(Test(), "dev")};
  EXPECT_EQ(types(bare_files[0], bare_files[1]), types(Train(), Test()));
}

TEST_F(NerProgram, ASingleRunHasNoDeviation) {
  const RunResult result = RunProgram({"conec-ner", "sweep", "--model", Model(), "--train", Train(), "--embeddings",
                                       "word2vec", "--threads", "1", "--json", "--progress", "none"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json.size(), 2u);
  EXPECT_TRUE(json["gains"].empty());
  EXPECT_TRUE(json["word2vec"]["train"]["f1_std"].is_null());
  EXPECT_EQ(json["word2vec"].size(), 1u);
  const RunResult table = RunProgram({"conec-ner", "sweep", "--model", Model(), "--train", Train(), "--embeddings",
                                      "word2vec", "--tsv", folder_ / "tsv", "--threads", "1", "--progress", "none"});
  EXPECT_THAT(table.out, AllOf(::testing::ContainsRegex("\nword2vec +[0-9.]+\n$"), Not(HasSubstr("+-"))));
  EXPECT_THAT(ReadAll(folder_ / "tsv"), HasSubstr("\t-\n"));
}

TEST_F(NerProgram, WrongUsageIsToldBeforeAnythingIsRead) {
  const auto error = [&](const std::vector<std::string>& more) {
    const RunResult result = RunProgram(TrainCommand("t", more));
    EXPECT_EQ(result.exit_code, 2) << result.error;
    return result.error;
  };
  EXPECT_THAT(error({"--embedding", "elmo"}), HasSubstr("elmo"));
  EXPECT_THAT(error({"--scheme", "iob3"}), HasSubstr("iob3"));
  EXPECT_THAT(error({"--hand-features", "smell"}), HasSubstr("smell"));
  EXPECT_THAT(error({"--own-weight", "-1"}), HasSubstr("--own-weight"));
  EXPECT_THAT(error({"--c", "0"}), HasSubstr("--c must be more than 0"));
  EXPECT_THAT(error({"--max-iterations", "0"}), HasSubstr("--max-iterations must be"));
  EXPECT_THAT(error({"--tolerance", "nan"}), HasSubstr("--tolerance must be"));
  EXPECT_THAT(error({"--second-c", "0"}), HasSubstr("--second-c must be"));
  EXPECT_THAT(error({"--folds", "1"}), HasSubstr("--folds must be"));
  EXPECT_THAT(error({"--embedding-scale", "0"}), HasSubstr("--embedding-scale must be"));
  EXPECT_THAT(error({"--affix-length", "0"}), HasSubstr("--affix-length must be"));
  EXPECT_EQ(RunProgram({"conec-ner", "train", "--model", Model(), "--train", Train(), "--output", Train()}).exit_code,
            2);
  EXPECT_EQ(
      RunProgram({"conec-ner", "sweep", "--model", Model(), "--train", Train(), "--models-per-run", "2"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"conec-ner"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"conec-ner", "train", "--train", "/nonexistent", "--model", "/nonexistent", "--output", "t",
                        "--c", "0"})
                .exit_code,
            2);
}

TEST_F(NerProgram, WrongUsageNamesTheHelpOfTheSubcommand) {
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"train", "--frobnicate"}, {"sweep"}, {"tag", "--threads", "-1"}}) {
    const RunResult result = RunProgram(Plus({"conec-ner"}, wrong));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error, HasSubstr("\nTry 'conec-ner " + wrong[0] + " --help'.\n")) << result.error;
  }
  EXPECT_THAT(RunProgram({"conec-ner", "frobnicate"}).error, HasSubstr("\nTry 'conec-ner --help'.\n"));
}

TEST_F(NerProgram, ATrainingFileWithoutKnownTagsIsNamedWithItsLine) {
  WriteAll(folder_ / "bad", "a O\nb Q-PER\nc I-PER\nd B-PER\n");
  const RunResult result =
      RunProgram({"conec-ner", "train", "--model", Model(), "--train", folder_ / "bad", "--output", folder_ / "t"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("bad:"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "t"));
}

// Runs tools/eval_ner.sh with the programs of this build, or with those in `programs`.
RunResult EvalNer(const TempFolder& folder, const std::string& arguments, const std::string& programs = CONEC_BIN) {
  const std::string command = "CONEC_BIN=" + programs + " " + CONEC_SOURCE + "/tools/eval_ner.sh " + arguments + " >" +
                              folder / "out" + " 2>" + folder / "error";
  RunResult result;
  const int status = std::system(command.c_str());
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.out = ReadAll(folder / "out");
  result.error = ReadAll(folder / "error");
  return result;
}

TEST_F(NerProgram, TheScriptOfTheFigureDoesItAll) {
  const RunResult result = EvalNer(folder_, Folder() + " --seeds=1,2 --threads 1 --global-weights 0.5 --json --work " +
                                                folder_ / "work" + " --plot " + folder_ / "figure.svg");
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_GT(json["mix"]["0.5"]["test"]["f1_mean"].get<double>(), json["global"]["test"]["f1_mean"].get<double>());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "work/figure.tsv"));
  if (std::system("command -v gnuplot >/dev/null") == 0) {
    EXPECT_THAT(ReadAll(folder_ / "figure.svg"), AllOf(HasSubstr("<svg"), HasSubstr("Gain"), HasSubstr("OOV")));
  } else {
    EXPECT_THAT(result.error, HasSubstr("note: no gnuplot"));
  }
}

TEST_F(NerProgram, TheScriptTakesTheProgramsThatItIsTold) {
  for (const char* name : {"conec-train", "conec-ner"}) {
    WriteAll(folder_ / name, "#!/bin/sh\necho \"I am another $(basename $0)\" >&2\nexit 3\n");
    std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_all);
  }
  const RunResult result = EvalNer(folder_, Folder() + " --seeds 1", folder_.path());
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.error, HasSubstr("I am another conec-train"));
}

TEST_F(NerProgram, TheScriptSaysWhatIsWrong) {
  EXPECT_EQ(EvalNer(folder_, "").exit_code, 2);
  EXPECT_EQ(EvalNer(folder_, Folder() + " --seeds one").exit_code, 2);
  EXPECT_EQ(EvalNer(folder_, Folder() + " --frobnicate").exit_code, 2);
  EXPECT_EQ(EvalNer(folder_, Folder() + " --seeds=1,1").exit_code, 2);
  EXPECT_EQ(EvalNer(folder_, Folder() + " --seeds 1", folder_ / "nowhere").exit_code, 1);
  for (const char* weights : {"1.5", "0.5,", "a", "-1", "0.5;1"}) {
    EXPECT_EQ(EvalNer(folder_, Folder() + " --global-weights '" + weights + "'").exit_code, 2) << weights;
  }
  const RunResult plot = EvalNer(folder_, Folder() + " --plot " + folder_ / "none/figure.svg");
  EXPECT_EQ(plot.exit_code, 1);
  EXPECT_THAT(plot.error, HasSubstr("cannot write"));
  EXPECT_EQ(EvalNer(folder_, "--help").exit_code, 0);
  const RunResult missing = EvalNer(folder_, folder_.path());
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.error, HasSubstr("eng.train"));
}

}  // namespace
}  // namespace conec::testing_tools
