// Ctrl-C as a request that long loops look at, so that they stop between two steps and leave nothing half-written.
#pragma once

namespace conec::cli {

// From now on the first SIGINT or SIGTERM is only remembered; a second one ends the process at once, as usual.
void CatchStopSignals();

// The signal that asked to stop; 0: none. Progress callbacks return StopSignal() == 0.
int StopSignal();

}  // namespace conec::cli
