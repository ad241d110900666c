// conec-ner: named entities in the columns of the CoNLL shared tasks.
#include <vector>

#include "base/status.h"
#include "tools/cli/blas_memory.h"
#include "tools/cli/program.h"
#include "tools/ner/command.h"

int main(int argc, char** argv) {
  using conec::ner::Command;
  conec::cli::Program program({"conec-ner",
                               "Named entities: trains taggers on word vectors, tags, and scores as conlleval does.",
                               "  conec-ner train --model model.conec --train eng.train --output ner.tagger\n"
                               "  conec-ner tag --model model.conec --tagger ner.tagger eng.testb > tagged.conll\n"
                               "  conec-ner eval tagged.conll\n"
                               "  conec-ner sweep --help"});
  program.app().require_subcommand(1);
  const std::vector<Command> commands = {conec::ner::AddTrainCommand(program), conec::ner::AddTagCommand(program),
                                         conec::ner::AddEvalCommand(program), conec::ner::AddSweepCommand(program)};
  const auto chosen = [&commands]() -> const Command& {
    for (const Command& command : commands) {
      if (command.app->parsed()) return command;
    }
    return commands.front();  // require_subcommand() lets nothing else come here
  };
  const auto run = [&chosen]() -> absl::Status {
    const Command& command = chosen();
    if (command.multiplies()) {
      const CLI::Option* threads = command.app->get_option_no_throw("--threads");
      CONEC_RETURN_IF_ERROR(conec::cli::ReserveBlasMemory(threads == nullptr ? 0 : threads->as<int>(), 1));
    }
    return command.run();
  };
  return program.Run(
      argc, argv, [&] { return chosen().check(); }, run);
}
