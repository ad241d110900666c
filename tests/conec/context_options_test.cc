#include "conec/context_options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace conec {
namespace {

TEST(ContextOptions, EveryNameParsesBackToItself) {
  for (const auto weighting : {ContextWeighting::kUniform, ContextWeighting::kInverseDistance}) {
    EXPECT_EQ(*ParseContextWeighting(Name(weighting)), weighting);
  }
  for (const auto scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    EXPECT_EQ(*ParseContextScaling(Name(scaling)), scaling);
  }
}

TEST(ContextOptions, UnknownNamesAreRefusedWithTheValuesAllowed) {
  EXPECT_EQ(ParseContextWeighting("linear").status().message(),
            "unknown context weighting 'linear', expected uniform or inverse-distance");
  EXPECT_EQ(ParseContextScaling("").status().message(), "unknown context scaling '', expected count or max");
}

TEST(ContextOptions, TheWindowIsBounded) {
  ContextOptions options;
  EXPECT_TRUE(Validate(options).ok());
  for (const int window : {0, -1, 10001}) {
    options.window = window;
    EXPECT_EQ(Validate(options).code(), absl::StatusCode::kInvalidArgument) << window;
  }
}

TEST(ContextOptions, WeightsThatCannotBeSummedAreRefused) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ContextOptions options;
  for (const double weight : {0.0, 1.0, 1e6}) {
    options.feature_weight = options.sif = weight;
    EXPECT_TRUE(Validate(options).ok()) << weight;
  }
  for (const double weight : {-1.0, 1e39, kInfinity, std::nan("")}) {
    options = {};
    options.feature_weight = weight;
    EXPECT_EQ(Validate(options).code(), absl::StatusCode::kInvalidArgument) << weight;
  }
  for (const double weight : {-1.0, kInfinity, std::nan("")}) {
    options = {};
    options.sif = weight;
    EXPECT_EQ(Validate(options).code(), absl::StatusCode::kInvalidArgument) << weight;
  }
}

}  // namespace
}  // namespace conec
