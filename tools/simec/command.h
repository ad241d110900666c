// The subcommands of simec. Each is added, with its options, by one file of this folder.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/status.h"
#include "tools/cli/program.h"

namespace conec::simec {

// check: looks at the options alone (wrong usage). Both own what they need.
struct Command {
  CLI::App* app = nullptr;  // parsed() once it was chosen
  std::function<absl::Status()> check;
  std::function<absl::Status()> run;
  std::function<bool()> multiplies = [] { return true; };  // matrices, with what tools/cli/blas_memory.h is for
};

Command AddDecodeCommand(cli::Program& program);
Command AddEmbedCommand(cli::Program& program);
Command AddEvaluateCommand(cli::Program& program);
Command AddExplainCommand(cli::Program& program);
Command AddFitCommand(cli::Program& program);
Command AddMapCommand(cli::Program& program);
Command AddPredictCommand(cli::Program& program);
Command AddReproduceCommand(cli::Program& program);

}  // namespace conec::simec
