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

// Room for one mapped segment.
struct SegmentBuffer {
  std::vector<corpora::WordId> ids;
  std::vector<tokenize::WordShape> shapes;

  void Reserve(std::size_t positions, bool with_shapes);
  void Clear();
};

// Calls visit(segment) for the segments that begin in [first, last), which are where segments begin (NextSegmentBegin).
// `buffer` holds mapped segments; reserved to longest_segment it never allocates. The corpus must have passed
// CountWords, and CheckShapes if shapes are used.
template <typename Visit>
void ForEachContextSegment(const ContextCorpus& corpus, std::size_t first, std::size_t last, SegmentBuffer& buffer,
                           Visit&& visit) {
  corpora::ForEachSegment(corpus.stream, first, last, [&](std::size_t begin, std::size_t end) {
    ContextSegment segment{corpus.stream.subspan(begin, end - begin), {}};
    if (!corpus.shapes.empty()) segment.shapes = corpus.shapes.subspan(begin, end - begin);
    if (corpus.mapping.empty()) return visit(segment);
    buffer.Clear();
    for (std::size_t i = 0; i < segment.ids.size(); ++i) {
      const corpora::WordId id = segment.ids[i];
      const corpora::WordId row = corpora::IsWord(id) ? corpus.mapping[corpora::Index(id)] : id;
      const bool lacking = corpora::IsWord(id) && !corpora::IsWord(row);
      if (lacking && !corpus.keep_unmapped) continue;
      buffer.ids.push_back(row);
      if (!segment.shapes.empty()) buffer.shapes.push_back(segment.shapes[i]);
    }
    if (!buffer.ids.empty()) visit(ContextSegment{buffer.ids, buffer.shapes});
  });
}

}  // namespace conec
