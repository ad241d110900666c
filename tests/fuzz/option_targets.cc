// Command lines: what a program of many options makes of any arguments.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "tests/fuzz/text_targets.h"
#include "tools/cli/aliases.h"
#include "tools/cli/options.h"

namespace conec::fuzz {
namespace {

using Seeds = std::vector<std::string>;

struct Options {
  corpora::EncodeOptions encode;
  word2vec::TrainOptions train;
  ContextOptions context;
  int context_window = 0;
  double output_weight = 0;
  int threads = 0;
};

void AddOptions(CLI::App& app, Options& options) {
  cli::AddInputOptions(app, "--format,--input-format", options.encode.input);
  cli::AddInvalidUtf8Option(app, options.encode.invalid_utf8);
  cli::AddTokenizerOptions(app, options.encode.tokenizer);
  cli::AddVocabularyOptions(app, options.encode);
  cli::AddTrainOptions(app, options.train);
  cli::AddContextOptions(app, "0: as --window", options.context_window, options.context);
  cli::AddOutputWeightOption(app, options.output_weight);
  cli::AddThreadsOption(app, options.threads);
}

// An argument per line.
std::vector<std::string> Arguments(std::string_view input) {
  std::vector<std::string> arguments;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    arguments.emplace_back(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return arguments;
}

absl::Status Parse(CLI::App& app, std::string_view input) {
  CONEC_ASSIGN_OR_RETURN(auto arguments, cli::RewriteAliases(Arguments(input), [&app](std::string_view option) {
                           return app.get_option_no_throw(std::string(option)) != nullptr;
                         }));
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return InvalidArgument("{}: {}", error.get_name(), error.what());
  }
  return absl::OkStatus();
}

// What conec-train asks before it begins.
absl::Status Check(const CLI::App& app, Options& options) {
  cli::ChooseFormatByName(app, "--format", options.encode.input);
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.threads));
  CONEC_RETURN_IF_ERROR(cli::CheckContextOptions(options.context_window, options.context));
  CONEC_RETURN_IF_ERROR(tokenize::Validate(options.encode.tokenizer));
  return word2vec::Validate(options.train);
}

absl::Status ReadCommandLine(std::string_view input) {
  CLI::App app;
  Options options;
  AddOptions(app, options);
  CONEC_RETURN_IF_ERROR(Parse(app, input));
  CONEC_RETURN_IF_ERROR(Check(app, options));
  const word2vec::TrainOptions& train = options.train;
  Require(train.dim >= 1 && train.dim <= 4096 && train.window >= 1 && train.epochs >= 0, "sizes are within limits");
  for (const double number : {train.learning_rate, train.final_learning_rate, train.sample, train.noise_exponent,
                              options.context.sif, options.context.feature_weight}) {
    Require(std::isfinite(number), "numbers are finite");
  }
  return tokenize::Tokenizer::Create(options.encode.tokenizer).status();  // which looks at the locale
}

Seeds CommandLines() {
  return {"--input\na.txt\nb.jsonl\n--dim\n100\n--window=7\n--no-fold-case\n--seed\n3\n--lr\n0.05\n--threads\n2\n",
          "-train\ntext.txt\n-size\n200\n-cbow\n1\n-sample\n1e-3\n-hs\n0\n-iter\n5\n-min-count\n2\n",
          "-input\nx\n-dim\n50\n-ws\n5\n-minCount\n1\n-epoch\n2\n-loss\nns\n",
          "--tokenizer\npretokenized\n--segments\ndocument\n--line-token\n</s>\n--\n-x\n",
          "--extended-inputs\ndirection,shape\n",
          "--context-weighting\ninverse-distance\n--context-sif\n1e-4\n--cbow-update\nword2vec\n",
          "--locale\nfi\n--normalization\nnfkc\n--max-vocab\n100\n--prune-table-at\n1000\n--keep-gaps\nin\n"};
}

}  // namespace

std::vector<Target> OptionTargets() {
  return {{.name = "command-line", .run = ReadCommandLine, .seeds = CommandLines, .iterations = 500}};
}

}  // namespace conec::fuzz
