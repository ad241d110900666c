#include "tools/cli/signals.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "base/waiting.h"
#include "tools/cli/raw_message.h"

namespace conec::cli {
namespace {

// Whoever passes signals on (timeout, a shell to its process group) delivers one request several times.
constexpr double kRepeatedSeconds = 1;

volatile std::sig_atomic_t stop_signal = 0;

int stop_event = -1;  // an eventfd, readable once a signal was caught

// The first one's, in seconds of the monotonic clock. Signals of the same Ctrl-C may come to several threads at once.
std::atomic<double> stop_time = 0;
static_assert(std::atomic<double>::is_always_lock_free);

double Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

extern "C" void RememberSignal(int signal_number) {
  const int error = errno;
  const double now = Now();
  double first = 0;
  if (stop_time.compare_exchange_strong(first, now)) {
    stop_signal = signal_number;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(stop_event, &one, sizeof(one));
  } else if ((signal_number == SIGINT || signal_number == SIGTERM) && now - first > kRepeatedSeconds) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);  // once this handler has returned
  }
  errno = error;
}

// --- SIGBUS. A handler may only do system calls: no memory, no streams.

char program_name[64];

// Whether `line` of /proc/self/maps ("BEGIN-END rights offset device inode path", in hexadecimal) is of the mapping
// with `address`.
bool Covers(std::string_view line, std::uintptr_t address) {
  std::uintptr_t begin = 0, end = 0;
  const auto first = std::from_chars(line.data(), line.data() + line.size(), begin, 16);
  if (first.ec != std::errc() || *first.ptr != '-') return false;
  const auto second = std::from_chars(first.ptr + 1, line.data() + line.size(), end, 16);
  return second.ec == std::errc() && begin <= address && address < end;
}

// Says the path of the file that is mapped at `address`.
void SayFileAt(std::uintptr_t address) {
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  char buffer[8192];
  std::size_t filled = 0;
  for (ssize_t count = 0; (count = read(maps, buffer + filled, sizeof(buffer) - filled)) > 0;) {
    filled += static_cast<std::size_t>(count);
    std::string_view text(buffer, filled);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      const std::string_view line = text.substr(0, end);
      if (!Covers(line, address)) continue;
      TellRaw(line.substr(std::min(line.find('/'), line.size())));
      close(maps);
      return;
    }
    std::copy(text.begin(), text.end(), buffer);
    filled = text.size();
  }
  close(maps);
}

extern "C" void SayWhatWasCut(int, siginfo_t* info, void*) {
  TellRaw(program_name);
  TellRaw(": error: '");
  SayFileAt(reinterpret_cast<std::uintptr_t>(info->si_addr));
  TellRaw("' was cut while it was being read, or its disk failed\n");
  _exit(1);
}

}  // namespace

void TurnFaultsIntoErrors(const std::string& program) {
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  program_name[program.copy(program_name, sizeof(program_name) - 1)] = '\0';
  struct sigaction action {};
  action.sa_sigaction = SayWhatWasCut;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, nullptr);
}

void CatchStopSignals() {
  struct sigaction action {};
  action.sa_handler = RememberSignal;
  sigemptyset(&action.sa_mask);
  if (stop_event < 0) stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  SetStopDescriptor(stop_event);
  // What waits for others looks at the event (base/waiting.h), everything else goes on until the loop around it looks.
  action.sa_flags = SA_RESTART;
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) {
    struct sigaction before {};
    // A shell's background jobs ignore Ctrl-C, and what nohup starts the loss of the terminal.
    if (sigaction(signal_number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    sigaction(signal_number, &action, nullptr);
  }
}

int StopSignal() {
  return stop_signal;
}

std::string_view SignalName(int signal_number) {
  if (signal_number == SIGHUP) return "SIGHUP";
  if (signal_number == SIGXCPU) return "SIGXCPU";
  return signal_number == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace conec::cli
