// Words of a model, and words as documents use them, as points of a map.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/status.h"
#include "conec/encoder.h"
#include "tools/simec/map/points.h"

namespace conec::simec {

struct MapWordOptions {
  std::string model;
  bool verify = false;  // replays the model's self-test
  std::string vectors;  // "word2vec" or "conec"; empty: conec where the model has them

  // The words are all of these together.
  std::vector<std::string> words;
  std::string word_file;  // one per line; words with blanks are not in vocabularies
  std::size_t frequent = 0;
  std::size_t skip = 0;  // of the most frequent ones, so many are left out first
  std::vector<std::string> neighbours_of;
  std::size_t neighbours = 30;  // of each

  // Words as these documents use them are added: the listed ones, or all that are outside the vocabulary.
  std::vector<std::string> documents, document_words;
  EncoderOptions encoder;  // also how global vectors are mixed
  int threads = 0;
};

struct MapWords {
  MapInput input;
  std::vector<std::string> missing;  // words asked for that nothing knows
};

// kNotFound if not one of the words is known; errors of files name them. Documents are read as the model's corpus was.
absl::StatusOr<MapWords> LoadMapWords(const MapWordOptions& options);

}  // namespace conec::simec
