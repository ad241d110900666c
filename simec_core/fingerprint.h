// What tells training data from others, so that training does not go on from a checkpoint with other data: shape and a
// checksum of the values, as "60 x 6, 3f0c...".
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "base/status.h"
#include "simec_core/features.h"
#include "simec_core/rows.h"

namespace conec::simec {

// Of the values in row-major order, whatever their element type but not what it rounds; one pass.
absl::StatusOr<std::string> FingerprintOf(const at::Tensor& values);
absl::StatusOr<std::string> FingerprintOf(const Features& x);  // NaN, too
absl::StatusOr<std::string> FingerprintOf(const InputRows& x);
// Missing entries count as missing, whatever a mask hides. Of computed targets, whose every row would cost as much as
// an epoch: of 64 rows from the first to the last at equal distances.
absl::StatusOr<std::string> FingerprintOf(const TargetRows& s);

}  // namespace conec::simec
