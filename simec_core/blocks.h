// How many rows of a matrix are worked on at once, so that temporaries stay small beside the matrix.
#pragma once

#include <algorithm>
#include <cstdint>

namespace conec::simec {

inline constexpr std::int64_t kRowsPerBlock = 256;

// Where temporaries have `columns` entries per row: as many rows as make 4 million entries, at least one.
inline std::int64_t RowsOfBlock(std::int64_t columns) {
  constexpr std::int64_t kElements = std::int64_t{1} << 22;
  return std::max<std::int64_t>(1, kElements / columns);
}

}  // namespace conec::simec
