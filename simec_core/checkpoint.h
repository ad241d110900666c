// The state of a training run between two epochs: kept in memory for the best and the last finite epoch, and in a file
// for resuming. Not for other rooms.
#pragma once

#include <ATen/core/Tensor.h>

#include <limits>
#include <string>
#include <vector>

#include "base/status.h"
#include "simec_core/flat_optimizer.h"
#include "simec_core/options.h"
#include "simec_core/schedule.h"
#include "simec_core/tensor_file.h"
#include "simec_core/trainer.h"

namespace conec::simec {

// What there is besides weights and the optimiser's state.
struct Progress {
  TrainReport report;
  double best = std::numeric_limits<double>::infinity();  // what report.best_epoch was chosen by
};

// TrainData::identity, completed by checksums; empty if no checkpoint is wanted.
absl::StatusOr<Metadata> DataIdentity(const SimEc& model, const TrainData& data, const ObjectiveOptions& objective,
                                      const TrainOptions& options);

class Checkpoint {
 public:
  // All of these but `data` must outlive the checkpoint. data: DataIdentity().
  Checkpoint(SimEc& model, FlatOptimizer& optimizer, Schedule& schedule, const TrainOptions& options,
             const ObjectiveOptions& objective, const Metadata& data);

  // The state to start from: that of the file if there is one and it is wanted, else a fresh one.
  // kFailedPrecondition naming the option or the data in which the file differs, or if it has more epochs than are to
  // be trained; the model is left alone then. kDataLoss for what no training can have left.
  absl::StatusOr<Progress> Begin();
  // Writes the file, if one is wanted.
  absl::Status Save(const Progress& progress) const;

  void KeepBest() { best_ = Take(); }
  void RestoreBest() { Put(best_); }
  void KeepFinite() { finite_ = Take(); }
  void RestoreFinite() { Put(finite_); }

 private:
  struct Snapshot {
    at::Tensor weights;
    std::vector<at::Tensor> buffers;  // such as the running means of batch normalisation
  };
  Snapshot Take() const;
  void Put(const Snapshot& snapshot);
  NamedTensors Tensors(const Snapshot& now, const Progress& progress) const;
  absl::Status CheckFingerprint(const Metadata& there) const;
  absl::StatusOr<Progress> Load(const TensorFile& file);
  absl::StatusOr<Progress> ProgressOf(const TensorFile& file, const at::Tensor& numbers,
                                      const at::Tensor& counts) const;

  SimEc& model_;
  FlatOptimizer& optimizer_;
  Schedule& schedule_;
  const TrainOptions& options_;
  Metadata fingerprint_;
  Snapshot best_, finite_;
};

}  // namespace conec::simec
