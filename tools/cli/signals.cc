#include "tools/cli/signals.h"

#include <csignal>

namespace conec::cli {
namespace {

volatile std::sig_atomic_t stop_signal = 0;

extern "C" void RememberSignal(int signal_number) {
  stop_signal = signal_number;
}

}  // namespace

void CatchStopSignals() {
  struct sigaction action {};
  action.sa_handler = RememberSignal;
  sigemptyset(&action.sa_mask);
  // SA_RESETHAND: whoever presses Ctrl-C twice does not want to wait. SA_RESTART: reads and writes go on until the loop
  // around them looks.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int StopSignal() {
  return stop_signal;
}

}  // namespace conec::cli
