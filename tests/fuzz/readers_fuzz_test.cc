// Every reader against some thousands of broken inputs, the same in every run.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/fuzz/fuzzing.h"
#include "tests/fuzz/mutator.h"

namespace conec::fuzz {
namespace {

// The codes that tell of an input. kInternal and kUnknown are ours.
bool IsAnswer(absl::StatusCode code) {
  return code == absl::StatusCode::kOk || code == absl::StatusCode::kDataLoss ||
         code == absl::StatusCode::kInvalidArgument || code == absl::StatusCode::kFailedPrecondition ||
         code == absl::StatusCode::kNotFound || code == absl::StatusCode::kResourceExhausted;
}

class Readers : public ::testing::TestWithParam<Target> {};

TEST_P(Readers, AcceptTheSeeds) {
  const std::vector<std::string> seeds = GetParam().seeds();
  ASSERT_FALSE(seeds.empty());
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    const absl::Status status = GetParam().run(seeds[i]);
    EXPECT_TRUE(status.ok()) << i << ": " << status;
    std::string repaired = seeds[i];
    if (GetParam().repair != nullptr) GetParam().repair(repaired);
    EXPECT_TRUE(repaired == seeds[i]) << i << ": repairing changes a whole input";
  }
}

TEST_P(Readers, AnswerWhateverComes) {
  const Target& target = GetParam();
  const std::vector<std::string> seeds = target.seeds();
  Mutator mutator(1);
  std::size_t accepted = 0, refused = 0;
  for (std::size_t i = 0; i < target.iterations; ++i) {
    std::string input = mutator.Next(seeds);
    if (target.repair != nullptr && mutator.OneIn(2)) target.repair(input);
    const absl::Status status = target.run(input);
    EXPECT_TRUE(IsAnswer(status.code())) << "input " << i << ": " << status;
    EXPECT_TRUE(status.ok() || !status.message().empty()) << "input " << i;
    ++(status.ok() ? accepted : refused);
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_TRUE(refused > 0 || !target.refuses);
  std::printf("%zu inputs: %zu accepted, %zu refused\n", target.iterations, accepted, refused);
}

std::string NameOf(const ::testing::TestParamInfo<Target>& info) {
  std::string name;
  bool upper = true;
  for (const char c : info.param.name) {
    if (c != '-') name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '-';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Fuzzed, Readers, ::testing::ValuesIn(Targets()), NameOf);

}  // namespace
}  // namespace conec::fuzz
