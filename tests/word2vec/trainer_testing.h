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

// All epochs, from the given tables.
inline Trained TrainAll(CreateFn create, const TrainOptions& options, const SyntheticCorpus& corpus,
                        EmbeddingTables tables) {
  Trained trained{std::move(tables), {}};
  auto trainer = create(options, corpus.view(), trained.tables).value();
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const RangeResult result = trainer->TrainBlocks(epoch, 0, Schedule(options, corpus.stream).size()).value();
    trained.result.loss_sum += result.loss_sum;
    trained.result.trained_words += result.trained_words;
  }
  EXPECT_TRUE(trainer->Synchronize().ok());
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

inline bool BitIdentical(const Matrix<float>& a, const Matrix<float>& b) {
  for (std::size_t i = 0; i < a.rows(); ++i) {
    if (!std::equal(a.row(i).begin(), a.row(i).end(), b.row(i).begin())) return false;
  }
  return true;
}

}  // namespace conec::word2vec
