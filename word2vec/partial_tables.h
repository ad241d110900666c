// Copies of the rows of W1 and W2 that one block of words needs, small tables for a kernel to train on, and what the
// kernel changed in them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "word2vec/cbow_kernel.h"
#include "word2vec/cpu_worker.h"

namespace conec::word2vec {

// Rows that are needed soon: how many rows of the loop ahead.
inline constexpr std::size_t kPrefetchAhead = 6;

// GCC 12 drops calls of functions that only prefetch, unless they are inlined.
inline __attribute__((always_inline)) void PrefetchRow(const float* row, std::size_t stride) {
  for (std::size_t j = 0; j < stride; j += 16) __builtin_prefetch(row + j);
}

// What became of a row of a table.
struct RowChange {
  std::uint32_t row;    // of the whole table
  float steps;          // how many steps of training moved it, about
  const float* change;  // to be added: stride floats
};

// Which rows of the small tables words have. One per thread: 8 bytes per word of the vocabulary.
class RowNumbers {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  explicit RowNumbers(std::size_t words) : number_(words), round_(words) {}
  // Forgets all of them, in constant time.
  void Clear();
  std::uint32_t Find(std::uint32_t word) const { return round_[word] == now_ ? number_[word] : kNone; }
  void Set(std::uint32_t word, std::uint32_t number) {
    number_[word] = number;
    round_[word] = now_;
  }

 private:
  std::vector<std::uint32_t> number_;
  std::vector<std::uint32_t> round_;  // when number_ was set
  std::uint32_t now_ = 1;
};

class PartialTables {
 public:
  // Trains `words` on copies of the rows of `whole`, whose tables are only read, and keeps what changed. `numbers`:
  // nobody else's for as long. kResourceExhausted if there is no memory for the copies.
  absl::Status Train(const CbowModel& whole, TrainRunFn kernel, const CbowScratch& scratch, Words& words,
                     RowNumbers& numbers);

  // The rows that are not what they were, each once, in an order that depends on the words alone. Valid until the next
  // Train().
  std::span<const RowChange> input_changes() const { return input_changes_; }
  std::span<const RowChange> output_changes() const { return output_changes_; }
  const CbowStatistics& statistics() const { return statistics_; }

 private:
  static std::uint32_t NoiseRow(void* self, std::uint32_t word);
  absl::Status Reserve(const Words& words);
  std::uint32_t RowOf(std::uint32_t word);
  void NumberWords(Words& words);
  void CopyInput();
  std::uint32_t WholeInputRow(std::uint32_t row) const;
  const float* WholeInput(std::uint32_t row) const { return whole_->input + WholeInputRow(row) * whole_->stride; }
  float InputSteps(std::uint32_t row) const;
  void CollectChanges();

  struct Word {
    std::uint32_t id;
    std::uint32_t occurrences = 0;  // in the block
    std::uint32_t draws = 0;        // as a noise word
  };

  const CbowModel* whole_ = nullptr;  // while training
  RowNumbers* numbers_ = nullptr;     // the same
  InputLayout layout_;                // of the small input table: its words are those of the block
  std::vector<Word> words_;           // by row of the small output table; those of the block come first
  std::vector<std::uint32_t> ids_;    // of the block: rows instead of words
  Matrix<float> input_, output_;
  std::vector<RowChange> input_changes_, output_changes_;
  CbowStatistics statistics_{};
};

}  // namespace conec::word2vec
