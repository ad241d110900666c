#include "simec_core/numpy_random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace conec::simec {

double NumpyRandom::Rand() {
  const std::uint32_t high = static_cast<std::uint32_t>(engine_()) >> 5;  // 27 bits
  const std::uint32_t low = static_cast<std::uint32_t>(engine_()) >> 6;   // 26 bits
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

double NumpyRandom::Randn() {
  if (next_normal_) {
    const double kept = *next_normal_;
    next_normal_.reset();
    return kept;
  }
  double x1 = 0, x2 = 0, radius = 0;
  do {
    x1 = 2.0 * Rand() - 1.0;
    x2 = 2.0 * Rand() - 1.0;
    radius = x1 * x1 + x2 * x2;
  } while (radius >= 1.0 || radius == 0.0);
  const double factor = std::sqrt(-2.0 * std::log(radius) / radius);
  next_normal_ = factor * x1;
  return factor * x2;
}

std::vector<double> NumpyRandom::Rand(std::size_t count) {
  std::vector<double> values(count);
  for (double& value : values) value = Rand();
  return values;
}

std::vector<double> NumpyRandom::Randn(std::size_t count) {
  std::vector<double> values(count);
  for (double& value : values) value = Randn();
  return values;
}

std::uint64_t NumpyRandom::Interval(std::uint64_t max) {
  if (max == 0) return 0;
  const std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(max);
  const bool is_wide = max > std::numeric_limits<std::uint32_t>::max();
  std::uint64_t value = 0;
  do {
    value = static_cast<std::uint32_t>(engine_());
    if (is_wide) value = value << 32 | static_cast<std::uint32_t>(engine_());
    value &= mask;
  } while (value > max);
  return value;
}

absl::StatusOr<std::vector<std::int64_t>> NumpyRandom::RandInt(std::int64_t low, std::int64_t high, std::size_t count) {
  if (low >= high) return InvalidArgument("no integer lies in [{}, {})", low, high);
  const std::uint64_t max = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) - 1;
  std::vector<std::int64_t> values(count);
  for (auto& value : values) value = static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + Interval(max));
  return values;
}

std::vector<std::int64_t> NumpyRandom::Permutation(std::size_t n) {
  std::vector<std::int64_t> values(n);
  std::iota(values.begin(), values.end(), std::int64_t{0});
  Shuffle(std::span(values));
  return values;
}

absl::StatusOr<std::vector<std::int64_t>> NumpyRandom::Choice(std::size_t n, std::size_t count, bool replace) {
  if (replace) return RandInt(0, static_cast<std::int64_t>(n), count);
  if (count > n) return InvalidArgument("cannot choose {} of {} without replacement", count, n);
  std::vector<std::int64_t> values = Permutation(n);
  values.resize(count);
  return values;
}

absl::StatusOr<std::vector<std::int64_t>> NumpyRandom::Choice(std::span<const double> p, std::size_t count) {
  std::vector<double> cumulative(p.size());
  std::partial_sum(p.begin(), p.end(), cumulative.begin());
  const bool is_valid = std::all_of(p.begin(), p.end(), [](double x) { return x >= 0; });
  if (p.empty() || !is_valid || std::abs(cumulative.back() - 1) > 1e-8) {
    return InvalidArgument("probabilities must not be negative and must sum to one");
  }
  const double total = cumulative.back();
  for (double& value : cumulative) value /= total;
  std::vector<std::int64_t> values(count);
  for (auto& value : values) {
    value = std::upper_bound(cumulative.begin(), cumulative.end(), Rand()) - cumulative.begin();
  }
  return values;
}

}  // namespace conec::simec
