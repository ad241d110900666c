// Learning rates over the epochs. Not for other rooms.
#pragma once

#include <limits>

#include "simec_core/options.h"

namespace conec::simec {

// The state is in the open so that a checkpoint can hold it.
struct ScheduleState {
  double rate = 0;
  double best = std::numeric_limits<double>::infinity();  // kPlateau: the smallest loss so far
  int bad_epochs = 0;                                     // since then
};

class Schedule {
 public:
  explicit Schedule(const TrainOptions& options) : options_(options) { state.rate = options.learning_rate; }

  double rate() const { return state.rate; }
  // epoch: how many are done, with this loss. As torch.optim.lr_scheduler.StepLR and ReduceLROnPlateau (mode min,
  // relative threshold).
  void EndEpoch(int epoch, double loss);

  ScheduleState state;

 private:
  void Lower();

  const TrainOptions& options_;
};

}  // namespace conec::simec
