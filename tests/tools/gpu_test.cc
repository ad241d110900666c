// conec-train on a GPU, as a user runs it, on the sample corpus. Skips where there is no GPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/device.h"
#include "tests/tools/run_program.h"

namespace conec::testing_tools {
namespace {

using ::testing::HasSubstr;

nlohmann::json TrainSample(const TempFolder& folder, const std::string& device, const std::string& model) {
  const RunResult result =
      RunProgram({"conec-train", "--input", folder / "text.txt", "--format", "paragraph", "--dim", "100", "--device",
                  device, "--output", folder / model, "--progress", "none", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return nlohmann::json::parse(result.out, nullptr, false);
}

double Accuracy(const TempFolder& folder, const std::string& model, const std::string& vectors) {
  const RunResult result = RunProgram({"conec-analogy", "--model", folder / model, "--questions",
                                       folder / "questions.txt", "--vectors", vectors, "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  return nlohmann::json::parse(result.out).at("total").at("accuracy").get<double>();
}

TEST(TrainOnGpu, SolvesTheAnalogiesThatTheCpuSolves) {
  if (!FindCudaDevice().ok()) GTEST_SKIP() << FindCudaDevice().status();
  const TempFolder folder;
  ASSERT_EQ(RunProgram({"conec-sample-corpus", "--output", folder.path()}).exit_code, 0);
  const auto cpu = TrainSample(folder, "cpu", "cpu.conec"), gpu = TrainSample(folder, "cuda", "gpu.conec");
  EXPECT_THAT(gpu.at("trainer").get<std::string>(), HasSubstr("cuda, "));
  EXPECT_EQ(gpu.at("trained_words"), cpu.at("trained_words"));
  EXPECT_NEAR(gpu.at("loss").get<double>(), cpu.at("loss").get<double>(), 0.05);
  for (const std::string vectors : {"word2vec", "conec"}) {
    // Of some 90 per cent; seeds differ by half a point.
    EXPECT_NEAR(Accuracy(folder, "gpu.conec", vectors), Accuracy(folder, "cpu.conec", vectors), 2) << vectors;
  }
}

TEST(TrainOnGpu, IsWhatAutoChooses) {
  if (!FindCudaDevice().ok()) GTEST_SKIP() << FindCudaDevice().status();
  const TempFolder folder;
  ASSERT_EQ(RunProgram({"conec-sample-corpus", "--words", "20000", "--output", folder.path()}).exit_code, 0);
  EXPECT_THAT(TrainSample(folder, "auto", "m.conec").at("trainer").get<std::string>(), HasSubstr("cuda, "));
}

}  // namespace
}  // namespace conec::testing_tools
