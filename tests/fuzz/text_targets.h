// Targets that read text, compressed text, command lines, and what maps are made of.
#pragma once

#include <vector>

#include "tests/fuzz/fuzzing.h"

namespace conec::fuzz {

std::vector<Target> TextTargets();
std::vector<Target> OptionTargets();
std::vector<Target> MapTargets();

}  // namespace conec::fuzz
