#include "conec/context_chunks.h"

#include <algorithm>

namespace conec::context_internal {

using corpora::Index;
using corpora::WordId;

ContextChunks::ContextChunks(const ContextCorpus& corpus, std::size_t words, std::size_t window, std::size_t length,
                             bool with_shapes)
    : corpus_(corpus),
      words_(corpus.mapping.empty() ? words : corpus.mapping.size()),
      window_(window),
      length_(length),
      with_shapes_(with_shapes) {}

ContextChunks::Chunk ContextChunks::Next(std::uint32_t* ids, tokenize::WordShape* shapes) {
  Chunk chunk;
  chunk.length = carried_.size();
  chunk.begin = carried_.size() - pending_;
  std::copy(carried_.begin(), carried_.end(), ids);
  if (with_shapes_) std::copy(carried_shapes_.begin(), carried_shapes_.end(), shapes);
  for (; chunk.length < length_ && next_ < corpus_.stream.size(); ++next_) {
    WordId id = corpora::ReadOnce(corpus_.stream[next_]);
    if (Index(id) >= words_ && Index(id) < Index(corpora::kGap)) {
      changed_ = true;
      id = corpora::kGap;
    }
    if (!corpus_.mapping.empty() && corpora::IsWord(id)) {
      id = corpus_.mapping[corpora::Index(id)];
      if (!corpora::IsWord(id) && !corpus_.keep_unmapped) continue;
    }
    if (with_shapes_) {
      shapes[chunk.length] =
          static_cast<tokenize::WordShape>(static_cast<std::size_t>(corpus_.shapes[next_]) % tokenize::kWordShapes);
    }
    ids[chunk.length++] = corpora::Index(id);
  }
  const bool is_last = next_ == corpus_.stream.size();
  // The last words of the corpus have all of their context; otherwise a window is still to come.
  pending_ = is_last ? 0 : window_;
  chunk.end = chunk.length - pending_;
  const std::size_t kept = is_last ? 0 : std::min(chunk.length, 2 * window_);
  carried_.assign(ids + chunk.length - kept, ids + chunk.length);
  if (with_shapes_) carried_shapes_.assign(shapes + chunk.length - kept, shapes + chunk.length);
  if (chunk.begin == chunk.end) chunk.length = 0;
  return chunk;
}

double ContextChunks::fraction() const {
  const std::size_t size = corpus_.stream.size();
  return size == 0 ? 1.0 : static_cast<double>(next_) / static_cast<double>(size);
}

}  // namespace conec::context_internal
