// Builds without CUDA.
#include "base/device.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

absl::StatusOr<std::unique_ptr<Trainer>> CreateCudaTrainer(const TrainOptions& /*options*/,
                                                           const TrainingCorpus& /*corpus*/,
                                                           EmbeddingTables& /*tables*/) {
  return FindCudaDevice().status();
}

}  // namespace conec::word2vec
