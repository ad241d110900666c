// For tests of builds with CUDA: a plan of their own for the device's memory.
#pragma once

#include <memory>

#include "word2vec/device_plan.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

// As in trainer.h, but for `plan`, which says whether ids are streamed and how long batches are, and without the check
// of the device before.
absl::StatusOr<std::unique_ptr<Trainer>> CreateCudaTrainer(const TrainOptions& options, const TrainingCorpus& corpus,
                                                           EmbeddingTables& tables, const DeviceMemoryPlan& plan);

}  // namespace conec::word2vec
