// Random word ids as frequent as in natural text.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "corpora/word_id.h"

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

}  // namespace conec
