// A random embedding model and random CoNLL text for the tests of this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/matrix.h"
#include "base/random.h"
#include "conec/model.h"
#include "ner/conll.h"

namespace conec::ner::testing {

inline constexpr std::uint32_t kKnownWords = 20;  // "w0" to "w19"
inline constexpr std::size_t kDim = 12;

inline Matrix<float> RandomTable(std::uint64_t seed, std::size_t rows) {
  PhiloxStream random(seed, 3);
  Matrix<float> table = *Matrix<float>::Create(rows, kDim);
  for (std::size_t i = 0; i < rows; ++i) {
    for (float& value : table.row(i)) value = static_cast<float>(random.Uniform() - 0.5);
  }
  return table;
}

// Lower-case words, "</s>" among them; text was read as tokens, digits folded or not, windows crossing sentences or
// not.
inline Model MakeModel(bool cross_sentences, std::uint64_t seed = 1) {
  struct Tables {
    Matrix<float> input, global;
  };
  std::vector<corpora::WordCount> words;
  for (std::uint32_t i = 0; i < kKnownWords; ++i) words.push_back({"w" + std::to_string(i), 100 - i});
  words.push_back({"</s>", 1});
  const auto tables =
      std::make_shared<const Tables>(Tables{RandomTable(seed, words.size()), RandomTable(seed + 1000, words.size())});
  Model model;
  model.vocabulary = *corpora::Vocabulary::Create(words);
  model.input = tables->input.view();
  model.global_context = tables->global.view();
  model.info.training.emplace();
  model.info.tokenizer.kind = tokenize::TokenizerKind::kPretokenized;
  if (cross_sentences) {
    model.info.tokenizer.segments = tokenize::SegmentBoundary::kDocument;
    model.info.tokenizer.line_token = "</s>";
  }
  model.owner = tables;
  return model;
}

// About a third of the words are unknown ("w20" to "w29"), half are capitalised ("W3").
inline std::string RandomConll(std::uint64_t seed, int documents, int sentences) {
  PhiloxStream random(seed, 4);
  std::string text;
  for (int d = 0; d < documents; ++d) {
    text += "-DOCSTART- O\n\n";
    for (int s = 0; s < sentences; ++s) {
      const std::uint32_t length = 1 + random.Below(9);
      for (std::uint32_t i = 0; i < length; ++i) {
        text += random.Below(2) == 0 ? "w" : "W";
        text += std::to_string(random.Below(30)) + (random.Below(4) == 0 ? " I-PER\n" : " O\n");
      }
      text += "\n";
    }
  }
  return text;
}

inline ConllFile Parse(const std::string& text) {
  return *ConllFile::Parse(text, "test");
}

}  // namespace conec::ner::testing
