#include "conec/context_corpus.h"

#include <algorithm>

namespace conec {

using corpora::Index;
using corpora::IsWord;
using corpora::WordId;

std::vector<WordId> MapVocabulary(const corpora::Vocabulary& from, const corpora::Vocabulary& to) {
  std::vector<WordId> mapping(from.size());
  for (std::uint32_t i = 0; i < mapping.size(); ++i) mapping[i] = to.Find(from.word(WordId{i})).value_or(corpora::kGap);
  return mapping;
}

namespace {

absl::Status CheckMapping(std::span<const WordId> mapping, std::size_t words) {
  for (std::size_t i = 0; i < mapping.size(); ++i) {
    if (IsWord(mapping[i]) ? Index(mapping[i]) >= words : mapping[i] != corpora::kGap) {
      return InvalidArgument("the mapping sends word {} to row {}, the table has {} rows", i, Index(mapping[i]), words);
    }
  }
  return absl::OkStatus();
}

absl::Status NoSuchRow(std::size_t position, WordId id, std::size_t ids) {
  return InvalidArgument("position {} of the corpus holds word id {}, the vocabulary has {} words", position, Index(id),
                         ids);
}

}  // namespace

void SegmentBuffer::Reserve(std::size_t positions, bool with_shapes) {
  ids.reserve(positions);
  if (with_shapes) shapes.reserve(positions);
}

void SegmentBuffer::Clear() {
  ids.clear();
  shapes.clear();
}

absl::Status CheckShapes(const ContextCorpus& corpus, const word2vec::ExtendedInputs& inputs) {
  if (!inputs.needs_shapes()) return absl::OkStatus();
  if (corpus.shapes.size() != corpus.stream.size()) {
    return FailedPrecondition(
        "the input table has rows for the shapes of words, the corpus was encoded without shapes: encode the text "
        "again, with them");
  }
  for (std::size_t p = 0; p < corpus.shapes.size(); ++p) {
    const auto shape = static_cast<std::size_t>(corpus.shapes[p]);
    if (!corpora::EndsSegment(corpus.stream[p]) && shape >= tokenize::kWordShapes) {
      return InvalidArgument("position {} of the corpus has the shape {}, there are {}", p, shape,
                             tokenize::kWordShapes);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ContextCorpusCounts> CountWords(const ContextCorpus& corpus, std::size_t words) {
  CONEC_RETURN_IF_ERROR(CheckMapping(corpus.mapping, words));
  const std::size_t ids = corpus.mapping.empty() ? words : corpus.mapping.size();
  ContextCorpusCounts counts;
  counts.occurrences.resize(words);
  std::size_t segment_begin = 0;
  for (std::size_t p = 0; p < corpus.stream.size(); ++p) {
    const WordId id = corpus.stream[p];
    if (corpora::EndsSegment(id)) {
      counts.longest_segment = std::max(counts.longest_segment, p - segment_begin);
      segment_begin = p + 1;
    } else if (id != corpora::kGap) {
      if (!IsWord(id) || Index(id) >= ids) return NoSuchRow(p, id, ids);
      const WordId row = corpus.mapping.empty() ? id : corpus.mapping[Index(id)];
      if (IsWord(row)) ++counts.occurrences[Index(row)];
    }
  }
  counts.longest_segment = std::max(counts.longest_segment, corpus.stream.size() - segment_begin);
  return counts;
}

}  // namespace conec
