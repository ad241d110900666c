// conec-similarity: how well word vectors agree with people about which words are alike.
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "conec/model.h"
#include "tools/cli/load.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/question_case.h"
#include "word2vec/similarity.h"

namespace conec::similarity {
namespace {

struct Options {
  std::string model;
  bool verify = false;
  std::vector<std::string> files;
  std::string columns;
  cli::VectorKind vectors = cli::VectorKind::kWord2vec;
  ConecVectorOptions conec;
  cli::QuestionCase letters;
  word2vec::SimilarityOptions similarity;
  word2vec::PairColumns pair_columns;
  int threads = 0;
};

struct FileReport {
  std::string name;
  word2vec::SimilarityReport report;
};

void AddOptions(cli::Program& program, Options& options) {
  CLI::App& app = program.app();
  app.add_option("--model", options.model,
                 "a model of conec-train, or anybody's word vectors (word2vec, GloVe, fastText .vec)")
      ->type_name("FILE")
      ->required();
  cli::AddVerifyOption(app, options.verify);
  app.add_option("--pairs,pairs", options.files,
                 "files of two words and a score per line (WordSim-353, SimLex-999, MEN, ...): columns between tabs, "
                 "commas, semicolons or blanks, with or without a line of column names")
      ->type_name("FILE...")
      ->required();
  app.add_option("--columns", options.columns,
                 "the columns of the words and of the score, from 1; without it 1, 2 and the first number after them")
      ->type_name("A,B,SCORE");
  cli::AddChoice(app, "--vectors", options.vectors, cli::ParseVectorKind, "word2vec|conec|output",
                 "the trained input vectors, the global ConEc vectors, or the output table");
  app.add_option("--own-weight", options.conec.own_weight,
                 "how much a word counts in its own global context (conec); without it --unit-parts --own-weight 1.5")
      ->type_name("X")
      ->check(cli::Weight())
      ->default_str("");
  app.add_flag("--unit-parts", options.conec.unit_parts,
               "scale the global context and the word itself to unit length before they are mixed (conec)");
  cli::AddOutputWeightOption(app, options.conec.output_weight);
  app.add_flag("--center", options.conec.center, "subtract the direction that all contexts share (conec)");
  app.add_option("--restrict-vocab", options.similarity.restrict_vocabulary,
                 "only the N most frequent words are known; 0: all")
      ->type_name("N")
      ->check(cli::NotNegative());
  cli::AddChoice(app, "--unknown", options.similarity.unknown, word2vec::ParseUnknownPairs, "skip|zero",
                 "what becomes of a pair with an unknown word: it is left out, or has similarity 0");
  cli::AddCaseOption(app, options.letters);
  cli::AddThreadsOption(app, options.threads);
  program.AddJson();
}

absl::StatusOr<word2vec::PairColumns> ParseColumns(std::string_view text) {
  std::size_t numbers[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [next, error] = std::from_chars(at, end, numbers[i]);
    const bool ends_well = i == 2 ? next == end : next != end && *next == ',';
    if (error != std::errc() || numbers[i] == 0 || !ends_well) {
      return InvalidArgument("--columns must be three column numbers such as 1,2,4, got '{}'", text);
    }
    at = next + 1;
  }
  return word2vec::PairColumns{numbers[0], numbers[1], numbers[2]};
}

absl::Status Check(const CLI::App& app, Options& options) {
  if (options.vectors != cli::VectorKind::kConec) {
    CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--own-weight", "--unit-parts", "--output-weight", "--center"},
                                             "is for --vectors conec"));
  }
  if (app.get_option("--own-weight")->count() == 0) {
    options.conec.own_weight = cli::kBestMix.own_weight;
    options.conec.unit_parts = cli::kBestMix.unit_parts;
  }
  if (!options.columns.empty()) {
    CONEC_ASSIGN_OR_RETURN(options.pair_columns, ParseColumns(options.columns));
  }
  return cli::CheckThreads(options.threads);
}

cli::Json ToJson(std::optional<double> value) {
  return value ? cli::Json(*value) : cli::Json(nullptr);
}

absl::Status PrintReportsJson(const Options& options, const std::vector<FileReport>& reports) {
  cli::Json files = cli::Json::array();
  for (const auto& [name, report] : reports) {
    files.push_back({{"file", name},
                     {"pairs", report.pairs},
                     {"found", report.found},
                     {"coverage", report.coverage()},
                     {"spearman", ToJson(report.spearman)},
                     {"pearson", ToJson(report.pearson)}});
  }
  cli::Json json = {{"model", options.model}, {"vectors", Name(options.vectors)}};
  if (options.vectors == cli::VectorKind::kConec) {
    json.update({{"own_weight", options.conec.own_weight},
                 {"unit_parts", options.conec.unit_parts},
                 {"output_weight", options.conec.output_weight},
                 {"center", options.conec.center}});
  }
  json.update({{"restrict_vocab", options.similarity.restrict_vocabulary},
               {"unknown", Name(options.similarity.unknown)},
               {"case", Name(options.letters)},
               {"files", std::move(files)}});
  return cli::PrintJson(json);
}

std::string Show(std::optional<double> value) {
  return value ? fmt::format("{:.4f}", *value) : "-";
}

absl::Status PrintTable(const std::vector<FileReport>& reports) {
  std::size_t width = 4;
  for (const FileReport& report : reports) width = std::max(width, report.name.size());
  std::string text = fmt::format("{:<{}} {:>7} {:>7} {:>9} {:>9} {:>9}\n", "file", width, "pairs", "found", "coverage",
                                 "spearman", "pearson");
  for (const auto& [name, report] : reports) {
    text += fmt::format("{:<{}} {:>7} {:>7} {:>8.1f}% {:>9} {:>9}\n", name, width, report.pairs, report.found,
                        report.coverage(), Show(report.spearman), Show(report.pearson));
  }
  return cli::PrintText(text);
}

// The files first: a mistake there shows before a large model is read.
absl::StatusOr<std::vector<std::vector<word2vec::WordPair>>> ReadFiles(const Options& options) {
  std::vector<std::vector<word2vec::WordPair>> files;
  for (const std::string& path : options.files) {
    CONEC_ASSIGN_OR_RETURN(auto pairs, word2vec::ReadWordPairs(path, options.pair_columns));
    files.push_back(std::move(pairs));
  }
  return files;
}

absl::Status Run(const cli::Program& program, Options& options) {
  CONEC_ASSIGN_OR_RETURN(const auto files, ReadFiles(options));
  CONEC_ASSIGN_OR_RETURN(const cli::LoadedModel loaded, cli::LoadModel(options.model, options.threads));
  if (options.verify) CONEC_RETURN_IF_ERROR(cli::VerifyModel(loaded, options.model));
  CONEC_ASSIGN_OR_RETURN(const auto vectors, cli::SelectVectors(loaded, options.vectors, options.conec));
  CONEC_RETURN_IF_ERROR(cli::ApplyCase(options.letters, loaded, options.similarity));
  std::vector<FileReport> reports;
  for (std::size_t i = 0; i < files.size(); ++i) {
    CONEC_ASSIGN_OR_RETURN(const auto report, word2vec::EvaluateSimilarity(vectors, files[i], options.similarity));
    if (!report.spearman) {
      program.Tell("note: {}: no correlation: {} of {} pairs have vectors, and both sides must vary", options.files[i],
                   report.found, report.pairs);
    }
    reports.push_back({options.files[i], report});
  }
  return program.json() ? PrintReportsJson(options, reports) : PrintTable(reports);
}

}  // namespace
}  // namespace conec::similarity

int main(int argc, char** argv) {
  conec::cli::Program program(
      {"conec-similarity", "Correlates the cosines of word vectors with the scores that people gave to pairs of words.",
       "  conec-similarity --model model.conec ws353.txt simlex-999.txt\n"
       "  conec-similarity --model model.conec --vectors conec --own-weight 4 MEN.txt --json"});
  conec::similarity::Options options;
  conec::similarity::AddOptions(program, options);
  return program.Run(
      argc, argv, [&] { return conec::similarity::Check(program.app(), options); },
      [&] { return conec::similarity::Run(program, options); });
}
