// How much memory a training takes, as a formula (README.md, "Limits") that the tests hold to within a fifth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace conec::train {

struct TrainingSize {
  std::size_t distinct_words = 0;  // D: of the text, before rare ones are left out; 0 if it was encoded before
  std::size_t vocabulary = 0;      // V
  std::size_t input_rows = 0;      // R: of W1; V without extended inputs
  std::size_t dim = 0;             // d
  std::size_t corpus_bytes = 0;    // of the encoded text: 4 per word (5 with shapes), which are mapped
  std::size_t scaling_bytes = 0;   // S: of counting for --context-scaling max (conec/context_matrix.h)
  std::size_t matrix_bytes = 0;    // M: of counting for --context-matrix
  int threads = 0;                 // T; 0: all cores
};

// The peak of resident bytes, the larger of
//   counting:  12 MB + 60 D + T (4 MB + 60 min(D, 80,000))
//   training:  12 MB + 4 d' (R + V) + max(S, 4 d' V + M) + 110 V + corpus_bytes + T 1 MB
// with d' = d rounded up to a multiple of 16. W1, W2 and the context vectors are there together in the end. Words are
// taken to have some eight letters. Not for --continue-from, which maps the old model and makes a table more, nor for
// a GPU.
std::uint64_t PeakMemory(const TrainingSize& size);
// What of the training (counting is over by then) cannot be read from the disk again when memory is short: all but the
// corpus.
std::uint64_t UnavoidableMemory(const TrainingSize& size);

struct AvailableMemory {
  std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();  // this: not known
  const char* of_whom = "";                                         // "MB are ..."
};
// What this process may have: what it has now and what the machine has free (Linux: MemAvailable), or less where a
// limit is set (ulimit -v), or one of its container (cgroup), in which it is taken to be alone: beyond that the system
// kills it.
AvailableMemory FindAvailableMemory();

}  // namespace conec::train
