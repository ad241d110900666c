// What holds for every program: exit codes, streams, and that nothing half-written is left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/base/sanitizers.h"
#include "tests/tools/sample_fixture.h"

namespace conec::testing_tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Usage : public SampleTest {};

std::vector<std::vector<std::string>> Complete(const std::string& model, const std::string& text,
                                               const std::string& questions, const std::string& pairs,
                                               const std::string& output) {
  return {{"conec-train", "--input", text, "--output", output, "--device", "cpu"},
          {"conec-embed", "--model", model, "--input", text, "--output", output},
          {"conec-nn", "--model", model, "the"},
          {"conec-analogy", "--model", model, "--questions", questions},
          {"conec-similarity", "--model", model, pairs},
          {"conec-convert", "--model", model, "--to", "word2vec-text", "--output", output}};
}

TEST_F(Usage, HelpShowsDefaultsAndAnExampleOnStandardOutput) {
  for (const auto& command : Complete("m", "t", "q", "p", "o")) {
    const RunResult result = RunProgram({command[0], "--help"});
    EXPECT_EQ(result.exit_code, 0) << command[0];
    EXPECT_THAT(result.out, HasSubstr("Example:\n  " + command[0]));
    EXPECT_THAT(result.out, HasSubstr("--threads"));
    EXPECT_THAT(result.out, HasSubstr("[0]"));
    EXPECT_THAT(result.error, IsEmpty());
  }
}

TEST_F(Usage, VersionNamesTheProgram) {
  for (const auto& command : Complete("m", "t", "q", "p", "o")) {
    const RunResult result = RunProgram({command[0], "--version"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.out, StartsWith(command[0] + " "));
  }
}

TEST_F(Usage, AWrongOptionIsExitCodeTwoWithAHint) {
  for (auto command : Complete(Model(), Text(), Questions(), Pairs(), folder_ / "x")) {
    command.push_back("--no-such-option");
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 2) << command[0];
    EXPECT_THAT(result.error, StartsWith(command[0] + ": error: "));
    EXPECT_THAT(result.error, HasSubstr("--no-such-option"));
    EXPECT_THAT(result.error, HasSubstr("Try '" + command[0] + " --help'"));
    EXPECT_THAT(result.out, IsEmpty());
  }
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(Usage, AMisspelledOptionIsNamedWhereARequiredOneIsMissing) {
  const RunResult result = RunProgram({"conec-train", Text(), "--ouput", folder_ / "x"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error, HasSubstr("--output is required; there is no option --ouput\n"));
}

TEST_F(Usage, AHyphenIsNoFileForVectors) {
  const RunResult result = RunProgram({"conec-embed", "--model", Model(), "--input", Text(), "--output", "-"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error, HasSubstr("without --output vectors go to standard output"));
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST_F(Usage, MissingAndImpossibleValuesAreExitCodeTwo) {
  const std::string output = folder_ / "x";
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"conec-train"},
           {"conec-train", "--input", Text()},
           Train(output, {"--negatives", "0"}),
           Train(output, {"--cbow-update", "median"}),
           Train(output, {"--threads", "-1"}),
           Train(output, {"--tokenizer", "magic"}),
           Train(output, {"--line-token", "</s>"}),  // not without --segments document
           Train(output, {"--extended-inputs", "shape,colour"}),
           Train(output, {"--window", "wide"}),
           {"conec-embed", "--model", Model(), "--input", Text(), "--global-weight", "1.5"},
           {"conec-embed", "--model", Model(), "--input", Text(), "--format", "npy"},
           {"conec-embed", "--model", Model(), "--input", Text(), "--line-token", "</s>"},
           {"conec-nn", "--model", Model(), "-k", "0", "the"},
           {"conec-nn", "--model", Model(), "--segments", "document", "--line-token", "a b", "the"},
           {"conec-nn", "--model", Model(), "--document", Text()},
           {"conec-analogy", "--model", Model(), "--questions", Questions(), "--method", "guess"},
           {"conec-similarity", "--model", Model()},
           {"conec-similarity", "--model", Model(), Pairs(), "--columns", "1,2"},
           {"conec-similarity", "--model", Model(), Pairs(), "--unknown", "guess"},
           {"conec-convert", "--model", Model(), "--to", "word", "--output", output}}) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(command) << result.error;
    EXPECT_THAT(result.error, HasSubstr("--help"));
  }
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(Usage, NumbersAreFiniteAndIntegersFit) {
  for (const char* weight : {"nan", "inf", "1e999"}) {
    const RunResult result = RunProgram({"conec-convert", "--model", Model(), "--vectors", "conec", "--own-weight",
                                         weight, "--to", "word2vec-text", "--output", folder_ / "x"});
    EXPECT_EQ(result.exit_code, 2) << weight;
    EXPECT_THAT(result.error, HasSubstr(std::string("--own-weight: must be 0 to 1000000, got ") + weight));
  }
  const RunResult seed = RunProgram(Train(folder_ / "x", {"--seed", "18446744073709551616"}));
  EXPECT_EQ(seed.exit_code, 2);
  EXPECT_THAT(seed.error, HasSubstr("--seed is 18446744073709551616: expected an integer below 2^64"));
  for (const char* option : {"--seed", "--sample", "--max-vocab"}) {  // an unset variable of a script
    const RunResult empty = RunProgram(Train(folder_ / "x", {option, ""}));
    EXPECT_EQ(empty.exit_code, 2) << option;
    EXPECT_THAT(empty.error, HasSubstr(std::string(option) + " is empty: expected a value"));
  }
  for (const char* option : {"--corpus", "--context-matrix", "--continue-from"}) {
    const RunResult empty = RunProgram(Train(folder_ / "x", {option, ""}));
    EXPECT_EQ(empty.exit_code, 2) << option;
    EXPECT_THAT(empty.error, HasSubstr(std::string(option) + " is empty: expected the name of a file"));
  }
  for (const auto& [blank, message] :
       std::map<std::string, std::string>{{" 18446744073709551616", "expected an integer below 2^64"},
                                          {" -3", "must not be negative"},
                                          {" 010", "without leading zeros"}}) {
    const RunResult result = RunProgram(Train(folder_ / "x", {"--seed", blank}));
    EXPECT_EQ(result.exit_code, 2) << blank;
    EXPECT_THAT(result.error, HasSubstr(message));
  }
  EXPECT_THAT(RunProgram(Train(folder_ / "x", {"--corpus", folder_ / "c", "--keep-corpus"})).error,
              HasSubstr("--corpus does not go with --keep-corpus"));
  const RunResult octal = RunProgram(Train(folder_ / "x", {"--seed", "010"}));
  EXPECT_EQ(octal.exit_code, 2);
  EXPECT_THAT(octal.error, HasSubstr("--seed is 010: expected a decimal number without leading zeros"));
  EXPECT_THAT(folder_.Names(), IsEmpty());
  EXPECT_EQ(RunProgram(Train(folder_ / "x", {"--seed", "18446744073709551615"})).exit_code, 0);
  const RunResult word = RunProgram({"conec-nn", "--model", Model(), "inf"});
  EXPECT_THAT(word.error, HasSubstr("inf")) << "a word";
  EXPECT_EQ(word.exit_code, 1);
}

TEST_F(Usage, WhatOtherToolsOfferAndThisOneDoesNotIsRefusedWithTheAlternative) {
  const std::string output = folder_ / "x";
  for (const auto& [spelling, value, instead] : std::vector<std::array<std::string, 3>>{
           {"-hs", "1", "negative sampling"}, {"-cbow", "0", "CBOW"}, {"-loss", "softmax", "negative sampling"}}) {
    const RunResult result = RunProgram(Train(output, {spelling, value}));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error, HasSubstr(instead));
  }
}

TEST_F(Usage, AMissingFileIsNamedAndExitCodeOne) {
  const std::string missing = folder_ / "missing";
  for (const auto& command : Complete(missing, missing, missing, missing, folder_ / "x")) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 1) << command[0];
    EXPECT_THAT(result.error, StartsWith(command[0] + ": error: "));
    EXPECT_THAT(result.error, HasSubstr(missing));
  }
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(Usage, ATruncatedModelIsAnErrorThatNamesIt) {
  const std::string model = ReadAll(Model());
  const std::string truncated = folder_ / "truncated";
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, model.size() / 2, model.size() - 1}) {
    WriteAll(truncated, std::string_view(model).substr(0, size));
    for (const auto& command : Complete(truncated, Text(), Questions(), Pairs(), folder_ / "x")) {
      if (command[0] == "conec-train") continue;
      const RunResult result = RunProgram(command);
      EXPECT_EQ(result.exit_code, 1) << command[0] << " of " << size << " bytes";
      EXPECT_THAT(result.error, HasSubstr(truncated));
    }
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("truncated"));
}

TEST_F(Usage, AFullStandardOutputIsAnError) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"conec-train", "--help"},
                                             Train(folder_ / "m", {"--json"}),
                                             {"conec-embed", "--model", Model(), "--input", Text()},
                                             {"conec-nn", "--model", Model(), "the"},
                                             {"conec-similarity", "--model", Model(), Pairs()},
                                             {"conec-analogy", "--model", Model(), "--questions", Questions()}}) {
    const RunResult result = RunProgram(command, {.output_file = "/dev/full"});
    EXPECT_EQ(result.exit_code, 1) << command[0];
    EXPECT_THAT(result.error, HasSubstr("standard output: No space left on device"));
  }
}

TEST_F(Usage, AFileSizeLimitIsAnErrorAndLeavesNothing) {
  if (CONEC_THREAD_SANITIZER) GTEST_SKIP() << "ThreadSanitizer writes a file of its own, which the limit cuts";
  for (const auto& command : Complete(Model(), Text(), Questions(), Pairs(), folder_ / "x")) {
    if (command[0] == "conec-nn" || command[0] == "conec-analogy" || command[0] == "conec-similarity") continue;
    const RunResult result = RunProgram(command, {.largest_file = 4096});
    EXPECT_EQ(result.exit_code, 1) << command[0] << result.error;
    EXPECT_THAT(result.error, HasSubstr("File too large"));
    EXPECT_THAT(folder_.Names(), IsEmpty()) << command[0];
  }
}

TEST_F(Usage, OfTwoFilesThatBelongTogetherAFullDiskLeavesNeither) {
  if (CONEC_THREAD_SANITIZER) GTEST_SKIP() << "ThreadSanitizer writes a file of its own, which the limit cuts";
  const std::string text = ReadAll(Text());
  WriteAll(folder_ / "d", text.substr(0, 20000));
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"conec-convert", "--model", Model(), "--to", "projector", "--output", folder_ / "v"},
           {"conec-convert", "--model", Model(), "--to", "npy", "--output", folder_ / "v"},
           {"conec-embed", "--model", Model(), "--input", folder_ / "d", "--format", "npy", "--output",
            folder_ / "v"}}) {
    ASSERT_EQ(RunProgram(command).exit_code, 0);
    std::set<std::uintmax_t> sizes;
    for (const std::string& name : folder_.Names()) {
      if (name == "d") continue;
      sizes.insert(std::filesystem::file_size(folder_ / name));
      std::filesystem::remove(folder_ / name);
    }
    ASSERT_EQ(sizes.size(), 2u);
    const RunResult result = RunProgram(command, {.largest_file = *sizes.rbegin() - 1});  // the smaller one has room
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.error, HasSubstr("File too large"));
    EXPECT_THAT(folder_.Names(), ElementsAre("d")) << ::testing::PrintToString(command);
  }
}

TEST_F(Usage, UnreadableCompressionIsAnErrorThatNamesTheFile) {
  const std::string broken = folder_ / "broken.gz";
  WriteAll(broken, std::string("\x1f\x8b\x08\x00", 4) + std::string(100, '\x7f'));
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"conec-train", "--input", broken, "--output", folder_ / "x"},
           {"conec-embed", "--model", Model(), "--input", broken, "--output", folder_ / "x"},
           {"conec-embed", "--model", broken, "--input", Text(), "--output", folder_ / "x"},
           {"conec-nn", "--model", Model(), "--document", broken, "--word", "the"},
           {"conec-nn", "--model", broken, "the"},
           {"conec-analogy", "--model", Model(), "--questions", broken},
           {"conec-analogy", "--model", broken, "--questions", Questions()},
           {"conec-similarity", "--model", Model(), broken},
           {"conec-similarity", "--model", broken, Pairs()},
           {"conec-convert", "--model", broken, "--to", "npy", "--output", folder_ / "x"}}) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 1) << ::testing::PrintToString(command);
    EXPECT_THAT(result.error, HasSubstr(broken));
    EXPECT_THAT(result.out, IsEmpty());
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("broken.gz"));
}

TEST_F(Usage, AnEmptyFileIsAnErrorWhereSomethingIsNeeded) {
  const std::string empty = folder_ / "empty";
  WriteAll(empty, "");
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"conec-train", "--input", empty, "--output", folder_ / "x", "--device", "cpu"},
           {"conec-embed", "--model", empty, "--input", Text(), "--output", folder_ / "x"},
           {"conec-nn", "--model", Model(), "--document", empty, "--word", "the"},
           {"conec-nn", "--model", empty, "the"},
           {"conec-analogy", "--model", empty, "--questions", Questions()},
           {"conec-convert", "--model", empty, "--to", "npy", "--output", folder_ / "x"},
           {"conec-convert", "--model", Model(), "--to", "model", "--corpus", empty, "--output", folder_ / "x"}}) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 1) << ::testing::PrintToString(command);
    EXPECT_THAT(result.error, StartsWith(command[0] + ": error: "));
    EXPECT_THAT(result.out, IsEmpty());
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("empty"));
}

TEST_F(Usage, AFullDiskIsAnErrorAndLeavesNothing) {
  if (mount("none", folder_.path().c_str(), "tmpfs", 0, "size=16k") != 0) {
    GTEST_SKIP() << "cannot mount a small file system here: " << std::strerror(errno);
  }
  for (const auto& command : Complete(Model(), Text(), Questions(), Pairs(), folder_ / "x")) {
    if (command[0] == "conec-nn" || command[0] == "conec-analogy" || command[0] == "conec-similarity") continue;
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 1) << command[0] << result.error;
    EXPECT_THAT(result.error, HasSubstr("No space left on device"));
    EXPECT_THAT(folder_.Names(), IsEmpty()) << command[0];
  }
  EXPECT_EQ(umount2(folder_.path().c_str(), MNT_DETACH), 0);
}

TEST_F(Usage, AnUnwritableOutputIsSaidBeforeTheInputIsRead) {
  const RunResult result = RunProgram({"conec-train", "--input", "/no/such/input", "--output", "/no/such/folder/m"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("/no/such/folder/m"));
}

}  // namespace
}  // namespace conec::testing_tools
