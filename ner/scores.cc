#include "ner/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace conec::ner {
namespace {

constexpr std::string_view kBoundary = "-X-";  // conlleval's word between sentences

double PerCent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

bool Is(std::string_view prefix, std::string_view letters) {
  return prefix.size() == 1 && letters.find(prefix[0]) != std::string_view::npos;
}

// The types in conlleval's order. Its test for repeated names fails for the empty name, so that a type "" that is both
// in the gold and in the predicted tags is listed twice.
std::vector<std::pair<std::string_view, const EntityCounts*>> Rows(const EntityReport& report) {
  std::vector<std::pair<std::string_view, const EntityCounts*>> rows;
  for (const auto& [type, counts] : report.types) {
    rows.emplace_back(type, &counts);
    if (type.empty() && counts.gold > 0 && counts.found > 0) rows.emplace_back(type, &counts);
  }
  return rows;
}

}  // namespace

double EntityCounts::precision() const {
  return PerCent(correct, found);
}

double EntityCounts::recall() const {
  return PerCent(correct, gold);
}

double EntityCounts::f1() const {
  const double p = precision(), r = recall();
  return p + r == 0 ? 0 : 2 * p * r / (p + r);
}

double EntityReport::accuracy() const {
  return PerCent(correct_tags, tokens);
}

EntityAverage EntityReport::macro_average() const {
  EntityAverage mean;
  const auto n = static_cast<double>(std::max<std::size_t>(types.size(), 1));
  for (const auto& [type, counts] : types) {
    mean.precision += counts.precision() / n;
    mean.recall += counts.recall() / n;
    mean.f1 += counts.f1() / n;
  }
  return mean;
}

EntityAverage EntityReport::weighted_average() const {
  EntityAverage mean;
  for (const auto& [type, counts] : types) {
    const double weight = total.gold == 0 ? 0 : static_cast<double>(counts.gold) / static_cast<double>(total.gold);
    mean.precision += weight * counts.precision();
    mean.recall += weight * counts.recall();
    mean.f1 += weight * counts.f1();
  }
  return mean;
}

std::string EntityReport::ConllevalText() const {
  std::string text = fmt::format("processed {} tokens with {} phrases; found: {} phrases; correct: {}.\n", tokens,
                                 total.gold, total.found, total.correct);
  constexpr auto kScores = "precision: {:6.2f}%; recall: {:6.2f}%; FB1: {:6.2f}";
  if (tokens > 0) {
    text += fmt::format("accuracy: {:6.2f}%; ", accuracy());
    text += fmt::format(kScores, total.precision(), total.recall(), total.f1()) + "\n";
  }
  for (const auto& [type, counts] : Rows(*this)) {
    text += std::string(type.size() < 17 ? 17 - type.size() : 0, ' ') + std::string(type) + ": ";
    text += fmt::format(kScores, counts->precision(), counts->recall(), counts->f1());
    text += fmt::format("  {}\n", counts->found);
  }
  return text;
}

std::string EntityReport::ConllevalLatex() const {
  const auto row = [](std::string_view name, const EntityCounts& counts) {
    return std::string(name) + std::string(name.size() < 7 ? 7 - name.size() : 0, ' ') +
           fmt::format(" &  {:6.2f}\\% & {:6.2f}\\% & {:6.2f} \\\\", counts.precision(), counts.recall(), counts.f1());
  };
  std::string text = "        & Precision &  Recall  & F$_{\\beta=1} \\\\\\hline";
  for (const auto& [type, counts] : Rows(*this)) text += "\n" + row(type, *counts);
  return text + "\\hline\n" + row("Overall", total) + "\\hline\n";
}

ConllevalScorer::Tag ConllevalScorer::Parse(std::string_view tag) const {
  // Perl takes the type "0" for false, and conlleval therefore for no type.
  const auto type_of = [](std::string_view type) { return std::string(type == "0" ? "" : type); };
  if (options_.raw) return tag == "O" || tag == options_.outside ? Tag{} : Tag{.prefix = "B", .type = type_of(tag)};
  const std::size_t hyphen = tag.find('-');
  if (hyphen == std::string_view::npos) return {.prefix = std::string(tag), .type = {}};
  return {.prefix = std::string(tag.substr(0, hyphen)), .type = type_of(tag.substr(hyphen + 1))};
}

bool ConllevalScorer::Ends(const Tag& previous, const Tag& tag) {
  const auto follows = [&](std::string_view before, std::string_view now) {
    return Is(previous.prefix, before) && Is(tag.prefix, now);
  };
  if (follows("BI", "BO") || follows("E", "EIO") || Is(previous.prefix, "[]")) return true;
  return !Is(previous.prefix, "O.") && previous.type != tag.type;
}

bool ConllevalScorer::Begins(const Tag& previous, const Tag& tag) {
  const auto follows = [&](std::string_view before, std::string_view now) {
    return Is(previous.prefix, before) && Is(tag.prefix, now);
  };
  if (follows("BIO", "B") || follows("OE", "IE") || Is(tag.prefix, "[]")) return true;
  return !Is(tag.prefix, "O.") && previous.type != tag.type;
}

void ConllevalScorer::Step(Tag gold, Tag predicted) {
  const bool same_type = gold.type == predicted.type;
  if (matches_so_far_) {
    const bool gold_ends = Ends(gold_, gold), predicted_ends = Ends(predicted_, predicted);
    if (gold_ends && predicted_ends && gold_.type == predicted_.type) {
      ++report_.total.correct;
      ++report_.types[gold_.type].correct;
      matches_so_far_ = false;
    } else if (gold_ends != predicted_ends || !same_type) {
      matches_so_far_ = false;
    }
  }
  const bool gold_begins = Begins(gold_, gold), predicted_begins = Begins(predicted_, predicted);
  if (gold_begins && predicted_begins && same_type) matches_so_far_ = true;
  if (gold_begins) ++report_.total.gold, ++report_.types[gold.type].gold;
  if (predicted_begins) ++report_.total.found, ++report_.types[predicted.type].found;
  gold_ = std::move(gold);
  predicted_ = std::move(predicted);
}

void ConllevalScorer::Add(std::string_view gold, std::string_view predicted) {
  Tag gold_tag = Parse(gold), predicted_tag = Parse(predicted);
  ++report_.tokens;
  if (gold_tag.prefix == predicted_tag.prefix && gold_tag.type == predicted_tag.type) ++report_.correct_tags;
  Step(std::move(gold_tag), std::move(predicted_tag));
}

void ConllevalScorer::EndSentence() {
  Step({}, {});
}

EntityReport ConllevalScorer::Report() const {
  EntityReport report = report_;
  if (matches_so_far_) {
    ++report.total.correct;
    ++report.types[gold_.type].correct;
  }
  return report;
}

namespace {

using Tags = std::span<const std::string_view>;

// The tags of a -DOCSTART- line, which conlleval takes for a token like any other; a line without all columns, which it
// would refuse, is passed over. Without a column of predicted tags, "O" is predicted.
void AddMark(const DocumentMark& mark, const ConllFile& file, bool has_predicted, ConllevalScorer& scorer) {
  const auto& cells = mark.cells;
  if (cells.size() >= 2 && (file.tokens() == 0 || cells.size() == file.columns())) {
    const std::string_view last = cells.back();
    has_predicted ? scorer.Add(cells[cells.size() - 2], last) : scorer.Add(last, "O");
  }
  if (mark.blank_line_after) scorer.EndSentence();
}

// The lines of a file in order, for conlleval.
EntityReport ScoreLines(const ConllFile& file, Tags gold, Tags predicted, bool has_predicted,
                        const ConllevalOptions& options) {
  ConllevalScorer scorer(options);
  auto mark = file.document_marks().begin();
  auto sentence_end = file.sentence_ends().begin();
  for (std::size_t i = 0;; ++i) {
    for (; mark != file.document_marks().end() && mark->token == i; ++mark) {
      AddMark(*mark, file, has_predicted, scorer);
    }
    if (i == file.tokens()) return scorer.Report();
    file.word(i) == kBoundary ? scorer.EndSentence() : scorer.Add(gold[i], predicted[i]);
    if (*sentence_end == i + 1) {
      scorer.EndSentence();
      ++sentence_end;
    }
  }
}

absl::Status CheckTwoColumns(const ConllFile& file) {
  if (file.tokens() == 0 || file.columns() >= 2) return absl::OkStatus();
  return InvalidArgument("{}:{}: {} column, expected the gold tag and the predicted one in the last two", file.name(),
                         file.line(0), file.columns());
}

// Counted from the last one, 1.
std::vector<std::string_view> ColumnFromEnd(const ConllFile& file, std::size_t column) {
  return file.tokens() == 0 ? std::vector<std::string_view>{} : file.Column(file.columns() - column);
}

absl::Status CheckSizes(std::size_t gold, std::size_t predicted, std::span<const std::size_t> sentence_ends) {
  if (gold != predicted) return InvalidArgument("{} predicted tags for {} tokens", predicted, gold);
  const bool ascends = std::is_sorted(sentence_ends.begin(), sentence_ends.end());
  if (!ascends || (sentence_ends.empty() ? 0 : sentence_ends.back()) != gold) {
    return InvalidArgument("the ends of sentences must ascend to the number of tokens, {}", gold);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EntityReport> ScoreConll(const ConllFile& file, const ConllevalOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckTwoColumns(file));
  return ScoreLines(file, ColumnFromEnd(file, 2), ColumnFromEnd(file, 1), true, options);
}

absl::StatusOr<EntityReport> ScoreConllConverted(const ConllFile& file) {
  CONEC_RETURN_IF_ERROR(CheckTwoColumns(file));
  const auto converted = [&file](std::size_t column) {
    return ConvertTags(ColumnFromEnd(file, column), file.sentence_ends(), TagScheme::kIob2);
  };
  const std::vector<std::string> gold = converted(2), predicted = converted(1);
  return ScoreLines(file, std::vector<std::string_view>(gold.begin(), gold.end()),
                    std::vector<std::string_view>(predicted.begin(), predicted.end()), true, {});
}

absl::StatusOr<EntityReport> ScoreConll(const ConllFile& file, std::span<const std::string> predicted,
                                        const ConllevalOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckSizes(file.tokens(), predicted.size(), file.sentence_ends()));
  return ScoreLines(file, ColumnFromEnd(file, 1), std::vector<std::string_view>(predicted.begin(), predicted.end()),
                    false, options);
}

absl::StatusOr<EntityReport> ScoreAnyScheme(const ConllFile& file, std::span<const std::string> predicted) {
  CONEC_RETURN_IF_ERROR(CheckSizes(file.tokens(), predicted.size(), file.sentence_ends()));
  const auto gold = ColumnFromEnd(file, 1);
  const auto known = [](std::string_view tag) {
    const char prefix = PartsOf(tag).prefix;
    return prefix == 'B' || prefix == 'I' || prefix == 'O';
  };
  if (std::all_of(gold.begin(), gold.end(), known) && std::all_of(predicted.begin(), predicted.end(), known)) {
    return ScoreConll(file, predicted);
  }
  const auto converted = [&file](Tags tags) { return ConvertTags(tags, file.sentence_ends(), TagScheme::kIob2); };
  const std::vector<std::string> expected = converted(gold);
  const std::vector<std::string> found = converted(std::vector<std::string_view>(predicted.begin(), predicted.end()));
  return ScoreLines(file, std::vector<std::string_view>(expected.begin(), expected.end()),
                    std::vector<std::string_view>(found.begin(), found.end()), false, {});
}

absl::StatusOr<EntityReport> ScoreTags(std::span<const std::string_view> gold,
                                       std::span<const std::string_view> predicted,
                                       std::span<const std::size_t> sentence_ends, const ConllevalOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckSizes(gold.size(), predicted.size(), sentence_ends));
  ConllevalScorer scorer(options);
  std::size_t i = 0;
  for (const std::size_t end : sentence_ends) {
    for (; i < end; ++i) scorer.Add(gold[i], predicted[i]);
    scorer.EndSentence();
  }
  return scorer.Report();
}

namespace {

std::string_view PrefixesOf(TagScheme scheme) {
  constexpr std::string_view kNone("\0", 1);
  if (scheme == TagScheme::kType) return kNone;
  return scheme == TagScheme::kBioes ? "BIES" : "BI";
}

// seqeval's rules of what may begin an entity, go on with it, and follow it.
bool StrictBegin(const TagParts& previous, const TagParts& tag, TagScheme scheme) {
  const bool same = previous.type == tag.type;
  switch (scheme) {
    case TagScheme::kIob2:
      return tag.prefix == 'B';
    case TagScheme::kBioes:
      return tag.prefix == 'B' || tag.prefix == 'S';
    case TagScheme::kIob1:
      if (tag.prefix == 'B') return previous.prefix != 'O' && same;
      return tag.prefix == 'I' && (previous.prefix != 'I' || !same);
    case TagScheme::kType:
      break;
  }
  return tag.prefix != 'O';
}

bool StrictInside(const TagParts& previous, const TagParts& tag, TagScheme scheme) {
  if (previous.type != tag.type || tag.prefix == 'O') return false;
  if (scheme == TagScheme::kType) return true;
  return (previous.prefix == 'B' || previous.prefix == 'I') && (tag.prefix == 'I' || tag.prefix == 'E');
}

bool StrictEnd(const TagParts& last, const TagParts& next, TagScheme scheme) {
  if (scheme == TagScheme::kBioes) return last.prefix == 'E' || last.prefix == 'S';
  // seqeval's table for iob1 lacks B-X before B-Y, since B-Y begins nothing there.
  return scheme != TagScheme::kIob1 || last.prefix != 'B' || next.prefix != 'B' || last.type == next.type;
}

}  // namespace

absl::StatusOr<std::vector<Entity>> StrictEntitiesOf(std::span<const std::string_view> tags, TagScheme scheme,
                                                     std::size_t* offender) {
  std::vector<TagParts> parts;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    parts.push_back(PartsOf(tags[i]));
    if (parts[i].prefix == 'O' || PrefixesOf(scheme).find(parts[i].prefix) != std::string_view::npos) continue;
    if (offender != nullptr) *offender = i;
    return InvalidArgument("'{}' is no tag of the scheme {}", tags[i], Name(scheme));
  }
  parts.emplace_back();  // O at the end
  std::vector<Entity> entities;
  TagParts previous;
  for (std::size_t i = 0; i < tags.size();) {
    std::size_t end = i + 1;
    if (StrictBegin(previous, parts[i], scheme)) {
      while (StrictInside(parts[end - 1], parts[end], scheme)) ++end;
      if (StrictEnd(parts[end - 1], parts[end], scheme)) {
        entities.push_back({.begin = i, .end = end, .type = std::string(parts[i].type)});
      }
    }
    i = end;
    previous = parts[i - 1];
  }
  return entities;
}

namespace {

void CountEntities(std::span<const Entity> gold, std::span<const Entity> predicted, EntityReport& report) {
  for (const Entity& entity : gold) ++report.total.gold, ++report.types[entity.type].gold;
  for (const Entity& entity : predicted) {
    ++report.total.found;
    ++report.types[entity.type].found;
    // Both ascend; a text without empty lines is one sentence of any length.
    const auto same = std::lower_bound(gold.begin(), gold.end(), entity.begin,
                                       [](const Entity& e, std::size_t begin) { return e.begin < begin; });
    if (same == gold.end() || *same != entity) continue;
    ++report.total.correct;
    ++report.types[entity.type].correct;
  }
}

}  // namespace

absl::StatusOr<EntityReport> ScoreTagsStrictly(std::span<const std::string_view> gold,
                                               std::span<const std::string_view> predicted,
                                               std::span<const std::size_t> sentence_ends, TagScheme scheme,
                                               std::size_t* offender) {
  CONEC_RETURN_IF_ERROR(CheckSizes(gold.size(), predicted.size(), sentence_ends));
  EntityReport report;
  report.tokens = gold.size();
  std::size_t begin = 0;
  for (const std::size_t end : sentence_ends) {
    const auto entities = [&](std::span<const std::string_view> tags) {
      auto found = StrictEntitiesOf(tags.subspan(begin, end - begin), scheme, offender);
      if (!found.ok() && offender != nullptr) *offender += begin;
      return found;
    };
    CONEC_ASSIGN_OR_RETURN(const auto expected, entities(gold));
    CONEC_ASSIGN_OR_RETURN(const auto found, entities(predicted));
    CountEntities(expected, found, report);
    for (; begin < end; ++begin) report.correct_tags += gold[begin] == predicted[begin] ? 1 : 0;
  }
  return report;
}

}  // namespace conec::ner
