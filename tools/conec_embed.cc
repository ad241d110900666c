// conec-embed: documents in, vectors for their words out, known or not.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "conec/encoder.h"
#include "conec/model.h"
#include "corpora/text_reader.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/progress.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "tools/embed/embedder.h"
#include "tools/embed/output.h"

namespace conec::embed {
namespace {

struct Options {
  std::string model;
  bool verify = false;
  std::string output;
  corpora::TextInputOptions input;
  tokenize::TokenizerOptions tokenizer;  // where the command line says how documents are to be read
  EncoderOptions encoder;
  embed::EmbedOptions embed;
  std::string words = "all";
  std::string per = "document";
  std::string pool;
  std::string gaps;
  int context_window = 0;  // 0: as the model's
  std::string context_weighting;
  std::string context_scaling;
  std::optional<double> context_sif;
  std::optional<double> feature_weight;
};

void AddEncoderOptions(CLI::App& app, Options& options) {
  constexpr const char* kVectors = "Vectors";
  app.add_option(
         "--global-weight", options.encoder.global_weight,
         "a in [0, 1]: how much of a known word's vector comes from the whole corpus, and not from this document")
      ->type_name("A")
      ->group(kVectors);
  cli::AddOneOf(app, "--words", options.words, "all|oov", "all, or only those outside the vocabulary")->group(kVectors);
  cli::AddOneOf(app, "--per", options.per, "document|token",
                "a vector for each different word of a document, or for each of its tokens")
      ->group(kVectors);
  cli::AddOneOf(app, "--pool", options.pool, "mean", "one vector for the document instead: the mean of its words'")
      ->group(kVectors);
  app.add_option("--own-weight", options.encoder.own_weight,
                 "how much a known word counts in its own global context; 1: as in the paper's analogy experiments")
      ->type_name("X")
      ->check(cli::Weight())
      ->group(kVectors);
  app.add_flag("--unit-parts", options.encoder.unit_parts,
               "scale the global and the local context and the word itself to unit length before they are mixed")
      ->group(kVectors);
  cli::AddOutputWeightOption(app, options.encoder.output_weight)->group(kVectors);
  app.add_flag("--center", options.encoder.center, "subtract the direction that all contexts share")->group(kVectors);
  app.add_flag_callback(
         "--no-unit-length", [&options] { options.encoder.unit_length = false; },
         "do not scale the vectors to unit length")
      ->group(kVectors);
  app.add_option("--context-window", options.context_window, "window of the document's contexts; 0: as the model's")
      ->type_name("N")
      ->group(kVectors);
  cli::AddOneOf(app, "--context-weighting", options.context_weighting, "uniform|inverse-distance",
                "how much a word at a distance counts; without it as in the model")
      ->group(kVectors);
  cli::AddOneOf(app, "--context-scaling", options.context_scaling, "count|max",
                "what a summed context is divided by; without it as in the model")
      ->group(kVectors);
  app.add_option("--context-sif", options.context_sif,
                 "S > 0: a context word that is the share p of the corpus counts S / (S + p); 0: all count the same; "
                 "without it as in the model")
      ->type_name("S")
      ->group(kVectors);
  app.add_option("--feature-weight", options.feature_weight,
                 "what shapes count in the document's contexts, where a word counts 1 (models with --extended-inputs); "
                 "without it as in the model")
      ->type_name("X")
      ->group(kVectors);
  cli::AddOneOf(app, "--gaps", options.gaps, "keep|remove",
                "whether unknown words keep their places in context windows; without it as in the model")
      ->group(kVectors);
}

void AddOptions(cli::Program& program, Options& options) {
  CLI::App& app = program.app();
  app.add_option("--model", options.model,
                 "a model of conec-train, or anybody's word vectors (word2vec, GloVe, fastText .vec), for which "
                 "--global-weight is 0; documents are read as the model's corpus was (in the form of its words, if "
                 "that was tokenised already), "
                 "unless the options under Tokens say otherwise")
      ->type_name("FILE")
      ->required();
  cli::AddVerifyOption(app, options.verify);
  cli::AddInputOptions(app, "--input-format,--format-in", options.input);
  app.get_option("--input")->required();
  cli::AddInvalidUtf8Option(app, options.embed.invalid_utf8);
  app.add_option("--output", options.output, "the file to write; without it standard output")->type_name("FILE");
  cli::AddChoice(app, "--format", options.embed.format, embed::ParseOutputFormat, "jsonl|tsv|npy|word2vec",
                 "jsonl: an object per document; tsv: document, word, count (or token), known, numbers; npy: a matrix "
                 "(x.npy), with the other columns beside it (x.words.tsv); word2vec: text, with words as WORD#DOCUMENT "
                 "if there are several documents, WORD@TOKEN with --per token; without it npy and tsv where --output "
                 "ends so");
  AddEncoderOptions(app, options);
  cli::AddTokenizerOptions(app, options.tokenizer);
  cli::AddThreadsOption(app, options.embed.threads);
  program.Writes(app.get_option("--output"), [&options]() -> std::vector<std::string> {
    if (options.embed.format != embed::OutputFormat::kNpy) return {};
    return {embed::LabelsPath(options.output)};
  });
  program.AddProgress();
  program.AddJson();
}

absl::Status CheckContext(const Options& options) {
  if (options.context_window < 0) {
    return InvalidArgument("--context-window must be at least 0, got {}", options.context_window);
  }
  ContextOptions context;
  if (options.context_window > 0) context.window = options.context_window;
  context.sif = options.context_sif.value_or(0);
  context.feature_weight = options.feature_weight.value_or(1);
  return Validate(context);
}

// Who names a file x.npy or x.tsv means it, unless --format says otherwise.
void ChooseOutputFormatByName(const CLI::App& app, Options& options) {
  if (app.get_option("--format")->count() > 0) return;
  if (options.output.ends_with(".npy")) options.embed.format = embed::OutputFormat::kNpy;
  if (options.output.ends_with(".tsv")) options.embed.format = embed::OutputFormat::kTsv;
}

absl::Status Check(const cli::Program& program, Options& options) {
  cli::ChooseFormatByName(program.app(), "--input-format", options.input);
  ChooseOutputFormatByName(program.app(), options);
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.embed.threads));
  CONEC_RETURN_IF_ERROR(tokenize::Validate(options.tokenizer));
  if (!(options.encoder.global_weight >= 0 && options.encoder.global_weight <= 1)) {
    return InvalidArgument("--global-weight must be between 0 and 1, got {}", options.encoder.global_weight);
  }
  CONEC_RETURN_IF_ERROR(CheckContext(options));
  if (!options.pool.empty() && options.per == "token") {
    return InvalidArgument("--pool mean gives one vector per document: leave out --per token");
  }
  if (options.embed.format == embed::OutputFormat::kNpy && options.output.empty()) {
    return InvalidArgument("--format npy needs --output FILE: it writes two files");
  }
  if (program.json() && options.output.empty()) {
    return InvalidArgument("--json prints a summary to standard output: the vectors need --output FILE");
  }
  if (options.output == "-") return InvalidArgument("without --output vectors go to standard output");
  options.encoder.words = options.words == "oov" ? WordSelection::kOov : WordSelection::kAll;
  options.embed.unit = options.per == "token" ? embed::Unit::kToken : embed::Unit::kWord;
  if (!options.pool.empty()) options.embed.unit = embed::Unit::kDocument;
  if (!options.gaps.empty()) options.encoder.keep_gaps = options.gaps == "keep";
  return absl::OkStatus();
}

// The local contexts: the model's, unless the command line says otherwise.
absl::StatusOr<ContextOptions> LocalContext(const Options& options, ContextOptions context) {
  if (options.context_window > 0) context.window = options.context_window;
  if (!options.context_weighting.empty()) {
    CONEC_ASSIGN_OR_RETURN(context.weighting, ParseContextWeighting(options.context_weighting));
  }
  if (!options.context_scaling.empty()) {
    CONEC_ASSIGN_OR_RETURN(context.scaling, ParseContextScaling(options.context_scaling));
  }
  context.sif = options.context_sif.value_or(context.sif);
  context.feature_weight = options.feature_weight.value_or(context.feature_weight);
  return context;
}

// What is different with vectors that came without context vectors.
void AdaptToPlainVectors(const cli::Program& program, Options& options) {
  if (program.app().get_option("--global-weight")->count() > 0 || options.encoder.global_weight == 0) return;
  options.encoder.global_weight = 0;
  program.Tell("note: '{}' has no global context vectors; --global-weight is 0", options.model);
}

absl::StatusOr<Encoder> CreateEncoder(const cli::Program& program, Options& options) {
  CONEC_ASSIGN_OR_RETURN(cli::LoadedModel loaded, cli::LoadModel(options.model, options.embed.threads));
  if (options.verify) CONEC_RETURN_IF_ERROR(cli::VerifyModel(loaded, options.model));
  if (loaded.is_plain) AdaptToPlainVectors(program, options);
  if (options.feature_weight.has_value() && !loaded.model.layout.inputs.needs_shapes()) {
    return InvalidArgument("--feature-weight has no effect: '{}' has no shapes among its inputs", options.model);
  }
  CONEC_ASSIGN_OR_RETURN(options.encoder.local_context, LocalContext(options, loaded.model.info.context));
  CONEC_ASSIGN_OR_RETURN(options.embed.tokenizer, cli::ChooseTokenizer(program.app(), options.tokenizer, loaded));
  return Encoder::Create(std::move(loaded.model), options.encoder);
}

embed::EmbedProgressFn ShowProgress(cli::Progress& progress, const corpora::TextReader& reader) {
  return [&progress, &reader, watch = cli::Stopwatch()](std::uint64_t bytes, const embed::EmbedCounts& counts) {
    const double rate = static_cast<double>(counts.tokens) / std::max(watch.Seconds(), 1e-3);
    cli::ProgressReport report = {"embed", {}, {{"words_per_second", rate, cli::Compact(rate) + " words/s"}}};
    if (reader.total_bytes() > 0 && bytes > 0) {
      report.fraction = static_cast<double>(bytes) / static_cast<double>(reader.total_bytes());
    }
    progress.Update(report);
    return cli::StopSignal() == 0;
  };
}

absl::Status Report(const cli::Program& program, const Options& options, const embed::EmbedCounts& counts,
                    double seconds) {
  program.Tell("{} of {} ({}) in {}", cli::Count(counts.rows, "vector"), cli::Count(counts.documents, "document"),
               cli::Count(counts.tokens, "word"), cli::Duration(seconds));
  if (counts.zero > 0) {
    program.Tell("note: {} of the vectors are zero: no known word in any of their contexts",
                 cli::WithThousands(counts.zero));
  }
  if (counts.invalid_utf8 > 0) {
    program.Tell("note: repaired {} of text in something else than UTF-8 (--invalid-utf8)",
                 cli::Count(counts.invalid_utf8, "part"));
  }
  if (!program.json()) return absl::OkStatus();
  return cli::PrintJson({{"output", options.output},
                         {"documents", counts.documents},
                         {"tokens", counts.tokens},
                         {"vectors", counts.rows},
                         {"unknown", counts.unknown},
                         {"zero", counts.zero},
                         {"invalid_utf8", counts.invalid_utf8},
                         {"seconds", seconds},
                         {"peak_rss_kb", cli::PeakRssKb()}});
}

absl::Status Run(const cli::Program& program, Options& options) {
  cli::CatchStopSignals();
  const cli::Stopwatch watch;
  CONEC_ASSIGN_OR_RETURN(const Encoder encoder, CreateEncoder(program, options));
  CONEC_ASSIGN_OR_RETURN(const auto reader, corpora::TextReader::Create(options.input));
  CONEC_ASSIGN_OR_RETURN(const auto output,
                         embed::OutputFile::Create(options.embed.format, options.output, encoder.dim()));
  CONEC_ASSIGN_OR_RETURN(embed::Embedder embedder, embed::Embedder::Create(encoder, options.embed));
  cli::Progress progress(program.progress_mode());
  const auto counts = embedder.Run(*reader, *output, ShowProgress(progress, *reader));
  if (counts.ok()) progress.Complete();
  progress.Break();
  CONEC_RETURN_IF_ERROR(counts);
  return Report(program, options, *counts, watch.Seconds());
}

}  // namespace
}  // namespace conec::embed

int main(int argc, char** argv) {
  conec::cli::Program program(
      {"conec-embed",
       "Vectors for the words of documents: words never seen in training get one from their contexts, and words with "
       "several senses a different one in each document.",
       "  conec-embed --model model.conec --input report.txt --words oov --output vectors.jsonl\n"
       "  conec-embed --model model.conec --input posts.jsonl.gz --input-format jsonl --pool mean --format npy "
       "--output posts.npy"});
  conec::embed::Options options;
  conec::embed::AddOptions(program, options);
  return program.Run(
      argc, argv, [&] { return conec::embed::Check(program, options); },
      [&] { return conec::embed::Run(program, options); });
}
