#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/device.h"
#include "conec/context_matrix.h"
#include "conec/model.h"
#include "tests/base/same_bits.h"
#include "tests/tools/sample_fixture.h"

namespace conec::testing_tools {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TrainProgram : public SampleTest {};

// The same words and the same tables, bit for bit; the command lines they store may differ.
void ExpectSameModel(const std::string& first, const std::string& second) {
  const auto a = Model::Open(first);
  const auto b = Model::Open(second);
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  ASSERT_EQ(a->size(), b->size());
  for (std::size_t i = 0; i < a->size(); ++i) {
    const auto id = static_cast<corpora::WordId>(i);
    ASSERT_EQ(a->vocabulary.word(id), b->vocabulary.word(id));
  }
  EXPECT_TRUE(SameBits(a->input, b->input));
  EXPECT_TRUE(SameBits(a->output, b->output));
  EXPECT_TRUE(SameBits(a->global_context, b->global_context));
}

TEST_F(TrainProgram, WritesTheModelAndNothingElse) {
  const RunResult result = RunProgram(Train(folder_ / "m"));
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(folder_.Names(), ElementsAre("m"));
  EXPECT_THAT(result.out, IsEmpty());
  const auto model = Model::Open(folder_ / "m");
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->dim(), 16u);
  EXPECT_FALSE(model->global_context.empty());
  EXPECT_EQ(model->info.training->epochs, 2);
  EXPECT_EQ(model->info.training->negatives, word2vec::TrainOptions().negatives);
  EXPECT_THAT(model->info.command_line, HasSubstr("conec-train --input "));
}

TEST_F(TrainProgram, TwoRunsAreBitIdentical) {
  const TempFolder other;
  ASSERT_EQ(RunProgram(Train("m"), {.folder = folder_.path()}).exit_code, 0);
  ASSERT_EQ(RunProgram(Train("m"), {.folder = other.path()}).exit_code, 0);
  EXPECT_TRUE(ReadAll(folder_ / "m") == ReadAll(other / "m"));
}

TEST_F(TrainProgram, AnotherSeedGivesAnotherModel) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--seed", "2"})).exit_code, 0);
  const auto a = Model::Open(folder_ / "m");
  const auto b = Model::Open(Model());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_FALSE(SameBits(a->input, b->input));
}

TEST_F(TrainProgram, AliasesTrainTheSameModelAsTheLongOptions) {
  const std::vector<std::vector<std::string>> spellings = {
      {"-train",    Text(), "-output",  folder_ / "a", "-size",      "12", "-window", "3",
       "-negative", "4",    "-iter",    "2",           "-min-count", "3",  "-sample", "1e-2",
       "-alpha",    "0.03", "-threads", "1",           "-cbow",      "1",  "-hs",     "0"},
      {"-input", Text(),      "-output", folder_ / "b", "-dim", "12",  "-ws",  "3",       "-neg", "4",     "-epoch",
       "2",      "-minCount", "3",       "-t",          "1e-2", "-lr", "0.03", "-thread", "1",    "-loss", "ns"},
      {Text(), "--output", folder_ / "c", "--dim", "12", "--window", "3", "--negatives", "4", "--epochs", "2",
       "--min-count", "3", "--sample", "1e-2", "--lr", "0.03", "--threads", "1"}};
  for (std::vector<std::string> command : spellings) {
    command.insert(command.begin(), "conec-train");
    const RunResult result = RunProgram(command);
    ASSERT_EQ(result.exit_code, 0) << result.error;
  }
  ExpectSameModel(folder_ / "a", folder_ / "c");
  ExpectSameModel(folder_ / "b", folder_ / "c");
}

TEST_F(TrainProgram, StandardInputTrainsTheSameModelAsTheFile) {
  const RunResult result = RunProgram({"conec-train", "--input", "-", "--output", folder_ / "m", "--dim", "16",
                                       "--epochs", "2", "--min-count", "2", "--threads", "1"},
                                      {.input_file = Text()});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  ExpectSameModel(folder_ / "m", Model());
}

TEST_F(TrainProgram, AnEncodedCorpusTrainsTheSameModelAsItsText) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--corpus", folder_ / "ids"})).exit_code, 0);
  EXPECT_THAT(folder_.Names(), ElementsAre("ids", "m"));
  const std::vector<std::string> again = {
      "conec-train", "--input", folder_ / "ids", "--output", folder_ / "m2", "--dim", "16",
      "--epochs",    "2",       "--threads",     "1"};
  ASSERT_EQ(RunProgram(again).exit_code, 0);
  ExpectSameModel(folder_ / "m", folder_ / "m2");
  std::vector<std::string> useless = again;
  useless.insert(useless.end(), {"--min-count", "9"});
  const RunResult result = RunProgram(useless);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error, HasSubstr("--min-count has no effect on the encoded corpus"));
}

TEST_F(TrainProgram, ADamagedEncodedCorpusIsRefused) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--keep-corpus"})).exit_code, 0);
  const std::string corpus = ReadAll(folder_ / "m.corpus");
  std::string option = corpus, id = corpus;
  const std::string_view fold_case = "fold_case\":\"true";
  ASSERT_NE(corpus.find(fold_case), std::string::npos);
  option.replace(corpus.find(fold_case) + fold_case.size() - 4, 4, "fals");
  id[id.size() - 8] = static_cast<char>(id[id.size() - 8] ^ 1);  // the last but one; the last is a mark
  for (const std::string& damaged : {corpus.substr(0, corpus.size() / 2), option, id}) {
    WriteAll(folder_ / "copy", damaged);
    const RunResult result = RunProgram({"conec-train", "--input", folder_ / "copy", "--output", folder_ / "m2"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.error, AllOf(HasSubstr(folder_ / "copy"), AnyOf(HasSubstr("damaged"), HasSubstr("truncated"))));
    EXPECT_THAT(folder_.Names(), ElementsAre("copy", "m", "m.corpus"));
  }
}

// Another program's work, once the file `when` is there: 100 ids before the last that are none.
void OverwriteIds(const std::string& corpus, const std::string& when) {
  for (int i = 0; i < 60000 && !std::filesystem::exists(when); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const std::vector<std::int32_t> ids(100, 0x7FFFFFFF);
  std::fstream file(corpus, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(-404, std::ios::end).write(reinterpret_cast<const char*>(ids.data()), 400);
  EXPECT_TRUE(file.flush().good());
}

TEST_F(TrainProgram, AnEncodedCorpusThatChangesMeanwhileEndsTheTrainingWithAnError) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--corpus", folder_ / "ids"})).exit_code, 0);
  std::thread other(OverwriteIds, folder_ / "ids", folder_ / "m2.checkpoint");
  const RunResult result = RunProgram({"conec-train", "--input", folder_ / "ids", "--output", folder_ / "m2", "--dim",
                                       "16", "--epochs", "100000", "--checkpoint-every", "1e-9"},
                                      {.patience_seconds = 120});
  other.join();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("'" + (folder_ / "ids") + "' changed while it was being read"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m2"));
}

TEST_F(TrainProgram, WithoutAGpuSaysSoBeforeAnythingIsRead) {
  if (FindCudaDevice().ok()) GTEST_SKIP() << "there is a GPU";
  const RunResult result = RunProgram({"conec-train", "--input", "-", "--output", folder_ / "m", "--device", "cuda"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr(std::string(FindCudaDevice().status().message())));
  EXPECT_THAT(result.error, HasSubstr("--device cpu"));
  EXPECT_THAT(folder_.Names(), IsEmpty());
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--device", "tpu"},
                                             {"--gpu-warps", "-1"},
                                             {"--device", "cuda", "--trainer", "reference"},
                                             {"--device", "cuda", "--deterministic"},
                                             {"--device", "cuda", "--dim", "1025"}}) {
    EXPECT_EQ(RunProgram(Train(folder_ / "m", wrong)).exit_code, 2) << wrong[0];
  }
}

TEST_F(TrainProgram, TheReferenceTrainerAgreesWithTheFastOne) {
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--trainer", "reference"})).exit_code, 0);
  const auto reference = Model::Open(folder_ / "m");
  const auto fast = Model::Open(Model());
  ASSERT_TRUE(reference.ok() && fast.ok());
  double largest = 0;
  for (std::size_t i = 0; i < fast->size(); ++i) {
    for (std::size_t j = 0; j < fast->dim(); ++j) {
      largest = std::max(largest, std::abs(double{fast->input.row(i)[j]} - double{reference->input.row(i)[j]}));
    }
  }
  // Entries reach 6 and take thousands of rounded steps: 1e-3 was seen. Another noise word would make a difference of
  // 0.1.
  EXPECT_LT(largest, 5e-3);
}

TEST_F(TrainProgram, JsonReportsWhatWasDone) {
  const RunResult result =
      RunProgram(Train(folder_ / "m", {"--json", "--context-matrix", folder_ / "contexts", "--progress", "json"}));
  const auto repeated = result.exit_code;  // --progress was given twice
  EXPECT_EQ(repeated, 2);
  std::vector<std::string> command = Train(folder_ / "m", {"--json", "--context-matrix", folder_ / "contexts"});
  const RunResult once = RunProgram(command);
  ASSERT_EQ(once.exit_code, 0) << once.error;
  const auto json = nlohmann::json::parse(once.out);
  const auto model = Model::Open(folder_ / "m");
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(json["model"], folder_ / "m");
  EXPECT_EQ(json["vocabulary"], model->size());
  EXPECT_EQ(json["tokens"], model->info.corpus.tokens);
  EXPECT_EQ(json["epochs"], 2);
  EXPECT_GT(json["words_per_second"], 0);
  EXPECT_GT(json["loss"], 0);
  EXPECT_GT(json["peak_rss_kb"], 1000);
  EXPECT_GE(json["wall_seconds"], json["train_seconds"]);
  for (const char* key : {"train_seconds", "encode_seconds", "context_seconds", "documents"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  const auto contexts = ContextMatrix::Open(folder_ / "contexts");
  ASSERT_TRUE(contexts.ok()) << contexts.status();
  EXPECT_EQ(contexts->rows(), model->size());
}

TEST_F(TrainProgram, AnInterruptLeavesACheckpointOnlyAndSaysSoByItsExitCode) {
  for (const int signal_number : {SIGINT, SIGTERM}) {
    const RunResult result = RunProgram(
        {"conec-train", "--input", Text(), "--output", folder_ / "m", "--epochs", "1000000", "--progress", "json"},
        {.signal_number = signal_number, .signal_after = "\"phase\":\"train\""});
    EXPECT_EQ(result.exit_code, 128 + signal_number) << result.error;
    EXPECT_THAT(result.error, HasSubstr(signal_number == SIGINT ? "stopped by SIGINT" : "stopped by SIGTERM"));
    EXPECT_THAT(result.error, HasSubstr("m.checkpoint (epoch "));
    EXPECT_THAT(result.error, HasSubstr("--resume"));
    EXPECT_THAT(folder_.Names(), ElementsAre("m.checkpoint"));
  }
}

TEST_F(TrainProgram, AnInterruptKeepsTheModelThatWasThere) {
  WriteAll(folder_ / "m", "the old model");
  const RunResult result = RunProgram(
      {"conec-train", "--input", Text(), "--output", folder_ / "m", "--epochs", "1000000", "--progress", "json"},
      {.signal_number = SIGINT, .signal_after = "\"phase\":\"train\""});
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(ReadAll(folder_ / "m"), "the old model");
}

TEST_F(TrainProgram, InputsWithoutUsableWordsAreErrors) {
  WriteAll(folder_ / "empty", "");
  WriteAll(folder_ / "unique", "all these words occur once");
  for (const char* name : {"empty", "unique"}) {
    const RunResult result = RunProgram({"conec-train", "--input", folder_ / name, "--output", folder_ / "m"});
    EXPECT_EQ(result.exit_code, 1) << name;
  }
  const RunResult unique = RunProgram({"conec-train", "--input", folder_ / "unique", "--output", folder_ / "m"});
  EXPECT_THAT(unique.error, HasSubstr("min-count"));
  EXPECT_THAT(folder_.Names(), ElementsAre("empty", "unique"));
}

TEST_F(TrainProgram, SaysSoWhenNothingCouldBeLearnt) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "one\ntwo\n";
  WriteAll(folder_ / "d", text);
  const std::vector<std::string> command = {"conec-train", "--input", folder_ / "d", "--output", folder_ / "m",
                                            "--dim",       "4",       "--format",    "line"};
  const RunResult result = RunProgram(command);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("note: nothing was learnt"));
  EXPECT_THAT(RunProgram(Train(folder_ / "m")).error, ::testing::Not(HasSubstr("nothing was learnt")));
}

TEST_F(TrainProgram, CorruptCompressionIsAnErrorThatNamesTheFile) {
  WriteAll(folder_ / "broken.gz", std::string("\x1f\x8b\x08\x00", 4) + std::string(100, '\x7f'));
  const RunResult result = RunProgram({"conec-train", "--input", folder_ / "broken.gz", "--output", folder_ / "m"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("broken.gz"));
  EXPECT_THAT(folder_.Names(), ElementsAre("broken.gz"));
}

TEST_F(TrainProgram, InvalidUtf8IsAnErrorUnlessAskedOtherwise) {
  WriteAll(folder_ / "latin1", ReadAll(Text()) + "\ncaf\xe9\n");
  const std::vector<std::string> command = {
      "conec-train", "--input", folder_ / "latin1", "--output", folder_ / "m", "--epochs", "1", "--dim", "4"};
  const RunResult refused = RunProgram(command);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.error, HasSubstr("latin1"));
  std::vector<std::string> repaired = command;
  repaired.insert(repaired.end(), {"--invalid-utf8", "replace"});
  const RunResult result = RunProgram(repaired);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.error, HasSubstr("note: repaired 1 part of text"));
}

TEST_F(TrainProgram, NeverOverwritesItsInput) {
  const std::string before = ReadAll(Text());
  EXPECT_EQ(RunProgram(Train(Text())).exit_code, 2);
  EXPECT_EQ(RunProgram(Train(folder_ / "m", {"--corpus", Text()})).exit_code, 2);
  EXPECT_TRUE(ReadAll(Text()) == before);
}

}  // namespace
}  // namespace conec::testing_tools
