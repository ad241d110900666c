// conec-ner train: an embedding model and tagged text in, a tagger out.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "ner/conll.h"
#include "ner/scores.h"
#include "ner/tagger.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/progress.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "tools/ner/command.h"
#include "tools/ner/fitting.h"
#include "tools/ner/tagger_options.h"

namespace conec::ner {
namespace {

struct TrainOptions {
  ModelFlags models;
  std::string train;
  std::string dev;
  std::string output;
  int threads = 0;
  TaggerFlags flags;
};

void AddTrainOptions(CLI::App& app, cli::Program& program, TrainOptions& options) {
  AddModelsOption(app, options.models,
                  "a model of conec-train, or anybody's word vectors (then --embedding word2vec, or mix with "
                  "--global-weight 0); given twice, the vectors of both are features");
  app.add_option("--train,--input,train", options.train,
                 "CoNLL columns, the word first, the tag last; -DOCSTART- lines begin documents")
      ->type_name("FILE")
      ->required();
  app.add_option("--dev", options.dev, "also tag this file and score the tags")->type_name("FILE");
  app.add_option("--output", options.output, "the tagger")->type_name("FILE")->required();
  AddEmbeddingOptions(app, options.flags);
  AddFeatureOptions(app, options.flags);
  AddClassifierOptions(app, options.flags);
  cli::AddThreadsOption(app, options.threads);
  program.AddProgress(app);
  program.Writes(app.get_option("--output"));
  program.AddJson(app);
  app.footer(
      "Example:\n"
      "  conec-ner train --model model.conec --train eng.train --dev eng.testa --output ner.tagger\n"
      "  conec-ner train --model GoogleNews.bin --embedding word2vec --train eng.train --output ner.tagger");
}

absl::Status CheckTrain(TrainOptions& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.threads));
  CONEC_RETURN_IF_ERROR(CheckTaggerFlags(options.flags));
  options.flags.tagger.classifier.threads = options.threads;
  if (options.models.paths.empty() && !options.flags.tagger.features.embeddings.empty()) {
    return InvalidArgument("--model is missing; without vectors: --embedding none");
  }
  return absl::OkStatus();
}

cli::Json FitJson(const TrainOptions& options, const Fitted& fitted) {
  const TaggerInfo& info = fitted.tagger.info();
  return {{"tagger", options.output},
          {"tokens", info.tokens},
          {"sentences", info.sentences},
          {"features", fitted.tagger.classifier().weights.cols()},
          {"classes", fitted.tagger.classifier().classes},
          {"scheme", Name(info.options.scheme)},
          {"output_scheme", Name(info.output_scheme)},
          {"iterations", fitted.report.iterations},
          {"objective", fitted.report.objective},
          {"converged", fitted.report.converged},
          {"train_seconds", fitted.seconds},
          {"peak_rss_kb", cli::PeakRssKb()}};
}

void TellFit(const cli::Program& program, const TrainOptions& options, const Fitted& fitted) {
  const LinearClassifier& classifier = fitted.tagger.classifier();
  program.Tell("training: {} with {} in {} classes, {} in {}", cli::Count(fitted.tagger.info().tokens, "token"),
               cli::Count(classifier.weights.cols(), "feature"), classifier.classes.size(),
               cli::Count(static_cast<std::uint64_t>(fitted.report.iterations), "iteration"),
               cli::Duration(fitted.seconds));
  if (!fitted.report.converged) {
    program.Tell("note: not converged: the largest entry of the gradient is {:.3g} (--max-iterations, --tolerance)",
                 fitted.report.gradient);
  }
  program.Tell("tagger: {}", options.output);
}

// Both files are read before anything is trained: a mistake there shows at once.
absl::StatusOr<std::vector<ConllFile>> ReadFiles(const TrainOptions& options) {
  std::vector<ConllFile> files;
  for (const std::string& path : {options.train, options.dev}) {
    if (path.empty()) continue;
    CONEC_ASSIGN_OR_RETURN(ConllFile file, ConllFile::Read(path, {.min_columns = 2}));
    files.push_back(std::move(file));
  }
  return files;
}

absl::Status RunTrain(const cli::Program& program, const TrainOptions& options) {
  cli::CatchStopSignals();
  CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  CONEC_ASSIGN_OR_RETURN(const std::vector<ConllFile> files, ReadFiles(options));
  CONEC_ASSIGN_OR_RETURN(const std::vector<Model> models, LoadModels(options.models, options.threads));
  cli::Progress progress(program.progress_mode());
  auto fitted = Fit(models, files[0], options.flags.tagger, "train", progress);
  progress.Break();
  CONEC_RETURN_IF_ERROR(fitted);
  fitted->tagger.set_command_line(program.command_line());
  CONEC_RETURN_IF_ERROR(fitted->tagger.Save(options.output));
  TellFit(program, options, *fitted);
  cli::Json json = FitJson(options, *fitted);
  if (files.size() > 1) {
    CONEC_ASSIGN_OR_RETURN(const auto tags, fitted->tagger.Tag(models, files[1], options.threads));
    CONEC_ASSIGN_OR_RETURN(const EntityReport report, ScoreAnyScheme(files[1], tags));
    program.Tell("{}: {}", options.dev, ToText(report));
    json["dev"] = ToJson(report);
  }
  return program.json() ? cli::PrintJson(json) : absl::OkStatus();
}

}  // namespace

Command AddTrainCommand(cli::Program& program) {
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* app = program.app().add_subcommand("train", "Trains a tagger on CoNLL columns.");
  AddTrainOptions(*app, program, *options);
  return {app, [options] { return CheckTrain(*options); }, [&program, options] { return RunTrain(program, *options); }};
}

}  // namespace conec::ner
