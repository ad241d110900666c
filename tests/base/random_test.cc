#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace conec {
namespace {

std::array<std::uint32_t, 4> Draws(PhiloxBlock counter, PhiloxKey key) {
  const PhiloxBlock block = Philox(counter, key);
  return {block.word[0], block.word[1], block.word[2], block.word[3]};
}

// The chi-square statistic of counts against equal expectations; with b buckets its mean is b - 1 and its variance
// 2 (b - 1).
double ChiSquare(const std::vector<int>& counts, int draws) {
  const double expected = static_cast<double>(draws) / static_cast<double>(counts.size());
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// The known answers that Random123 (Salmon et al. 2011) publishes for philox4x32 with 10 rounds.
TEST(Philox, EqualsThePublishedKnownAnswers) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(Draws({{0, 0, 0, 0}}, {{0, 0}}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Draws({{kOnes, kOnes, kOnes, kOnes}}, {{kOnes, kOnes}}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Draws({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, {{0xa4093822, 0x299f31d0}}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, IsUsableAtCompileTime) {
  static_assert(Philox({{0, 0, 0, 0}}, {{0, 0}}).word[0] == 0x6627e8d5);
  static_assert(PhiloxStream(1).max() == 0xffffffff);
}

TEST(Philox, KeyHoldsAllBitsOfTheSeed) {
  const PhiloxKey key = MakePhiloxKey(0x0123456789abcdef);
  EXPECT_EQ(key.word[0], 0x89abcdefu);
  EXPECT_EQ(key.word[1], 0x01234567u);
}

TEST(UniformBelow, MapsTheEndsOfTheDrawToTheEndsOfTheRange) {
  EXPECT_EQ(UniformBelow(0, 7), 0u);
  EXPECT_EQ(UniformBelow(0xffffffff, 7), 6u);
  EXPECT_EQ(UniformBelow(0xffffffff, 1), 0u);
  EXPECT_EQ(UniformBelow(0xffffffff, 0xffffffff), 0xfffffffeu);
}

TEST(UniformBelow, IsUniform) {
  for (const std::uint32_t n : {2u, 13u, 100u, 1000u}) {
    constexpr int kDraws = 200000;
    std::vector<int> counts(n);
    PhiloxStream random(/*seed=*/20240501, /*stream=*/n);
    for (int i = 0; i < kDraws; ++i) ++counts[random.Below(n)];
    const double freedom = n - 1.0;
    // Five standard deviations: the seed is fixed, so this either always passes or never does.
    EXPECT_LT(ChiSquare(counts, kDraws), freedom + 5 * std::sqrt(2 * freedom)) << n;
    EXPECT_GT(ChiSquare(counts, kDraws), freedom - 5 * std::sqrt(2 * freedom)) << n;
  }
}

TEST(UniformFloat, CoversTheHalfOpenUnitInterval) {
  EXPECT_EQ(UniformFloat(0), 0.0f);
  EXPECT_LT(UniformFloat(0xffffffff), 1.0f);
  EXPECT_EQ(UniformFloat(0x80000000), 0.5f);
}

TEST(PhiloxStream, ReadsTheBlocksOfConsecutiveCounters) {
  PhiloxStream random(/*seed=*/42, /*stream=*/7);
  for (std::uint32_t block = 0; block < 3; ++block) {
    for (const std::uint32_t expected : Draws({{block, 0, 7, 0}}, MakePhiloxKey(42))) EXPECT_EQ(random(), expected);
  }
}

TEST(PhiloxStream, DiffersBetweenStreamsAndSeeds) {
  std::set<std::uint32_t> first_draws;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t stream = 0; stream < 10; ++stream) first_draws.insert(PhiloxStream(seed, stream)());
  }
  EXPECT_EQ(first_draws.size(), 100u);
}

TEST(PhiloxStream, UniformHasTheMomentsOfTheUniformDistribution) {
  PhiloxStream random(3);
  constexpr int kDraws = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = random.Uniform();
    ASSERT_GE(draw, 0.0);
    ASSERT_LT(draw, 1.0);
    sum += draw;
    squares += draw * draw;
  }
  EXPECT_NEAR(sum / kDraws, 1.0 / 2, 0.005);
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 0.005);
}

}  // namespace
}  // namespace conec
