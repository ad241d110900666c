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

SegmentBuffer::SegmentBuffer(const ContextCorpus& corpus, std::size_t words, std::size_t longest_segment)
    : words_(corpus.mapping.empty() ? words : corpus.mapping.size()), longest_(longest_segment) {
  ids_.reserve(longest_);
  if (!corpus.shapes.empty()) shapes_.reserve(longest_);
}

bool SegmentBuffer::Take(const ContextCorpus& corpus, std::size_t begin, std::size_t end) {
  const std::size_t length = end - begin;
  if (length > longest_) return false;
  // Copied first: what is checked is what is used.
  const std::span<const WordId> ids = corpus.stream.subspan(begin, length);
  ids_.assign(ids.begin(), ids.end());
  unsigned unknown = 0;
  for (const WordId id : ids_) {
    unknown |= static_cast<unsigned>(Index(id) >= words_) & static_cast<unsigned>(id != corpora::kGap);
  }
  if (unknown != 0) return false;
  if (!corpus.shapes.empty()) {
    const std::span<const tokenize::WordShape> shapes = corpus.shapes.subspan(begin, length);
    shapes_.assign(shapes.begin(), shapes.end());
    // One that there is, whatever stands there now.
    for (tokenize::WordShape& shape : shapes_) {
      shape = static_cast<tokenize::WordShape>(static_cast<std::size_t>(shape) % tokenize::kWordShapes);
    }
  }
  if (!corpus.mapping.empty()) Map(corpus);
  return true;
}

void SegmentBuffer::Map(const ContextCorpus& corpus) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const WordId id = ids_[i];
    const WordId row = IsWord(id) ? corpus.mapping[Index(id)] : id;
    const bool lacking = IsWord(id) && !IsWord(row);
    if (lacking && !corpus.keep_unmapped) continue;
    if (!shapes_.empty()) shapes_[kept] = shapes_[i];
    ids_[kept++] = row;
  }
  ids_.resize(kept);
  if (!shapes_.empty()) shapes_.resize(kept);
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
    const WordId id = corpora::ReadOnce(corpus.stream[p]);
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
