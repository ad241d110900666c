// Walking the segments of an id stream.
#pragma once

#include <cstddef>
#include <span>

#include "corpora/word_id.h"

namespace conec::corpora {

// The first position >= `position` where a segment begins (0, or after a mark that ends one); stream.size() if there is
// none. Cutting a stream at such positions gives parts that share no segment, so that threads can take them
// independently.
inline std::size_t NextSegmentBegin(std::span<const WordId> stream, std::size_t position) {
  if (position == 0) return 0;
  while (position < stream.size() && !EndsSegment(stream[position - 1])) ++position;
  return position < stream.size() ? position : stream.size();
}

// Calls visit(begin, end) for every segment that begins in [first, last): positions [begin, end) hold words and gaps,
// without the mark that ends the segment. `first` must be where a segment begins. Empty segments are passed over.
template <typename Visit>
void ForEachSegment(std::span<const WordId> stream, std::size_t first, std::size_t last, Visit&& visit) {
  std::size_t begin = first;
  while (begin < last) {
    std::size_t end = begin;
    while (end < stream.size() && !EndsSegment(stream[end])) ++end;
    if (end > begin) visit(begin, end);
    begin = end + 1;
  }
}

}  // namespace conec::corpora
