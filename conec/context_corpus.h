// A corpus as context vectors see it: segments of ids that are rows of a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "corpora/segments.h"
#include "corpora/vocabulary.h"
#include "corpora/word_id.h"

namespace conec {

// Views must outlive the call they are passed to.
struct ContextCorpus {
  std::span<const corpora::WordId> stream;  // ids and marks of an encoded corpus
  // Where the table's words are not the corpus' words: the table's row for every id of the stream, or kGap for a word
  // that the table lacks (MapVocabulary). Empty: ids are rows.
  std::span<const corpora::WordId> mapping;
  bool keep_unmapped = false;  // words that the table lacks keep their places in windows instead of being removed
};

// For every word of `from` its id in `to`, or kGap.
std::vector<corpora::WordId> MapVocabulary(const corpora::Vocabulary& from, const corpora::Vocabulary& to);

// What one walk over a corpus tells.
struct ContextCorpusCounts {
  std::vector<std::int64_t> occurrences;  // of every row of the table
  std::size_t longest_segment = 0;        // positions, before mapping
};

// Checks that every id has one of `words` rows (kInvalidArgument with the position otherwise), and counts.
absl::StatusOr<ContextCorpusCounts> CountWords(const ContextCorpus& corpus, std::size_t words);

// Calls visit(ids) for the segments that begin in [first, last), which are where segments begin (NextSegmentBegin).
// `buffer` holds mapped segments; reserved to longest_segment it never allocates. The corpus must have passed
// CountWords.
template <typename Visit>
void ForEachContextSegment(const ContextCorpus& corpus, std::size_t first, std::size_t last,
                           std::vector<corpora::WordId>& buffer, Visit&& visit) {
  corpora::ForEachSegment(corpus.stream, first, last, [&](std::size_t begin, std::size_t end) {
    const std::span<const corpora::WordId> ids = corpus.stream.subspan(begin, end - begin);
    if (corpus.mapping.empty()) return visit(ids);
    buffer.clear();
    for (const corpora::WordId id : ids) {
      const corpora::WordId row = corpora::IsWord(id) ? corpus.mapping[corpora::Index(id)] : id;
      const bool lacking = corpora::IsWord(id) && !corpora::IsWord(row);
      if (!lacking || corpus.keep_unmapped) buffer.push_back(row);
    }
    if (!buffer.empty()) visit(std::span<const corpora::WordId>(buffer));
  });
}

}  // namespace conec
