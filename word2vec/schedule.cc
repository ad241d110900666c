#include "word2vec/schedule.h"

#include <algorithm>

#include "corpora/segments.h"

namespace conec::word2vec {

Schedule::Schedule(const TrainOptions& options, std::span<const corpora::WordId> stream)
    : stream_(stream),
      size_((stream.size() + kBlockPositions - 1) / kBlockPositions),
      start_(options.learning_rate > 0 ? options.learning_rate
                                       : DefaultLearningRate(options.update, options.shared_negatives)),
      final_fraction_(options.final_learning_rate),
      epochs_(options.epochs),
      shuffle_(options.shuffle),
      key_(MakePhiloxKey(options.seed)) {}

float Schedule::LearningRate(int epoch, std::size_t index) const {
  const double done = (epoch + static_cast<double>(index) / static_cast<double>(std::max<std::size_t>(size_, 1))) /
                      std::max(epochs_, 1);
  return static_cast<float>(start_ * std::max(1 - done * (1 - final_fraction_), final_fraction_));
}

Schedule::Block Schedule::At(int epoch, std::size_t index) const {
  const std::size_t block = shuffle_ ? ShuffledIndex(key_, static_cast<std::uint32_t>(epoch), index, size_) : index;
  const auto cut = [&](std::size_t i) {
    return corpora::NextSegmentBegin(stream_, std::min(stream_.size(), i * kBlockPositions));
  };
  // Marks that another program overwrites after they were seen must not leave a block that ends before it begins.
  const std::size_t begin = cut(block);
  return Block{begin, std::max(begin, cut(block + 1)), LearningRate(epoch, index)};
}

}  // namespace conec::word2vec
