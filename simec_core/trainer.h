// Trains a SimEc by mini-batches.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "simec_core/objective.h"
#include "simec_core/options.h"
#include "simec_core/rows.h"

namespace conec::simec {

class SimEc;  // model.h

struct TrainData {
  InputRows inputs;    // m rows
  TargetRows targets;  // m rows, n targets, k similarities
  // n x n or n x n x k: similarities of the targets among themselves, needed if ObjectiveOptions::s_ll > 0. NaN is
  // missing. Undefined otherwise.
  at::Tensor s_ll = {};
  // Rows to validate on instead of a random split (TrainOptions::validation); they are not trained on.
  std::vector<std::int64_t> validation_rows = {};
  // What tells these data from others for checkpoints, which know "inputs", "targets", "s_ll", "validation rows" and,
  // if it is frozen, "last layer" by checksums of their values (fingerprint.h). An entry of such a name takes the
  // checksum's place: where values are computed and their rounding may depend on threads, say what they are computed
  // of instead ("rbf, gamma 0.5, of 60 x 6, 3f0c..."). Other entries are added, such as where a W_l comes from that is
  // trained on. Empty: no part of it.
  std::map<std::string, std::string> identity = {};
};

struct TrainReport {
  std::vector<EpochReport> epochs;  // those of an interrupted run before, too; their seconds are of their own run
  int resumed_epochs = 0;           // how many of them were in the checkpoint
  int best_epoch = 0;               // of early stopping and keep_best; 1 is the first
  bool stopped_early = false;
};

// Trains `model` in place; training again goes on from its weights with a fresh optimiser. The same data, options,
// seeds, threads and LibTorch give the same weights on the CPU, and so does an interrupted run that is resumed.
//   kInvalidArgument   options, shapes that do not fit each other, rows without observed entries, d > n with s_ll
//   kFailedPrecondition  the objective is not finite: the epoch is named; the model keeps the weights of the last
//                      finite one. A checkpoint of other options, data or model, which are named, or of more epochs
//                      than are asked for; the model is as it was then
//   kCancelled         progress said stop: the checkpoint, if there is one, holds the state
//   kUnavailable, kResourceExhausted, and errors of files
absl::StatusOr<TrainReport> Train(SimEc& model, const TrainData& data, const ObjectiveOptions& objective,
                                  const TrainOptions& options);

}  // namespace conec::simec
