// Nearest words by cosine: exact, by brute force.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "base/status.h"
#include "corpora/word_id.h"
#include "word2vec/word_vectors.h"

namespace conec::word2vec {

struct NeighbourOptions {
  std::size_t restrict_vocabulary = 0;  // only the first (most frequent) words are neighbours; 0: all
  int threads = 0;                      // 0: all cores
};

struct Neighbour {
  corpora::WordId id{};
  float cosine = 0;
};

// The vectors, which are read where they are, with the length of each. Immutable and thread-safe after Create().
//
// Create() passes over the vectors once, and so does every block of queries, with all threads: with a large model that
// is mapped, memory bounds both. Cosines come in single precision first; those that might be among the best are
// computed again in double precision. So the ranking is that of double precision, and does not depend on threads, the
// size of the batch or the processor.
class NearestNeighbours {
 public:
  // Shares `vectors.owner`; vectors without one must outlive this. kInvalidArgument if there are no vectors or one has
  // NaN or infinity.
  static absl::StatusOr<NearestNeighbours> Create(const WordVectors& vectors, const NeighbourOptions& options = {});

  std::size_t size() const { return vectors_.rows; }
  std::size_t dim() const { return vectors_.cols; }

  // The k words (fewer if there are not so many) of largest cosine with `query` (d numbers of any length), by
  // decreasing cosine, equal ones by id. Words in `excluded` and words whose vector is zero are left out; a zero query
  // has no neighbours. kInvalidArgument if the query has another size, NaN or infinity.
  absl::StatusOr<std::vector<Neighbour>> Nearest(std::span<const float> query, std::size_t k,
                                                 std::span<const corpora::WordId> excluded = {}) const;

  // The same for each row of `queries`. excluded: one list per query, or none at all.
  absl::StatusOr<std::vector<std::vector<Neighbour>>> NearestBatch(
      MatrixView<const float> queries, std::size_t k,
      std::span<const std::vector<corpora::WordId>> excluded = {}) const;

 private:
  NearestNeighbours() = default;

  MatrixView<const float> vectors_;
  std::shared_ptr<const void> owner_;
  std::vector<float> scales_;  // 1 / length of each row; 0 for a zero row
  int team_ = 1;               // threads
};

}  // namespace conec::word2vec
