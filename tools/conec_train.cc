// conec-train: text in, model out.
//
// Encode the text once, train all epochs on the encoded corpus, pass over it once more for the global context vectors,
// write the model.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/device.h"
#include "base/file.h"
#include "base/status.h"
#include "conec/context_matrix.h"
#include "conec/context_options.h"
#include "conec/context_sums.h"
#include "conec/global_context.h"
#include "conec/model.h"
#include "conec/self_test.h"
#include "corpora/encoded_corpus.h"
#include "tools/cli/files.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/progress.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "tools/train/checkpointer.h"
#include "tools/train/continuation.h"
#include "tools/train/encoding.h"
#include "tools/train/memory.h"
#include "word2vec/device_plan.h"
#include "word2vec/trainer.h"

namespace conec::train {
namespace {

struct Options {
  corpora::EncodeOptions encode;
  word2vec::TrainOptions train{.shared_negatives = 32};  // as good as 1 and about twice as fast
  ContextOptions context = cli::kBestContext;
  int context_window = 0;  // 0: the training window
  int threads = 0;
  std::string output;
  std::string corpus;  // where to keep the encoded corpus; empty: nowhere
  bool keep_corpus = false;
  std::string context_matrix;
  train::CheckpointOptions checkpoints;
  train::Continuation continuation;
  std::string device = "auto";
  std::string trainer = "cpu";
};

// What happened, for the summary.
struct Outcome {
  double encode_seconds = 0;
  double context_seconds = 0;
  word2vec::TrainingSummary training;
  std::string trainer;  // what trained: device, threads, instruction set
  Device device = Device::kCpu;
  std::size_t vocabulary = 0;
  std::size_t input_rows = 0;         // of W1: the vocabulary, and those of extended inputs
  std::uint64_t expected_memory = 0;  // bytes, by the formula
  corpora::CorpusStatistics corpus;
};

void AddOptions(cli::Program& program, Options& options) {
  CLI::App& app = program.app();
  cli::AddInputOptions(app, "--format,--input-format", options.encode.input);
  app.get_option("--input")->required();
  app.add_option("--output", options.output, "the model file")->type_name("FILE")->required();
  cli::AddInvalidUtf8Option(app, options.encode.invalid_utf8);
  cli::AddTokenizerOptions(app, options.encode.tokenizer);
  cli::AddVocabularyOptions(app, options.encode);
  cli::AddTrainOptions(app, options.train);
  cli::AddContextOptions(app, "0: as --window", options.context_window, options.context);
  app.add_option("--context-matrix", options.context_matrix,
                 "also write the sparse matrix of context counts (safetensors, CSR)")
      ->type_name("FILE")
      ->group("Context vectors");
  app.add_option("--corpus", options.corpus,
                 "keep the encoded corpus in this file; give it as --input to train again without parsing the text")
      ->type_name("FILE");
  app.add_flag("--keep-corpus", options.keep_corpus, "the same, in OUTPUT.corpus");
  app.add_option("--checkpoint-every", options.checkpoints.every_minutes,
                 "write what --resume needs to OUTPUT.checkpoint every so many minutes (0.5: 30 seconds) and when "
                 "training is done; 0: only when Ctrl-C, SIGTERM, SIGHUP or SIGXCPU stops training")
      ->type_name("MINUTES");
  app.add_flag("--resume", options.checkpoints.resume,
               "go on where OUTPUT.checkpoint stands, with the same input and options (threads may differ); without "
               "such a file begin anew");
  options.continuation.AddOptions(app);
  cli::AddThreadsOption(app, options.threads);
  cli::AddOneOf(app, "--device", options.device, "auto|cpu|cuda",
                "where to train; auto: on an NVIDIA GPU if there is one that can be used (CUDA_VISIBLE_DEVICES says "
                "which)");
  cli::AddOneOf(app, "--trainer", options.trainer, "cpu|reference",
                "reference: double precision and one thread, slow, to check the other");
  program.WritesAlone(app.get_option("--output"), [&options]() -> std::vector<std::string> {
    return {options.checkpoints.path, options.keep_corpus ? options.corpus : ""};
  });
  program.Writes(app.get_option("--corpus"));
  program.Writes(app.get_option("--context-matrix"));
  program.AddProgress();
  program.AddJson();
}

// An encoded corpus has been read and tokenised already.
absl::Status CheckNothingToEncode(const CLI::App& app, const Options& options) {
  return cli::CheckNotGiven(
      app,
      {"--format", "--json-field", "--invalid-utf8", "--tokenizer", "--normalization", "--no-fold-case",
       "--fold-digits", "--keep-punctuation", "--segments", "--join-lines", "--line-token", "--locale", "--min-count",
       "--max-vocab", "--prune-table-at", "--segment-length", "--keep-gaps", "--corpus", "--keep-corpus"},
      fmt::format("has no effect on the encoded corpus '{}': give the text to encode it anew",
                  options.encode.input.inputs[0]));
}

// Checkpoints lie beside the model; a pipe or a device has no place for them. The reference trainer's tables are
// doubles, which a checkpoint would round.
absl::Status CheckCheckpoints(const CLI::App& app, Options& options) {
  const double minutes = options.checkpoints.every_minutes;
  if (!std::isfinite(minutes) || minutes < 0) {
    return InvalidArgument("--checkpoint-every is {}: expected a number of minutes, 0 or more", minutes);
  }
  const bool is_special = cli::IsSpecialFile(options.output);
  if (options.trainer == "reference") {
    return cli::CheckNotGiven(app, {"--checkpoint-every", "--resume", "--deterministic"},
                              "cannot be had with --trainer reference");
  }
  if (is_special) {
    return cli::CheckNotGiven(app, {"--checkpoint-every", "--resume"}, "needs an --output that is a file");
  }
  options.checkpoints.path = options.output + ".checkpoint";
  return absl::OkStatus();
}

// Completes and checks the options; nothing is read besides the first bytes of an encoded corpus, and the words and
// options of the model of --continue-from.
absl::Status Check(const CLI::App& app, Options& options) {
  cli::ChooseFormatByName(app, "--format", options.encode.input);
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.threads));
  options.encode.threads = options.train.threads = options.threads;
  CONEC_RETURN_IF_ERROR(cli::CheckContextOptions(options.context_window, options.context));
  options.context.window = options.context_window > 0 ? options.context_window : options.train.window;
  CONEC_RETURN_IF_ERROR(options.continuation.Complete(app, options.encode, options.train, options.context));
  options.encode.shapes = options.train.extended_inputs.needs_shapes();
  CONEC_RETURN_IF_ERROR(tokenize::Validate(options.encode.tokenizer));
  CONEC_RETURN_IF_ERROR(word2vec::Validate(options.train));
  CONEC_RETURN_IF_ERROR(Validate(options.context));
  if (!options.train.extended_inputs.needs_shapes()) {
    CONEC_RETURN_IF_ERROR(
        cli::CheckNotGiven(app, {"--feature-weight"}, "needs --extended-inputs shape, or context-shapes"));
  }
  if (options.encode.segment_length == 0) return InvalidArgument("--segment-length must be at least 1, got 0");
  if (options.device == "cuda" && options.train.deterministic) {
    return InvalidArgument("--deterministic trains on the CPU: leave out --device cuda");
  }
  if (options.device == "cuda") CONEC_RETURN_IF_ERROR(word2vec::CheckDeviceOptions(options.train));
  if (options.device == "cuda" && options.trainer == "reference") {
    return InvalidArgument("--trainer reference runs on the CPU: leave out --device cuda");
  }
  if (options.keep_corpus) {
    CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--corpus"}, "does not go with --keep-corpus"));
    options.corpus = options.output + ".corpus";
  }
  CONEC_RETURN_IF_ERROR(CheckCheckpoints(app, options));
  return train::IsEncoded(options.encode) ? CheckNothingToEncode(app, options) : absl::OkStatus();
}

absl::Status CheckOutputs(const Options& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.output));
  if (options.checkpoints.every_minutes > 0) CONEC_RETURN_IF_ERROR(cli::CheckWritable(options.checkpoints.path));
  for (const std::string& path : {options.corpus, options.context_matrix}) {
    if (!path.empty()) CONEC_RETURN_IF_ERROR(cli::CheckWritable(path));
  }
  return absl::OkStatus();
}

// Speeds count all words of the text, also those outside the vocabulary, as word2vec.c does.
std::function<void(const word2vec::TrainingProgress&)> ShowTraining(cli::Progress& progress,
                                                                    const corpora::CorpusStatistics& corpus,
                                                                    int epochs) {
  const double raw = corpus.words > 0 ? static_cast<double>(corpus.tokens) / static_cast<double>(corpus.words) : 1;
  return [&progress, raw, epochs](const word2vec::TrainingProgress& now) {
    const double rate = now.words_per_second * raw;
    progress.Update({"train",
                     now.fraction,
                     {{"words_per_second", rate, cli::Compact(rate) + " words/s"},
                      {"loss", now.loss, fmt::format("loss {:.3f}", now.loss)},
                      {"learning_rate", now.learning_rate, fmt::format("lr {:.5f}", now.learning_rate)},
                      {"epoch", now.epoch + 1.0, fmt::format("epoch {}/{}", now.epoch + 1, epochs)}}});
  };
}

ContextProgressFn ShowContext(cli::Progress& progress, const char* phase) {
  return [&progress, phase](double fraction) {
    progress.Update({phase, fraction, {}});
    return cli::StopSignal() == 0;
  };
}

absl::Status CheckStopped() {
  return cli::StopSignal() == 0 ? absl::OkStatus() : Cancelled("stopped");
}

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

// Where to train. Asked before anything is read. That --device auto finds no GPU is worth a note only from a build that
// could use one.
absl::StatusOr<Device> ChooseDevice(const cli::Program& program, const Options& options) {
  if (options.device == "cpu" || options.trainer == "reference" || options.train.deterministic) return Device::kCpu;
  const absl::Status found = FindCudaDevice().status();
  if (found.ok()) return Device::kCuda;
  if (options.device == "cuda") {
    return Unavailable("--device cuda: {}; --device cpu, or auto, does without", Message(found));
  }
  if (HasCudaBackend()) program.Tell("note: training on the CPU: {}", Message(found));
  return Device::kCpu;
}

// Whether --device auto turns to the CPU after the GPU has failed so: there is too little memory, or it is gone.
bool FallsBack(const Options& options, const absl::Status& status) {
  return options.device == "auto" && (absl::IsUnavailable(status) || absl::IsResourceExhausted(status));
}

absl::StatusOr<std::unique_ptr<word2vec::Trainer>> CreateTrainer(const cli::Program& program, const Options& options,
                                                                 const word2vec::TrainingCorpus& corpus,
                                                                 word2vec::EmbeddingTables& tables, Device& device) {
  if (options.trainer == "reference") return word2vec::CreateReferenceTrainer(options.train, corpus, tables);
  if (device == Device::kCuda) {
    auto trainer = word2vec::CreateCudaTrainer(options.train, corpus, tables);
    if (trainer.ok() || !FallsBack(options, trainer.status())) return trainer;
    program.Tell("note: training on the CPU: {}", Message(trainer.status()));
    device = Device::kCpu;
  }
  return word2vec::CreateCpuTrainer(options.train, corpus, tables);
}

// All epochs, or what is left of them. Whoever stops them finds a checkpoint.
absl::StatusOr<word2vec::TrainingSummary> TrainEpochs(const Options& options, const corpora::EncodedCorpus& corpus,
                                                      const word2vec::TrainingCorpus& view, word2vec::Trainer& trainer,
                                                      const word2vec::TrainingPosition& from,
                                                      train::Checkpointer& checkpoints, cli::Progress& progress) {
  const auto show = ShowTraining(progress, corpus.statistics(), options.train.epochs);
  absl::Status synchronized;
  const auto after_range = [&](const word2vec::TrainingProgress& now) {
    show(now);
    checkpoints.MoveTo(now.position);
    const bool stop = cli::StopSignal() != 0, due = checkpoints.IsDue();  // once each: both change with time
    if (!stop && !due) return true;
    synchronized = trainer.Synchronize();
    if (!synchronized.ok()) return false;
    if (stop) {
      checkpoints.SaveAndTell();
    } else {
      checkpoints.Save();
    }
    return !stop;
  };
  auto summary = word2vec::Train(trainer, options.train, view, after_range, from);
  CONEC_RETURN_IF_ERROR(synchronized);
  return summary;
}

// Said before the hours are spent, not after.
void TellIfMemoryIsShort(const cli::Program& program, const Options& options, const corpora::EncodedCorpus& corpus,
                         std::size_t input_rows, Outcome& outcome) {
  train::TrainingSize size;
  size.distinct_words = train::IsEncoded(options.encode) ? 0 : corpus.statistics().distinct_words;
  size.vocabulary = corpus.vocabulary().size();
  size.input_rows = input_rows;
  size.dim = static_cast<std::size_t>(options.train.dim);
  size.corpus_bytes = corpus.stream().size_bytes() + corpus.shapes().size_bytes();
  size.threads = options.threads;
  ContextMatrixOptions counting;
  counting.context = options.context;
  const std::size_t pairs =
      CountingBytes({.stream = corpus.stream(), .mapping = {}}, options.train.extended_inputs, counting);
  if (options.context.scaling == ContextScaling::kMax) size.scaling_bytes = pairs;
  if (!options.context_matrix.empty()) size.matrix_bytes = pairs;
  outcome.expected_memory = train::PeakMemory(size);
  const std::uint64_t needed = train::UnavoidableMemory(size);
  const train::AvailableMemory available = train::FindAvailableMemory();
  if (needed <= available.bytes) return;
  program.Tell(
      "note: this needs about {} MB of memory, and {} MB are {}; --min-count and --max-vocab leave out rare words, and "
      "less --dim needs less",
      cli::WithThousands(needed / 1000000), cli::WithThousands(available.bytes / 1000000), available.of_whom);
}

// A model with W1 and W2, without global context.
absl::StatusOr<Model> TrainModel(const cli::Program& program, const Options& options,
                                 const corpora::EncodedCorpus& corpus, train::Checkpointer& checkpoints,
                                 cli::Progress& progress, Outcome& outcome) {
  CONEC_ASSIGN_OR_RETURN(
      const word2vec::InputLayout layout,
      word2vec::MakeInputLayout(corpus.vocabulary().size(), options.train.window, options.train.extended_inputs));
  TellIfMemoryIsShort(program, options, corpus, word2vec::InputRows(layout), outcome);
  CONEC_ASSIGN_OR_RETURN(word2vec::EmbeddingTables tables,
                         word2vec::InitializeTables(layout, options.train.dim, options.train.seed));
  CONEC_RETURN_IF_ERROR(options.continuation.Begin(corpus, layout, tables));
  const word2vec::TrainingCorpus view = {corpus.stream(), corpus.vocabulary().counts(), corpus.shapes()};
  CONEC_ASSIGN_OR_RETURN(const word2vec::TrainingPosition from, checkpoints.Begin(options.train, corpus, tables));
  CONEC_ASSIGN_OR_RETURN(const auto trainer, CreateTrainer(program, options, view, tables, outcome.device));
  outcome.trainer = trainer->Description();
  // Before it begins: with --device auto not everybody expects a GPU to be used.
  if (outcome.device == Device::kCuda) {
    program.Tell("training on the GPU ({}); --device cpu trains on the CPU", outcome.trainer);
  }
  const auto trained = TrainEpochs(options, corpus, view, *trainer, from, checkpoints, progress);
  // What the ids have become may be words, too.
  if (trained.ok() || absl::IsDataLoss(trained.status())) CONEC_RETURN_IF_ERROR(corpus.CheckUnchanged());
  CONEC_ASSIGN_OR_RETURN(outcome.training, trained);
  progress.Complete();
  CONEC_ASSIGN_OR_RETURN(ModelInfo info, ModelInfoFromCorpus(corpus));
  info.training = options.train;
  info.corpus = options.continuation.Statistics(info.corpus);
  CONEC_ASSIGN_OR_RETURN(corpora::Vocabulary vocabulary, options.continuation.Vocabulary(corpus));
  return Model::FromTables(std::move(vocabulary), std::move(tables), std::move(info), layout);
}

absl::StatusOr<Model> AddGlobalContext(const cli::Program& program, const Options& options,
                                       const corpora::EncodedCorpus& corpus, Model model, cli::Progress& progress,
                                       Device device) {
  GlobalContextOptions context;
  context.context = options.context;
  context.threads = options.threads;
  context.device = device;
  context.scratch_folder = cli::ScratchFolder(options.output);
  context.progress = ShowContext(progress, "context");
  if (device == Device::kCuda) {
    auto with_context = WithGlobalContext(model, corpus, context);
    if (with_context.ok()) progress.Complete();
    if (with_context.ok() || !FallsBack(options, with_context.status())) return with_context;
    program.Tell("note: context vectors on the CPU: {}", Message(with_context.status()));
    context.device = Device::kCpu;
  }
  CONEC_ASSIGN_OR_RETURN(model, WithGlobalContext(std::move(model), corpus, context));
  progress.Complete();
  return model;
}

absl::Status WriteContextMatrix(const Options& options, const corpora::EncodedCorpus& corpus, const Model& model,
                                cli::Progress& progress) {
  if (options.context_matrix.empty()) return absl::OkStatus();
  ContextMatrixOptions matrix;
  matrix.context = options.context;
  matrix.scratch_folder = cli::ScratchFolder(options.context_matrix);
  matrix.progress = ShowContext(progress, "context matrix");
  InputTable table = model.inputs();
  CONEC_ASSIGN_OR_RETURN(const std::vector<float> weights, WordWeights(model.vocabulary, options.context));
  table.word_weights = weights;
  CONEC_RETURN_IF_ERROR(BuildContextMatrix({.stream = corpus.stream(), .mapping = {}, .shapes = corpus.shapes()}, table,
                                           matrix, options.context_matrix));
  progress.Complete();
  return absl::OkStatus();
}

double WordsPerSecond(const Options& options, const Outcome& outcome) {
  const double words = static_cast<double>(outcome.corpus.tokens) * options.train.epochs;
  return words / std::max(outcome.training.seconds, 1e-9);
}

void TellWhatWasRepaired(const cli::Program& program, const corpora::CorpusStatistics& corpus) {
  if (corpus.pruned_words > 0) {
    program.Tell("note: {} rare words ({} occurrences) were dropped while counting (--prune-table-at)",
                 cli::WithThousands(corpus.pruned_words), cli::WithThousands(corpus.pruned_tokens));
  }
  if (corpus.invalid_utf8 > 0) {
    program.Tell("note: repaired {} of text in something else than UTF-8 (--invalid-utf8)",
                 cli::Count(corpus.invalid_utf8, "part"));
  }
}

// Without any centre that had a context the vectors are the random ones of the beginning.
void TellIfNothingWasTrained(const cli::Program& program, const Options& options, const Outcome& outcome) {
  if (options.train.epochs == 0 || outcome.training.trained_words > 0) return;
  program.Tell(
      "note: nothing was learnt: no word has another one beside it; --segments and --format say what ends a "
      "segment, --sample what is left out");
}

void TellSummary(const cli::Program& program, const Options& options, const Outcome& outcome, double wall_seconds) {
  const corpora::CorpusStatistics& corpus = outcome.corpus;
  // With --continue-from the vocabulary may have words that the corpus does not.
  program.Tell("corpus: {} in {}, {}; vocabulary: {}", cli::Count(corpus.tokens, "word"),
               cli::Count(corpus.documents, "document"), cli::Count(corpus.distinct_words, "different word"),
               cli::Count(outcome.vocabulary, "word"));
  TellWhatWasRepaired(program, corpus);
  program.Tell("training ({}): {} in {}, {} words/s, loss {:.4f}", outcome.trainer,
               cli::Count(static_cast<std::uint64_t>(options.train.epochs), "epoch"),
               cli::Duration(outcome.training.seconds), cli::Compact(WordsPerSecond(options, outcome)),
               outcome.training.loss);
  TellIfNothingWasTrained(program, options, outcome);
  program.Tell("model: {} ({} in all, encoding {}, context vectors {}, peak memory {} MB)", options.output,
               cli::Duration(wall_seconds), cli::Duration(outcome.encode_seconds),
               cli::Duration(outcome.context_seconds), cli::PeakRssKb() / 1000);
}

cli::Json JsonSummary(const Options& options, const Outcome& outcome, double wall_seconds) {
  const corpora::CorpusStatistics& corpus = outcome.corpus;
  cli::Json json = {{"model", options.output},
                    {"trainer", outcome.trainer},
                    {"vocabulary", outcome.vocabulary},
                    {"tokens", corpus.tokens},
                    {"words", corpus.words},
                    {"documents", corpus.documents},
                    {"segments", corpus.segments},
                    {"distinct_words", corpus.distinct_words},
                    {"pruned_words", corpus.pruned_words},
                    {"pruned_tokens", corpus.pruned_tokens},
                    {"invalid_utf8", corpus.invalid_utf8},
                    {"dim", options.train.dim},
                    {"epochs", options.train.epochs},
                    {"extended_inputs", word2vec::Name(options.train.extended_inputs)},
                    {"input_rows", outcome.input_rows},
                    {"loss", outcome.training.loss},
                    {"trained_words", outcome.training.trained_words},
                    {"words_per_second", WordsPerSecond(options, outcome)},
                    {"train_seconds", outcome.training.seconds},
                    {"encode_seconds", outcome.encode_seconds},
                    {"context_seconds", outcome.context_seconds},
                    {"wall_seconds", wall_seconds},
                    {"peak_rss_kb", cli::PeakRssKb()},
                    {"expected_rss_kb", outcome.expected_memory / 1024}};
  if (!options.corpus.empty()) json["corpus"] = options.corpus;
  if (!options.context_matrix.empty()) json["context_matrix"] = options.context_matrix;
  return json;
}

// What follows training: the context vectors, and the files.
absl::Status Finish(const cli::Program& program, const Options& options, const corpora::EncodedCorpus& corpus,
                    Model model, cli::Progress& progress, Outcome& outcome) {
  const cli::Stopwatch context_watch;
  CONEC_ASSIGN_OR_RETURN(model, AddGlobalContext(program, options, corpus, std::move(model), progress, outcome.device));
  CONEC_ASSIGN_OR_RETURN(model, options.continuation.AddOldContext(std::move(model), corpus));
  outcome.context_seconds = context_watch.Seconds();
  CONEC_RETURN_IF_ERROR(WriteContextMatrix(options, corpus, model, progress));
  CONEC_RETURN_IF_ERROR(corpus.CheckUnchanged());
  CONEC_RETURN_IF_ERROR(CheckStopped());
  model.info.command_line = program.command_line();
  CONEC_ASSIGN_OR_RETURN(model, WithSelfTest(std::move(model)));
  return SaveModel(options.output, model);
}

absl::StatusOr<corpora::EncodedCorpus> PrepareCorpus(const Options& options, const train::Checkpointer& checkpoints,
                                                     cli::Progress& progress) {
  train::CorpusFiles files = {options.corpus, cli::ScratchFolder(options.output), {}};
  if (checkpoints.resumes()) {
    files.is_of_training = [&](const corpora::EncodedCorpus& corpus) {
      return checkpoints.IsCorpusOf(options.train, corpus);
    };
  }
  return train::PrepareCorpus(options.encode, files, progress);
}

absl::Status TrainAndSave(const cli::Program& program, const Options& options, cli::Progress& progress,
                          Outcome& outcome) {
  train::Checkpointer checkpoints(options.checkpoints, options.continuation.Identity(), program, progress);
  CONEC_RETURN_IF_ERROR(checkpoints.Open(options.train));
  const cli::Stopwatch encode_watch;
  CONEC_ASSIGN_OR_RETURN(const corpora::EncodedCorpus corpus, PrepareCorpus(options, checkpoints, progress));
  CONEC_RETURN_IF_ERROR(options.continuation.CheckCorpus(corpus));
  outcome.encode_seconds = encode_watch.Seconds();
  outcome.corpus = corpus.statistics();
  outcome.vocabulary = corpus.vocabulary().size();
  const absl::StatusOr<Model> model = TrainModel(program, options, corpus, checkpoints, progress, outcome);
  if (!model.ok()) return checkpoints.Annotated(model.status());
  outcome.input_rows = model->inputs().rows();
  const absl::Status finished = Finish(program, options, corpus, *model, progress, outcome);
  // `model` still holds the tables: whatever went wrong, the training is not lost.
  finished.ok() ? checkpoints.Remove() : checkpoints.SaveAndTell();
  return finished;
}

absl::Status Run(const cli::Program& program, const Options& options) {
  cli::CatchStopSignals();
  const cli::Stopwatch wall;
  Outcome outcome;
  CONEC_RETURN_IF_ERROR(CheckOutputs(options));
  CONEC_RETURN_IF_ERROR(options.continuation.Verify(program));
  CONEC_ASSIGN_OR_RETURN(outcome.device, ChooseDevice(program, options));
  cli::Progress progress(program.progress_mode());
  const absl::Status trained = TrainAndSave(program, options, progress, outcome);
  progress.Break();
  CONEC_RETURN_IF_ERROR(trained);
  TellSummary(program, options, outcome, wall.Seconds());
  return program.json() ? cli::PrintJson(JsonSummary(options, outcome, wall.Seconds())) : absl::OkStatus();
}

}  // namespace
}  // namespace conec::train

int main(int argc, char** argv) {
  conec::cli::Program program(
      {"conec-train", "Trains a Context Encoder: word2vec (CBOW) and the global context vectors of all words.",
       "  conec-train --input corpus/*.txt.gz --output model.conec --dim 200 --epochs 10\n"
       "  zcat dump.gz | conec-train --input - --format line --output model.conec --json > summary.json"});
  conec::train::Options options;
  conec::train::AddOptions(program, options);
  return program.Run(
      argc, argv, [&] { return conec::train::Check(program.app(), options); },
      [&] { return conec::train::Run(program, options); });
}
