// conec-analogy: how many analogies tables of vectors answer.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/analogy/report.h"
#include "tools/analogy/variants.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/text.h"

namespace conec::analogy {
namespace {

struct Options {
  analogy::Request request;
  std::string published;
  // What overrides the protocol where it is given.
  std::size_t restrict_vocabulary = 0;
  std::string unknown;
};

// An option that takes several of several names: repeated, or between commas.
template <typename Enum>
CLI::Option* AddChoices(CLI::App& app, const std::string& name, std::vector<Enum>& values,
                        absl::StatusOr<Enum> (*parse)(std::string_view), const std::string& choices,
                        const std::string& description) {
  const auto assign = [&values, parse, name](const std::vector<std::string>& texts) {
    values.clear();
    for (const std::string& text : texts) {
      const absl::StatusOr<Enum> parsed = parse(text);
      if (!parsed.ok()) throw CLI::ValidationError(name, std::string(parsed.status().message()));
      if (std::ranges::find(values, *parsed) == values.end()) values.push_back(*parsed);
    }
  };
  return app.add_option_function<std::vector<std::string>>(name, assign, description)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name(choices)
      ->default_str(std::string(Name(values.front())));
}

void AddProtocolOptions(CLI::App& app, Options& options) {
  cli::AddChoice(app, "--protocol", options.request.protocol, analogy::ParseProtocol, "model|conec|word2vec|gensim",
                 "whose rules hold: conec (the paper: 30,000 words, questions in lower case), word2vec "
                 "(compute-accuracy of word2vec.c: 30,000 words, a to z in one case, scores above 0), gensim (300,000 "
                 "words, all in one case), model (conec, in the form in which the model writes words)");
  app.add_option("--restrict-vocab", options.restrict_vocabulary,
                 "only the N most frequent words are known and can be answers; 0: all; without it as the protocol says")
      ->type_name("N")
      ->check(cli::NotNegative())
      ->default_str("");
  cli::AddOneOf(app, "--unknown", options.unknown, "skip|wrong",
                "questions with an unknown word are left out or count as wrong (gensim's dummy4unknown); without it "
                "skip");
  cli::AddCaseOption(app, options.request.letters);
  app.get_option("--case")->default_str("that of the protocol");
}

void AddOptions(cli::Program& program, Options& options) {
  CLI::App& app = program.app();
  analogy::Request& request = options.request;
  app.add_option("--model", request.models,
                 "a model of conec-train, or anybody's word vectors (word2vec, GloVe, fastText .vec); repeated for "
                 "means and standard deviations over several models")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->required();
  cli::AddVerifyOption(app, request.verify);
  app.add_option("--questions,questions", request.questions,
                 "lines of four words, a is to b as c is to d; \": NAME\" begins a section (questions-words.txt)")
      ->type_name("FILE")
      ->required();
  AddChoices(app, "--vectors", request.vectors, cli::ParseVectorKind, "word2vec|conec|output",
             "the trained input vectors, the global ConEc vectors, or the output table; several between commas");
  app.add_option(
         "--own-weight", request.own_weights,
         "how much a word counts in its own global context (conec); 1: as in the paper (with --context-sif 0 in "
         "training), more favours syntax; several between commas")
      ->type_name("X")
      ->check(cli::Weight())
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str("");
  app.add_option("--unit-own-weight", request.unit_own_weights,
                 "the same where the context, too, is of length 1 (--unit-parts of the other programs); the default if "
                 "--own-weight is not given, either")
      ->type_name("X")
      ->check(cli::Weight())
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str(fmt::format("{:g}", cli::kBestMix.own_weight));
  app.add_flag("--unit-parts", request.conec.unit_parts,
               "scale the global context and the word itself to unit length before they are mixed: --own-weight is "
               "--unit-own-weight then (conec)");
  app.add_option("--output-weight", request.output_weights,
                 "how much the word's own output vector, less what all words' output vectors share, counts beside "
                 "the word itself; 0.5 goes well with --unit-own-weight 2; needs a model with an output table (conec); "
                 "several between commas")
      ->type_name("X")
      ->check(cli::Weight())
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str("0");
  app.add_flag("--center", request.conec.center, "subtract the direction that all contexts share (conec)");
  AddChoices(app, "--method", request.methods, word2vec::ParseAnalogyMethod, "3cosadd|3cosmul",
             "how the three cosines are put together; both between a comma");
  app.add_option("--top", request.analogy.top, "also count expected answers among the best N")
      ->type_name("N")
      ->check(cli::NotNegative());
  AddProtocolOptions(app, options);
  app.add_option("--published", options.published,
                 "figures to show beside the means: a line of column names and a line per section, columns between "
                 "tabs")
      ->type_name("FILE");
  cli::AddThreadsOption(app, request.analogy.threads);
  program.AddJson();
}

bool WasGiven(const CLI::App& app, const char* option) {
  return app.get_option(option)->count() > 0;
}

void ChooseWeights(const CLI::App& app, analogy::Request& request) {
  if (!WasGiven(app, "--unit-own-weight") && !WasGiven(app, "--own-weight")) {
    request.unit_own_weights = {cli::kBestMix.own_weight};
  }
  if (!request.conec.unit_parts) return;
  request.unit_own_weights.insert(request.unit_own_weights.end(), request.own_weights.begin(),
                                  request.own_weights.end());
  request.own_weights.clear();
}

// The protocol's options, but for what the command line says.
void ApplyProtocol(const CLI::App& app, Options& options) {
  analogy::Request& request = options.request;
  word2vec::AnalogyOptions rules = analogy::OptionsOf(request.protocol);
  rules.top = request.analogy.top;
  rules.threads = request.analogy.threads;
  rules.unknown_is_wrong = options.unknown == "wrong";
  if (WasGiven(app, "--restrict-vocab")) rules.restrict_vocabulary = options.restrict_vocabulary;
  if (!WasGiven(app, "--case") && !WasGiven(app, "--exact-case")) request.letters = analogy::CaseOf(request.protocol);
  request.analogy = std::move(rules);
}

absl::Status Check(const CLI::App& app, Options& options) {
  const analogy::Request& request = options.request;
  if (std::ranges::find(request.vectors, cli::VectorKind::kConec) == request.vectors.end()) {
    CONEC_RETURN_IF_ERROR(
        cli::CheckNotGiven(app, {"--own-weight", "--unit-own-weight", "--unit-parts", "--output-weight", "--center"},
                           "is for --vectors conec"));
  }
  if (request.analogy.top == 0) return InvalidArgument("--top must be at least 1, got 0");
  ChooseWeights(app, options.request);
  ApplyProtocol(app, options);
  return cli::CheckThreads(request.analogy.threads);
}

void TellOfUnanswered(const cli::Program& program, const analogy::Request& request,
                      const analogy::VariantScores& scores) {
  for (std::size_t i = 0; i < request.models.size(); ++i) {
    if (scores.runs[i].total.answered > 0) continue;
    const std::size_t limit = request.analogy.restrict_vocabulary;
    program.Tell(
        "note: no question was answered with {}: of {}, none has all of its four words among {} (--restrict-vocab, "
        "--case)",
        request.models[i], cli::Count(scores.runs[i].total.total, "question"),
        limit == 0 ? "the words of the model" : fmt::format("its {} most frequent words", cli::WithThousands(limit)));
  }
}

absl::Status Run(const cli::Program& program, const Options& options) {
  const analogy::Request& request = options.request;
  analogy::Published published;
  if (!options.published.empty()) {
    CONEC_ASSIGN_OR_RETURN(published, analogy::ReadPublished(options.published));
  }
  CONEC_ASSIGN_OR_RETURN(const auto scores, analogy::ScoreVariants(request));
  TellOfUnanswered(program, request, scores.front());
  const bool is_single = scores.size() == 1 && request.models.size() == 1 && published.columns.empty();
  if (program.json()) {
    return cli::PrintJson(is_single ? SingleJson(request, scores.front()) : SummaryJson(request, scores, published));
  }
  return cli::PrintText(is_single ? SingleTable(request, scores.front().runs.front())
                                  : SummaryTable(request, scores, published));
}

}  // namespace
}  // namespace conec::analogy

int main(int argc, char** argv) {
  conec::cli::Program program(
      {"conec-analogy", "Answers analogy questions (a is to b as c is to ?) and scores the answers, in per cent.",
       "  conec-analogy --model model.conec --questions questions-words.txt\n"
       "  conec-analogy --model GoogleNews.bin --questions questions-words.txt --restrict-vocab 0 --json\n"
       "  conec-analogy --model seed1.conec --model seed2.conec --questions questions-words.txt \\\n"
       "    --vectors word2vec,conec --own-weight 1,4 --method 3cosadd,3cosmul"});
  conec::analogy::Options options;
  conec::analogy::AddOptions(program, options);
  return program.Run(
      argc, argv, [&] { return conec::analogy::Check(program.app(), options); },
      [&] { return conec::analogy::Run(program, options); });
}
