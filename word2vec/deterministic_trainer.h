// Training whose result is the same, bit for bit, for any number of threads (at one SIMD level).
//
// Blocks are trained in rounds of 8. In a round every block is trained, by the kernel of all other training, on its own
// copies of the rows that it needs, as they stood when the round began (partial_tables.h); what it changed is added to
// the tables when all blocks of the round are done, in the order of the schedule. So it does not matter which thread
// trains which block, and the threads that are there share the blocks of a round and the rows to be added.
//
// Changes of a row that several blocks moved cannot simply be added up: a row that was moved a few steps by each is to
// be moved by all of them, as one after the other would, but one that each block brought as far as it should go must
// not be brought there 8 times, or training diverges. MergeScale() goes from the one (the sum) to the other (the mean)
// with the number of steps.
#pragma once

#include <memory>
#include <vector>

#include "base/simd.h"
#include "base/status.h"
#include "word2vec/draws.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

// What CreateCpuTrainer() has checked and made.
struct DeterministicSetup {
  const TrainOptions& options;
  const TrainingCorpus& corpus;
  InputLayout layout;
  std::vector<AliasEntry> noise;
  SimdLevel level;
  int threads;  // at least 1
};

// Rounds begin at the first block of each TrainBlocks(): the result depends on how an epoch is cut into calls, which
// Train() does always in the same way.
absl::StatusOr<std::unique_ptr<Trainer>> CreateDeterministicTrainer(DeterministicSetup setup, EmbeddingTables& tables);

}  // namespace conec::word2vec
