// Figures of the published experiments beside ours.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace conec::simec::experiments {

// One number of a table: what was published (nothing where only a re-run or an optimum is known), what we computed, and
// what is accepted.
struct Figure {
  std::string name;
  std::optional<double> reference;
  double ours = 0;
  double at_least = -std::numeric_limits<double>::infinity();
  double at_most = std::numeric_limits<double>::infinity();

  bool is_judged() const { return std::isfinite(at_least) || std::isfinite(at_most); }
  // NaN is never met.
  bool met() const { return ours >= at_least && ours <= at_most; }
  // (ours - reference) / |reference|; nothing without a reference, or if it is 0.
  std::optional<double> deviation() const {
    if (!reference || *reference == 0) return std::nullopt;
    return (ours - *reference) / std::abs(*reference);
  }
};

// How much worse than the reference an encoder may be where neither the publication nor a re-run of it names a band:
// the published figure is that of one seed. Three percent for linear networks, whose seeds hardly matter, else five.
// Where re-runs name a band, it is that; files that accept less or more say so, and why. Where other seeds end further
// off than that, it is AboveReruns() of the runs that are listed: the published settings and Keras's steps, repeated on
// LibTorch 1.13 with a seed each.
inline constexpr double kSteadyTolerance = 1.03, kSeedTolerance = 1.05;

// A deterministic figure: rounded to `decimals` digits behind the point it is the printed one (beyond the 12th digit
// rounding errors begin).
inline Figure Printed(std::string name, double reference, int decimals, double ours) {
  const double tolerance = .5 * std::pow(10.0, -decimals) + 1e-12 * (1 + std::abs(reference));
  return {std::move(name), reference, ours, reference - tolerance, reference + tolerance};
}

// Within `part` (0.03: three percent) of the reference.
inline Figure Within(std::string name, double reference, double part, double ours) {
  const double tolerance = std::abs(reference) * part;
  return {std::move(name), reference, ours, reference - tolerance, reference + tolerance};
}

inline Figure AtMost(std::string name, std::optional<double> reference, double limit, double ours) {
  Figure figure{std::move(name), reference, ours};
  figure.at_most = limit;
  return figure;
}

struct MeanAndDeviation {
  double mean = 0, deviation = 0;
};

inline MeanAndDeviation Statistics(std::span<const double> reruns) {
  const double count = static_cast<double>(reruns.size()),
               mean = std::accumulate(reruns.begin(), reruns.end(), 0.0) / count;
  double squares = 0;
  for (const double rerun : reruns) squares += (rerun - mean) * (rerun - mean);
  return {mean, std::sqrt(squares / (count - 1))};
}

// Two standard deviations above the mean of re-runs with other seeds.
inline double AboveReruns(std::initializer_list<double> reruns) {
  const MeanAndDeviation statistics = Statistics({reruns.begin(), reruns.size()});
  return statistics.mean + 2 * statistics.deviation;
}

// Within two standard deviations of the mean of re-runs, where randomness that cannot be drawn again makes it neither
// better nor worse.
inline Figure AmongReruns(std::string name, double reference, std::span<const double> reruns, double ours) {
  const auto [mean, deviation] = Statistics(reruns);
  return {std::move(name), reference, ours, mean - 2 * deviation, mean + 2 * deviation};
}

// Runs of which a figure is the median where seeds make errors differ by more than is accepted.
inline constexpr std::uint64_t kSeeds = 3;

// The middle one of an odd number of values.
inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// A figure that no verdict is passed on.
inline Figure Shown(std::string name, std::optional<double> reference, double ours) {
  return {std::move(name), reference, ours};
}

inline Figure AtLeast(std::string name, std::optional<double> reference, double limit, double ours) {
  Figure figure{std::move(name), reference, ours};
  figure.at_least = limit;
  return figure;
}

}  // namespace conec::simec::experiments
