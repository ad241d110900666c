// conec-ner tag: CoNLL columns or plain tokens in, the same with a column of tags out.
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "ner/conll.h"
#include "ner/tagger.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/resources.h"
#include "tools/cli/text.h"
#include "tools/ner/command.h"
#include "tools/ner/tagger_options.h"

namespace conec::ner {
namespace {

struct TagOptions {
  ModelFlags models;
  std::string tagger;
  std::string input = "-";
  std::string output;
  bool any_model = false;
  int threads = 0;
};

void AddTagOptions(CLI::App& app, cli::Program& program, TagOptions& options) {
  AddModelsOption(app, options.models, "the model (models) that the tagger was trained with");
  app.add_option("--tagger", options.tagger, "a tagger of conec-ner train")->type_name("FILE")->required();
  app.add_option(
         "--input,input", options.input,
         "a token per line, the word first, after it any columns; an empty line after each sentence, -DOCSTART- "
         "lines before documents; -: standard input")
      ->type_name("FILE");
  app.add_option("--output", options.output, "the file to write; without it standard output")->type_name("FILE");
  app.add_flag("--any-model", options.any_model,
               "take another embedding model than the one trained with, of as many dimensions");
  cli::AddThreadsOption(app, options.threads);
  program.Writes(app.get_option("--output"));
  program.AddJson(app);
  app.footer(
      "Example:\n"
      "  conec-ner tag --model model.conec --tagger ner.tagger eng.testb > tagged.conll\n"
      "  conec-ner tag --model model.conec --tagger ner.tagger eng.testb | conec-ner eval");
}

absl::Status CheckTag(const cli::Program& program, const TagOptions& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.threads));
  if (program.json() && options.output.empty()) {
    return InvalidArgument("--json prints a summary to standard output: the tags need --output FILE");
  }
  return absl::OkStatus();
}

absl::Status Write(const std::string& path, const std::string& text) {
  if (path.empty()) return cli::PrintText(text);
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  CONEC_RETURN_IF_ERROR(file.Write(text));
  return file.Commit();
}

absl::Status RunTag(const cli::Program& program, const TagOptions& options) {
  const cli::Stopwatch watch;
  if (!options.output.empty()) CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  CONEC_ASSIGN_OR_RETURN(const ConllFile file, ConllFile::Read(options.input));
  CONEC_ASSIGN_OR_RETURN(const LoadedTagger loaded,
                         LoadTagger(options.tagger, options.models, options.any_model, options.threads));
  CONEC_ASSIGN_OR_RETURN(const auto tags, loaded.tagger.Tag(loaded.models, file, options.threads));
  CONEC_RETURN_IF_ERROR(Write(options.output, file.Format(tags)));
  if (!program.json()) return absl::OkStatus();
  return cli::PrintJson({{"output", options.output},
                         {"tokens", file.tokens()},
                         {"sentences", file.sentence_ends().size()},
                         {"documents", file.document_ends().size()},
                         {"scheme", Name(loaded.tagger.info().output_scheme)},
                         {"wall_seconds", watch.Seconds()},
                         {"peak_rss_kb", cli::PeakRssKb()}});
}

}  // namespace

Command AddTagCommand(cli::Program& program) {
  const auto options = std::make_shared<TagOptions>();
  CLI::App* app = program.app().add_subcommand("tag", "Adds a column of tags to CoNLL columns or plain tokens.");
  AddTagOptions(*app, program, *options);
  return {app, [&program, options] { return CheckTag(program, *options); },
          [&program, options] { return RunTag(program, *options); }};
}

}  // namespace conec::ner
