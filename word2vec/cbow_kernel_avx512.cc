#include "word2vec/cbow_kernel_impl.h"

namespace conec::word2vec {

void TrainRunAvx512(const CbowModel& model, const CbowRun& run, const CbowScratch& scratch,
                    CbowStatistics* statistics) {
  TrainRun(model, run, scratch, statistics);
}

}  // namespace conec::word2vec
