// conec-train that is stopped or killed, and goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "conec/checkpoint.h"
#include "conec/model.h"
#include "tests/base/same_bits.h"
#include "tests/tools/sample_fixture.h"
#include "tools/cli/claim.h"

namespace conec::testing_tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool SameModel(const std::string& first, const std::string& second) {
  const auto a = Model::Open(first), b = Model::Open(second);
  EXPECT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  return a.ok() && b.ok() && SameBits(a->input, b->input) && SameBits(a->output, b->output) &&
         SameBits(a->global_context, b->global_context);
}

class Resume : public SampleTest {
 protected:
  // Long enough that it can be stopped on its way.
  std::vector<std::string> Train(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {"conec-train", "--input",   Text(),     "--output",   folder_ / "m",
                                        "--dim",       "16",        "--epochs", "40",         "--min-count",
                                        "2",           "--threads", "1",        "--progress", "none"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  void TrainWhole() {
    std::vector<std::string> command = Train();
    command[4] = folder_ / "whole";
    ASSERT_EQ(RunProgram(command).exit_code, 0);
  }
  // As soon as there is a checkpoint.
  RunOptions Signal(int signal_number) const {
    return {.signal_number = signal_number, .signal_when_exists = folder_ / "m.checkpoint"};
  }
  // A training that was killed in its first epochs.
  void Interrupt(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = Train({"--checkpoint-every", "1e-9"});
    command.insert(command.end(), more.begin(), more.end());
    ASSERT_EQ(RunProgram(command, Signal(SIGKILL)).exit_code, -1);
    const auto checkpoint = OpenCheckpoint(folder_ / "m.checkpoint");
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    ASSERT_LT(checkpoint->position.epoch, 40) << "nothing is left to go on with";
  }
  void ExpectRefused(const std::vector<std::string>& more, const std::string& reason) {
    const std::string before = ReadAll(folder_ / "m.checkpoint");
    const RunResult result = RunProgram(Train(more));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.error, HasSubstr("m.checkpoint"));
    EXPECT_THAT(result.error, HasSubstr(reason));
    EXPECT_TRUE(ReadAll(folder_ / "m.checkpoint") == before);
  }
};

TEST_F(Resume, AKilledTrainingGoesOnBitByBit) {
  TrainWhole();
  Interrupt();
  const RunResult result = RunProgram(Train({"--resume"}));
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("resuming " + (folder_ / "m.checkpoint") + ": epoch "));
  EXPECT_TRUE(SameModel(folder_ / "m", folder_ / "whole"));
  EXPECT_THAT(folder_.Names(), ElementsAre("m", "whole"));
}

TEST_F(Resume, ASecondRunOnTheSameFilesIsRefused) {
  {
    const auto first = cli::Claim::Take(folder_ / "m");
    ASSERT_TRUE(first.ok()) << first.status();
    const RunResult second = RunProgram(Train());
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_THAT(second.error, HasSubstr("m' is being written by another run"));
    EXPECT_THAT(second.error, HasSubstr("--output"));
    EXPECT_THAT(folder_.Names(), IsEmpty());
    const RunResult reference = RunProgram(Train({"--trainer", "reference"}));  // which writes no checkpoints
    EXPECT_EQ(reference.exit_code, 1);
    EXPECT_THAT(reference.error, HasSubstr("m' is being written by another run"));
  }
  EXPECT_EQ(RunProgram(Train()).exit_code, 0);
}

TEST_F(Resume, CtrlCLeavesACheckpointWithoutBeingAskedTo) {
  std::vector<std::string> command = Train({"--resume"});
  command[8] = "1000000";
  command[14] = "json";
  int epoch = 0;
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) {
    const RunResult result =
        RunProgram(command, {.signal_number = signal_number, .signal_after = "\"phase\":\"train\""});
    EXPECT_EQ(result.exit_code, 128 + signal_number);
    EXPECT_THAT(result.error, HasSubstr("--resume goes on from there"));
    EXPECT_THAT(result.error, HasSubstr(epoch == 0 ? "begins anew" : "resuming "));
    EXPECT_THAT(folder_.Names(), ElementsAre("m.checkpoint"));
    const auto checkpoint = OpenCheckpoint(folder_ / "m.checkpoint");
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    EXPECT_GT(checkpoint->position.epoch, epoch);
    epoch = checkpoint->position.epoch;
  }
}

TEST_F(Resume, ASignalThatIsPassedOnAndComesTwiceLeavesACheckpoint) {
  std::vector<std::string> command = Train();
  command[8] = "1000000";
  command[14] = "json";
  for (const int signal_number : {SIGINT, SIGTERM}) {
    const RunResult result = RunProgram(
        command, {.signal_number = signal_number, .signal_after = "\"phase\":\"train\"", .signal_twice = true});
    EXPECT_EQ(result.exit_code, 128 + signal_number) << result.error;
    EXPECT_THAT(folder_.Names(), ElementsAre("m.checkpoint"));
    EXPECT_TRUE(OpenCheckpoint(folder_ / "m.checkpoint").ok());
    std::filesystem::remove(folder_ / "m.checkpoint");
  }
}

TEST_F(Resume, ALostTerminalStopsNothingUnderNohupAndCtrlCNoJobInTheBackground) {
  std::vector<std::string> command = Train();
  command[14] = "json";
  for (const int ignored : {SIGHUP, SIGINT}) {
    const RunResult result = RunProgram(
        command, {.signal_number = ignored, .signal_after = "\"phase\":\"encode\"", .ignored_signal = ignored});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_THAT(folder_.Names(), ElementsAre("m"));
    std::filesystem::remove(folder_ / "m");
  }
}

TEST_F(Resume, ThreadsMayDiffer) {
  Interrupt();
  std::vector<std::string> command = Train({"--resume"});
  command[12] = "2";
  const RunResult result = RunProgram(command);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("2 threads"));
}

TEST_F(Resume, DeterministicTrainingGoesOnBitByBitWithAnyNumberOfThreads) {
  std::vector<std::string> command = Train({"--deterministic"});
  command[4] = folder_ / "whole";
  ASSERT_EQ(RunProgram(command).exit_code, 0);
  Interrupt({"--deterministic"});
  command = Train({"--deterministic", "--resume"});
  command[12] = "3";
  const RunResult result = RunProgram(command);
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("deterministic, 3 threads"));
  EXPECT_TRUE(SameModel(folder_ / "m", folder_ / "whole"));
  const auto model = Model::Open(folder_ / "m");
  EXPECT_TRUE(model->info.training->deterministic);
}

TEST_F(Resume, OtherOptionsAreRefusedByName) {
  Interrupt();
  ExpectRefused({"--resume", "--window", "3"}, "--window is '3', there it was '5'");
  ExpectRefused({"--resume", "--seed", "9"}, "--seed is '9', there it was '1'");
  ExpectRefused({"--resume", "--deterministic"}, "--deterministic is 'true', there it was 'false'");
  ExpectRefused({"--resume", "--no-fold-case"}, "the opposite of --no-fold-case is 'false', there it was 'true'");
  ExpectRefused({"--resume", "--max-vocab", "100"}, "--max-vocab is '100', there it was '0'");
}

TEST_F(Resume, AnotherTextIsRefused) {
  WriteAll(folder_ / "text", ReadAll(Text()));
  Interrupt();
  const std::string text = ReadAll(Text());
  std::vector<std::string> command = Train({"--resume"});
  command[2] = folder_ / "text";
  WriteAll(folder_ / "text", text + "\nMore words were found.\n");
  const RunResult refused = RunProgram(command);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.error, HasSubstr("another corpus"));
  WriteAll(folder_ / "text", text);  // the same text under another name is the same text
  EXPECT_EQ(RunProgram(command).exit_code, 0);
}

TEST_F(Resume, ADamagedCheckpointIsRefused) {
  Interrupt();
  std::string bytes = ReadAll(folder_ / "m.checkpoint");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  WriteAll(folder_ / "m.checkpoint", bytes);
  ExpectRefused({"--resume"}, "is not a whole checkpoint");
  bytes.resize(bytes.size() / 3);
  WriteAll(folder_ / "m.checkpoint", bytes);
  ExpectRefused({"--resume"}, "is not a whole checkpoint");
}

TEST_F(Resume, WithoutACheckpointTrainingBeginsAnew) {
  const RunResult result = RunProgram(SampleTest::Train(folder_ / "m", {"--resume"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.error, HasSubstr("note: there is no '" + (folder_ / "m.checkpoint") + "' to resume"));
  EXPECT_TRUE(SameModel(folder_ / "m", Model()));
  EXPECT_THAT(folder_.Names(), ElementsAre("m"));
}

TEST_F(Resume, WithoutResumeAnInterruptedTrainingIsReplacedAndThatIsSaid) {
  Interrupt();
  const RunResult result = RunProgram(SampleTest::Train(folder_ / "m"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.error, HasSubstr("m.checkpoint' holds an interrupted training; --resume would go on with it"));
  EXPECT_TRUE(SameModel(folder_ / "m", Model()));
  EXPECT_THAT(folder_.Names(), ElementsAre("m"));
}

TEST_F(Resume, AFileThatIsNoCheckpointIsNotOverwritten) {
  WriteAll(folder_ / "m.checkpoint", "somebody's diary");
  ExpectRefused({}, "move it away");
  ExpectRefused({"--resume"}, "is not a whole checkpoint");
}

TEST_F(Resume, StandardInputNeedNotComeAgainIfTheCorpusWasKept) {
  std::vector<std::string> command = Train({"--keep-corpus", "--checkpoint-every", "1e-9"});
  command[2] = "-";
  RunOptions options = Signal(SIGKILL);
  options.input_file = Text();
  ASSERT_EQ(RunProgram(command, options).exit_code, -1);
  command.push_back("--resume");
  const RunResult resumed = RunProgram(command);  // its standard input is empty
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error;
  TrainWhole();
  EXPECT_TRUE(SameModel(folder_ / "m", folder_ / "whole"));
}

TEST_F(Resume, AKeptCorpusOfOtherOptionsIsEncodedAnew) {
  Interrupt({"--keep-corpus"});
  ExpectRefused({"--resume", "--keep-corpus", "--segment-length", "50"}, "--segment-length is '50'");
}

TEST_F(Resume, ATrainingThatIsDoneSurvivesAModelThatCannotBeSaved) {
  ASSERT_EQ(RunProgram(SampleTest::Train(folder_ / "m")).exit_code, 0);
  // The checkpoint (two tables) fits, the model (three, and words) does not.
  const auto size = static_cast<rlim_t>(ReadAll(folder_ / "m").size());
  WriteAll(folder_ / "m", "the old model");
  const RunResult full = RunProgram(SampleTest::Train(folder_ / "m"), {.largest_file = size - 1});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.error, HasSubstr("checkpoint: "));
  EXPECT_EQ(ReadAll(folder_ / "m"), "the old model");
  const RunResult resumed = RunProgram(SampleTest::Train(folder_ / "m", {"--resume"}));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_TRUE(SameModel(folder_ / "m", Model()));
  EXPECT_THAT(folder_.Names(), ElementsAre("m"));
}

TEST_F(Resume, ACheckpointThatCannotBeWrittenIsNotTheEndOfTraining) {
  std::vector<std::string> command = Train({"--checkpoint-every", "1e-9"});
  command[6] = "400";
  command[8] = "2";
  // Room for the raw ids and the encoded corpus, not for the tables.
  const RunResult full = RunProgram(command, {.largest_file = 1000000});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.error, HasSubstr("note: no checkpoint could be written: "));
  EXPECT_THAT(full.error, HasSubstr("error: cannot write '" + (folder_ / "m") + "'"));
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(Resume, OptionsOfCheckpointsAreChecked) {
  for (const char* minutes : {"-1", "nan", "x"}) {
    EXPECT_EQ(RunProgram(Train({"--checkpoint-every", minutes})).exit_code, 2) << minutes;
  }
  const RunResult reference = RunProgram(Train({"--trainer", "reference", "--resume"}));
  EXPECT_EQ(reference.exit_code, 2);
  EXPECT_THAT(reference.error, HasSubstr("--resume cannot be had with --trainer reference"));
  const RunResult device =
      RunProgram({"conec-train", "--input", Text(), "--output", "/dev/null", "--dim", "4", "--checkpoint-every", "1"});
  EXPECT_EQ(device.exit_code, 2);
  EXPECT_THAT(device.error, HasSubstr("--checkpoint-every needs an --output that is a file"));
}

}  // namespace
}  // namespace conec::testing_tools
