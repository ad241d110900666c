// The numbers of a command line.
#pragma once

#include <CLI/CLI.hpp>

#include "base/status.h"

namespace conec::cli {

// After parsing `app`: kInvalidArgument, naming the option, for nan, infinity, integers beyond 64 bits, nothing at all
// and leading zeros, which CLI11 accepts (as the largest that there is, as 0, as octal). Words may look like that;
// names of files, too, but are not empty.
absl::Status CheckNumbers(const CLI::App& app);

}  // namespace conec::cli
