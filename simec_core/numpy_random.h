// numpy.random.RandomState (numpy's legacy generator, seeded by an integer), to the bit: the subsets, masks and noise
// of experiments that were published as Python code can be drawn again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "base/status.h"

namespace conec::simec {

// Each function draws what the function of the same name draws in numpy, and leaves the stream where numpy leaves it.
// Arrays come row by row. Not thread-safe.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed) : engine_(seed) {}

  double Rand();   // uniform on [0, 1), 53 bits
  double Randn();  // standard normal, by the polar method; every second one is kept from the call before
  std::vector<double> Rand(std::size_t count);
  std::vector<double> Randn(std::size_t count);
  double Uniform(double low, double high) { return low + (high - low) * Rand(); }

  // randint(low, high): uniform on [low, high). kInvalidArgument if there is nothing between.
  absl::StatusOr<std::vector<std::int64_t>> RandInt(std::int64_t low, std::int64_t high, std::size_t count);

  // permutation(n): 0 .. n-1 in random order.
  std::vector<std::int64_t> Permutation(std::size_t n);

  // shuffle(values), in place.
  template <typename T>
  void Shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[Interval(i)]);
  }

  // choice(n, count): with replacement, or without (kInvalidArgument if count > n).
  absl::StatusOr<std::vector<std::int64_t>> Choice(std::size_t n, std::size_t count, bool replace = true);
  // choice(len(p), count, p=p): index i with probability p[i]. kInvalidArgument unless p sums to one (within 1e-8) and
  // nothing in it is negative.
  absl::StatusOr<std::vector<std::int64_t>> Choice(std::span<const double> p, std::size_t count);

 private:
  std::uint64_t Interval(std::uint64_t max);  // uniform on [0, max], by rejecting what exceeds max under its bit mask

  std::mt19937 engine_;
  std::optional<double> next_normal_;
};

}  // namespace conec::simec
