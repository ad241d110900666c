// Ctrl-C as a request that long loops look at, so that they stop between two steps and leave nothing half-written.
#pragma once

#include <string>
#include <string_view>

namespace conec::cli {

// From now on the first SIGINT, SIGTERM, SIGHUP (a terminal was lost) or SIGXCPU (ulimit -S -t) is only remembered, and
// ends what waits for others (base/waiting.h). A SIGINT or SIGTERM that comes more than a second later ends the process
// at once: whoever presses Ctrl-C again does not want to wait. A signal that is ignored stays so (nohup; a shell's &).
void CatchStopSignals();

// The signal that asked to stop; 0: none. Progress callbacks return StopSignal() == 0.
int StopSignal();
std::string_view SignalName(int signal_number);  // of one of those

// Faults that would end the process without a word are errors from now on: a file size limit fails the write (SIGXFSZ),
// a reader that went away fails it, too (SIGPIPE; who looks at the progress no longer does not stop a training), and a
// mapped file that somebody cut, or whose disk failed (SIGBUS), is named before the process ends with exit code 1.
// `program`: its name, for the message; kept.
void TurnFaultsIntoErrors(const std::string& program);

}  // namespace conec::cli
