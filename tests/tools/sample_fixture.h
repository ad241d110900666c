// A small sample corpus and a model of it, made once for all tests of an executable.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/tools/run_program.h"

namespace conec::testing_tools {

class SampleTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = std::make_unique<TempFolder>();
    const RunResult made = RunProgram({"conec-sample-corpus", "--words", "20000", "--output", shared_->path()});
    ASSERT_EQ(made.exit_code, 0) << made.error;
    WriteAll(*shared_ / "pairs.txt", "the of 3\nthe a 9\nof a 4\nand The 6\nthe zorblax 1\n");
    const RunResult trained = RunProgram(Train(*shared_ / "model.conec"));
    ASSERT_EQ(trained.exit_code, 0) << trained.error;
  }
  static void TearDownTestSuite() { shared_.reset(); }

  static std::string Text() { return *shared_ / "text.txt"; }
  static std::string Model() { return *shared_ / "model.conec"; }
  static std::string HeldOut() { return *shared_ / "held_out"; }
  static std::string Pairs() { return *shared_ / "pairs.txt"; }  // one of five has an unknown word
  static std::string Questions() { return *shared_ / "questions.txt"; }

  // A quick training run on the sample; reproducible to the bit.
  static std::vector<std::string> Train(const std::string& output, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {"conec-train", "--input",   Text(),     "--output",   output,
                                        "--dim",       "16",        "--epochs", "2",          "--min-count",
                                        "2",           "--threads", "1",        "--progress", "none"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  TempFolder folder_;

 private:
  static inline std::unique_ptr<TempFolder> shared_;
};

}  // namespace conec::testing_tools
