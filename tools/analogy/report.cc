#include "tools/analogy/report.h"

#include <algorithm>
#include <utility>

#include "base/file.h"

namespace conec::analogy {
namespace {

using word2vec::AnalogyScore;
using word2vec::AnalogyScoreSummary;
using word2vec::Spread;

constexpr std::size_t kNameWidth = 7;  // at least, of the first column

std::vector<std::string> SplitTabs(std::string_view line) {
  std::vector<std::string> fields;
  while (true) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    fields.emplace_back(line.substr(0, end));
    if (end == line.size()) return fields;
    line.remove_prefix(end + 1);
  }
}

// Rows of a table: the sections, then the sums.
template <typename Report>
auto Rows(const Report& report) {
  using Score = std::decay_t<decltype(report.total)>;
  std::vector<std::pair<std::string, Score>> rows;
  for (const auto& section : report.sections) rows.emplace_back(section.name, section.score);
  rows.emplace_back("semantic", report.semantic);
  rows.emplace_back("syntactic", report.syntactic);
  rows.emplace_back("total", report.total);
  return rows;
}

cli::Json ToJson(const AnalogyScore& score) {
  return {{"correct", score.correct},
          {"correct_in_top", score.correct_in_top},
          {"answered", score.answered},
          {"total", score.total},
          {"accuracy", score.accuracy()}};
}

// null: a single run has none.
cli::Json DeviationJson(const Spread& spread, std::size_t runs) {
  return runs > 1 ? cli::Json(spread.deviation) : cli::Json();
}

cli::Json ToJson(const AnalogyScoreSummary& score) {
  cli::Json correct = cli::Json::array(), answered = cli::Json::array(), accuracies = cli::Json::array();
  for (const AnalogyScore& run : score.runs) {
    correct.push_back(run.correct);
    answered.push_back(run.answered);
    accuracies.push_back(run.accuracy());
  }
  return {{"accuracy_mean", score.accuracy.mean},
          {"accuracy_std", DeviationJson(score.accuracy, score.runs.size())},
          {"accuracy_in_top_mean", score.accuracy_in_top.mean},
          {"accuracies", std::move(accuracies)},
          {"correct", std::move(correct)},
          {"answered", std::move(answered)},
          {"total", score.runs.front().total}};
}

// The rules, as every result states them.
cli::Json RulesJson(const Request& request) {
  return {{"protocol", Name(request.protocol)},
          {"case", Name(request.letters)},
          {"restrict_vocab", request.analogy.restrict_vocabulary},
          {"unknown", request.analogy.unknown_is_wrong ? "wrong" : "skip"},
          {"top", request.analogy.top}};
}

cli::Json VariantJson(const Variant& variant) {
  cli::Json json = {{"vectors", Name(variant.vectors)}};
  if (variant.vectors == cli::VectorKind::kConec) {
    json.update({{"own_weight", variant.conec.own_weight},
                 {"unit_parts", variant.conec.unit_parts},
                 {"output_weight", variant.conec.output_weight},
                 {"center", variant.conec.center}});
  }
  json.update({{"method", Name(variant.method)}});
  return json;
}

template <typename Report>
cli::Json ScoresJson(const Report& report) {
  cli::Json sections = cli::Json::array();
  for (const auto& section : report.sections) {
    cli::Json entry = {{"name", section.name}, {"kind", section.syntactic ? "syntactic" : "semantic"}};
    entry.update(ToJson(section.score));
    sections.push_back(std::move(entry));
  }
  return {{"total", ToJson(report.total)},
          {"semantic", ToJson(report.semantic)},
          {"syntactic", ToJson(report.syntactic)},
          {"sections", std::move(sections)}};
}

// What other variants of the same method are compared with: the first table of word2vec's vectors.
const VariantScores* Baseline(const std::vector<VariantScores>& scores, word2vec::AnalogyMethod method) {
  const auto found = std::ranges::find_if(scores, [method](const VariantScores& other) {
    return other.variant.vectors == cli::VectorKind::kWord2vec && other.variant.method == method;
  });
  return found == scores.end() ? nullptr : &*found;
}

// Nothing for the baseline itself, and without one.
std::optional<Spread> GainOver(const std::vector<VariantScores>& scores, const VariantScores& variant) {
  const VariantScores* const baseline = Baseline(scores, variant.variant.method);
  if (baseline == nullptr || baseline == &variant) return std::nullopt;
  const auto gain = word2vec::Gain(variant.summary.total, baseline->summary.total);
  return gain.ok() ? std::optional(*gain) : std::nullopt;
}

// "11911/19544"; "11000-11911/19544" where models know different words.
std::string Answered(const AnalogyScoreSummary& score) {
  const auto [least, most] = std::ranges::minmax(score.runs, {}, &AnalogyScore::answered);
  const std::string range = least.answered == most.answered ? fmt::to_string(most.answered)
                                                            : fmt::format("{}-{}", least.answered, most.answered);
  return fmt::format("{}/{}", range, most.total);
}

std::string Show(const Spread& spread, std::size_t runs, bool is_signed = false) {
  std::string text = is_signed ? fmt::format("{:+.1f}", spread.mean) : fmt::format("{:.1f}", spread.mean);
  if (runs > 1) text += fmt::format(" ({:.1f})", spread.deviation);
  return text;
}

// Cells of text; the first column is set to the left, the others to the right.
using Cells = std::vector<std::vector<std::string>>;

std::string Align(const Cells& cells) {
  std::vector<std::size_t> widths;
  for (const auto& row : cells) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : cells) {
    std::string line = fmt::format("{:<{}}", row.front(), widths.front());
    for (std::size_t i = 1; i < row.size(); ++i) line += fmt::format("  {:>{}}", row[i], widths[i]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

void AppendPublished(const Published& published, const std::string& name, std::vector<std::string>& row) {
  if (published.columns.empty()) return;
  const auto found = std::ranges::find_if(published.rows, [&](const auto& cells) { return cells.front() == name; });
  for (std::size_t i = 1; i <= published.columns.size(); ++i) {
    row.push_back(found == published.rows.end() ? "" : (*found)[i]);
  }
}

using Columns = std::vector<const VariantScores*>;

Cells MethodCells(const Columns& columns, word2vec::AnalogyMethod method, const Published& published) {
  Cells cells = {{std::string(Name(method)), "answered/total"}};
  for (const VariantScores* column : columns) cells.front().push_back(TableName(column->variant));
  cells.front().insert(cells.front().end(), published.columns.begin(), published.columns.end());
  std::vector<std::vector<std::pair<std::string, AnalogyScoreSummary>>> rows;
  for (const VariantScores* column : columns) rows.push_back(Rows(column->summary));
  for (std::size_t r = 0; r < rows.front().size(); ++r) {
    const auto& [name, score] = rows.front()[r];
    std::vector<std::string> row = {name, Answered(score)};
    for (const auto& column : rows) row.push_back(Show(column[r].second.accuracy, score.runs.size()));
    AppendPublished(published, name, row);
    cells.push_back(std::move(row));
  }
  return cells;
}

std::string MethodTable(const std::vector<VariantScores>& scores, word2vec::AnalogyMethod method,
                        const Published& published) {
  Columns columns;
  for (const VariantScores& variant : scores) {
    if (variant.variant.method == method) columns.push_back(&variant);
  }
  Cells cells = MethodCells(columns, method, published);
  std::vector<std::string> gains = {"over word2vec", ""};
  bool has_gain = false;
  for (const VariantScores* column : columns) {
    const auto gain = GainOver(scores, *column);
    gains.push_back(gain ? Show(*gain, column->runs.size(), true) : "");
    has_gain = has_gain || gain.has_value();
  }
  if (has_gain) cells.push_back(std::move(gains));
  return Align(cells);
}

std::string Heading(const Request& request) {
  const std::size_t limit = request.analogy.restrict_vocabulary;
  return fmt::format("Per cent right; protocol {}, {}, case: {}, questions with unknown words: {}.{}\n",
                     Name(request.protocol), limit == 0 ? "all words" : fmt::format("the first {} words", limit),
                     Name(request.letters), request.analogy.unknown_is_wrong ? "wrong" : "left out",
                     request.models.size() > 1
                         ? fmt::format(" Means (standard deviations) of {} models.", request.models.size())
                         : "");
}

cli::Json PublishedJson(const Published& published) {
  cli::Json json = cli::Json::object();
  for (const auto& row : published.rows) {
    cli::Json cells = cli::Json::object();
    for (std::size_t i = 0; i < published.columns.size(); ++i) cells[published.columns[i]] = row[i + 1];
    json[row.front()] = std::move(cells);
  }
  return json;
}

}  // namespace

absl::StatusOr<Published> ReadPublished(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const std::string text, ReadFileToString(path));
  Published published;
  std::string_view rest = text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    std::vector<std::string> fields = SplitTabs(line);
    if (published.columns.empty()) {
      if (fields.size() < 2) return DataLoss("{}:{}: expected names of columns between tabs", path, number);
      published.columns.assign(fields.begin() + 1, fields.end());
    } else if (fields.size() != published.columns.size() + 1) {
      return DataLoss("{}:{}: expected {} columns, found {}", path, number, published.columns.size() + 1,
                      fields.size());
    } else {
      published.rows.push_back(std::move(fields));
    }
  }
  return published;
}

std::string SingleTable(const Request& request, const word2vec::AnalogyReport& report) {
  const auto rows = Rows(report);
  std::size_t width = kNameWidth;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  const bool with_top = request.analogy.top > 1;
  std::string text =
      fmt::format("{:<{}} {:>8} {:>8} {:>8} {:>9}", "section", width, "correct", "answered", "total", "accuracy");
  text += with_top ? fmt::format(" {:>9}\n", fmt::format("in top {}", request.analogy.top)) : "\n";
  for (const auto& [name, score] : rows) {
    text += fmt::format("{:<{}} {:>8} {:>8} {:>8} {:>8.2f}%", name, width, score.correct, score.answered, score.total,
                        score.accuracy());
    text += with_top ? fmt::format(" {:>8.2f}%\n", score.accuracy_in_top()) : "\n";
  }
  return text;
}

cli::Json SingleJson(const Request& request, const VariantScores& scores) {
  cli::Json json = {{"model", request.models.front()}};
  json.update(VariantJson(scores.variant));
  json.update(RulesJson(request));
  json.update(ScoresJson(scores.runs.front()));
  return json;
}

std::string SummaryTable(const Request& request, const std::vector<VariantScores>& scores, const Published& published) {
  std::string text = Heading(request);
  for (const auto method : request.methods) text += "\n" + MethodTable(scores, method, published);
  return text;
}

cli::Json SummaryJson(const Request& request, const std::vector<VariantScores>& scores, const Published& published) {
  cli::Json json = {{"models", request.models}};
  json.update(RulesJson(request));
  cli::Json variants = cli::Json::array();
  for (const VariantScores& variant : scores) {
    cli::Json entry = VariantJson(variant.variant);
    if (const auto gain = GainOver(scores, variant)) {
      entry["gain_mean"] = gain->mean;
      entry["gain_std"] = DeviationJson(*gain, variant.runs.size());
    }
    entry.update(ScoresJson(variant.summary));
    variants.push_back(std::move(entry));
  }
  json["variants"] = std::move(variants);
  if (!published.columns.empty()) json["published"] = PublishedJson(published);
  return json;
}

}  // namespace conec::analogy
