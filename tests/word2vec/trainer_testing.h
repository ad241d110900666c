// What the tests of trainers share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/simd.h"
#include "tests/word2vec/synthetic_corpus.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

// Forces a SIMD level for as long as it lives.
class ForcedSimd {
 public:
  explicit ForcedSimd(SimdLevel level) { setenv("CONEC_SIMD", std::string(SimdLevelName(level)).c_str(), 1); }
  ~ForcedSimd() { unsetenv("CONEC_SIMD"); }
};

struct Trained {
  EmbeddingTables tables;
  RangeResult result;
};

using CreateFn = absl::StatusOr<std::unique_ptr<Trainer>> (*)(const TrainOptions&, const TrainingCorpus&,
                                                              EmbeddingTables&);

inline InputLayout LayoutOf(const TrainOptions& options, const SyntheticCorpus& corpus) {
  return MakeInputLayout(corpus.counts.size(), options.window, options.extended_inputs).value();
}

// Random tables, W2 as well, so that every gradient is there from the first step.
inline EmbeddingTables RandomTables(const InputLayout& layout, int dim) {
  EmbeddingTables tables = InitializeTables(layout, dim, 1).value();
  PhiloxStream random(4);
  for (std::size_t i = 0; i < layout.vocabulary_size; ++i) {
    for (float& value : tables.output.row(i)) value = UniformFloat(random()) - 0.5f;
    for (float& value : tables.input.row(i)) value = UniformFloat(random()) - 0.5f;
  }
  for (std::size_t i = layout.vocabulary_size; i < tables.input.rows(); ++i) {
    for (float& value : tables.input.row(i)) value = UniformFloat(random()) - 0.5f;
  }
  return tables;
}

inline void Add(const RangeResult& range, RangeResult& sum) {
  sum.loss_sum += range.loss_sum;
  sum.trained_words += range.trained_words;
}

// All epochs.
inline RangeResult TrainAll(Trainer& trainer, const TrainOptions& options, const SyntheticCorpus& corpus) {
  RangeResult sum;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    Add(trainer.TrainBlocks(epoch, 0, Schedule(options, corpus.stream).size()).value(), sum);
  }
  EXPECT_TRUE(trainer.Synchronize().ok());
  return sum;
}

// From the given tables.
inline Trained TrainAll(CreateFn create, const TrainOptions& options, const SyntheticCorpus& corpus,
                        EmbeddingTables tables) {
  Trained trained{std::move(tables), {}};
  trained.result = TrainAll(*create(options, corpus.view(), trained.tables).value(), options, corpus);
  return trained;
}

inline Trained TrainAll(CreateFn create, const TrainOptions& options, const SyntheticCorpus& corpus) {
  return TrainAll(create, options, corpus, RandomTables(LayoutOf(options, corpus), options.dim));
}

inline double LargestDifference(const Matrix<float>& a, const Matrix<float>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j < a.cols(); ++j) {
      const double difference = std::abs(double{a.row(i)[j]} - double{b.row(i)[j]});
      largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
    }
  }
  return largest;
}

// A training that backends have to agree on.
struct Setting {
  std::string name;
  int dim, window, negatives;
  double sample;
  bool gaps;
  std::uint32_t vocabulary;
  int shared = 1;
  std::string inputs = {};
};

// Two epochs by one thread.
inline TrainOptions OptionsOf(const Setting& setting, CbowUpdate update) {
  return {.dim = setting.dim,
          .window = setting.window,
          .negatives = setting.negatives,
          .shared_negatives = setting.shared,
          .epochs = 2,
          .learning_rate = update == CbowUpdate::kSum ? 0.005 : 0.05,
          .sample = setting.sample,
          .update = update,
          .extended_inputs = ParseExtendedInputs(setting.inputs).value(),
          .threads = 1};
}

inline SyntheticCorpus CorpusOf(const Setting& setting, std::size_t words) {
  return MakeSyntheticCorpus(words, setting.vocabulary, setting.gaps, 5);
}

inline void ExpectEqualUpToRounding(const Trained& trained, const Trained& reference) {
  ASSERT_GT(reference.result.trained_words, 100u);
  EXPECT_EQ(trained.result.trained_words, reference.result.trained_words);
  EXPECT_NEAR(trained.result.loss_sum, reference.result.loss_sum, 2e-6 * reference.result.loss_sum);
  // Parameters are of order 1 and take up to some thousand steps, each rounded to 24 bits.
  EXPECT_LT(LargestDifference(trained.tables.input, reference.tables.input), 5e-5);
  EXPECT_LT(LargestDifference(trained.tables.output, reference.tables.output), 5e-5);
}

}  // namespace conec::word2vec
