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

RunResult ListExperiments() {
  return RunProgram({"simec", "reproduce", "--list", "--json"});
}

// What `simec reproduce --list` lists; nothing if it fails, which the first test tells of: this is asked before tests
// run, when nothing could.
std::vector<std::string> Experiments() {
  std::vector<std::string> names;
  const Json list = Json::parse(ListExperiments().out, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return names;
  for (const Json& experiment : list) names.push_back(experiment["name"]);
  return names;
}

TEST(ListOfExperiments, NamesThoseThatAreTested) {
  const RunResult result = ListExperiments();
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(Json::parse(result.out).size(), Experiments().size());
  EXPECT_FALSE(Experiments().empty());
}

class PublishedFigures : public ::testing::TestWithParam<std::string> {};

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

INSTANTIATE_TEST_SUITE_P(Experiments, PublishedFigures, ::testing::ValuesIn(Experiments()),
                         [](const ::testing::TestParamInfo<std::string>& part) { return part.param; });

}  // namespace
}  // namespace conec::testing_tools
