// Figures of the published experiments beside ours.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
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

  // NaN is never met.
  bool met() const { return ours >= at_least && ours <= at_most; }
  // (ours - reference) / |reference|; nothing without a reference, or if it is 0.
  std::optional<double> deviation() const {
    if (!reference || *reference == 0) return std::nullopt;
    return (ours - *reference) / std::abs(*reference);
  }
};

// A deterministic figure: equal to all printed digits, of which `decimals` stand behind the point (the last one may be
// rounded either way; beyond the 11th rounding errors begin).
inline Figure Printed(std::string name, double reference, int decimals, double ours) {
  const double tolerance = std::pow(10.0, -decimals) + 1e-11 * std::abs(reference);
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

inline Figure AtLeast(std::string name, std::optional<double> reference, double limit, double ours) {
  Figure figure{std::move(name), reference, ours};
  figure.at_least = limit;
  return figure;
}

}  // namespace conec::simec::experiments
