// Words in several letter cases, and questions about them: where protocols differ.
#pragma once

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "tests/word2vec/word_vectors_testing.h"
#include "tokenize/letter_case.h"

namespace conec::word2vec {

// `word` with the case of each letter drawn anew.
inline std::string RandomCase(const std::string& word, PhiloxStream& random) {
  std::string result = word;
  for (char& c : result) {
    if (c >= 'a' && c <= 'z' && random.Below(2) == 1) c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

inline std::string CasedName(std::uint32_t stem, std::uint32_t relation) {
  return fmt::format("{}{}r{}", stem % 3 == 0 ? "straße" : "abcd", stem, relation);
}

// stem + offset of the relation + noise for each of up to eight spellings of a word, in random order, so that variants
// of given words and of expected ones are among the best answers.
inline WordVectors CasedVectors(std::uint32_t stems, std::uint32_t relations, std::size_t dim) {
  PhiloxStream random(21);
  const WordVectors stem = RandomWordVectors(stems, dim, 22), offset = RandomWordVectors(relations, dim, 23);
  std::vector<std::pair<std::string, std::vector<float>>> rows;
  std::set<std::string> known;
  for (std::uint32_t i = 0; i < stems * relations; ++i) {
    const std::string name = CasedName(i / relations, i % relations);
    for (std::uint32_t k = random.Below(9); k > 0; --k) {
      std::string spelling = RandomCase(name, random);
      if (k == 1) spelling = *tokenize::ToUpper(name);
      if (!known.insert(spelling).second) continue;
      std::vector<float> vector(dim);
      for (std::size_t j = 0; j < dim; ++j) {
        vector[j] =
            stem.vectors.row(i / relations)[j] + 1.5f * offset.vectors.row(i % relations)[j] + 0.5f * Normal(random);
      }
      rows.insert(rows.begin() + random.Below(static_cast<std::uint32_t>(rows.size() + 1)), {spelling, vector});
    }
  }
  return MakeWordVectors(rows);
}

// with_repeats: some questions expect one of their given words.
inline std::string CasedQuestions(std::uint32_t stems, std::uint32_t relations, bool with_repeats) {
  PhiloxStream random(24);
  std::string text;
  for (std::uint32_t section = 0; section < 7; ++section) {
    text += fmt::format(": {}section{}\n", section % 2 == 1 ? "gram" : "", section);
    for (int i = 0; i < 60; ++i) {
      const std::uint32_t s = random.Below(stems), q = random.Below(relations);
      std::uint32_t t = random.Below(stems), r = random.Below(relations);
      if (!with_repeats && s == t) t = (t + 1) % stems;
      if (!with_repeats && q == r) r = (r + 1) % relations;
      for (const std::string& name : {CasedName(s, q), CasedName(s, r), CasedName(t, q), CasedName(t, r)}) {
        text += RandomCase(name, random) + " ";
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace conec::word2vec
