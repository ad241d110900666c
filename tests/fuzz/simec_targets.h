// Targets of what the program simec reads and LibTorch has a part in: checkpoints, configuration files, data sets.
#pragma once

#include <vector>

#include "tests/fuzz/fuzzing.h"

namespace conec::fuzz {

std::vector<Target> SimecTargets();

}  // namespace conec::fuzz
