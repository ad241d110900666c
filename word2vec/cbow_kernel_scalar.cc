#include "word2vec/cbow_kernel_impl.h"

namespace conec::word2vec {

void TrainRunScalar(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch,
                    CbowStatistics* statistics) {
  TrainRun(model, run, scratch, statistics);
}

}  // namespace conec::word2vec
