// Global context vectors times W1 in one pass over the corpus, without the sparse matrix between.
//
// x_w^T W1, with x_w the sum of the context vectors of all occurrences of w, is the sum over the occurrences of the sum
// of the rows of W1 in their windows: O(d) per token with a sliding sum, V x d memory.
//
// A context word that stands twice in one window counts twice (the thesis' x is binary; its experiments counted).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/device.h"
#include "base/matrix.h"
#include "base/status.h"
#include "conec/context_corpus.h"
#include "conec/context_options.h"
#include "conec/input_table.h"
#include "conec/model.h"
#include "corpora/encoded_corpus.h"

namespace conec {

// Called several times a second from the calling thread with the share done; returning false stops with kCancelled.
using ContextProgressFn = std::function<bool(double fraction)>;

struct GlobalContextOptions {
  ContextOptions context;
  int threads = 0;  // 0: all cores. Never changes a bit of the result
  // kCuda: sums are made on the GPU, in no fixed order, so that they are equal up to rounding only; kUnavailable or
  // kResourceExhausted where that cannot be. Counting for ContextScaling::kMax is the CPU's work on either.
  Device device = Device::kCpu;
  std::string scratch_folder;    // for ContextScaling::kMax: temporary files; empty: the system's
  std::size_t buffer_mb = 1024;  // for ContextScaling::kMax: memory for counting
  ContextProgressFn progress;
};

struct ContextSums {
  Matrix<float> sums;                     // V x d: row w is x_w^T W1, unscaled
  std::vector<std::int64_t> occurrences;  // V: N_w in the stream
};

// One pass. Threads own slices of columns (multiples of 16, so that at most ceil(d / 16) threads work) and all walk all
// ids: nothing is shared, so the result is the same bits for any number of threads. Window sums are float; words with
// more than 65536 occurrences accumulate in double. table: rows() x d. kInvalidArgument if the stream holds an
// id that `table` (or the mapping) has no row for; kFailedPrecondition if the table has rows for shapes and the corpus
// does not know them.
absl::StatusOr<ContextSums> ComputeContextSums(const ContextCorpus& corpus, const InputTable& table,
                                               const GlobalContextOptions& options);

// The scaled sums: divided by N_w (kCount) or by the largest entry of x_w (kMax; needs a pass of counting first, see
// context_matrix.h). Zero rows for words that do not occur.
absl::StatusOr<Matrix<float>> ComputeGlobalContext(const ContextCorpus& corpus, const InputTable& table,
                                                   const GlobalContextOptions& options);

// `model` with the global context of `corpus`, all of its input rows taking part. Where the vocabularies differ, words
// are matched by their spelling; kFailedPrecondition if none matches. In model.info, options.context and the corpus'
// tokenizer and gaps replace what was there (documents are to be read as the contexts were), its statistics only where
// there are none. Likewise the words get the corpus' counts if none of them has any (vectors of most other tools), so
// that context.sif means the same here and for local contexts of documents.
absl::StatusOr<Model> WithGlobalContext(Model model, const corpora::EncodedCorpus& corpus,
                                        const GlobalContextOptions& options);

}  // namespace conec
