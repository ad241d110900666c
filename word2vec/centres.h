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

// Fills *centres with the segments that begin in stream positions [begin, end), in pass `epoch`. A word that
// subsampling drops leaves no gap, as in word2vec.c. shapes: parallel to stream, or empty. keep: KeepThresholds(), or
// empty. `begin` must be where a segment begins.
void CollectCentres(std::span<const corpora::WordId> stream, std::span<const tokenize::WordShape> shapes,
                    std::size_t begin, std::size_t end, std::uint32_t epoch, PhiloxKey key,
                    std::span<const std::uint32_t> keep, Centres* centres);

// kInvalidArgument unless options are valid, ids, shapes and table sizes agree, and there are at least two words (noise
// needs one besides the target). Reads the whole corpus.
absl::Status CheckTraining(const TrainOptions& options, const TrainingCorpus& corpus, const EmbeddingTables& tables);

}  // namespace conec::word2vec
