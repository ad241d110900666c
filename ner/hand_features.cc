#include "ner/hand_features.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "ner/analysed_text.h"
#include "ner/feature_rows.h"
#include "ner/feature_sources.h"

namespace conec::ner {
namespace {

constexpr int kLargestWindow = 16;
constexpr int kLongestAffix = 32;
constexpr std::uint32_t kNoColumn = 0xFFFFFFFF;

constexpr std::array<std::string_view, kFeatureGroups> kGroupNames = {
    "original", "word",     "case",    "shape",        "affixes", "digits",        "punctuation",      "columns",
    "position", "sentence", "bigrams", "conjunctions", "run",     "document-case", "document-context", "topic"};

absl::StatusOr<FeatureGroup> ParseGroup(std::string_view name) {
  const auto found = std::find(kGroupNames.begin(), kGroupNames.end(), name);
  if (found != kGroupNames.end()) return static_cast<FeatureGroup>(found - kGroupNames.begin());
  return InvalidArgument("unknown features '{}': all, none or some of {} are known", name,
                         fmt::join(kGroupNames.begin(), kGroupNames.end(), ", "));
}

absl::StatusOr<int> ParseWindow(std::string_view text, FeatureGroup group) {
  if (!HasWindow(group)) return InvalidArgument("the features '{}' have no window", Name(group));
  int window = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), window);
  if (error != std::errc() || end != text.data() + text.size() || window < 0 || window > kLargestWindow) {
    return InvalidArgument("the window of the features '{}' must be from 0 to {}, got '{}'", Name(group),
                           kLargestWindow, text);
  }
  return window;
}

// One part of a list: "word", "word:2", "all".
absl::Status AddToGroups(std::string_view part, int default_window, FeatureGroups& groups) {
  if (part.empty() || part == "none") return absl::OkStatus();
  const auto window_of = [&](FeatureGroup group) { return HasWindow(group) ? default_window : 0; };
  if (part == "all") {
    for (std::size_t i = 0; i < kFeatureGroups; ++i) {
      const auto group = static_cast<FeatureGroup>(i);
      if (group != FeatureGroup::kOriginal && group != FeatureGroup::kColumns) groups[group] = window_of(group);
    }
    return absl::OkStatus();
  }
  const std::size_t colon = part.find(':');
  CONEC_ASSIGN_OR_RETURN(const FeatureGroup group, ParseGroup(part.substr(0, colon)));
  groups[group] = window_of(group);
  if (colon != std::string_view::npos) {
    CONEC_ASSIGN_OR_RETURN(groups[group], ParseWindow(part.substr(colon + 1), group));
  }
  return absl::OkStatus();
}

absl::Status CheckEnds(std::span<const std::size_t> ends, std::size_t tokens, std::string_view what) {
  std::size_t last = 0;
  for (const std::size_t end : ends) {
    if (end <= last) return InvalidArgument("the ends of {} must ascend", what);
    last = end;
  }
  if (last != tokens) return InvalidArgument("the last of the {} must end with the text, at {}", what, tokens);
  return absl::OkStatus();
}

absl::Status CheckFirstPass(const FirstPass& first, std::size_t tokens) {
  if (first.classes.empty() || first.probabilities.cols != first.classes.size() || first.probabilities.rows != tokens) {
    return InvalidArgument("{} x {} probabilities of a first pass for {} tokens and {} classes",
                           first.probabilities.rows, first.probabilities.cols, tokens, first.classes.size());
  }
  return absl::OkStatus();
}

absl::Status CheckText(const FeatureText& text, const HandFeatureOptions& options) {
  const std::size_t n = text.words.size();
  CONEC_RETURN_IF_ERROR(CheckEnds(text.sentence_ends, n, "sentences"));
  CONEC_RETURN_IF_ERROR(CheckEnds(text.document_ends, n, "documents"));
  if (!std::includes(text.sentence_ends.begin(), text.sentence_ends.end(), text.document_ends.begin(),
                     text.document_ends.end())) {
    return InvalidArgument("a document must end where a sentence ends");
  }
  const auto bad = [](std::string_view cell) { return cell.empty() || cell.find('\n') != std::string_view::npos; };
  if (std::any_of(text.words.begin(), text.words.end(), bad)) {
    return InvalidArgument("words must not be empty or hold line breaks");
  }
  for (const auto& column : text.columns) {
    if (column.size() != n) return InvalidArgument("a column has {} values for {} tokens", column.size(), n);
    if (std::any_of(column.begin(), column.end(), bad)) return InvalidArgument("a column has values with line breaks");
  }
  if (text.columns.empty() && options.groups.count(FeatureGroup::kColumns) > 0) {
    return InvalidArgument("the features 'columns' need columns between the word and the tag");
  }
  return text.first_pass == nullptr ? absl::OkStatus() : CheckFirstPass(*text.first_pass, n);
}

FeatureRows CollectRows(const FeatureText& text, const HandFeatureOptions& options) {
  const AnalysedText analysed(text);
  std::vector<std::unique_ptr<FeatureSource>> sources;
  for (const auto& [group, window] : options.groups) {
    sources.push_back(MakeFeatureSource(group, window, analysed, options));
  }
  if (text.first_pass != nullptr) sources.push_back(MakeFirstPassSource(analysed));
  FeatureRows rows;
  for (std::size_t i = 0; i < analysed.tokens(); ++i) {
    for (const auto& source : sources) source->Emit(i, rows);
    rows.EndRow();
  }
  return rows;
}

// column_of: for each feature of `rows` its column, or kNoColumn.
SparseBlock ToBlock(const FeatureRows& rows, const std::vector<std::uint32_t>& column_of, std::size_t cols) {
  SparseBlock block;
  block.cols = cols;
  block.row_begins = {0};
  std::vector<std::pair<std::uint32_t, float>> row;
  bool binary = true;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    row.clear();
    for (std::uint64_t k = rows.begins()[i]; k < rows.begins()[i + 1]; ++k) {
      const std::uint32_t column = column_of[rows.features()[k]];
      if (column != kNoColumn) row.emplace_back(column, rows.values()[k]);
    }
    std::sort(row.begin(), row.end());
    for (const auto& [column, value] : row) {
      block.columns.push_back(column);
      block.values.push_back(value);
      binary = binary && value == 1;
    }
    block.row_begins.push_back(block.columns.size());
  }
  if (binary) block.values.clear();
  return block;
}

// The features on at least `min_count` tokens, sorted by name.
std::vector<std::uint32_t> FrequentFeatures(const FeatureRows& rows, std::uint32_t min_count) {
  std::vector<std::uint32_t> counts(rows.names().size());
  for (const std::uint32_t feature : rows.features()) ++counts[feature];
  std::vector<std::uint32_t> kept;
  for (std::uint32_t feature = 0; feature < counts.size(); ++feature) {
    if (counts[feature] >= min_count && counts[feature] > 0) kept.push_back(feature);
  }
  std::sort(kept.begin(), kept.end(),
            [&](std::uint32_t a, std::uint32_t b) { return rows.names().string(a) < rows.names().string(b); });
  return kept;
}

}  // namespace

std::string_view Name(FeatureGroup group) {
  return kGroupNames[static_cast<std::size_t>(group)];
}

bool HasWindow(FeatureGroup group) {
  return group <= FeatureGroup::kColumns;
}

absl::StatusOr<FeatureGroups> ParseFeatureGroups(std::string_view list, int default_window) {
  if (default_window < 0 || default_window > kLargestWindow) {
    return InvalidArgument("the window of features must be from 0 to {}, got {}", kLargestWindow, default_window);
  }
  FeatureGroups groups;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    CONEC_RETURN_IF_ERROR(AddToGroups(list.substr(0, end), default_window, groups));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return groups;
}

std::string FormatFeatureGroups(const FeatureGroups& groups) {
  std::string list;
  for (const auto& [group, window] : groups) {
    list += list.empty() ? "" : ",";
    list += Name(group);
    if (HasWindow(group)) list += ":" + std::to_string(window);
  }
  return list.empty() ? "none" : list;
}

absl::Status CheckHandFeatureOptions(const HandFeatureOptions& options) {
  if (options.affix_length < 1 || options.affix_length > kLongestAffix) {
    return InvalidArgument("--affix-length must be from 1 to {}, got {}", kLongestAffix, options.affix_length);
  }
  for (const auto& [group, window] : options.groups) {
    if (window < 0 || window > kLargestWindow || (window > 0 && !HasWindow(group))) {
      return InvalidArgument("the window of the features '{}' must not be {}", Name(group), window);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<HandFeatures> HandFeatures::Build(const FeatureText& text, const HandFeatureOptions& options,
                                                 SparseBlock* block) {
  CONEC_RETURN_IF_ERROR(CheckHandFeatureOptions(options));
  CONEC_RETURN_IF_ERROR(CheckText(text, options));
  const FeatureRows rows = CollectRows(text, options);
  HandFeatures features(options);
  std::vector<std::uint32_t> column_of(rows.names().size(), kNoColumn);
  for (const std::uint32_t feature : FrequentFeatures(rows, options.min_count)) {
    column_of[feature] = static_cast<std::uint32_t>(features.names_.size());
    features.names_.push_back(rows.names().string(feature));
  }
  if (block != nullptr) *block = ToBlock(rows, column_of, features.size());
  return features;
}

absl::StatusOr<HandFeatures> HandFeatures::FromNames(std::string_view names, const HandFeatureOptions& options) {
  CONEC_RETURN_IF_ERROR(CheckHandFeatureOptions(options));
  HandFeatures features(options);
  while (!names.empty()) {
    const std::size_t end = names.find('\n');
    if (end == std::string_view::npos) return DataLoss("the list of features is cut off");
    if (!features.names_.empty() && names.substr(0, end) <= features.names_.back()) {
      return DataLoss("the features are not in order: '{}' follows '{}'", names.substr(0, end), features.names_.back());
    }
    features.names_.emplace_back(names.substr(0, end));
    names.remove_prefix(end + 1);
  }
  return features;
}

absl::StatusOr<SparseBlock> HandFeatures::Extract(const FeatureText& text) const {
  CONEC_RETURN_IF_ERROR(CheckText(text, options_));
  const FeatureRows rows = CollectRows(text, options_);
  std::vector<std::uint32_t> column_of(rows.names().size(), kNoColumn);
  for (std::uint32_t feature = 0; feature < column_of.size(); ++feature) {
    const std::string& name = rows.names().string(feature);
    const auto place = std::lower_bound(names_.begin(), names_.end(), name);
    if (place != names_.end() && *place == name)
      column_of[feature] = static_cast<std::uint32_t>(place - names_.begin());
  }
  return ToBlock(rows, column_of, size());
}

std::string HandFeatures::JoinedNames() const {
  std::string joined;
  for (const std::string& name : names_) joined += name + '\n';
  return joined;
}

}  // namespace conec::ner
