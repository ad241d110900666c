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
#include "tokenize/word_shape.h"
#include "word2vec/input_layout.h"

namespace conec {

inline constexpr std::size_t kProgressInterval = std::size_t{1} << 18;  // positions between two looks at progress

// One segment: words and gaps, and the shape of each where somebody needs it.
struct ContextSegment {
  std::span<const corpora::WordId> ids;
  std::span<const tokenize::WordShape> shapes;  // as many as ids; empty: not known
};

// Views must outlive the call they are passed to.
struct ContextCorpus {
  std::span<const corpora::WordId> stream;  // ids and marks of an encoded corpus
  // Where the table's words are not the corpus' words: the table's row for every id of the stream, or kGap for a word
  // that the table lacks (MapVocabulary). Empty: ids are rows.
  std::span<const corpora::WordId> mapping;
  bool keep_unmapped = false;  // words that the table lacks keep their places in windows instead of being removed
  // The shape of every position of the stream (anything at marks), for tables with rows for shapes; empty: not known.
  std::span<const tokenize::WordShape> shapes = {};
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

// kFailedPrecondition if the corpus does not know the shapes that a table with these inputs needs; kInvalidArgument
// with the position if one of them is none.
absl::Status CheckShapes(const ContextCorpus& corpus, const word2vec::ExtendedInputs& inputs);

// A copy of one segment, mapped and checked: the corpus may lie in a file that another program writes to after it was
// counted.
class SegmentBuffer {
 public:
  // Room for segments of a corpus for a table of `words` rows, so that copying them never allocates. The corpus must
  // have passed CountWords, which said what the longest segment is, and CheckShapes if shapes are used.
  SegmentBuffer(const ContextCorpus& corpus, std::size_t words, std::size_t longest_segment);

  // Takes positions [begin, end). False if they hold what CountWords would have refused, or are too many.
  bool Take(const ContextCorpus& corpus, std::size_t begin, std::size_t end);
  ContextSegment segment() const { return {ids_, shapes_}; }

 private:
  void Map(const ContextCorpus& corpus);

  std::size_t words_;  // of the corpus
  std::size_t longest_;
  std::vector<corpora::WordId> ids_;
  std::vector<tokenize::WordShape> shapes_;
};

// Calls visit(segment) for the segments that begin in [first, last), which are where segments begin (NextSegmentBegin).
// False if the corpus changed since it was counted; segments that could not be taken are passed over.
template <typename Visit>
bool ForEachContextSegment(const ContextCorpus& corpus, std::size_t first, std::size_t last, SegmentBuffer& buffer,
                           Visit&& visit) {
  bool known = true;
  corpora::ForEachSegment(corpus.stream, first, last, [&](std::size_t begin, std::size_t end) {
    if (!buffer.Take(corpus, begin, end)) {
      known = false;
    } else if (!buffer.segment().ids.empty()) {
      visit(buffer.segment());
    }
  });
  return known;
}

}  // namespace conec
