// Every reader against some thousands of broken inputs, the same in every run. For more of them, for readers that
// libFuzzer cannot have, by the environment:
//   CONEC_FUZZ_SECONDS=600        so long for each reader
//   CONEC_FUZZ_SEED=2             other inputs
//   CONEC_FUZZ_LAST=FILE          the input being read, which is what a crash leaves there
#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
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

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// Whether enough inputs were tried.
class Budget {
 public:
  explicit Budget(const Target& target) : iterations_(target.iterations) {}
  bool IsSpent(std::size_t tried) const {
    return seconds_.count() > 0 ? std::chrono::steady_clock::now() - start_ > seconds_ : tried >= iterations_;
  }

 private:
  std::size_t iterations_;
  std::chrono::seconds seconds_{FromEnvironment("CONEC_FUZZ_SECONDS", 0)};
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void Keep(const std::string& input) {
  const char* path = std::getenv("CONEC_FUZZ_LAST");
  if (path == nullptr) return;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << input;
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
  Mutator mutator(FromEnvironment("CONEC_FUZZ_SEED", 1));
  const Budget budget(target);
  std::size_t accepted = 0, refused = 0;
  for (std::size_t i = 0; !budget.IsSpent(i); ++i) {
    std::string input = mutator.Next(seeds);
    if (target.repair != nullptr && mutator.OneIn(2)) target.repair(input);
    Keep(input);
    const absl::Status status = target.run(input);
    EXPECT_TRUE(IsAnswer(status.code())) << "input " << i << ": " << status;
    EXPECT_TRUE(status.ok() || !status.message().empty()) << "input " << i;
    ++(status.ok() ? accepted : refused);
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_TRUE(refused > 0 || !target.refuses);
  std::printf("%zu inputs: %zu accepted, %zu refused\n", accepted + refused, accepted, refused);
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
