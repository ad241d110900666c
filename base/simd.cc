#include "base/simd.h"

#include <cstdlib>

namespace conec {

std::string_view SimdLevelName(SimdLevel level) {
  switch (level) {
    case SimdLevel::kAvx2:
      return "avx2";
    case SimdLevel::kAvx512:
      return "avx512";
    case SimdLevel::kScalar:
      break;
  }
  return "scalar";
}

SimdLevel DetectSimdLevel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return SimdLevel::kScalar;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return SimdLevel::kAvx512;
  }
  return SimdLevel::kAvx2;
#else
  return SimdLevel::kScalar;
#endif
}

std::vector<SimdLevel> SupportedSimdLevels() {
  std::vector<SimdLevel> levels;
  for (const SimdLevel level : {SimdLevel::kScalar, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (level <= DetectSimdLevel()) levels.push_back(level);
  }
  return levels;
}

absl::StatusOr<SimdLevel> ActiveSimdLevel() {
  const char* forced = std::getenv("CONEC_SIMD");
  if (forced == nullptr || *forced == '\0') return DetectSimdLevel();
  for (const SimdLevel level : {SimdLevel::kScalar, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (SimdLevelName(level) != forced) continue;
    if (level > DetectSimdLevel()) {
      return Unavailable("CONEC_SIMD={}: this processor supports at most {}", forced, SimdLevelName(DetectSimdLevel()));
    }
    return level;
  }
  return InvalidArgument("CONEC_SIMD={}: expected scalar, avx2 or avx512", forced);
}

}  // namespace conec
