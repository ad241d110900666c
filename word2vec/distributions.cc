#include "word2vec/distributions.h"

#include <algorithm>
#include <cmath>

namespace conec::word2vec {
namespace {

constexpr double kTwo32 = 4294967296.0;

std::uint32_t Threshold(double probability) {
  return static_cast<std::uint32_t>(std::clamp(std::floor(probability * kTwo32), 0.0, kTwo32 - 1));
}

}  // namespace

absl::StatusOr<std::vector<AliasEntry>> NoiseTable(std::span<const std::int64_t> counts, double exponent) {
  std::vector<double> weight(counts.size());
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] < 0) return InvalidArgument("the count of word {} is negative: {}", i, counts[i]);
    weight[i] = counts[i] > 0 ? std::pow(static_cast<double>(counts[i]), exponent) : 0.0;
    sum += weight[i];
  }
  if (!(sum > 0) || !std::isfinite(sum)) return InvalidArgument("the noise distribution needs words with counts");
  // Vose's method: columns below the mean height are filled up by one above it.
  std::vector<std::uint32_t> small, large;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    weight[i] *= static_cast<double>(counts.size()) / sum;
    (weight[i] < 1 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }
  std::vector<AliasEntry> table(counts.size());
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back(), high = large.back();
    small.pop_back();
    table[low] = AliasEntry{Threshold(weight[low]), high};
    weight[high] -= 1 - weight[low];
    if (weight[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  // What is left has height 1 up to rounding: always itself.
  for (const std::uint32_t i : small) table[i] = AliasEntry{0xFFFFFFFFu, i};
  for (const std::uint32_t i : large) table[i] = AliasEntry{0xFFFFFFFFu, i};
  return table;
}

std::vector<std::uint32_t> KeepThresholds(std::span<const std::int64_t> counts, double sample) {
  std::vector<std::uint32_t> thresholds;
  if (sample <= 0) return thresholds;
  double total = 0;
  for (const std::int64_t count : counts) total += static_cast<double>(count);
  thresholds.reserve(counts.size());
  for (const std::int64_t count : counts) {
    const double ratio = count > 0 ? sample * total / static_cast<double>(count) : 1;
    const double keep = std::sqrt(ratio) + ratio;
    thresholds.push_back(keep >= 1 ? kKeepAlways : Threshold(keep));
  }
  return thresholds;
}

}  // namespace conec::word2vec
