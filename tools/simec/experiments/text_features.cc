#include "tools/simec/experiments/text_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

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

std::unordered_set<std::string> FindBigrams(const std::vector<std::string>& normalized) {
  std::unordered_map<std::string, std::uint64_t> words, pairs;
  for (const std::string& text : normalized) {
    const std::vector<std::string_view> sequence = Words(text);
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      ++words[std::string(sequence[i])];
      if (i > 0) ++pairs[Join(sequence[i - 1], sequence[i])];
    }
  }
  std::unordered_set<std::string> bigrams;
  for (const auto& [pair, count] : pairs) {
    if (count < kMinBigrams) continue;
    const std::size_t blank = pair.find(' ');
    const std::uint64_t larger = std::max(words[pair.substr(0, blank)], words[pair.substr(blank + 1)]);
    if (static_cast<double>(count) > kMinBigramPart * static_cast<double>(larger)) bigrams.insert(pair);
  }
  return bigrams;
}

}  // namespace

std::string NormalizeText(std::string_view latin1) {
  std::string text;
  for (const char c : latin1) {
    const unsigned char code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      AddCharacter(c, text);
    } else if (code >= 0xA0) {
      for (const char ascii : kAscii[code - 0xA0]) AddCharacter(ascii, text);
    }
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

// From the left: a word that makes a bigram with the next one takes it along.
std::vector<std::string> TextFeatures::Terms(std::string_view normalized) const {
  const std::vector<std::string_view> words = Words(normalized);
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i + 1 < words.size() && bigrams_.contains(Join(words[i], words[i + 1]))) {
      terms.push_back(Join(words[i], words[i + 1]));
      ++i;
    } else {
      terms.emplace_back(words[i]);
    }
  }
  return terms;
}

TextFeatures TextFeatures::Fit(const std::vector<std::string>& texts) {
  std::vector<std::string> normalized;
  for (const std::string& text : texts) normalized.push_back(NormalizeText(text));
  TextFeatures features;
  features.bigrams_ = FindBigrams(normalized);
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
