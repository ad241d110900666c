// Words with one vector each, from whatever source: a trained model or anybody's word2vec, GloVe or fastText file.
#pragma once

#include <memory>

#include "base/matrix.h"
#include "corpora/vocabulary.h"

namespace conec::word2vec {

struct WordVectors {
  corpora::Vocabulary vocabulary;     // counts are 0 where the source has none
  MatrixView<const float> vectors;    // vocabulary.size() x d
  std::shared_ptr<const void> owner;  // keeps `vectors` alive: a Matrix or a mapped file
};

}  // namespace conec::word2vec
