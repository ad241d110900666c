#include "conec/column_loops.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/random.h"

namespace conec::context_internal {
namespace {

std::vector<float> Random(std::size_t n, std::uint64_t seed) {
  PhiloxStream random(seed);
  std::vector<float> values(n);
  for (float& value : values) value = UniformFloat(random()) - 0.5f;
  return values;
}

// What all loops of a level make of n columns, one after the other: every result goes into the next.
std::vector<double> Results(const ColumnLoops& loops, std::size_t n) {
  const std::vector<float> a = Random(n, 1), b = Random(n, 2), c = Random(n, 3);
  const ScaledRow enter{a.data(), 0.3f}, leave{b.data(), 1.7f}, centre{c.data(), 0.9f};
  std::vector<float> sum = Random(n, 4), out = Random(n, 5);
  std::vector<double> precise(n, 1.0 / 3);
  loops.add_scaled(sum.data(), enter, n);
  loops.slide(sum.data(), enter, leave, n);
  loops.step(sum.data(), leave, enter, centre, out.data(), n);
  loops.step_precise(sum.data(), enter, leave, centre, precise.data(), n);
  loops.add(out.data(), sum.data(), n);
  loops.add_precise(precise.data(), out.data(), n);
  std::vector<double> results(precise);
  results.insert(results.end(), sum.begin(), sum.end());
  results.insert(results.end(), out.begin(), out.end());
  results.push_back(loops.squared_length(out.data(), n));
  return results;
}

// The equations, column by column.
std::vector<double> Expected(std::size_t n) {
  const std::vector<float> a = Random(n, 1), b = Random(n, 2), c = Random(n, 3);
  std::vector<float> sum = Random(n, 4), out = Random(n, 5);
  std::vector<double> precise(n, 1.0 / 3);
  double squares = 0;
  for (std::size_t j = 0; j < n; ++j) {
    sum[j] += 0.3f * a[j];
    sum[j] += 0.3f * a[j] - 1.7f * b[j];
    sum[j] += 1.7f * b[j] - 0.3f * a[j];
    out[j] += sum[j] - 0.9f * c[j];
    sum[j] += 0.3f * a[j] - 1.7f * b[j];
    precise[j] += static_cast<double>(sum[j] - 0.9f * c[j]);
    out[j] += sum[j];
    precise[j] += static_cast<double>(out[j]);
    squares += static_cast<double>(out[j]) * static_cast<double>(out[j]);
  }
  std::vector<double> results(precise);
  results.insert(results.end(), sum.begin(), sum.end());
  results.insert(results.end(), out.begin(), out.end());
  results.push_back(squares);
  return results;
}

TEST(ColumnLoops, AreTheEquations) {
  for (const std::size_t n : {0u, 1u, 7u, 200u}) {
    const std::vector<double> results = Results(ColumnLoopsOf(SimdLevel::kScalar), n), expected = Expected(n);
    ASSERT_EQ(results.size(), expected.size());
    for (std::size_t i = 0; i < results.size(); ++i) EXPECT_NEAR(results[i], expected[i], 1e-5) << n << ' ' << i;
  }
}

TEST(ColumnLoops, OfAllSimdLevelsGiveTheSameBits) {
  for (const SimdLevel level : SupportedSimdLevels()) {
    for (std::size_t n = 0; n < 70; ++n) {
      const std::vector<double> results = Results(ColumnLoopsOf(level), n);
      const std::vector<double> plain = Results(ColumnLoopsOf(SimdLevel::kScalar), n);
      ASSERT_EQ(std::memcmp(results.data(), plain.data(), plain.size() * sizeof(double)), 0)
          << SimdLevelName(level) << ", columns: " << n;
    }
  }
}

TEST(ColumnLoops, AreOfTheirOwnPerLevel) {
  const std::vector<SimdLevel> levels = SupportedSimdLevels();
  for (std::size_t i = 1; i < levels.size(); ++i) {
    EXPECT_NE(ColumnLoopsOf(levels[i]).step, ColumnLoopsOf(levels[i - 1]).step);
  }
}

}  // namespace
}  // namespace conec::context_internal
