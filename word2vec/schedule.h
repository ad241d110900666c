// In which order the corpus is trained, and at which learning rate: functions of (options, corpus, epoch, index), the
// same for all trainers.
//
// The stream is cut at segment begins into blocks of about kBlockPositions, and every epoch visits them in an order of
// its own. Texts are rarely in random order (an encyclopaedia goes from topic to topic), and passing over them as they
// stand leaves the vectors biased towards what came last: on 100 MB of Wikipedia, 5 epochs, shuffled blocks give 3 to 5
// points more of the Google analogies than the order of the corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/random.h"
#include "corpora/word_id.h"
#include "word2vec/options.h"

namespace conec::word2vec {

class Schedule {
 public:
  static constexpr std::size_t kBlockPositions = 1024;

  // The segments that begin in positions [begin, end) of the stream; possibly none.
  struct Block {
    std::size_t begin;
    std::size_t end;
    float learning_rate;
  };

  Schedule(const TrainOptions& options, std::span<const corpora::WordId> stream);

  // Blocks of one epoch.
  std::size_t size() const { return size_; }

  // The block visited as number `index` (< size()) of pass `epoch`. Over all indices every position is in exactly one
  // block.
  Block At(int epoch, std::size_t index) const;

  // Linear from the start of the first epoch to the end of the last.
  float LearningRate(int epoch, std::size_t index) const;

 private:
  std::span<const corpora::WordId> stream_;
  std::size_t size_;
  double start_;
  double final_fraction_;
  int epochs_;
  bool shuffle_;
  PhiloxKey key_;
};

// A permutation of 0 .. size - 1 as a function of (key, epoch): a Feistel network of eight rounds (four leave small
// sizes uneven) over the next power of four, walked until it falls inside (Black and Rogaway 2002), so that no epoch
// needs memory for its order.
CONEC_HOST_DEVICE constexpr std::uint64_t ShuffledIndex(PhiloxKey key, std::uint32_t epoch, std::uint64_t index,
                                                        std::uint64_t size) {
  constexpr std::uint32_t kShuffleStream = 0xFFFFFFFEu;  // apart from the draws of training, see draws.h
  int half_bits = 1;
  while ((std::uint64_t{1} << (2 * half_bits)) < size) ++half_bits;
  const std::uint64_t mask = (std::uint64_t{1} << half_bits) - 1;
  do {
    std::uint64_t left = index >> half_bits, right = index & mask;
    for (std::uint32_t round = 0; round < 8; ++round) {
      const PhiloxBlock block =
          Philox(PhiloxBlock{{static_cast<std::uint32_t>(right), epoch, kShuffleStream, round}}, key);
      const std::uint64_t next = left ^ (block.word[0] & mask);
      left = right;
      right = next;
    }
    index = left << half_bits | right;
  } while (index >= size);
  return index;
}

}  // namespace conec::word2vec
