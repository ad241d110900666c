// A corpus cut into chunks of equal length for devices: mapped ids and marks, with as much before and after each
// chunk's targets as their windows need, however long the segments are. For this room only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "conec/context_corpus.h"

namespace conec::context_internal {

class ContextChunks {
 public:
  // words: rows of the table. length: of chunks, more than 2 window. The corpus has passed CountWords, and CheckShapes
  // if `with_shapes`.
  ContextChunks(const ContextCorpus& corpus, std::size_t words, std::size_t window, std::size_t length,
                bool with_shapes);

  // Ids of a chunk and which of them, [begin, end), are targets.
  struct Chunk {
    std::size_t length = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  // Fills ids (and shapes) [0, Chunk::length) of arrays of the length given. A chunk of length 0 after the last. Every
  // position that is neither dropped by the mapping nor a mark is a target exactly once.
  Chunk Next(std::uint32_t* ids, tokenize::WordShape* shapes);

  double fraction() const;  // of the corpus, that has been read
  // Whether the corpus has changed since it was counted: it held ids of no word, which became gaps.
  bool changed() const { return changed_; }

 private:
  ContextCorpus corpus_;
  std::size_t words_;  // of the corpus
  std::size_t window_;
  std::size_t length_;
  bool with_shapes_;
  std::size_t next_ = 0;  // position in the stream
  bool changed_ = false;
  std::size_t pending_ = 0;  // at the end of `carried_`, not yet targets
  std::vector<std::uint32_t> carried_;
  std::vector<tokenize::WordShape> carried_shapes_;
};

}  // namespace conec::context_internal
