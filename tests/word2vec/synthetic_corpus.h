// A small random corpus with known counts, for tests of training.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "corpora/word_id.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

struct SyntheticCorpus {
  std::vector<corpora::WordId> stream;
  std::vector<std::int64_t> counts;
  std::vector<tokenize::WordShape> shapes;  // random, 0 for marks

  TrainingCorpus view() const { return TrainingCorpus{stream, counts, shapes}; }
};

// Word i has about twice the frequency of word 2i, as in natural text. Segments of 1 to 30 words, documents of several
// segments, a gap now and then if `gaps`. Neighbouring words are related (the next word is near the last one), so that
// there is something to learn.
inline SyntheticCorpus MakeSyntheticCorpus(std::size_t words, std::uint32_t vocabulary, bool gaps, std::uint64_t seed) {
  PhiloxStream random(seed, 77);
  SyntheticCorpus corpus;
  corpus.counts.assign(vocabulary, 1);
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < words;) {
    for (std::uint32_t length = 1 + random.Below(30); length > 0 && i < words; --length, ++i) {
      if (gaps && random.Below(8) == 0) corpus.stream.push_back(corpora::kGap);
      const auto zipf =
          static_cast<std::uint32_t>(static_cast<double>(vocabulary) * random.Uniform() * random.Uniform());
      last = random.Below(2) == 0 ? zipf : (last + 1) % vocabulary;
      corpus.stream.push_back(corpora::WordId{last});
      ++corpus.counts[last];
    }
    corpus.stream.push_back(random.Below(4) == 0 ? corpora::kEndOfDocument : corpora::kEndOfSegment);
  }
  corpus.stream.push_back(corpora::kEndOfDocument);
  PhiloxStream random_shapes(seed, 78);
  for (const corpora::WordId id : corpus.stream) {
    const bool is_mark = corpora::EndsSegment(id);
    corpus.shapes.push_back(static_cast<tokenize::WordShape>(is_mark ? 0 : random_shapes.Below(tokenize::kWordShapes)));
  }
  return corpus;
}

}  // namespace conec::word2vec
