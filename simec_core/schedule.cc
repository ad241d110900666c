#include "simec_core/schedule.h"

#include <algorithm>

namespace conec::simec {

void Schedule::EndEpoch(int epoch, double loss) {
  if (options_.schedule == ScheduleKind::kStep && epoch % options_.schedule_every == 0) Lower();
  if (options_.schedule != ScheduleKind::kPlateau || epoch <= options_.schedule_start) return;
  if (loss < state.best * (1 - options_.schedule_threshold)) {
    state.best = loss;
    state.bad_epochs = 0;
  } else if (++state.bad_epochs > options_.schedule_patience) {
    state.bad_epochs = 0;
    Lower();
  }
}

void Schedule::Lower() {
  state.rate = std::max(state.rate * options_.schedule_factor, options_.smallest_learning_rate);
}

}  // namespace conec::simec
