#include "base/simd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace conec {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Sets CONEC_SIMD for one test and restores what was there.
class ActiveSimdLevelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* value = std::getenv("CONEC_SIMD");
    was_set_ = value != nullptr;
    if (was_set_) old_value_ = value;
  }
  void TearDown() override {
    if (was_set_) {
      setenv("CONEC_SIMD", old_value_.c_str(), 1);
    } else {
      unsetenv("CONEC_SIMD");
    }
  }

 private:
  bool was_set_ = false;
  std::string old_value_;
};

TEST(SupportedSimdLevels, StartWithScalarAndEndWithTheDetectedLevel) {
  const auto levels = SupportedSimdLevels();
  ASSERT_FALSE(levels.empty());
  EXPECT_EQ(levels.front(), SimdLevel::kScalar);
  EXPECT_EQ(levels.back(), DetectSimdLevel());
  EXPECT_TRUE(std::is_sorted(levels.begin(), levels.end()));
}

TEST_F(ActiveSimdLevelTest, IsTheDetectedLevelUnlessForced) {
  unsetenv("CONEC_SIMD");
  EXPECT_EQ(*ActiveSimdLevel(), DetectSimdLevel());
  setenv("CONEC_SIMD", "", 1);
  EXPECT_EQ(*ActiveSimdLevel(), DetectSimdLevel());
}

TEST_F(ActiveSimdLevelTest, IsTheForcedLevelWhereTheMachineCanRunIt) {
  for (const SimdLevel level : SupportedSimdLevels()) {
    setenv("CONEC_SIMD", std::string(SimdLevelName(level)).c_str(), 1);
    const auto active = ActiveSimdLevel();
    ASSERT_TRUE(active.ok()) << active.status();
    EXPECT_EQ(*active, level);
  }
}

TEST_F(ActiveSimdLevelTest, RefusesALevelTheMachineCannotRun) {
  for (const SimdLevel level : {SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (level <= DetectSimdLevel()) continue;
    setenv("CONEC_SIMD", std::string(SimdLevelName(level)).c_str(), 1);
    EXPECT_EQ(ActiveSimdLevel().status().code(), absl::StatusCode::kUnavailable);
  }
}

TEST_F(ActiveSimdLevelTest, RefusesAnUnknownLevelAndNamesTheKnownOnes) {
  for (const char* value : {"sse9", "AVX2", "avx2 ", "avx"}) {
    setenv("CONEC_SIMD", value, 1);
    const absl::Status status = ActiveSimdLevel().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(value), HasSubstr("scalar, avx2 or avx512")));
  }
}

}  // namespace
}  // namespace conec
