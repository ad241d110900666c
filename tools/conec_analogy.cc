// conec-analogy: how many analogies a table of vectors answers.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "conec/model.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "word2vec/analogy.h"

namespace conec {
namespace {

struct Options {
  std::string model;
  std::string questions;
  cli::VectorKind vectors = cli::VectorKind::kWord2vec;
  ConecVectorOptions conec = {.own_weight = 1};
  word2vec::AnalogyOptions analogy;
  bool exact_case = false;
};

void AddOptions(cli::Program& program, Options& options) {
  CLI::App& app = program.app();
  app.add_option("--model", options.model,
                 "a model of conec-train, or anybody's word vectors (word2vec, GloVe, fastText .vec)")
      ->type_name("FILE")
      ->required();
  app.add_option("--questions,questions", options.questions,
                 "lines of four words, a is to b as c is to d; \": NAME\" begins a section (questions-words.txt)")
      ->type_name("FILE")
      ->required();
  cli::AddChoice(app, "--vectors", options.vectors, cli::ParseVectorKind, "word2vec|conec|output",
                 "the trained input vectors, the global ConEc vectors, or the output table");
  app.add_option("--restrict-vocab", options.analogy.restrict_vocabulary,
                 "only the N most frequent words are known and can be answers; 0: all")
      ->type_name("N")
      ->check(cli::NotNegative());
  cli::AddChoice(app, "--method", options.analogy.method, word2vec::ParseAnalogyMethod, "3cosadd|3cosmul",
                 "how the three cosines are put together");
  app.add_option("--top", options.analogy.top, "also count expected answers among the best N")
      ->type_name("N")
      ->check(cli::NotNegative());
  app.add_option("--own-weight", options.conec.own_weight,
                 "how much a word counts in its own global context (conec); 1: as in the paper, more favours syntax")
      ->type_name("X");
  app.add_flag("--center", options.conec.center, "subtract the direction that all contexts share (conec)");
  app.add_flag("--exact-case", options.exact_case,
               "look the words of the questions up as they are, instead of in the case that the vocabulary has");
  cli::AddThreadsOption(app, options.analogy.threads);
  program.AddJson();
}

absl::Status Check(const CLI::App& app, const Options& options) {
  if (options.vectors != cli::VectorKind::kConec) {
    CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--own-weight", "--center"}, "is for --vectors conec"));
  }
  if (options.analogy.top == 0) return InvalidArgument("--top must be at least 1, got 0");
  return cli::CheckThreads(options.analogy.threads);
}

cli::Json ToJson(const word2vec::AnalogyScore& score) {
  return {{"correct", score.correct},
          {"correct_in_top", score.correct_in_top},
          {"answered", score.answered},
          {"total", score.total},
          {"accuracy", score.accuracy()}};
}

absl::Status PrintReportJson(const Options& options, const word2vec::AnalogyReport& report) {
  cli::Json sections = cli::Json::array();
  for (const auto& section : report.sections) {
    cli::Json entry = {{"name", section.name}};
    entry.update(ToJson(section.score));
    sections.push_back(std::move(entry));
  }
  return cli::PrintJson({{"model", options.model},
                         {"vectors", cli::Name(options.vectors)},
                         {"method", word2vec::Name(options.analogy.method)},
                         {"restrict_vocab", options.analogy.restrict_vocabulary},
                         {"top", options.analogy.top},
                         {"total", ToJson(report.total)},
                         {"semantic", ToJson(report.semantic)},
                         {"syntactic", ToJson(report.syntactic)},
                         {"sections", std::move(sections)}});
}

absl::Status PrintTable(const Options& options, const word2vec::AnalogyReport& report) {
  std::vector<std::pair<std::string, word2vec::AnalogyScore>> rows;
  for (const auto& section : report.sections) rows.emplace_back(section.name, section.score);
  rows.emplace_back("semantic", report.semantic);
  rows.emplace_back("syntactic", report.syntactic);
  rows.emplace_back("total", report.total);
  std::size_t width = 7;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  const bool with_top = options.analogy.top > 1;
  std::string text =
      fmt::format("{:<{}} {:>8} {:>8} {:>8} {:>9}", "section", width, "correct", "answered", "total", "accuracy");
  text += with_top ? fmt::format(" {:>9}\n", fmt::format("in top {}", options.analogy.top)) : "\n";
  for (const auto& [name, score] : rows) {
    text += fmt::format("{:<{}} {:>8} {:>8} {:>8} {:>8.2f}%", name, width, score.correct, score.answered, score.total,
                        score.accuracy());
    text += with_top ? fmt::format(" {:>8.2f}%\n", score.accuracy_in_top()) : "\n";
  }
  return cli::PrintText(text);
}

absl::Status Run(const cli::Program& program, Options& options) {
  // The questions first: a mistake there shows before a large file is read.
  CONEC_ASSIGN_OR_RETURN(const auto sections, word2vec::ReadAnalogyQuestions(options.questions));
  CONEC_ASSIGN_OR_RETURN(const cli::LoadedModel loaded, cli::LoadModel(options.model, options.analogy.threads));
  CONEC_ASSIGN_OR_RETURN(const auto vectors, cli::SelectVectors(loaded, options.vectors, options.conec));
  if (!options.exact_case) {
    CONEC_ASSIGN_OR_RETURN(const auto tokenizer, cli::ChooseTokenizer(loaded));
    options.analogy.normalize = word2vec::NormalizeLike(tokenizer);
  }
  CONEC_ASSIGN_OR_RETURN(const auto report, word2vec::EvaluateAnalogies(vectors, sections, options.analogy));
  if (report.total.answered == 0) {
    program.Tell("note: no question was answered: {} questions, none of whose four words are all in the vocabulary",
                 report.total.total);
  }
  return program.json() ? PrintReportJson(options, report) : PrintTable(options, report);
}

}  // namespace
}  // namespace conec

int main(int argc, char** argv) {
  conec::cli::Program program(
      {"conec-analogy", "Answers analogy questions (a is to b as c is to ?) and scores the answers, in per cent.",
       "  conec-analogy --model model.conec --questions questions-words.txt\n"
       "  conec-analogy --model GoogleNews.bin --questions questions-words.txt --restrict-vocab 0 --json"});
  conec::Options options;
  conec::AddOptions(program, options);
  return program.Run(
      argc, argv, [&] { return conec::Check(program.app(), options); }, [&] { return conec::Run(program, options); });
}
