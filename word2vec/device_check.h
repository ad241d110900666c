// A look at a device before it is trusted with a training: a problem of milliseconds, against the reference.
#pragma once

#include <functional>
#include <memory>

#include "base/status.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

// Makes the trainer that is looked at; as CreateCudaTrainer().
using MakeTrainerFn = std::function<absl::StatusOr<std::unique_ptr<Trainer>>(
    const TrainOptions& options, const TrainingCorpus& corpus, EmbeddingTables& tables)>;

// Trains some random text with the dimensions, window, noise words, update and inputs of `options`, so that it is their
// code that runs: first with one warp, whose tables have to be the reference's up to rounding, then with two at a
// time (unless options.gpu_warps is 1) and tiny steps, none of which may be lost. kUnavailable and what differs if it
// does; the errors of `make` and its trainers. Takes a tenth of a second with the default options, some seconds with
// the largest.
absl::Status CheckAgainstReference(const TrainOptions& options, const MakeTrainerFn& make);

}  // namespace conec::word2vec
