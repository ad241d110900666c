// The distributions behind the draws: noise words and subsampling.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "word2vec/draws.h"

namespace conec::word2vec {

// Alias table of P(i) proportional to counts[i]^exponent. kInvalidArgument if no count is positive or a count is
// negative.
absl::StatusOr<std::vector<AliasEntry>> NoiseTable(std::span<const std::int64_t> counts, double exponent);

// For each word the draw below which an occurrence is kept: P(keep) = min(1, sqrt(t/f) + t/f) with f = counts[i] /
// sum(counts), word2vec.c's formula (the paper's is sqrt(t/f)). kKeepAlways means always. Empty if sample is 0:
// everything is kept.
inline constexpr std::uint32_t kKeepAlways = 0xFFFFFFFFu;
std::vector<std::uint32_t> KeepThresholds(std::span<const std::int64_t> counts, double sample);

}  // namespace conec::word2vec
