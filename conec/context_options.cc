#include "conec/context_options.h"

#include <cmath>

namespace conec {
namespace {
constexpr int kMaxWindow = 10000;
}  // namespace

bool operator==(const ContextOptions& a, const ContextOptions& b) {
  return a.window == b.window && a.weighting == b.weighting && a.scaling == b.scaling && a.unit_rows == b.unit_rows &&
         a.exclude_target == b.exclude_target && a.sif == b.sif && a.feature_weight == b.feature_weight;
}

absl::Status Validate(const ContextOptions& options) {
  if (options.window < 1 || options.window > kMaxWindow) {
    return InvalidArgument("the context window must be 1 to {}, got {}", kMaxWindow, options.window);
  }
  if (!(options.sif >= 0 && std::isfinite(options.sif))) {
    return InvalidArgument("the smooth inverse frequency must be 0 (none) or more, got {}", options.sif);
  }
  if (!(options.feature_weight >= 0 && options.feature_weight <= kMaxWeight)) {
    return InvalidArgument("the feature weight must be 0 to {}, got {}", kMaxWeight, options.feature_weight);
  }
  return absl::OkStatus();
}

std::string_view Name(ContextWeighting weighting) {
  return weighting == ContextWeighting::kUniform ? "uniform" : "inverse-distance";
}

std::string_view Name(ContextScaling scaling) {
  return scaling == ContextScaling::kCount ? "count" : "max";
}

absl::StatusOr<ContextWeighting> ParseContextWeighting(std::string_view name) {
  for (const auto weighting : {ContextWeighting::kUniform, ContextWeighting::kInverseDistance}) {
    if (name == Name(weighting)) return weighting;
  }
  return InvalidArgument("unknown context weighting '{}', expected uniform or inverse-distance", name);
}

absl::StatusOr<ContextScaling> ParseContextScaling(std::string_view name) {
  for (const auto scaling : {ContextScaling::kCount, ContextScaling::kMax}) {
    if (name == Name(scaling)) return scaling;
  }
  return InvalidArgument("unknown context scaling '{}', expected count or max", name);
}

}  // namespace conec
