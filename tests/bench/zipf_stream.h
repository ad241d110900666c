// Random word ids as frequent as in natural text.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "corpora/word_id.h"
#include "word2vec/trainer.h"

namespace conec {

// Rank distributed roughly as 1 / rank.
inline std::uint32_t ZipfWord(PhiloxStream& random, std::uint32_t words) {
  return static_cast<std::uint32_t>(std::exp(random.Uniform() * std::log(static_cast<double>(words)))) - 1;
}

// Documents of one segment of 1,000 words: what the encoder makes of text without line breaks.
inline std::vector<corpora::WordId> ZipfStream(std::size_t tokens, std::uint32_t words) {
  PhiloxStream random(1);
  std::vector<corpora::WordId> stream;
  for (std::size_t i = 1; i <= tokens; ++i) {
    stream.push_back(corpora::WordId{ZipfWord(random, words)});
    if (i % 1000 == 0 || i == tokens) stream.push_back(corpora::kEndOfDocument);
  }
  return stream;
}

// Such a stream with the counts of its words, none of which is 0.
struct ZipfCorpus {
  std::vector<corpora::WordId> stream;
  std::vector<std::int64_t> counts;

  ZipfCorpus(std::size_t tokens, std::uint32_t words) : stream(ZipfStream(tokens, words)), counts(words, 1) {
    for (const corpora::WordId id : stream) {
      if (corpora::IsWord(id)) ++counts[corpora::Index(id)];
    }
  }
  word2vec::TrainingCorpus view() const { return {stream, counts}; }
};

}  // namespace conec
