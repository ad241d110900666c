// What numpy's legacy generator draws, drawn again (numpy_random_golden.py has asked numpy).
#include "simec_core/numpy_random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/simec_core/golden.h"

namespace conec::simec {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

std::vector<double> AsDoubles(const std::vector<std::int64_t>& values) {
  return {values.begin(), values.end()};
}

TEST(NumpyRandom, EveryDrawIsNumpysInOneStream) {
  const auto golden = ReadGolden("numpy_random_golden.txt");
  for (const std::uint32_t seed : {0u, 42u, 4294967295u}) {
    const auto expect = [&](const char* name, const std::vector<double>& drawn) {
      EXPECT_THAT(drawn, ElementsAreArray(golden.at(std::to_string(seed) + "." + name).values)) << name;
    };
    NumpyRandom random(seed);
    expect("rand", random.Rand(5));
    expect("randn", random.Randn(7));
    expect("permutation", AsDoubles(random.Permutation(13)));
    expect("randn_after_permutation", random.Randn(3));
    std::vector<double> values(10);
    std::iota(values.begin(), values.end(), 10);
    random.Shuffle(std::span(values));
    expect("shuffle", values);
    expect("randint", AsDoubles(*random.RandInt(-3, 4, 9)));
    expect("randint_power_of_two", AsDoubles(*random.RandInt(0, 8, 9)));
    expect("randint_one", AsDoubles(*random.RandInt(5, 6, 3)));
    expect("randint_wide", AsDoubles(*random.RandInt(-(std::int64_t{1} << 40), std::int64_t{1} << 51, 5)));
    const double first = random.Uniform(-2, 5), second = random.Uniform(-2, 5);
    expect("uniform", {first, second, random.Uniform(-2, 5)});
    expect("choice", AsDoubles(*random.Choice(9, 6)));
    expect("choice_without_replacement", AsDoubles(*random.Choice(9, 6, false)));
    expect("choice_weighted", AsDoubles(*random.Choice(std::vector<double>{0.1, 0.2, 0.3, 0.4}, 12)));
    expect("last", random.Rand(1));
  }
}

TEST(NumpyRandom, TheSubsetOfTheExperimentsIsDrawn) {
  std::vector<std::int64_t> subset = NumpyRandom(42).Permutation(70000);
  subset.resize(10);
  EXPECT_THAT(AsDoubles(subset), ElementsAreArray(ReadGolden("numpy_random_golden.txt").at("subset").values));
}

TEST(NumpyRandom, WhatCannotBeDrawnIsRefused) {
  NumpyRandom random(1);
  EXPECT_THAT(random.RandInt(3, 3, 1).status().ToString(), HasSubstr("no integer lies in [3, 3)"));
  EXPECT_THAT(random.Choice(3, 4, false).status().ToString(), HasSubstr("cannot choose 4 of 3"));
  EXPECT_FALSE(random.Choice(std::vector<double>{0.5, 0.6}, 1).ok());
  EXPECT_FALSE(random.Choice(std::vector<double>{1.5, -0.5}, 1).ok());
  EXPECT_FALSE(random.Choice(std::vector<double>{}, 1).ok());
  EXPECT_FALSE(random.Choice(std::vector<double>{std::nan(""), 1}, 1).ok());
}

}  // namespace
}  // namespace conec::simec
