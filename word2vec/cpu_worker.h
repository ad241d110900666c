// What the trainers on the CPU share: the kernel of a SIMD level, and a thread's memory for it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/cache_line.h"
#include "base/matrix.h"
#include "base/simd.h"
#include "base/status.h"
#include "word2vec/cbow_kernel.h"
#include "word2vec/centres.h"
#include "word2vec/frequent_rows.h"
#include "word2vec/options.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

TrainRunFn KernelOf(SimdLevel level);

// Everything that does not depend on the thread. Views of `tables` and `noise`.
CbowModel MakeCbowModel(const TrainOptions& options, const InputLayout& layout, EmbeddingTables& tables,
                        std::span<const AliasEntry> noise);

// The words of a block, and the kernel's view of them.
struct Words {
  Centres centres;
  CbowRun run{};

  // The words of `block` in pass `epoch`. False: as CollectCentres() says.
  bool Collect(const CentreSource& source, int epoch, const Schedule::Block& block);
};

// The kernel's scratch memory, which shares no cache line with another thread's.
class KernelScratch {
 public:
  static absl::StatusOr<KernelScratch> Create(const TrainOptions& options, std::size_t stride,
                                              const FrequentRowsPlan& plan = {});
  CbowScratch view();
  FrequentRows& frequent_rows() { return frequent_rows_; }

 private:
  enum Row { kHidden, kError, kLogits, kCoefficients, kLabels, kFloatRows };
  Matrix<float> floats_;
  Matrix<float> counts_;                // of each list of output rows
  CacheLineVector<std::uint32_t> ids_;  // of each list of output rows
  CacheLineVector<float*> rows_;        // where they lie, and where the context's do
  CacheLineVector<OutputRows> output_rows_;
  FrequentRows frequent_rows_;
};

}  // namespace conec::word2vec
