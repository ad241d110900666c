// The numbers of a command line.
#pragma once

#include <CLI/CLI.hpp>

#include "base/status.h"

namespace conec::cli {

// After parsing `app`: kInvalidArgument, naming the option, for nan, infinity and integers beyond 64 bits, which CLI11
// accepts (the last as the largest that there is). Words and names of files may look like that.
absl::Status CheckNumbers(const CLI::App& app);

}  // namespace conec::cli
