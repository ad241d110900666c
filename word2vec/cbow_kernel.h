// The CBOW kernel's interface: plain data, so that each SIMD level is one translation unit with its own compiler flags
// that includes nothing whose inline functions could leak into the rest of the program. The story of the kernel stands
// in cbow_kernel_impl.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "word2vec/draws.h"
#include "word2vec/input_layout.h"

namespace conec::word2vec {

// The tables and settings that do not change during training. Rows have `stride` floats, a multiple of kRowPadding,
// start at multiples of 64 bytes, and are zero from d on (they stay zero).
struct CbowModel {
  float* input;   // W1
  float* output;  // W2
  std::size_t stride;
  const AliasEntry* noise;
  std::uint32_t vocabulary_size;
  std::uint32_t window;
  std::uint32_t negatives;
  std::uint32_t shared_negatives;  // centres that share their noise words; 1: each has its own
  bool mean_hidden;                // h is the mean of the context rows, not their sum
  bool mean_gradient;              // context rows get e / |C|, not e
  bool extended;                   // `layout` has other rows than the words'
  InputLayout layout;
  PhiloxKey key;
  // Where the tables hold some rows only: the row of W2 that a noise word has there. nullptr: rows are words.
  std::uint32_t (*row_of)(void* rows, std::uint32_t word);
  void* rows;
};

inline constexpr std::size_t kRowPadding = 16;  // floats

// The words of one block (word2vec/centres.h).
struct CbowRun {
  const std::uint32_t* ids;  // rows of the tables
  const std::uint32_t*
      words;  // what the noise words drawn are compared with; the same, but where the tables are partial
  const std::uint64_t* positions;
  const std::uint32_t* begins;
  const std::uint32_t* ends;
  const tokenize::WordShape* shapes;  // where the layout has rows for them
  std::size_t length;
  std::uint32_t epoch;
  float learning_rate;
  const CbowRun* following;  // what this thread trains next, so that it is on its way from memory; or nullptr
};

struct CbowStatistics {
  double loss_sum;
  std::uint64_t trained_words;
};

// Rows of W2 that are trained together: a target's (the first) and distinct noise words.
struct OutputRows {
  std::uint32_t* rows;  // ScratchRows(k)
  float** at;           // ScratchRows(k): where each row lies
  float* counts;        // ScratchRows(k): how often each row was drawn, 0 for a vector past `size`
  std::size_t size;
};

// One thread's copies of the first rows of a table, those of the most frequent words (frequent_rows.h). The kernel
// trains on the copies; it gives the table what changed in a row after a set of centres in which its uses have reached
// `uses_between_merges`, and what changed in any row at the end of a run that none follows. Only for centres that share
// noise words.
struct RowCopies {
  float* rows;          // size x stride: as this thread sees them
  float* merged;        // size x stride: as they were when they last went to the table and came from there
  std::uint32_t* uses;  // size + 1: of each row since then; the last one counts those of all other rows
  std::uint32_t size;   // 0: none are copied
  std::uint32_t uses_between_merges;
};

// Scratch memory of one thread. Sizes for k negatives and window c; 64-byte aligned where floats.
struct CbowScratch {
  float* hidden;          // stride
  float* error;           // stride
  float* logits;          // ScratchRows(k)
  float* coefficients;    // ScratchRows(k)
  float* labels;          // ScratchRows(k): 1 for the target's row, 0 for noise
  OutputRows* own[2];     // of this centre and the next, or of one whose target is a shared noise word
  OutputRows* shared[2];  // noise sets of this group and the next: NoiseSets() each
  float** context;        // ScratchInputs(c): rows of W1, where they lie
  RowCopies input;        // of W1
  RowCopies output;       // of W2
};

// Rows are handled in vectors: room for the target and k noise words, and a vector past them.
constexpr std::size_t ScratchRows(std::size_t negatives) {
  return (1 + negatives + 15) / 16 * 16 + 32;
}

// The context words, a shape for each of them and for the target, and a place that is written before it is known
// whether it counts.
constexpr std::size_t ScratchInputs(std::size_t window) {
  return 4 * window + 2;
}

using TrainRunFn = void (*)(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch,
                            CbowStatistics* statistics);

void TrainRunScalar(const CbowModel&, const CbowRun&, const CbowScratch&, CbowStatistics*);
void TrainRunAvx2(const CbowModel&, const CbowRun&, const CbowScratch&, CbowStatistics*);
void TrainRunAvx512(const CbowModel&, const CbowRun&, const CbowScratch&, CbowStatistics*);

}  // namespace conec::word2vec
