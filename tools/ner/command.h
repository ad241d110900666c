// The subcommands of conec-ner. Each file tools/ner/NAME.cc adds one, with its options, to the program.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/status.h"
#include "tools/cli/program.h"

namespace conec::ner {

// check: looks at the options alone (wrong usage). Both own what they need.
struct Command {
  CLI::App* app = nullptr;  // parsed() once it was chosen
  std::function<absl::Status()> check;
  std::function<absl::Status()> run;
  std::function<bool()> multiplies = [] { return true; };  // matrices, with what tools/cli/blas_memory.h is for
};

Command AddEvalCommand(cli::Program& program);
Command AddSweepCommand(cli::Program& program);
Command AddTagCommand(cli::Program& program);
Command AddTrainCommand(cli::Program& program);

}  // namespace conec::ner
