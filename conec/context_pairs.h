// Counting pairs of a word and an input row in bounded memory. For this room only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "conec/context_corpus.h"
#include "word2vec/input_layout.h"

namespace conec::context_internal {

struct Pair {
  std::uint64_t key;  // row in the upper half, column in the lower: sorted by key is row by row
  double weight;
};
inline constexpr std::uint64_t kNoKey = ~std::uint64_t{0};  // words and input rows are below 2^31

// Sums weights by key in a hash table of fixed size (open addressing).
class PairTable {
 public:
  explicit PairTable(std::size_t capacity);  // a power of two

  bool full() const { return used_ >= entries_.size() / 4 * 3; }
  void Prefetch(std::uint64_t key) const { __builtin_prefetch(&entries_[Home(key)], 1); }
  void Add(std::uint64_t key, double weight);
  // The entries sorted by key, in place. Nothing but Clear() may follow.
  std::span<const Pair> Sort();
  void Clear();

 private:
  std::size_t Home(std::uint64_t key) const { return (key * 0x9E3779B97F4A7C15u) >> shift_; }  // Fibonacci hashing
  std::vector<Pair> entries_;
  int shift_;
  std::size_t used_ = 0;
};

// What counts how much.
struct PairWeights {
  word2vec::InputLayout layout;
  std::vector<float> words;             // by distance
  std::vector<float> shapes;            // by distance
  std::span<const float> by_word = {};  // of context words, times that by distance; empty: 1
  bool exclude_target = false;          // a word is not counted with itself
};

// A hash table that is sorted and spilled to an unnamed file when it is full; the sorted runs are merged at the end.
class PairCounter {
 public:
  // The size of table for at most `pairs` pairs in at most `buffer_mb` (at least 1 MB).
  static std::size_t Capacity(std::size_t buffer_mb, std::size_t pairs);
  PairCounter(std::size_t capacity, std::string scratch_folder, PairWeights weights);

  // All pairs of one segment: every word with what stands around it at distances below weights.words.size(), and with
  // its own shape. What weighs nothing is left out.
  absl::Status AddSegment(const ContextSegment& segment);
  // Calls `visit` in increasing order of keys. A key can come several times in a row, once per run it is in; always in
  // the order of the corpus, so that sums do not depend on chance. Nothing may follow.
  absl::Status Finish(const std::function<absl::Status(const Pair&)>& visit);

 private:
  void Gather(const ContextSegment& segment, std::size_t p);
  void GatherOne(corpora::WordId word, std::uint32_t row, float weight);
  absl::Status Spill();

  std::size_t capacity_;
  std::unique_ptr<PairTable> table_;
  PairWeights weights_;
  std::vector<Pair> gathered_, pending_;
  std::string scratch_folder_;
  std::optional<TemporaryFile> file_;
  std::size_t file_bytes_ = 0;
  std::vector<std::size_t> run_sizes_;  // in pairs
};

}  // namespace conec::context_internal
