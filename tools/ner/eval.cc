// conec-ner eval: conlleval, and a strict mode.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "ner/conll.h"
#include "ner/scores.h"
#include "ner/tags.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/ner/command.h"
#include "tools/ner/tagger_options.h"

namespace conec::ner {
namespace {

struct EvalOptions {
  std::string file = "-";
  ConllOptions columns = {.min_columns = 2, .any_bytes = true, .allow_empty = true};
  ConllevalOptions conlleval;
  bool latex = false;
  bool strict = false;
  std::string scheme;  // empty: not given
  std::string tagger;  // empty: the file has the predicted tags
  ModelFlags models;   // of the tagger
  bool any_model = false;
  int threads = 0;
};

void AddEvalOptions(CLI::App& app, cli::Program& program, EvalOptions& options) {
  app.add_option("file", options.file, "the tagged file, also compressed; -: standard input")->type_name("FILE");
  app.add_flag("-r,--raw", options.conlleval.raw, "tags have no prefixes, and every token is an entity of its own");
  app.add_option("-o,--outside", options.conlleval.outside, "the tag outside of entities (--raw)")->type_name("TAG");
  app.add_option("-d,--delimiter", options.columns.delimiter,
                 "what stands between columns, \\t for a tab; otherwise any number of blanks and tabs")
      ->type_name("TEXT");
  cli::AddOneOf(app, "--scheme", options.scheme, "auto|type|iob1|iob2|bioes",
                "the scheme of the tags. conlleval's own rules understand iob1 and iob2; with bioes and type (a tag of "
                "a bare type), tags are converted before they are scored. auto: what the gold tags obey");
  app.add_flag("--strict", options.strict,
               "only entities that obey the scheme count, as with seqeval's mode=\"strict\"; the scheme is auto unless "
               "--scheme is given");
  app.add_flag("-l,--latex", options.latex, "print conlleval's rows for a table in LaTeX");
  constexpr const char* kTagging = "Tagging";
  app.add_option("--tagger", options.tagger,
                 "tag the file with this tagger first: its last column is the gold tag, and the file stays as it is")
      ->type_name("FILE")
      ->group(kTagging);
  AddModelsOption(app, options.models, "the model (models) that the tagger was trained with");
  for (const char* name : {"--model", "--verify"}) app.get_option(name)->group(kTagging);
  app.add_flag("--any-model", options.any_model, "take another model than that, of as many dimensions")
      ->group(kTagging);
  cli::AddThreadsOption(app, options.threads);
  program.AddJson(app);
  app.footer(
      "The last two columns are the gold tag and the predicted one. The report is conlleval's, to the letter.\n\n"
      "Example:\n"
      "  conec-ner eval tagged.conll\n"
      "  conec-ner eval --tagger ner.tagger --model model.conec eng.testb\n"
      "  paste -d ' ' gold.txt predicted.txt | conec-ner eval\n"
      "  conec-ner eval --strict --scheme iob2 --json tagged.conll");
}

absl::Status CheckEval(const CLI::App& app, const cli::Program& program, const EvalOptions& options) {
  if (options.strict) CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--raw", "--latex"}, "does not go with --strict"));
  if (options.conlleval.raw) CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--scheme"}, "does not go with --raw"));
  if (!options.conlleval.raw) CONEC_RETURN_IF_ERROR(cli::CheckNotGiven(app, {"--outside"}, "is for --raw"));
  CONEC_RETURN_IF_ERROR(cli::CheckThreads(options.threads));
  if (options.latex && program.json()) return InvalidArgument("--latex does not go with --json");
  if (options.tagger.empty()) {
    CONEC_RETURN_IF_ERROR(
        cli::CheckNotGiven(app, {"--model", "--verify", "--any-model", "--threads"}, "is for --tagger"));
  }
  if (app.get_option("--delimiter")->count() > 0 && options.columns.delimiter.empty()) {
    return InvalidArgument("--delimiter must not be empty");
  }
  return absl::OkStatus();
}

// The columns of gold and predicted tags.
struct TagColumns {
  std::vector<std::string_view> gold, predicted;
};

TagColumns ColumnsOf(const ConllFile& file) {
  if (file.tokens() == 0) return {};
  return {file.Column(file.columns() - 2), file.Column(file.columns() - 1)};
}

absl::Status AtToken(const absl::Status& status, const ConllFile& file, std::size_t token) {
  if (token >= file.tokens()) return status;
  return Annotate(status, fmt::format("{}:{}", file.name(), file.line(token)));
}

// The scheme asked for, or the one that the gold tags obey.
absl::StatusOr<TagScheme> SchemeOf(const EvalOptions& options, const ConllFile& file, const TagColumns& tags) {
  if (!options.scheme.empty() && options.scheme != "auto") return ParseTagScheme(options.scheme);
  std::size_t offender = file.tokens();
  const auto scheme = DetectTagScheme(tags.gold, file.sentence_ends(), &offender);
  if (scheme.ok()) return scheme;
  return Annotate(AtToken(scheme.status(), file, offender), "the scheme of the gold tags is not clear (--scheme)");
}

struct Result {
  EntityReport report;
  std::optional<TagScheme> scheme;  // nothing: the tags were read as they stand
};

absl::StatusOr<Result> ScoreStrictly(const EvalOptions& options, const ConllFile& file) {
  const TagColumns tags = ColumnsOf(file);
  CONEC_ASSIGN_OR_RETURN(const TagScheme scheme, SchemeOf(options, file, tags));
  std::size_t offender = file.tokens();
  auto report = ScoreTagsStrictly(tags.gold, tags.predicted, file.sentence_ends(), scheme, &offender);
  if (!report.ok()) return AtToken(report.status(), file, offender);
  return Result{*std::move(report), scheme};
}

absl::StatusOr<Result> ScoreConverted(const EvalOptions& options, const ConllFile& file) {
  const TagColumns tags = ColumnsOf(file);
  CONEC_ASSIGN_OR_RETURN(const TagScheme scheme, SchemeOf(options, file, tags));
  if (scheme == TagScheme::kIob1 || scheme == TagScheme::kIob2) {
    CONEC_ASSIGN_OR_RETURN(EntityReport report, ScoreConll(file));
    return Result{std::move(report), scheme};
  }
  CONEC_ASSIGN_OR_RETURN(EntityReport report, ScoreConllConverted(file));
  return Result{std::move(report), scheme};
}

absl::StatusOr<Result> Score(const EvalOptions& options, const ConllFile& file) {
  if (options.strict) return ScoreStrictly(options, file);
  if (!options.scheme.empty()) return ScoreConverted(options, file);
  CONEC_ASSIGN_OR_RETURN(EntityReport report, ScoreConll(file, options.conlleval));
  return Result{std::move(report), std::nullopt};
}

// Tags that conlleval's rules misread, though they are common: a hint rather than a surprise.
void TellOfOtherSchemes(const cli::Program& program, const ConllFile& file) {
  for (std::size_t i = 0; i < file.tokens(); ++i) {
    for (std::size_t column = file.columns() - 2; column < file.columns(); ++column) {
      const TagParts parts = PartsOf(file.cell(i, column));
      if (parts.prefix == 'O' || parts.prefix == 'B' || parts.prefix == 'I') continue;
      program.Tell("note: {}:{}: conlleval's rules do not know tags like '{}'; --scheme {} reads them", file.name(),
                   file.line(i), file.cell(i, column), parts.prefix == 0 ? "type" : "bioes");
      return;
    }
  }
}

// "LOC, PER": those that `count` is not 0 of.
std::string TypesWith(const EntityReport& report, std::uint64_t EntityCounts::*count) {
  constexpr std::size_t kMost = 5;
  std::string names;
  std::size_t found = 0;
  for (const auto& [type, counts] : report.types) {
    if (counts.*count == 0 || ++found > kMost) continue;
    names += (names.empty() ? "" : ", ") + type;
  }
  return found > kMost ? names + ", ..." : names;
}

// Zeros that tell of the wrong file rather than of a bad tagger.
void TellOfNothingInCommon(const cli::Program& program, const EvalOptions& options, const ConllFile& file,
                           const EntityReport& report) {
  if (file.tokens() == 0) program.Tell("note: {}: no tokens: all scores are 0", file.name());
  if (report.total.gold == 0 || report.total.found == 0) return;
  for (const auto& [type, counts] : report.types) {
    if (counts.gold > 0 && counts.found > 0) return;
  }
  program.Tell("note: {}: gold tags ({}) and predicted tags ({}) have no entity type in common: {}", file.name(),
               TypesWith(report, &EntityCounts::gold), TypesWith(report, &EntityCounts::found),
               options.tagger.empty()
                   ? "the last two columns must be these two; --tagger FILE tags a file that has only "
                     "gold tags"
                   : "the last column must be the gold tag, of the types that --tagger has learnt");
}

cli::Json ToJson(const EntityAverage& average) {
  return {{"precision", average.precision}, {"recall", average.recall}, {"f1", average.f1}};
}

absl::Status PrintReportJson(const EvalOptions& options, const ConllFile& file, const Result& result) {
  const EntityReport& report = result.report;
  cli::Json types = cli::Json::object();
  for (const auto& [type, counts] : report.types) types[type] = ToJson(counts);
  cli::Json json = {{"file", file.name()},
                    {"mode", options.strict ? "strict" : "conlleval"},
                    {"scheme", result.scheme ? cli::Json(Name(*result.scheme)) : cli::Json()},
                    {"tokens", report.tokens},
                    {"correct_tags", report.correct_tags},
                    {"accuracy", report.accuracy()}};
  json.update(ToJson(report.total));
  json["macro"] = ToJson(report.macro_average());
  json["weighted"] = ToJson(report.weighted_average());
  json["types"] = std::move(types);
  return cli::PrintJson(json);
}

std::string AverageLine(std::string_view name, const EntityAverage& average) {
  return fmt::format("{:>17}: precision: {:6.2f}%; recall: {:6.2f}%; FB1: {:6.2f}\n", name, average.precision,
                     average.recall, average.f1);
}

// The file with a column of predicted tags: its own, or that of a tagger.
absl::StatusOr<ConllFile> ReadTagged(const EvalOptions& options) {
  CONEC_ASSIGN_OR_RETURN(ConllFile file, ConllFile::Read(options.file, options.columns));
  if (options.tagger.empty()) return file;
  CONEC_ASSIGN_OR_RETURN(const LoadedTagger loaded,
                         LoadTagger(options.tagger, options.models, options.any_model, options.threads));
  CONEC_ASSIGN_OR_RETURN(auto tags, loaded.tagger.Tag(loaded.models, file, options.threads));
  return file.WithColumn(std::move(tags));
}

absl::Status RunEval(const cli::Program& program, EvalOptions& options) {
  if (options.columns.delimiter == "\\t") options.columns.delimiter = "\t";
  CONEC_ASSIGN_OR_RETURN(const ConllFile file, ReadTagged(options));
  CONEC_ASSIGN_OR_RETURN(const Result result, Score(options, file));
  const EntityReport& report = result.report;
  if (options.scheme.empty() && !options.strict && !options.conlleval.raw) TellOfOtherSchemes(program, file);
  TellOfNothingInCommon(program, options, file, report);
  if (program.json()) return PrintReportJson(options, file, result);
  if (options.latex) return cli::PrintText(report.ConllevalLatex());
  CONEC_RETURN_IF_ERROR(cli::PrintText(report.ConllevalText()));
  if (!options.strict) return absl::OkStatus();
  return cli::PrintText(AverageLine("macro average", report.macro_average()) +
                        AverageLine("weighted average", report.weighted_average()));
}

}  // namespace

Command AddEvalCommand(cli::Program& program) {
  CLI::App* app = program.app().add_subcommand("eval", "Scores a tagged file as conlleval does.");
  const auto options = std::make_shared<EvalOptions>();
  AddEvalOptions(*app, program, *options);
  return {app, [app, &program, options] { return CheckEval(*app, program, *options); },
          [&program, options] { return RunEval(program, *options); }, [options] { return !options->tagger.empty(); }};
}

}  // namespace conec::ner
