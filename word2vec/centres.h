// What all CPU trainers share: the words of one block that take part in one pass, with the positions that their draws
// depend on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "corpora/word_id.h"
#include "word2vec/draws.h"
#include "word2vec/options.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

// The words of one or more segments after subsampling. ids are word ids, or kNoWord for a gap; positions are stream
// positions; word i stands in the segment [begins[i], ends[i]) of this list; shapes are the words' (gaps have one,
// too), or empty.
struct Centres {
  std::vector<std::uint32_t> ids;
  std::vector<std::uint64_t> positions;
  std::vector<std::uint32_t> begins;
  std::vector<std::uint32_t> ends;
  std::vector<tokenize::WordShape> shapes;
};

// What centres are collected from, and how.
struct CentreSource {
  std::span<const corpora::WordId> stream;
  std::span<const tokenize::WordShape> shapes;  // parallel to stream, or empty
  std::size_t words;                            // of the vocabulary
  PhiloxKey key;
  std::span<const std::uint32_t> keep;  // KeepThresholds(), or empty
};

// Fills *centres with the segments that begin in stream positions [begin, end), in pass `epoch`. A word that
// subsampling drops leaves no gap, as in word2vec.c. `begin` must be where a segment begins. The stream may lie in a
// file that another program writes to after CheckTraining() saw it: what is no word of the vocabulary becomes a gap, a
// shape becomes one that there is, and false says so; whatever comes, the centres can be trained.
bool CollectCentres(const CentreSource& source, std::size_t begin, std::size_t end, std::uint32_t epoch,
                    Centres* centres);

// kInvalidArgument unless options are valid, ids, shapes and table sizes agree, and there are at least two words (noise
// needs one besides the target). Reads the whole corpus.
absl::Status CheckTraining(const TrainOptions& options, const TrainingCorpus& corpus, const EmbeddingTables& tables);

}  // namespace conec::word2vec
