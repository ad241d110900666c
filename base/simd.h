// Which SIMD code path runs. Chosen once at run time, so that one binary serves every x86-64 machine.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec {

enum class SimdLevel { kScalar, kAvx2, kAvx512 };

std::string_view SimdLevelName(SimdLevel level);  // "scalar", "avx2", "avx512": the values that CONEC_SIMD takes

// The best level this processor and operating system can run: kAvx2 means AVX2 and FMA; kAvx512 means AVX-512 F, BW, DQ
// and VL.
SimdLevel DetectSimdLevel();

// All levels this machine can run, scalar first. Tests run every kernel at each of them.
std::vector<SimdLevel> SupportedSimdLevels();

// The level to use: DetectSimdLevel(), or what the environment variable CONEC_SIMD names (read at every call).
// kInvalidArgument if it names an unknown level, kUnavailable if this machine cannot run it.
absl::StatusOr<SimdLevel> ActiveSimdLevel();

}  // namespace conec
