// What the experiment with flowerpots gives to another one.
#pragma once

#include "base/status.h"
#include "tools/simec/experiments/experiment.h"

namespace conec::simec::experiments::e1_flowerpots {

// A step of E13: adds what stem size, leaf shape and features of noise contribute to similarities that the encoder of
// E1 has learnt, the published signs being expected (thesis figure 5.2).
absl::Status FlowerpotContributions(Run& run);

}  // namespace conec::simec::experiments::e1_flowerpots
