// The published experiments with similarity encoders: every figure of their quick steps is within what is accepted, of
// all steps with CONEC_EXPERIMENTS=full (hours). Needs CONEC_DATA.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tools/run_program.h"

namespace conec::testing_tools {
namespace {

using Json = nlohmann::json;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class PublishedFigures : public ::testing::TestWithParam<const char*> {};

TEST_P(PublishedFigures, AreMet) {
  const std::string data = Environment("CONEC_DATA");
  if (data.empty()) GTEST_SKIP() << "CONEC_DATA is not set";
  std::vector<std::string> command = {"simec", "reproduce", GetParam(), "--json", "--progress", "none"};
  if (Environment("CONEC_EXPERIMENTS") != "full") command.push_back("--quick");
  const RunResult result = RunProgram(command);
  ASSERT_NE(result.out, "") << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_FALSE(json["figures"].empty());
  for (const Json& figure : json["figures"]) EXPECT_TRUE(figure["met"].get<bool>()) << figure.dump();
  EXPECT_EQ(result.exit_code, 0) << result.error;
}

INSTANTIATE_TEST_SUITE_P(Experiments, PublishedFigures,
                         ::testing::Values("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E9b", "E10", "E13"),
                         [](const ::testing::TestParamInfo<const char*>& part) { return std::string(part.param); });

}  // namespace
}  // namespace conec::testing_tools
