// conec-convert: vectors between the model file and the formats of other tools.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "conec/global_context.h"
#include "conec/model.h"
#include "conec/self_test.h"
#include "corpora/encoded_corpus.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/text.h"
#include "word2vec/vector_file.h"

namespace conec::convert {
namespace {

constexpr const char* kFormats = "word2vec-text|word2vec-bin|fasttext|glove|npy|projector|model";

struct Options {
  std::string input;
  std::string output;
  std::string to;
  std::string from;
  std::string corpus;
  ContextOptions context = cli::kBestContext;
  int context_window = 0;  // 0: as the model's
  cli::VectorKind vectors = cli::VectorKind::kWord2vec;
  ConecVectorOptions conec;
  word2vec::LoadOptions load;
  bool allow_non_finite = false;
  bool no_verify = false;
  int threads = 0;
};

// The command line's short name beside the library's.
absl::StatusOr<word2vec::VectorFormat> ParseFormat(const std::string& name) {
  return name == "word2vec-bin" ? word2vec::VectorFormat::kWord2vecBinary : word2vec::ParseVectorFormat(name);
}

// The second file that is written, if any.
absl::StatusOr<std::string> Companion(const Options& options) {
  if (options.to == "model") return std::string();
  CONEC_ASSIGN_OR_RETURN(const word2vec::VectorFormat format, ParseFormat(options.to));
  return word2vec::CompanionPath(options.output, format);
}

void AddOptions(cli::Program& program, Options& options) {
  CLI::App& app = program.app();
  app.add_option("--model,--input,model", options.input,
                 "a model of conec-train, or a vectors file of any of the formats")
      ->type_name("FILE")
      ->required();
  app.add_option("--output", options.output, "the file to write; npy and projector write a second one beside it")
      ->type_name("FILE")
      ->required();
  cli::AddOneOf(app, "--to", options.to, kFormats,
                "the format to write; model: a model file, of vectors that another tool trained")
      ->required();
  cli::AddOneOf(app, "--from", options.from, "word2vec-text|word2vec-bin|fasttext|glove|npy|projector",
                "the format to read; without it the content tells");
  cli::AddChoice(app, "--vectors", options.vectors, cli::ParseVectorKind, "word2vec|conec|output",
                 "which table of a model: the trained input vectors, the global ConEc vectors, or the output table");
  app.add_option("--own-weight", options.conec.own_weight, "how much a word counts in its own global context (conec)")
      ->type_name("X")
      ->check(cli::Weight());
  app.add_flag("--unit-parts", options.conec.unit_parts,
               "scale the global context and the word itself to unit length before they are mixed (conec)");
  cli::AddOutputWeightOption(app, options.conec.output_weight);
  app.add_flag("--center", options.conec.center, "subtract the direction that all contexts share (conec)");
  app.add_option("--corpus", options.corpus,
                 "with --to model: add global context vectors from this encoded corpus (conec-train --corpus); if the "
                 "model has such vectors, the new ones are made as they were but for the options below that are given")
      ->type_name("FILE");
  cli::AddContextOptions(app, "0: as in the model, else 5", options.context_window, options.context);
  for (const char* name : cli::kContextOptionNames) app.get_option(name)->group("Context vectors (--corpus)");
  app.add_option("--max-words", options.load.max_words, "read only the first N words of a vectors file; 0: all")
      ->type_name("N");
  app.add_flag("--skip-duplicates", options.load.skip_duplicates,
               "keep the first of equal words of a vectors file instead of failing");
  app.add_flag("--allow-non-finite", options.allow_non_finite, "read and write NaN and infinity instead of failing");
  app.add_flag(
      "--no-verify", options.no_verify,
      "take a model that fails its self-test, to save what is left of it; with --to model the new one has none");
  cli::AddInvalidUtf8Option(app, options.load.invalid_utf8);
  cli::AddThreadsOption(app, options.threads);
  program.Writes(app.get_option("--output"),
                 [&options]() -> std::vector<std::string> { return {Companion(options).value_or("")}; });
  program.AddJson();
}

// Options that would change nothing are mistakes.
absl::Status CheckUnused(const CLI::App& app, const Options& options) {
  if (options.vectors != cli::VectorKind::kConec) {
    CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--own-weight", "--unit-parts", "--output-weight", "--center"},
                                             "needs --vectors conec"));
  }
  if (options.corpus.empty()) {
    CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, cli::kContextOptionNames, "needs --corpus"));
  }
  if (!Model::IsModelFile(options.input)) {
    return cli::CheckNotGiven(app, {"--no-verify"}, fmt::format("is for models: '{}' is none", options.input));
  }
  return cli::CheckNotGiven(app, {"--from", "--max-words", "--skip-duplicates", "--invalid-utf8"},
                            fmt::format("is for files of other tools: '{}' is a model", options.input));
}

absl::Status Check(const CLI::App& app, const Options& options) {
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.threads));
  if (!options.corpus.empty() && options.to != "model") return InvalidArgument("--corpus needs --to model");
  if (options.to == "model" && options.vectors != cli::VectorKind::kWord2vec) {
    return InvalidArgument("--to model takes the input vectors: leave out --vectors {}", cli::Name(options.vectors));
  }
  CONEC_RETURN_IF_ERROR(CheckUnused(app, options));
  CONEC_RETURN_IF_ERROR(cli::CheckContextOptions(options.context_window, options.context));
  return Companion(options).status();
}

// What is wrong in a model would be in all that is made of it, where nothing tells: false, with a note, for one that is
// taken without its self-test.
absl::StatusOr<bool> VerifyInput(const cli::Program& program, const Options& options, const cli::LoadedModel& loaded) {
  if (!HasSelfTest(loaded.model)) return true;
  const absl::Status verified = cli::VerifyModel(loaded, options.input);
  if (verified.ok()) return true;
  const std::string why(verified.message());
  const bool unknown_version = absl::IsFailedPrecondition(verified);
  if (!options.no_verify && !unknown_version) return DataLoss("{}; --no-verify takes it nevertheless", why);
  program.Tell("note: {}; it is taken as it is", why);
  return false;
}

absl::StatusOr<cli::LoadedModel> Load(const Options& options) {
  word2vec::LoadOptions load = options.load;
  if (!options.from.empty()) {
    CONEC_ASSIGN_OR_RETURN(load.format, ParseFormat(options.from));
  }
  load.allow_non_finite = options.allow_non_finite;
  load.threads = options.threads;
  return cli::LoadModel(options.input, load);
}

absl::StatusOr<Model> AddContext(const cli::Program& program, const Options& options, Model model) {
  if (program.app().get_option("--feature-weight")->count() > 0 && !model.layout.inputs.needs_shapes()) {
    return InvalidArgument("--feature-weight has no effect: '{}' has no shapes among its inputs", options.input);
  }
  CONEC_ASSIGN_OR_RETURN(const auto corpus, corpora::EncodedCorpus::Open(options.corpus));
  CONEC_RETURN_IF_ERROR(Annotate(corpus.Validate(), options.corpus));
  ContextOptions base = model.global_context.empty() ? cli::kBestContext : model.info.context;
  if (model.global_context.empty() && model.info.training) base.window = model.info.training->window;
  if (!model.info.training) {
    CONEC_ASSIGN_OR_RETURN(model.info, ModelInfoFromCorpus(corpus));
  }
  GlobalContextOptions context;
  context.context = cli::ChosenContext(program.app(), options.context_window, options.context, base);
  context.threads = options.threads;
  context.scratch_folder = cli::ScratchFolder(options.output);
  return WithGlobalContext(std::move(model), corpus, context);
}

absl::Status SaveUntested(const cli::Program& program, const Options& options, Model model, std::string_view why) {
  CONEC_RETURN_IF_ERROR(SaveModel(options.output, WithoutSelfTest(std::move(model))));
  program.Tell("note: '{}' has no self-test, --verify refuses it: {}", options.output, why);
  return absl::OkStatus();
}

// With a self-test, if the input passed its own (`verified`) and all that is tested is finite.
absl::Status WriteModel(const cli::Program& program, const Options& options, Model model, bool verified) {
  if (!options.corpus.empty()) {
    CONEC_ASSIGN_OR_RETURN(model, AddContext(program, options, std::move(model)));
  }
  model.info.command_line = program.command_line();
  if (!verified)
    return SaveUntested(program, options, std::move(model), "the model that was read did not pass its own");
  const absl::StatusOr<Model> tested = WithSelfTest(model);
  if (options.allow_non_finite && absl::IsOutOfRange(tested.status())) {
    return SaveUntested(program, options, std::move(model), std::string(tested.status().message()));
  }
  CONEC_RETURN_IF_ERROR(tested);
  return SaveModel(options.output, *tested);
}

absl::Status WriteVectors(const Options& options, const cli::LoadedModel& loaded) {
  CONEC_ASSIGN_OR_RETURN(const word2vec::VectorFormat format, ParseFormat(options.to));
  CONEC_ASSIGN_OR_RETURN(const auto vectors, cli::SelectVectors(loaded, options.vectors, options.conec));
  word2vec::SaveOptions save;
  save.allow_non_finite = options.allow_non_finite;
  save.threads = options.threads;
  return word2vec::SaveWordVectors(vectors, options.output, format, save);
}

// Other formats hold a vector per word.
void TellWhatIsLeftOut(const cli::Program& program, const Options& options, const Model& model) {
  if (!model.has_extended_inputs() || options.vectors != cli::VectorKind::kWord2vec) return;
  const auto& inputs = model.layout.inputs;
  program.Tell("note: {}{}{} (--extended-inputs {})",
               inputs.direction ? "each vector is the mean of the word's two rows, left and right of others" : "",
               inputs.direction && inputs.needs_shapes() ? "; " : "",
               inputs.needs_shapes() ? "the rows for shapes are left out, they are no words'" : "",
               word2vec::Name(inputs));
}

absl::Status Run(const cli::Program& program, const Options& options) {
  CONEC_ASSIGN_OR_RETURN(const std::string companion, Companion(options));
  for (const std::string& output : {options.output, companion}) {
    if (!output.empty()) CONEC_RETURN_IF_ERROR(cli::CheckWritable(output));
  }
  CONEC_ASSIGN_OR_RETURN(const cli::LoadedModel loaded, Load(options));
  CONEC_ASSIGN_OR_RETURN(const bool verified, VerifyInput(program, options, loaded));
  CONEC_RETURN_IF_ERROR(options.to == "model" ? WriteModel(program, options, loaded.model, verified)
                                              : WriteVectors(options, loaded));
  if (options.to != "model") TellWhatIsLeftOut(program, options, loaded.model);
  program.Tell("{}{}: {} of {} numbers", options.output, companion.empty() ? "" : " and " + companion,
               cli::Count(loaded.model.size(), "vector"), loaded.model.dim());
  if (!program.json()) return absl::OkStatus();
  cli::Json json = {
      {"output", options.output}, {"format", options.to}, {"words", loaded.model.size()}, {"dim", loaded.model.dim()}};
  if (!companion.empty()) json["companion"] = companion;
  return cli::PrintJson(json);
}

}  // namespace
}  // namespace conec::convert

int main(int argc, char** argv) {
  conec::cli::Program program(
      {"conec-convert", "Writes word vectors in the formats of other tools, and reads theirs.",
       "  conec-convert --model model.conec --to word2vec-bin --output vectors.bin\n"
       "  conec-convert --model model.conec --vectors conec --to projector --output vectors.tsv\n"
       "  conec-convert --input glove.6B.300d.txt --to model --corpus text.corpus --output glove.conec"});
  conec::convert::Options options;
  conec::convert::AddOptions(program, options);
  return program.Run(
      argc, argv, [&] { return conec::convert::Check(program.app(), options); },
      [&] { return conec::convert::Run(program, options); });
}
