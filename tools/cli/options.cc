#include "tools/cli/options.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "conec/model.h"
#include "tools/cli/files.h"
#include "tools/cli/program.h"

namespace conec::cli {
namespace {

constexpr const char* kInput = "Input";
constexpr const char* kTokens = "Tokens";
constexpr const char* kTraining = "Training";
constexpr const char* kContext = "Context vectors";

}  // namespace

void AddInputOptions(CLI::App& app, const std::string& format_option, corpora::TextInputOptions& options) {
  app.add_option("--input,input", options.inputs,
                 "files, folders (all files below), globs or \"-\" for standard input; .gz .zst .xz .bz2 .zip .tar are "
                 "unpacked")
      ->type_name("PATH...")
      ->group(kInput);
  AddChoice(app, format_option, options.format, corpora::ParseDocumentFormat, "file|line|paragraph|conll|jsonl",
            "what one document is: a whole file, a line, a block of lines between empty lines, a part of CoNLL columns "
            "that begins with -DOCSTART-, or a JSON object per line (which *.jsonl are taken for)")
      ->group(kInput);
  app.add_option("--json-field", options.json_field, "the field that holds the text of a JSON line")
      ->type_name("NAME")
      ->group(kInput);
}

void ChooseFormatByName(const CLI::App& app, const std::string& format_option, corpora::TextInputOptions& options) {
  const auto is_json_lines = [](const std::string& path) {
    const std::string name = path.substr(path.find_last_of('/') + 1);
    const std::size_t found = name.rfind(".jsonl");
    return found != std::string::npos && (found + 6 == name.size() || name[found + 6] == '.');
  };
  if (app.get_option(format_option)->count() > 0 || options.inputs.empty()) return;
  if (std::all_of(options.inputs.begin(), options.inputs.end(), is_json_lines)) {
    options.format = corpora::DocumentFormat::kJsonl;
  }
}

CLI::Validator NotNegative() {
  return CLI::Validator(
      [](std::string& text) {
        const bool negative = absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "-");
        return negative ? "must not be negative, got " + text : std::string();
      },
      "");
}

CLI::Validator Weight() {
  const auto check = [](const std::string& text) -> std::string {
    double weight = 0;
    const bool number = absl::SimpleAtod(text, &weight);  // what is none is CLI11's to say
    if (!number || (weight >= 0 && weight <= kMaxWeight)) return {};
    return fmt::format("must be 0 to {}, got {}", kMaxWeight, text);
  };
  return CLI::Validator(check, "");
}

void AddInvalidUtf8Option(CLI::App& app, tokenize::InvalidUtf8& policy) {
  AddChoice(app, "--invalid-utf8", policy, tokenize::ParseInvalidUtf8, "error|replace|skip",
            "what to do with bytes that are not UTF-8: stop and say where, put U+FFFD there, or leave them out")
      ->group(kInput);
}

void AddTokenizerOptions(CLI::App& app, tokenize::TokenizerOptions& options) {
  AddChoice(
      app, "--tokenizer", options.kind, tokenize::ParseTokenizerKind, "icu|whitespace|pretokenized",
      "Unicode word boundaries, or text that is tokenised already: as it stands, or its words normalised and folded")
      ->group(kTokens);
  AddChoice(app, "--normalization", options.normalization, tokenize::ParseNormalization, "none|nfc|nfkc|nfd|nfkd",
            "Unicode normalisation of every token (icu, pretokenized)")
      ->group(kTokens);
  app.add_flag_callback(
         "--no-fold-case", [&options] { options.fold_case = false; },
         "keep upper and lower case apart (icu, pretokenized)")
      ->group(kTokens);
  app.add_flag("--fold-digits", options.fold_digits, "every digit becomes 0")->group(kTokens);
  app.add_flag("--keep-punctuation", options.keep_punctuation, "punctuation and symbols are words, too (icu)")
      ->group(kTokens);
  AddChoice(app, "--segments", options.segments, tokenize::ParseSegmentBoundary, "sentence|line|document",
            "what context windows never cross; only icu knows sentences, the others take lines")
      ->group(kTokens);
  app.add_flag("--join-lines", options.join_lines,
               "a single line break is a blank (hard-wrapped text); an empty line ends the segment")
      ->group(kTokens);
  app.add_option("--line-token", options.line_token,
                 "a word for every line break (conll: sentence end), for instance </s>; needs --segments document")
      ->type_name("TOKEN")
      ->group(kTokens);
  app.add_option("--locale", options.locale, "ICU locale for word and sentence boundaries, for instance fi")
      ->type_name("NAME")
      ->group(kTokens);
}

void AddVocabularyOptions(CLI::App& app, corpora::EncodeOptions& options) {
  app.add_option("--min-count", options.min_count, "words seen less often are left out")
      ->type_name("N")
      ->check(NotNegative())
      ->group(kTokens);
  app.add_option("--max-vocab", options.max_vocabulary, "keep only the N most frequent words; 0: all")
      ->type_name("N")
      ->check(NotNegative())
      ->group(kTokens);
  app.add_option("--prune-table-at", options.prune_table_at,
                 "bounds memory: when more than N distinct words are being counted, drop the rarest; 0: never")
      ->type_name("N")
      ->check(NotNegative())
      ->group(kTokens);
  app.add_option("--segment-length", options.segment_length, "longer segments are cut after N words")
      ->type_name("N")
      ->check(NotNegative())
      ->group(kTokens);
  app.add_flag("--keep-gaps", options.keep_gaps,
               "a word outside the vocabulary keeps its place in context windows; otherwise it is removed first, as "
               "word2vec does")
      ->group(kTokens);
}

void AddTrainOptions(CLI::App& app, word2vec::TrainOptions& options) {
  const auto add = [&app](const std::string& name, auto& value, const char* type, const std::string& description) {
    return app.add_option(name, value, description)->type_name(type)->group(kTraining);
  };
  add("--dim", options.dim, "N", "dimensions of the vectors");
  add("--window", options.window, "N", "largest distance of a context word; each centre draws its radius from 1..N");
  add("--negatives", options.negatives, "N", "noise words per centre");
  add("--shared-negatives", options.shared_negatives, "N",
      "words near each other that are trained with the same noise words, which is faster; 1: each word has its own");
  add("--gpu-warps", options.gpu_warps, "N",
      "centres that a GPU trains at the same time (--device cuda); 0: as many as the corpus bears; 1: one after the "
      "other, as one thread of the CPU does");
  add("--epochs", options.epochs, "N", "passes over the corpus");
  const auto rate = [](word2vec::CbowUpdate update, int shared) {
    return word2vec::DefaultLearningRate(update, shared);
  };
  using enum word2vec::CbowUpdate;
  add("--lr", options.learning_rate, "RATE",
      fmt::format("learning rate at the start; 0: what suits --cbow-update ({} for mean, {} for sum, {} for word2vec, "
                  "{} with --shared-negatives 1)",
                  rate(kMean, 2), rate(kSum, 2), rate(kWord2vec, 2), rate(kWord2vec, 1)));
  add("--final-lr", options.final_learning_rate, "FRACTION",
      "learning rate at the end, as a fraction of the start; it falls linearly");
  add("--sample", options.sample, "T",
      "threshold for leaving out occurrences of frequent words, for instance 1e-3; 0: none");
  add("--noise-exponent", options.noise_exponent, "X", "noise words are drawn from count^X");
  AddChoice(
      app, "--cbow-update", options.update, word2vec::ParseCbowUpdate, "mean|word2vec|sum",
      "mean: the true gradient of the mean; word2vec: as word2vec.c and gensim; sum: the true gradient of the sum")
      ->group(kTraining);
  AddChoice(
      app, "--extended-inputs", options.extended_inputs, word2vec::ParseExtendedInputs,
      "none|direction|shape|context-shapes, or several with commas between",
      "what the hidden layer sees besides the context words: on which side each stands; the case and shape of the "
      "word; those of the context words")
      ->group(kTraining);
  app.add_flag_callback(
         "--no-shuffle", [&options] { options.shuffle = false; },
         "pass over the corpus as it stands; otherwise every epoch visits its parts in a random order of its own")
      ->group(kTraining);
  app.add_flag("--deterministic", options.deterministic,
               "the same vectors, bit for bit, for any number of threads (8 work at most; processors of one SIMD "
               "level); takes 1.6 times the processor time")
      ->group(kTraining);
  add("--seed", options.seed, "N", "of all random draws; one thread and one seed give one result, bit for bit")
      ->check(NotNegative());
}

void AddContextOptions(CLI::App& app, const std::string& zero, int& window, ContextOptions& options) {
  app.add_option("--context-window", window, "words on each side that make up the context of a word; " + zero)
      ->type_name("N")
      ->group(kContext);
  AddChoice(app, "--context-weighting", options.weighting, ParseContextWeighting, "uniform|inverse-distance",
            "how much a word at a distance counts: 1, or 1 / distance")
      ->group(kContext);
  AddChoice(app, "--context-scaling", options.scaling, ParseContextScaling, "count|max",
            "what the summed context of a word is divided by: its occurrences, or its largest entry")
      ->group(kContext);
  app.add_flag_callback(
         "--no-unit-rows", [&options] { options.unit_rows = false; },
         "do not scale the rows of the input table to unit length before they are averaged")
      ->group(kContext);
  app.add_option("--context-sif", options.sif,
                 "S > 0: a context word that is the share p of the corpus counts S / (S + p), so that words that stand "
                 "beside everything count little; 1e-5 to 1e-3; 0: all words count the same, as in the paper")
      ->type_name("S")
      ->group(kContext);
  app.add_option("--feature-weight", options.feature_weight,
                 "what a shape counts in a context vector, where a word counts 1 (with --extended-inputs)")
      ->type_name("X")
      ->group(kContext);
  app.add_flag(
         "--context-exclude-target", options.exclude_target,
         "a word that stands once more in its own window does not count, as in the paper's named entity experiments")
      ->group(kContext);
}

absl::Status CheckContextOptions(int window, const ContextOptions& options) {
  if (window < 0) return InvalidArgument("--context-window must be at least 0, got {}", window);
  ContextOptions chosen = options;
  if (window > 0) chosen.window = window;
  return Validate(chosen);
}

ContextOptions ChosenContext(const CLI::App& app, int window, const ContextOptions& given, ContextOptions base) {
  const auto take = [&app](const char* name, const auto& from, auto& into) {
    if (app.get_option(name)->count() > 0) into = from;
  };
  if (window > 0) base.window = window;
  take("--context-weighting", given.weighting, base.weighting);
  take("--context-scaling", given.scaling, base.scaling);
  take("--no-unit-rows", given.unit_rows, base.unit_rows);
  take("--context-sif", given.sif, base.sif);
  take("--feature-weight", given.feature_weight, base.feature_weight);
  take("--context-exclude-target", given.exclude_target, base.exclude_target);
  return base;
}

CLI::Option* AddOutputWeightOption(CLI::App& app, double& weight) {
  return app
      .add_option(
          "--output-weight", weight,
          "how much a word's own output vector, less what all words' output vectors share, counts beside the word "
          "itself (conec); 0.5 goes well with --unit-parts --own-weight 2; needs a model with an output table")
      ->type_name("X")
      ->check(Weight());
}

void AddThreadsOption(CLI::App& app, int& threads) {
  app.add_option("--threads", threads, "0: all cores")->type_name("N");
}

absl::Status CheckThreads(int threads) {
  constexpr int kMost = 4096;
  if (threads >= 0 && threads <= kMost) return absl::OkStatus();
  return InvalidArgument("--threads must be between 0 (all cores) and {}, got {}", kMost, threads);
}

absl::Status CheckWritable(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_fifo(path, ignored)) {
    return access(path.c_str(), W_OK) == 0 ? absl::OkStatus()
                                           : ErrnoStatus(errno, fmt::format("cannot write '{}'", path));
  }
  // Not committed: nothing remains, and what stands at `path` is untouched.
  return AtomicFile::Create(path).status();
}

absl::Status CheckNotGiven(const CLI::App& app, std::initializer_list<const char*> options, std::string_view reason) {
  for (const char* name : options) {
    if (app.get_option(name)->count() > 0) return InvalidArgument("{} {}", name, reason);
  }
  return absl::OkStatus();
}

std::string ScratchFolder(const std::string& output) {
  std::error_code error;
  if (!output.empty() && !IsSpecialFile(output)) return FolderOf(output);
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

}  // namespace conec::cli
