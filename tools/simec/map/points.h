// What a map shows: named points with vectors that are compared by cosine.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace conec::simec {

struct MapPoints {
  std::vector<std::string> names;
  std::vector<float> values;  // names.size() x dim, rows of unit length
  std::size_t dim = 0;
  std::vector<std::string> left_out;  // names of those whose vector is zero: they have no place

  std::size_t size() const { return names.size(); }
  std::span<const float> vector(std::size_t i) const { return {values.data() + i * dim, dim}; }

  // Scales to unit length. The first vector says what dim is; all others must have as many numbers, all of them finite.
  void Add(std::string name, std::span<const float> vector);
};

// The map is fitted to `shown`; `added` are projected into it.
struct MapInput {
  MapPoints shown, added;
};

}  // namespace conec::simec
