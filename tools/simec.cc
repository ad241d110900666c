// simec: similarity encoders (SimEc) for matrices in files, and the experiments they were published with.
#include <vector>

#include "base/status.h"
#include "simec_core/tensor_status.h"
#include "tools/cli/blas_memory.h"
#include "tools/cli/program.h"
#include "tools/simec/command.h"

int main(int argc, char** argv) {
  using conec::simec::Command;
  conec::cli::Program program({"simec", "Similarity encoders: networks that embed points so that a similarity is kept.",
                               "  simec fit --input x.npy --similarity rbf --dim 10 --hidden 100 --output my.simec\n"
                               "  simec embed --model my.simec --input new.npy --output y.npy\n"
                               "  simec predict --model my.simec --input new.npy --output s.npy\n"
                               "  simec reproduce --list"});
  program.app().require_subcommand(1);
  const std::vector<Command> commands = {
      conec::simec::AddFitCommand(program),     conec::simec::AddEmbedCommand(program),
      conec::simec::AddPredictCommand(program), conec::simec::AddDecodeCommand(program),
      conec::simec::AddExplainCommand(program), conec::simec::AddEvaluateCommand(program),
      conec::simec::AddMapCommand(program),     conec::simec::AddReproduceCommand(program)};
  const auto chosen = [&commands]() -> const Command& {
    for (const Command& command : commands) {
      if (command.app->parsed()) return command;
    }
    return commands.front();  // require_subcommand() lets nothing else come here
  };
  const auto run = [&chosen]() -> absl::Status {
    const Command& command = chosen();
    if (command.multiplies()) {
      // LibTorch's threads, and OpenBLAS's, of which it may start as many.
      const CLI::Option* threads = command.app->get_option_no_throw("--threads");
      CONEC_RETURN_IF_ERROR(conec::cli::ReserveBlasMemory(threads == nullptr ? 0 : threads->as<int>(), 2));
    }
    // The last to catch what LibTorch throws, whose own text is a page of stack frames.
    return conec::simec::CatchTorch(command.app->get_name(), command.run);
  };
  return program.Run(
      argc, argv, [&] { return chosen().check(); }, run);
}
