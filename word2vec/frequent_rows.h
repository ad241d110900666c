// Each thread's copies of the rows that all threads change all the time.
//
// Half of all words of a text are its 150 most frequent ones. With tables that threads share without locks, each of
// their rows is in the cache of the core that changed it last, and has to be fetched from there before it is read: 60
// nanoseconds a cache line between the cores of one cluster, 240 between clusters or sockets. Where threads of one
// training run on two clusters, that made two threads slower than one (2.2 against 3.2 million words/s; README.md).
//
// So each thread trains the most frequent words on copies, which stay in its own L2 cache. When a row has been used
// some times, the table gets what the thread changed in it, as a sum, and the copy becomes what the table then holds,
// with the changes of the others: threads see each other's changes late, as they do anyhow, by a number of uses that is
// bounded (PlanFrequentRows). A range of blocks (Trainer::TrainBlocks) begins with copies that are new and ends with
// tables that are whole.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cache_line.h"
#include "base/matrix.h"
#include "base/status.h"
#include "word2vec/cbow_kernel.h"
#include "word2vec/options.h"

namespace conec::word2vec {

// How many rows are copied, and for how long.
struct FrequentRowsPlan {
  std::uint32_t input = 0;   // the first rows of W1
  std::uint32_t output = 0;  // of W2
  std::uint32_t uses_between_merges = 1;
};

// None for one thread, which has nobody to wait for, and none unless noise words are shared: without, training waits
// for rows that nobody else has, and copies cost more than they save. Otherwise at most 256 rows of each table, as many
// as fit 128 KiB: with the other table's, and what was merged of both, half of an L2 cache of 1 MB. With extended
// inputs, whose rows of W1 are others, of W2 only. A row is due after 64 / threads uses, so that what all threads
// together have not told each other stays bounded; since rows are looked at after each set of centres with the same
// noise words, a thread uses one up to shared_negatives times more (a noise word of the set) before that.
FrequentRowsPlan PlanFrequentRows(const TrainOptions& options, std::size_t vocabulary_size, std::size_t stride,
                                  int threads);

class FrequentRows {
 public:
  // stride: of the tables. kResourceExhausted.
  static absl::StatusOr<FrequentRows> Create(const FrequentRowsPlan& plan, std::size_t stride);

  // The copies become what the tables hold. Nobody may be training.
  void Load(const CbowModel& model);

  RowCopies input();
  RowCopies output();

 private:
  struct Copies {
    Matrix<float> rows, merged;
    CacheLineVector<std::uint32_t> uses;
  };
  static absl::StatusOr<Copies> Allocate(std::uint32_t rows, std::size_t stride);
  RowCopies ViewOf(Copies& copies) const;

  Copies input_, output_;
  std::uint32_t uses_between_merges_ = 1;
};

}  // namespace conec::word2vec
