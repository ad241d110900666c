// Running the programs of this build as a user would: arguments in, exit code, standard output and standard error out.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace conec::testing_tools {

inline std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void WriteAll(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

// A folder that vanishes with the object.
class TempFolder {
 public:
  TempFolder() {
    std::string name = ::testing::TempDir() + "conec-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) names.insert(entry.path().filename());
    return names;
  }

 private:
  std::string path_;
};

struct RunOptions {
  std::string folder = ".";              // where the program runs
  std::string input_file = "/dev/null";  // its standard input
  std::string output_file = {};          // its standard output instead of a file of ours
  std::string error_file = {};           // its standard error instead of a file of ours
  rlim_t largest_file = RLIM_INFINITY;   // bytes
  rlim_t most_descriptors = 0;           // open at once; 0: as many as here
  rlim_t memory = RLIM_INFINITY;         // bytes of address space
  unsigned patience_seconds = 0;         // after which it is ended by a signal; 0: never
  bool output_is_closed_pipe = false;    // standard output is a pipe that nobody reads
  bool permissions_count = false;        // also for root, whom they do not stop otherwise
  int signal_number = 0;                 // sent when standard error contains `signal_after`
  std::string signal_after = {};
  std::string signal_when_exists = {};  // ... or when this file is there
  bool signal_when_caught = false;      // ... or when the program has a handler for it
  bool signal_twice = false;            // 1 ms later again, as by timeout or a shell that passes it on
  std::vector<int> closed = {};         // of the standard streams
  int ignored_signal = 0;               // SIGHUP: as nohup starts it, SIGINT: as a shell with &
};

struct RunResult {
  int exit_code = -1;  // -1: ended by a signal
  std::string out;
  std::string error;
  double peak_bytes = 0;  // resident
};

namespace run_internal {

inline void Redirect(const std::string& path, int flags, int descriptor) {
  const int opened = open(path.c_str(), flags, 0600);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
}

inline void CloseReader() {
  int ends[2];
  if (pipe(ends) != 0 || dup2(ends[1], STDOUT_FILENO) < 0) _exit(126);
  close(ends[0]);
  close(ends[1]);
}

[[noreturn]] inline void Execute(const std::vector<std::string>& command, const RunOptions& options,
                                 const std::string& out, const std::string& error) {
  Redirect(options.input_file, O_RDONLY, STDIN_FILENO);
  Redirect(out, O_WRONLY | O_CREAT, STDOUT_FILENO);
  Redirect(error, O_WRONLY | O_CREAT, STDERR_FILENO);
  const rlimit limit = {options.largest_file, options.largest_file}, memory = {options.memory, options.memory};
  const rlimit descriptors = {options.most_descriptors, options.most_descriptors};
  if (options.most_descriptors > 0 && setrlimit(RLIMIT_NOFILE, &descriptors) != 0) _exit(126);
  if (options.output_is_closed_pipe) CloseReader();
  if (options.permissions_count && geteuid() == 0 && prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE) != 0) _exit(126);
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || chdir(options.folder.c_str()) != 0) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  for (const int descriptor : options.closed) close(descriptor);
  for (const int signal_number : {SIGHUP, SIGINT, SIGTERM, SIGXCPU}) {
    std::signal(signal_number, signal_number == options.ignored_signal ? SIG_IGN : SIG_DFL);
  }
  alarm(options.patience_seconds);
  if (setrlimit(RLIMIT_AS, &memory) != 0) _exit(126);
  execv((std::string(CONEC_BIN) + "/" + command[0]).c_str(), arguments.data());
  _exit(127);
}

// Whether the program has a handler for the signal: bit n - 1 of the hexadecimal number "SigCgt".
inline bool Catches(pid_t child, int signal_number) {
  const std::string status = ReadAll("/proc/" + std::to_string(child) + "/status");
  const std::size_t at = status.find("SigCgt:");
  return at != std::string::npos && (std::stoull(status.substr(at + 7), nullptr, 16) >> (signal_number - 1) & 1) != 0;
}

// Waits until standard error says that it is time, or the program ended.
inline void SignalWhenReady(pid_t child, const RunOptions& options, const std::string& error) {
  for (int i = 0; i < 60000; ++i) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0) return;
    const bool said = !options.signal_after.empty() && ReadAll(error).find(options.signal_after) != std::string::npos;
    if (said || (options.signal_when_caught && Catches(child, options.signal_number))) break;
    if (!options.signal_when_exists.empty() && access(options.signal_when_exists.c_str(), F_OK) == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  kill(child, options.signal_number);
  if (!options.signal_twice) return;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(child, options.signal_number);
}

}  // namespace run_internal

// Runs {"conec-train", "--input", ...} to its end.
inline RunResult RunProgram(const std::vector<std::string>& command, const RunOptions& options = {}) {
  const TempFolder scratch;
  const std::string out = options.output_file.empty() ? scratch / "out" : options.output_file;
  const std::string error = options.error_file.empty() ? scratch / "error" : options.error_file;
  const pid_t child = fork();
  if (child == 0) run_internal::Execute(command, options, out, error);
  if (options.signal_number != 0) run_internal::SignalWhenReady(child, options, error);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  RunResult result;
  result.peak_bytes = 1024.0 * static_cast<double>(usage.ru_maxrss);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (options.output_file.empty()) result.out = ReadAll(out);
  if (options.error_file.empty()) result.error = ReadAll(error);
  return result;
}

}  // namespace conec::testing_tools
