// Floats as text, fast: the numbers of vectors are most of the work of writing them.
#pragma once

#include <cstddef>

namespace conec {

inline constexpr std::size_t kFloatTextRoom = 32;

// Writes the shortest decimal that reads back as `value`, of the shortest the nearest, and returns its end. The same
// characters as fmt::format("{}", value), but for the sign of NaN: 0.25, -3, 1e-05, 1.5e+20, inf, nan; 17 at most.
// out: room for kFloatTextRoom characters, of which some behind the end are overwritten, too.
char* WriteFloat(float value, char* out);

}  // namespace conec
