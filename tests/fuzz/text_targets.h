// Targets that read text; and compressed text.
#pragma once

#include <vector>

#include "tests/fuzz/fuzzing.h"

namespace conec::fuzz {

std::vector<Target> TextTargets();

}  // namespace conec::fuzz
