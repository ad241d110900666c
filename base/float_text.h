// Floats as text, fast: the numbers of vectors are most of the work of writing them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/simd.h"

namespace conec {

inline constexpr std::size_t kFloatTextRoom = 32;

// Writes the shortest decimal that reads back as `value`, of the shortest the nearest, and returns its end. The same
// characters as fmt::format("{}", value), but for the sign of NaN: 0.25, -3, 1e-05, 1.5e+20, inf, nan; 17 at most.
// out: room for kFloatTextRoom characters, of which some behind the end are overwritten, too.
char* WriteFloat(float value, char* out);

// The same of each value, with `separator` between two of them, three times as fast.
// out: room for values.size() * (kFloatTextRoom + 1) characters.
char* WriteFloats(std::span<const float> values, char separator, char* out);

// Appends that to `out`.
void AppendFloats(std::span<const float> values, char separator, std::string& out);

// WriteFloats() by the code for one SIMD level that this machine supports; all of them give the same.
char* WriteFloats(std::span<const float> values, char separator, SimdLevel level, char* out);

}  // namespace conec
