#include "tools/simec/experiments/text_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "tools/simec/experiments/python2_dict.h"
#include "tools/simec/experiments/texts.h"

namespace conec::simec::experiments {
namespace {

constexpr std::uint64_t kMinBigrams = 3;
constexpr double kMinBigramPart = 0.1;

// What stands for the characters from 0xA0 on.
constexpr std::array<std::string_view, 96> kAscii = {
    " ",   "!",  "C/", "PS", "$?", "Y=", "|",  "SS", "\"", "(c)", "a", "<<", "!",     "",      "(r)",   "-",
    "deg", "+-", "2",  "3",  "'",  "u",  "P",  "*",  ",",  "1",   "o", ">>", " 1/4 ", " 1/2 ", " 3/4 ", "?",
    "A",   "A",  "A",  "A",  "A",  "A",  "AE", "C",  "E",  "E",   "E", "E",  "I",     "I",     "I",     "I",
    "D",   "N",  "O",  "O",  "O",  "O",  "O",  "x",  "O",  "U",   "U", "U",  "U",     "Y",     "Th",    "ss",
    "a",   "a",  "a",  "a",  "a",  "a",  "ae", "c",  "e",  "e",   "e", "e",  "i",     "i",     "i",     "i",
    "d",   "n",  "o",  "o",  "o",  "o",  "o",  "/",  "o",  "u",   "u", "u",  "u",     "y",     "th",    "y"};

void AddCharacter(char c, std::string& text) {
  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (c >= '0' && c <= '9') c = '1';
  const bool is_word = (c >= 'a' && c <= 'z') || c == '1' || c == '-';
  if (is_word) {
    text += c;
  } else if (!text.empty() && text.back() != ' ') {
    text += ' ';
  }
}

std::vector<std::string_view> Words(std::string_view normalized) {
  std::vector<std::string_view> words;
  while (!normalized.empty()) {
    const std::size_t end = std::min(normalized.find(' '), normalized.size());
    words.push_back(normalized.substr(0, end));
    normalized.remove_prefix(std::min(end + 1, normalized.size()));
  }
  return words;
}

std::string Join(std::string_view first, std::string_view second) {
  return std::string(first) + ' ' + std::string(second);
}

struct Counts {
  std::unordered_map<std::string, std::uint64_t> words;
  std::vector<std::string> pairs;  // "word word", by their first occurrence
  std::vector<std::uint64_t> pair_counts;
};

Counts CountWordsAndPairs(const std::vector<std::string>& normalized) {
  Counts counts;
  std::unordered_map<std::string, std::size_t> place;
  for (const std::string& text : normalized) {
    const std::vector<std::string_view> sequence = Words(text);
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      ++counts.words[std::string(sequence[i])];
      if (i == 0) continue;
      const auto [found, is_new] = place.try_emplace(Join(sequence[i - 1], sequence[i]), counts.pairs.size());
      if (is_new) {
        counts.pairs.push_back(found->first);
        counts.pair_counts.push_back(0);
      }
      ++counts.pair_counts[found->second];
    }
  }
  return counts;
}

// In the order in which the published program found them: it counted pairs in one dictionary of Python 2.7 and kept
// frequent ones in another.
std::vector<std::string> FindBigrams(const std::vector<std::string>& normalized) {
  Counts counts = CountWordsAndPairs(normalized);
  std::vector<std::string> frequent;
  std::vector<bool> is_bigram;
  for (const std::size_t k : Python2DictOrder(counts.pairs)) {
    if (counts.pair_counts[k] < kMinBigrams) continue;
    const std::string& pair = counts.pairs[k];
    const std::size_t blank = pair.find(' ');
    const std::uint64_t larger = std::max(counts.words[pair.substr(0, blank)], counts.words[pair.substr(blank + 1)]);
    frequent.push_back(pair);
    is_bigram.push_back(static_cast<double>(counts.pair_counts[k]) > kMinBigramPart * static_cast<double>(larger));
  }
  std::vector<std::string> bigrams;
  for (const std::size_t k : Python2DictOrder(frequent)) {
    if (is_bigram[k]) bigrams.push_back(frequent[k]);
  }
  return bigrams;
}

// The blank of each occurrence of the bigram becomes an underscore; occurrences do not overlap.
void JoinAll(const std::string& bigram, std::string& text) {
  const std::size_t blank = bigram.find(' ');
  for (std::size_t at = text.find(bigram); at != std::string::npos; at = text.find(bigram, at + bigram.size())) {
    text[at + blank] = '_';
  }
}

std::string ToAscii(std::string_view latin1) {
  std::string text;
  for (const char c : latin1) {
    const unsigned char code = static_cast<unsigned char>(c);
    if (code < 0x80) text += c;
    if (code >= 0xA0) text += kAscii[code - 0xA0];
  }
  return text;
}

// Links become blanks.
std::string WithoutLinks(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t link = std::min(text.find("http://"), text.find("https://"));
    result += text.substr(0, link);
    if (link == std::string_view::npos) return result;
    text.remove_prefix(link);
    text.remove_prefix(std::min(text.find_first_of(kBlank), text.size()));
    result += ' ';
  }
}

}  // namespace

std::string NormalizeText(std::string_view latin1) {
  std::string text;
  for (const char c : WithoutLinks(ToAscii(latin1))) AddCharacter(c, text);
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

void TextFeatures::SetBigrams(const std::vector<std::string>& bigrams) {
  bigrams_ = bigrams;
  for (std::size_t rank = 0; rank < bigrams.size(); ++rank) {
    const std::size_t blank = bigrams[rank].find(' ');
    by_first_[bigrams[rank].substr(0, blank)].push_back({bigrams[rank].substr(blank + 1), rank});
  }
}

std::vector<std::size_t> TextFeatures::BigramsIn(std::string_view normalized) const {
  std::vector<std::size_t> ranks;
  const std::vector<std::string_view> words = Words(normalized);
  for (std::size_t i = 1; i < words.size(); ++i) {
    for (std::size_t begin = 0; begin < words[i - 1].size(); ++begin) {
      const auto found = by_first_.find(std::string(words[i - 1].substr(begin)));
      if (found == by_first_.end()) continue;
      for (const Second& second : found->second) {
        if (words[i].starts_with(second.word)) ranks.push_back(second.rank);
      }
    }
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

std::vector<std::string> TextFeatures::Terms(std::string_view normalized) const {
  std::string text(normalized);
  for (const std::size_t rank : BigramsIn(normalized)) JoinAll(bigrams_[rank], text);
  const std::vector<std::string_view> terms = Words(text);
  return {terms.begin(), terms.end()};
}

TextFeatures TextFeatures::Fit(const std::vector<std::string>& texts) {
  std::vector<std::string> normalized;
  normalized.reserve(texts.size());
  for (const std::string& text : texts) normalized.push_back(NormalizeText(text));
  TextFeatures features;
  features.SetBigrams(FindBigrams(normalized));
  std::map<std::string, std::int64_t> document_frequency;  // sorted: columns do not depend on hashing
  for (const std::string& text : normalized) {
    std::vector<std::string> terms = features.Terms(text);
    std::sort(terms.begin(), terms.end());
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
    for (const std::string& term : terms) ++document_frequency[term];
  }
  double largest = 0;
  for (const auto& [term, count] : document_frequency) {
    features.column_[term] = features.features();
    features.idf_.push_back(std::log(static_cast<double>(texts.size()) / static_cast<double>(count)));
    largest = std::max(largest, features.idf_.back());
  }
  for (double& value : features.idf_) value /= largest > 0 ? largest : 1;
  return features;
}

absl::StatusOr<CsrMatrix> TextFeatures::Transform(const std::vector<std::string>& texts) const {
  std::vector<std::int64_t> row_of, column_of;
  std::vector<double> values;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::map<std::int64_t, double> counts;
    double most = 0;  // of all terms, known or not
    std::unordered_map<std::string, double> all;
    for (const std::string& term : Terms(NormalizeText(texts[i]))) most = std::max(most, ++all[term]);
    double largest = 0;
    for (const auto& [term, count] : all) {
      const auto found = column_.find(term);
      if (found == column_.end()) continue;
      const double weight = count / most * idf_[static_cast<std::size_t>(found->second)];
      largest = std::max(largest, weight);
      if (weight > 0) counts[found->second] = weight;
    }
    for (const auto& [column, weight] : counts) {
      row_of.push_back(static_cast<std::int64_t>(i));
      column_of.push_back(column);
      values.push_back(weight / largest);
    }
  }
  return CsrMatrix::FromEntries(row_of, column_of, values, static_cast<std::int64_t>(texts.size()), features());
}

}  // namespace conec::simec::experiments
