// What all programs share: option parsing, help, version, aliases, exit codes and how errors are printed.
//   standard output   results only; with --json one JSON object
//   standard error    everything for people: progress, summaries, "conec-train: error: MESSAGE"
//   exit code         0 ok, 1 failed, 2 wrong usage, 128 + n stopped by signal n
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tools/cli/files.h"
#include "tools/cli/progress.h"

namespace conec::cli {

using Json = nlohmann::ordered_json;

struct ProgramInfo {
  std::string name;         // "conec-train"
  std::string description;  // one sentence
  std::string examples;     // lines of shell
};

class Program {
 public:
  explicit Program(const ProgramInfo& info);

  // Options are added here. Bind each to a member of an options struct that holds the default.
  CLI::App& app() { return app_; }
  const CLI::App& app() const { return app_; }

  // --json: flag() tells whether it was given. --progress: for programs that work long.
  // `app`: the program itself, or one of its subcommands.
  void AddJson() { AddJson(app_); }
  void AddJson(CLI::App& app);
  void AddProgress() { AddProgress(app_); }
  void AddProgress(CLI::App& app);
  bool json() const { return json_; }
  ProgressMode progress_mode() const { return progress_; }

  // An option that names a file to be written (tools/cli/files.h has all about it, `beside` and "alone").
  void Writes(const CLI::Option* option, Files::Paths beside = nullptr) { files_.Writes(option, std::move(beside)); }
  void WritesAlone(const CLI::Option* option, Files::Paths beside) { files_.WritesAlone(option, std::move(beside)); }

  // Parses, checks, runs; what main returns: 2 for errors of `check`, 1 for those of `run` and for kNotFound, kDataLoss
  // and kFailedPrecondition (a file); 128 + n if a signal stopped it. Nothing escapes: out of memory is an error, too.
  int Run(int argc, char** argv, const std::function<absl::Status()>& check, const std::function<absl::Status()>& run);

  // The command line as a shell would read it.
  const std::string& command_line() const { return command_line_; }

  // Text for people, to standard error, ended by a line break. Where nobody can read it nothing fails.
  template <typename... Args>
  void Tell(fmt::format_string<Args...> format, Args&&... args) const {
    Say(fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  int Parse(int argc, char** argv, const std::function<absl::Status()>& check);
  int Print(const std::string& text) const;
  int WrongUsage(std::string_view message) const;
  int Failed(const absl::Status& status) const;
  void AddFooter();
  static void Say(std::string text);

  ProgramInfo info_;
  CLI::App app_;
  Files files_;
  bool json_ = false;
  ProgressMode progress_ = ProgressMode::kAuto;
  std::string command_line_;
};

// Writes to standard output. kResourceExhausted and the like when that fails (disk full); kAborted when its reader went
// away, upon which Run() ends without a message, with the exit code of SIGPIPE (141).
absl::Status PrintText(std::string_view text);
absl::Status PrintJson(const Json& json);  // two blanks of indentation; invalid UTF-8 becomes U+FFFD
std::string JsonLine(const Json& json);    // on one line, with its line break
// What is still buffered goes out; every error of earlier writes shows here at the latest.
absl::Status FlushOutput();

// An option that takes one of several names. `parse` and Name() are those of the enumeration's own header.
template <typename Enum>
CLI::Option* AddChoice(CLI::App& app, const std::string& name, Enum& value,
                       absl::StatusOr<Enum> (*parse)(std::string_view), const std::string& choices,
                       const std::string& description) {
  const auto assign = [&value, parse, name](const std::string& text) {
    const absl::StatusOr<Enum> parsed = parse(text);
    if (!parsed.ok()) throw CLI::ValidationError(name, std::string(parsed.status().message()));
    value = *parsed;
  };
  return app.add_option_function<std::string>(name, assign, description)
      ->type_name(choices)
      ->default_str(std::string(Name(value)));
}

// A string option that takes one of `choices` (separated by '|'), or, if `value` is empty, nothing by default.
CLI::Option* AddOneOf(CLI::App& app, const std::string& name, std::string& value, const std::string& choices,
                      const std::string& description);

}  // namespace conec::cli
