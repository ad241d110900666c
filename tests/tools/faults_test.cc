// What goes wrong around a program, as far as it can be made to happen without a machine of one's own: memory, disks,
// and files that change while they are read. A clear error, exit code 1, what stood there before untouched, nothing
// left over.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/simd.h"
#include "tests/base/sanitizers.h"
#include "tests/tools/sample_fixture.h"
#include "tools/cli/claim.h"

namespace conec::testing_tools {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kPrevious[] = "what stood here before";
constexpr unsigned kPatience = 60;  // seconds, after which a program hangs

class Faults : public SampleTest {
 protected:
  using Commands = std::vector<std::vector<std::string>>;

  // Those that write a file.
  Commands Writers(const std::string& output) const {
    return {Train(output),
            {"conec-embed", "--model", Model(), "--input", Text(), "--output", output},
            {"conec-convert", "--model", Model(), "--to", "word2vec-text", "--output", output},
            {"conec-convert", "--model", Model(), "--to", "model", "--output", output}};
  }

  Commands All(const std::string& output) const {
    Commands commands = Writers(output);
    commands.push_back({"conec-nn", "--model", Model(), "--threads", "8", "the", "of"});
    commands.push_back({"conec-analogy", "--model", Model(), "--threads", "8", "--questions", Questions()});
    commands.push_back({"conec-similarity", "--model", Model(), Pairs()});
    return commands;
  }
};

TEST_F(Faults, TooLittleMemoryIsAnErrorAndNobodyHangsOrCrashes) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need terabytes of addresses";
  WriteAll(folder_ / "x", kPrevious);
  for (const auto& command : All(folder_ / "x")) {
    bool succeeded = false;
    for (rlim_t megabytes = 20; megabytes <= 2000 && !succeeded; megabytes += 1 + megabytes / 12) {
      const RunResult result = RunProgram(command, {.memory = megabytes * 1000000, .patience_seconds = kPatience});
      SCOPED_TRACE(command[0] + " in " + std::to_string(megabytes) + " MB: " + result.error);
      // 127: the system's loader, before there is any program.
      ASSERT_THAT(result.exit_code, AnyOf(0, 1, 127));
      succeeded = result.exit_code == 0;
      if (succeeded) break;
      EXPECT_THAT(result.error, AnyOf(HasSubstr("memory"), HasSubstr("cannot start a thread"), HasSubstr("threads"),
                                      HasSubstr("Thread creation failed"), HasSubstr("loading shared libraries")));
      EXPECT_EQ(ReadAll(folder_ / "x"), kPrevious);
      EXPECT_THAT(folder_.Names(), ElementsAre("x"));
    }
    EXPECT_TRUE(succeeded) << command[0];
    WriteAll(folder_ / "x", kPrevious);
  }
}

TEST_F(Faults, AFileThatCannotBeWrittenToItsEndLeavesThePreviousOne) {
  if (CONEC_THREAD_SANITIZER) GTEST_SKIP() << "ThreadSanitizer writes a file of its own, which the limit cuts";
  WriteAll(folder_ / "x", kPrevious);
  for (const auto& command : Writers(folder_ / "x")) {
    for (const rlim_t largest : {rlim_t{4096}, rlim_t{100000}}) {
      const RunResult result = RunProgram(command, {.largest_file = largest, .patience_seconds = kPatience});
      EXPECT_EQ(result.exit_code, 1) << command[0];
      EXPECT_THAT(result.error, HasSubstr("File too large"));
      EXPECT_EQ(ReadAll(folder_ / "x"), kPrevious) << command[0];
      EXPECT_THAT(folder_.Names(), ElementsAre("x"));
    }
  }
}

TEST_F(Faults, AFolderInPlaceOfTheOutputIsNamed) {
  std::filesystem::create_directory(folder_ / "x");
  for (const auto& command : Writers(folder_ / "x")) {
    const RunResult result = RunProgram(command, {.patience_seconds = kPatience});
    EXPECT_EQ(result.exit_code, 1) << command[0];
    EXPECT_THAT(result.error, HasSubstr("'" + folder_ / "x" + "': it is a folder"));
    EXPECT_THAT(folder_.Names(), ElementsAre("x"));
  }
}

TEST_F(Faults, AFolderWhereNothingCanBeWrittenIsSaidAndItsFileStays) {
  WriteAll(folder_ / "x", kPrevious);
  chmod(folder_.path().c_str(), 0555);
  for (const auto& command : Writers(folder_ / "x")) {
    const RunResult result = RunProgram(command, {.patience_seconds = kPatience, .permissions_count = true});
    EXPECT_EQ(result.exit_code, 1) << command[0];
    EXPECT_THAT(result.error, HasSubstr(folder_ / "x"));
    EXPECT_THAT(result.error, HasSubstr("Permission denied"));
    EXPECT_EQ(ReadAll(folder_ / "x"), kPrevious);
  }
  chmod(folder_.path().c_str(), 0755);
}

// A named pipe as standard input: `write` runs beside the program and is done when the input is at its end.
template <typename Write>
RunResult RunBeside(const std::vector<std::string>& command, const std::string& pipe, RunOptions options,
                    Write&& write) {
  EXPECT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] {
    std::ofstream input(pipe);
    write(input);
  });
  options.input_file = pipe;
  options.patience_seconds = kPatience;
  RunResult result = RunProgram(command, options);
  writer.join();
  std::filesystem::remove(pipe);
  return result;
}

void WaitForOutput(const std::string& path) {
  std::error_code ignored;
  for (int i = 0; i < 30000 && !(std::filesystem::exists(path) && std::filesystem::file_size(path, ignored) > 0); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(Faults, AModelThatIsCutWhileItIsUsedIsNamed) {
  const std::string model = folder_ / "model", out = folder_ / "out";
  std::filesystem::copy_file(Model(), model);
  const RunResult result =
      RunBeside({"conec-nn", "--model", model}, folder_ / "pipe", {.output_file = out}, [&](std::ofstream& input) {
        input << "the\n" << std::flush;
        WaitForOutput(out);
        std::filesystem::resize_file(model, 100);
        input << "of\n";
      });
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error,
              Eq("conec-nn: error: '" + model + "' was cut while it was being read, or its disk failed\n"));
}

TEST_F(Faults, CompressedInputThatEndsTooEarlyIsAnErrorFromAPipeToo) {
  const std::string whole = folder_ / "whole";
  const auto compressed = [&] {
    EXPECT_EQ(std::system(("gzip -c '" + Text() + "' > '" + whole + ".gz'").c_str()), 0);
    return ReadAll(whole + ".gz");
  }();
  WriteAll(folder_ / "x", kPrevious);
  for (const std::size_t size : {std::size_t{5}, compressed.size() / 2, compressed.size() - 1}) {
    for (const std::vector<std::string>& command :
         Commands{{"conec-train", "--input", "-", "--output", folder_ / "x", "--progress", "none"},
                  {"conec-embed", "--model", Model(), "--input", "-", "--output", folder_ / "x"}}) {
      const RunResult result =
          RunBeside(command, folder_ / "pipe", {}, [&](std::ofstream& input) { input << compressed.substr(0, size); });
      EXPECT_EQ(result.exit_code, 1) << command[0] << " " << size;
      EXPECT_THAT(result.error, HasSubstr("standard input"));
      EXPECT_EQ(ReadAll(folder_ / "x"), kPrevious);
      EXPECT_THAT(folder_.Names(), ElementsAre("whole.gz", "x"));
    }
  }
}

TEST_F(Faults, AReaderThatGoesAwayEndsAProgramWithoutAWord) {
  for (const std::vector<std::string>& command : Commands{{"conec-embed", "--model", Model(), "--input", Text()},
                                                          {"conec-nn", "--model", Model(), "the"},
                                                          {"conec-similarity", "--model", Model(), Pairs()}}) {
    const RunResult result = RunProgram(command, {.patience_seconds = kPatience, .output_is_closed_pipe = true});
    EXPECT_EQ(result.exit_code, 141) << command[0];
    EXPECT_THAT(result.error, Not(HasSubstr("error"))) << command[0];
  }
}

// The model is what counts, not the report of it.
TEST_F(Faults, ATrainingWhoseReaderWentAwayStillWritesItsModel) {
  const RunResult result =
      RunProgram(Train(folder_ / "x", {"--json"}), {.patience_seconds = kPatience, .output_is_closed_pipe = true});
  EXPECT_EQ(result.exit_code, 141);
  EXPECT_EQ(RunProgram({"conec-nn", "--verify", "--model", folder_ / "x", "the"}).exit_code, 0);
}

// Otherwise the next file that is opened would be the input, or get the results.
TEST_F(Faults, AClosedStandardInputIsSaid) {
  for (const std::vector<std::string>& command :
       Commands{{"conec-train", "--input", "-", "--output", folder_ / "x"},
                {"conec-embed", "--model", Model(), "--input", "-", "--output", folder_ / "x"},
                {"conec-embed", "--model", Model(), "--input", "/dev/stdin"},
                {"conec-nn", "--model", Model()}}) {
    const RunResult result = RunProgram(command, {.patience_seconds = kPatience, .closed = {0}});
    EXPECT_EQ(result.exit_code, 1) << ::testing::PrintToString(command);
    EXPECT_THAT(result.error, HasSubstr("standard input is closed"));
    EXPECT_THAT(folder_.Names(), IsEmpty());
  }
}

TEST_F(Faults, AClosedStandardOutputIsSaidAndNothingElseGetsWhatWasMeantForIt) {
  for (const std::vector<std::string>& command : Commands{{"conec-embed", "--model", Model(), "--input", Text()},
                                                          {"conec-nn", "--model", Model(), "the"},
                                                          {"conec-train", "--help"}}) {
    const RunResult result = RunProgram(command, {.patience_seconds = kPatience, .closed = {1}});
    EXPECT_EQ(result.exit_code, 1) << command[0];
    EXPECT_THAT(result.error, HasSubstr("standard output is closed"));
  }
  const std::string output = folder_ / "x";
  EXPECT_EQ(RunProgram(Train(output, {"--json"}), {.patience_seconds = kPatience, .closed = {1}}).exit_code, 1);
  EXPECT_EQ(RunProgram({"conec-nn", "--verify", "--model", output, "the"}).exit_code, 0);
  const RunResult stdout_file =
      RunProgram(Train("/dev/stdout"), {.patience_seconds = kPatience, .closed = {1}});  // before training
  EXPECT_EQ(stdout_file.exit_code, 1);
  EXPECT_THAT(stdout_file.error, Eq("conec-train: error: cannot write '/dev/stdout': Bad file descriptor\n"));
}

TEST_F(Faults, WithAllStandardStreamsClosedFilesAreWhatTheyWouldBe) {
  const std::vector<std::string> command = {"conec-embed", "--model", Model(), "--input", Text(), "--output"};
  std::vector<std::string> usual = command, closed = command;
  usual.push_back(folder_ / "usual");
  closed.push_back(folder_ / "closed");
  EXPECT_EQ(RunProgram(usual).exit_code, 0);
  EXPECT_EQ(RunProgram(closed, {.patience_seconds = kPatience, .closed = {0, 1, 2}}).exit_code, 0);
  EXPECT_EQ(ReadAll(folder_ / "usual"), ReadAll(folder_ / "closed"));
}

// A named pipe that nobody else reads or writes: whoever opens it waits.
std::string IdlePipe(const TempFolder& folder) {
  const std::string pipe = folder / "pipe";
  EXPECT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  return pipe;
}

TEST_F(Faults, TheFirstSignalEndsAProgramThatWaitsForAPipe) {
  const std::string pipe = IdlePipe(folder_);
  for (const std::vector<std::string>& command :
       Commands{{"conec-train", "--input", pipe, "--output", folder_ / "x"},
                {"conec-train", "--input", Text(), "--output", pipe, "--dim", "8", "--epochs", "1"},
                {"conec-embed", "--model", Model(), "--input", pipe, "--output", folder_ / "x"},
                {"conec-embed", "--model", Model(), "--input", Text(), "--output", pipe}}) {
    for (const int signal_number : {SIGINT, SIGTERM}) {
      const RunResult result = RunProgram(
          command, {.patience_seconds = kPatience, .signal_number = signal_number, .signal_when_caught = true});
      EXPECT_EQ(result.exit_code, 128 + signal_number) << ::testing::PrintToString(command);
      EXPECT_THAT(result.error, HasSubstr("the output was not written"));
      EXPECT_THAT(folder_.Names(), ElementsAre("pipe"));
    }
  }
}

TEST_F(Faults, TheFirstSignalEndsAProgramThatWaitsForStandardInputOrOutput) {
  const std::string pipe = IdlePipe(folder_);
  const int other_end = open(pipe.c_str(), O_RDWR | O_CLOEXEC);  // which never writes or reads
  RunOptions reads = {.input_file = pipe, .patience_seconds = kPatience, .signal_number = SIGTERM};
  reads.signal_when_caught = true;
  RunOptions writes = reads;
  writes.input_file = "/dev/null";
  writes.output_file = pipe;
  const std::vector<std::string> embed = {"conec-embed", "--model", Model(), "--input"};
  std::vector<std::string> from_input = embed, to_output = embed;
  from_input.emplace_back("-");
  to_output.push_back(Text());
  EXPECT_EQ(RunProgram(from_input, reads).exit_code, 143);
  EXPECT_EQ(RunProgram({"conec-train", "--input", "-", "--output", folder_ / "x"}, reads).exit_code, 143);
  EXPECT_EQ(RunProgram(to_output, writes).exit_code, 143);
  EXPECT_THAT(folder_.Names(), ElementsAre("pipe"));
  close(other_end);
}

TEST_F(Faults, NoOutputTakesThePlaceOfAnInputWhateverItIsCalled) {
  std::filesystem::create_directory(folder_ / "H");
  std::filesystem::copy_file(Text(), folder_ / "H/a.txt");
  std::filesystem::create_symlink("H/a.txt", folder_ / "link");
  ASSERT_EQ(RunProgram({"conec-convert", "--model", Model(), "--to", "npy", "--output", folder_ / "n.npy"}).exit_code,
            0);
  const std::string text = ReadAll(Text()), words = ReadAll(folder_ / "n.words.txt");
  const std::string input = folder_ / "H", file = folder_ / "H/a.txt", model = folder_ / "m";
  for (const std::vector<std::string>& command : Commands{
           {"conec-train", "--input", input, "--output", folder_ / "./H/../H/a.txt"},
           {"conec-train", "--input", folder_ / "H/*.txt", "--output", folder_ / "link"},
           {"conec-train", "--input", input, "--output", model, "--context-matrix", file},
           {"conec-train", "--input", file, "--output", model, "--corpus", folder_ / "m"},
           {"conec-embed", "--model", Model(), "--input", input, "--output", file},
           {"conec-embed", "--model", folder_ / "n.npy", "--input", file, "--output", folder_ / "n.words.txt"},
           {"conec-convert", "--model", folder_ / "n.npy", "--to", "glove", "--output", folder_ / "n.words.txt"}}) {
    const RunResult result = RunProgram(command, {.patience_seconds = kPatience});
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(command);
    EXPECT_THAT(result.error, HasSubstr("would overwrite"));
    EXPECT_TRUE(ReadAll(file) == text && ReadAll(folder_ / "n.words.txt") == words);
    EXPECT_FALSE(std::filesystem::exists(model));
  }
  const std::string long_name = folder_ / std::string(250, 'a');  // too long with ".checkpoint" and ".corpus"
  EXPECT_THAT(RunProgram({"conec-train", "--input", file, "--output", long_name, "--keep-corpus"}).error,
              HasSubstr("File name too long"));
  // Of two that are not there yet, by relative names.
  std::filesystem::create_symlink(".", folder_ / "here");
  for (const std::string other : {"./m", "here/m", "H/../m", "./m.checkpoint"}) {
    for (const std::string option : {"--corpus", "--context-matrix"}) {
      const RunResult result =
          RunProgram({"conec-train", "--input", "H", "--output", "m", option, other}, {.folder = folder_.path()});
      EXPECT_EQ(result.exit_code, 2) << option << " " << other;
      EXPECT_THAT(result.error, HasSubstr("would overwrite"));
      EXPECT_FALSE(std::filesystem::exists(model));
    }
  }
}

TEST_F(Faults, ASampleCorpusReplacesOnlyAnother) {
  WriteAll(folder_ / "text.txt", kPrevious);
  const std::vector<std::string> command = {"conec-sample-corpus", "--words", "1000", "--output", folder_.path()};
  const RunResult refused = RunProgram(command);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.error, HasSubstr("text.txt' is there"));
  EXPECT_EQ(ReadAll(folder_ / "text.txt"), kPrevious);
  EXPECT_THAT(folder_.Names(), ElementsAre("text.txt"));
  std::vector<std::string> forced = command;
  forced.emplace_back("--force");
  EXPECT_EQ(RunProgram(forced).exit_code, 0);
  EXPECT_EQ(RunProgram(command).exit_code, 0);  // its own
}

TEST_F(Faults, AFileBesideTheOutputNeedsAnOutputThatIsAFile) {
  for (const std::vector<std::string>& command :
       Commands{{"conec-convert", "--model", Model(), "--to", "npy", "--output", "/dev/stdout"},
                {"conec-embed", "--model", Model(), "--input", Text(), "--format", "npy", "--output", "/dev/stdout"},
                {"conec-train", "--input", Text(), "--output", "/dev/null", "--keep-corpus"}}) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(command);
    EXPECT_THAT(result.error, HasSubstr("a second file is written beside it"));
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST_F(Faults, FilesThatBelongTogetherAreWrittenByOneRunAtATime) {
  const std::string output = folder_ / "v.npy";
  const Commands pairs = {
      {"conec-convert", "--model", Model(), "--to", "npy", "--output", output},
      {"conec-embed", "--model", Model(), "--input", Text(), "--format", "npy", "--output", output}};
  {
    const auto first = cli::Claim::Take(output);
    ASSERT_TRUE(first.ok()) << first.status();
    for (const std::vector<std::string>& command : pairs) {
      const RunResult second = RunProgram(command);
      EXPECT_EQ(second.exit_code, 1);
      EXPECT_THAT(second.error, HasSubstr("v.npy' is being written by another run"));
      EXPECT_THAT(folder_.Names(), IsEmpty());
    }
    EXPECT_EQ(RunProgram({"conec-convert", "--model", Model(), "--to", "glove", "--output", output}).exit_code, 0);
    // Another name, but the same words beside it.
    EXPECT_EQ(RunProgram({"conec-convert", "--model", Model(), "--to", "npy", "--output", folder_ / "v"}).exit_code, 0);
    const auto words = cli::Claim::Take(folder_ / "v.words.txt");
    ASSERT_TRUE(words.ok()) << words.status();
    const RunResult second =
        RunProgram({"conec-convert", "--model", Model(), "--to", "npy", "--output", folder_ / "v"});
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_THAT(second.error, HasSubstr("v.words.txt' is being written by another run"));
  }
  for (const std::vector<std::string>& command : pairs) EXPECT_EQ(RunProgram(command).exit_code, 0);
}

TEST_F(Faults, AProgramWhoseMessagesCannotBeWrittenDoesItsWork) {
  const RunOptions deaf = {.error_file = "/dev/full", .patience_seconds = kPatience};
  std::vector<std::string> train = Train(folder_ / "x");
  train.back() = "plain";  // --progress
  EXPECT_EQ(RunProgram(train, deaf).exit_code, 0);
  EXPECT_EQ(RunProgram({"conec-nn", "--verify", "--model", folder_ / "x", "the"}, deaf).exit_code, 0);
  EXPECT_EQ(RunProgram({"conec-nn", "--model", folder_ / "x", "xyzzy"}, deaf).exit_code, 1);
  EXPECT_EQ(RunProgram({"conec-nn", "--no-such-option"}, deaf).exit_code, 2);
}

TEST_F(Faults, ADamagedModelIsFoundByVerifyAndAlwaysByConvert) {
  std::string bytes = ReadAll(Model());
  bytes[bytes.size() - 1000] = static_cast<char>(bytes[bytes.size() - 1000] ^ 1);  // in the last table
  const std::string damaged = folder_ / "damaged";
  WriteAll(damaged, bytes);
  WriteAll(folder_ / "x", kPrevious);
  for (const std::vector<std::string>& command :
       Commands{{"conec-nn", "--verify", "--model", damaged, "the"},
                {"conec-analogy", "--verify", "--model", damaged, "--questions", Questions()},
                {"conec-similarity", "--verify", "--model", damaged, Pairs()},
                {"conec-embed", "--verify", "--model", damaged, "--input", Text(), "--output", folder_ / "x"},
                {"conec-convert", "--model", damaged, "--to", "npy", "--output", folder_ / "x"},
                {"conec-convert", "--model", damaged, "--to", "model", "--output", folder_ / "x"}}) {
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 1) << command[0];
    EXPECT_THAT(result.error, StartsWith(command[0] + ": error: '" + damaged + "'"));
    EXPECT_THAT(result.error, HasSubstr("global_context"));
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_EQ(ReadAll(folder_ / "x"), kPrevious);
  }
}

TEST_F(Faults, ADamagedModelCanBeSavedButWhatIsMadeOfItDoesNotVerify) {
  std::string bytes = ReadAll(Model());
  bytes[bytes.size() - 1000] = static_cast<char>(bytes[bytes.size() - 1000] ^ 1);
  const std::string damaged = folder_ / "damaged";
  WriteAll(damaged, bytes);
  for (const std::string format : {"word2vec-text", "model"}) {
    const RunResult saved =
        RunProgram({"conec-convert", "--no-verify", "--model", damaged, "--to", format, "--output", folder_ / format});
    EXPECT_EQ(saved.exit_code, 0) << saved.error;
    EXPECT_THAT(saved.error,
                HasSubstr("note: '" + damaged + "': the model fails its self-test: table 'global_context'"));
    EXPECT_EQ(RunProgram({"conec-nn", "--vectors", "word2vec", "--model", folder_ / format, "the"}).exit_code, 0);
  }
  const RunResult verified = RunProgram({"conec-nn", "--verify", "--model", folder_ / "model", "the"});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_THAT(verified.error, HasSubstr("has no self-test: conec-train wrote it before there were any, conec-convert "
                                        "left it out (--no-verify, --allow-non-finite)"));
  const RunResult plain = RunProgram({"conec-convert", "--no-verify", "--model", folder_ / "word2vec-text", "--to",
                                      "npy", "--output", folder_ / "npy"});
  EXPECT_EQ(plain.exit_code, 2);
  EXPECT_THAT(plain.error, HasSubstr("--no-verify is for models"));
}

TEST_F(Faults, AModelWhoseSelfTestIsOfANewerVersionIsConvertedWithANote) {
  std::string bytes = ReadAll(Model());
  const std::string key = "\"other.self_test.version\":\"";
  const std::size_t at = bytes.find(key);
  ASSERT_NE(at, std::string::npos);
  bytes[at + key.size()] = '2';
  WriteAll(folder_ / "newer", bytes);
  for (const std::string format : {"word2vec-text", "model"}) {
    const RunResult result =
        RunProgram({"conec-convert", "--model", folder_ / "newer", "--to", format, "--output", folder_ / format});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_THAT(result.error, HasSubstr("note: '" + folder_ / "newer" + "': the model's self-test has version 2"));
    EXPECT_EQ(result.error.find("has no self-test") != std::string::npos, format == "model") << result.error;
  }
}

TEST_F(Faults, AModelOfWhatIsNotFiniteSaysThatItHasNoSelfTest) {
  WriteAll(folder_ / "v", "2 2\na nan 1\nb 1 2\n");
  const RunResult made = RunProgram(
      {"conec-convert", "--allow-non-finite", "--input", folder_ / "v", "--to", "model", "--output", folder_ / "m"});
  EXPECT_EQ(made.exit_code, 0) << made.error;
  EXPECT_THAT(made.error, HasSubstr("note: '" + folder_ / "m" + "' has no self-test"));
  EXPECT_THAT(made.error, HasSubstr("is not finite"));
  const RunResult verified = RunProgram({"conec-nn", "--verify", "--model", folder_ / "m", "b"});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_THAT(verified.error, HasSubstr("--allow-non-finite"));
}

TEST_F(Faults, AModelVerifiesAtEverySimdLevelAndSoDoesWhatConvertMakesOfIt) {
  for (const SimdLevel level : SupportedSimdLevels()) {
    SCOPED_TRACE(SimdLevelName(level));
    setenv("CONEC_SIMD", std::string(SimdLevelName(level)).c_str(), 1);
    const RunResult trained = RunProgram(Train(folder_ / "own"));
    EXPECT_EQ(trained.exit_code, 0) << trained.error;
    for (const std::string& model : {Model(), folder_ / "own"}) {
      const RunResult result = RunProgram({"conec-nn", "--verify", "--model", model, "the"});
      EXPECT_EQ(result.exit_code, 0) << result.error;
    }
    unsetenv("CONEC_SIMD");
    EXPECT_EQ(RunProgram({"conec-nn", "--verify", "--model", folder_ / "own", "the"}).exit_code, 0);
  }
  const RunResult converted =
      RunProgram({"conec-convert", "--model", Model(), "--to", "model", "--output", folder_ / "again"});
  EXPECT_EQ(converted.exit_code, 0) << converted.error;
  EXPECT_EQ(RunProgram({"conec-nn", "--verify", "--model", folder_ / "again", "the"}).exit_code, 0);
}

// `words` different ones, each of them twice, then frequent ones.
std::string MakeText(std::size_t words, std::size_t tokens) {
  std::string text;
  for (std::size_t i = 0; i < tokens; ++i) {
    const std::size_t word = i < 2 * words ? i % words : i * i % 1000 % words;
    text += fmt::format("w{:07}{}", word, i % 20 == 19 ? '\n' : ' ');
  }
  return text;
}

struct MemoryCase {
  std::size_t words, tokens;
  const char *dim, *threads, *min_count;
  std::vector<std::string> more = {};
};

// Within a fifth (tools/train/memory.h, README.md), by what the system counted.
TEST_F(Faults, PeakMemoryIsWhatTheFormulaSays) {
  if (kSanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  for (const MemoryCase& of : {MemoryCase{60000, 150000, "100", "1", "1"},
                               {60000, 150000, "100", "4", "1"},
                               {60000, 150000, "300", "2", "1"},
                               {200000, 420000, "10", "1", "1"},
                               {10000, 2500000, "16", "2", "1"},
                               {400000, 820000, "10", "1", "5"},
                               {20000, 200000, "16", "1", "1", {"--context-scaling", "max"}},
                               {20000, 200000, "100", "1", "1", {"--context-matrix", folder_ / "counts"}}}) {
    WriteAll(folder_ / "text", MakeText(of.words, of.tokens));
    std::vector<std::string> command = {"conec-train", "--input",     folder_ / "text", "--output",   folder_ / "m",
                                        "--tokenizer", "whitespace",  "--format",       "line",       "--epochs",
                                        "1",           "--dim",       of.dim,           "--threads",  of.threads,
                                        "--json",      "--min-count", of.min_count,     "--progress", "none"};
    command.insert(command.end(), of.more.begin(), of.more.end());
    const RunResult result = RunProgram(command);
    ASSERT_EQ(result.exit_code, 0) << result.error;
    const auto json = nlohmann::json::parse(result.out);
    const double expected = 1024 * json.at("expected_rss_kb").get<double>();
    EXPECT_NEAR(result.peak_bytes / expected, 1, 0.2)
        << of.words << " words, dim " << of.dim << ", threads " << of.threads << ": " << expected;
    EXPECT_NEAR(1024 * json.at("peak_rss_kb").get<double>() / result.peak_bytes, 1, 0.1);
    if (std::string(of.dim) != "300") continue;
    // Of a model only the table that is asked is read: it is mapped.
    const RunResult asked = RunProgram({"conec-nn", "--vectors", "word2vec", "--model", folder_ / "m", "w0000001"});
    const double table = 4.0 * 300 * static_cast<double>(of.words);
    EXPECT_NEAR(asked.peak_bytes / (12e6 + table + 30.0 * static_cast<double>(of.words)), 1, 0.2);
  }
}

TEST_F(Faults, MemoryThatWillNotBeEnoughIsSaidBeforeTraining) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need terabytes of addresses";
  const RunResult result = RunProgram(
      {"conec-train", "--input", Text(), "--output", folder_ / "m", "--dim", "4096", "--epochs", "1", "--threads", "1"},
      {.memory = 80000000, .patience_seconds = kPatience});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("note: this needs about 53 MB of memory, and "));
  EXPECT_THAT(result.error, HasSubstr(" MB are left by ulimit -v; "));
}

TEST_F(Faults, VerifyOfWhatHasNoSelfTestIsAnError) {
  ASSERT_EQ(
      RunProgram({"conec-convert", "--model", Model(), "--to", "word2vec-text", "--output", folder_ / "v"}).exit_code,
      0);
  const RunResult result = RunProgram({"conec-nn", "--verify", "--model", folder_ / "v", "the"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error, HasSubstr("no model of conec-train"));
}

}  // namespace
}  // namespace conec::testing_tools
