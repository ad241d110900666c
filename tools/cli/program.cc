#include "tools/cli/program.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <span>

#include "base/waiting.h"
#include "tools/cli/aliases.h"
#include "tools/cli/numbers.h"
#include "tools/cli/raw_message.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/standard_streams.h"
#include "tools/cli/text.h"

namespace conec::cli {
namespace {

constexpr std::size_t kHelpWidth = 100;
constexpr std::size_t kHelpColumn = 34;
constexpr const char* kOutOfMemory =
    "out of memory: fewer --threads need less, and a limit (ulimit -v) may allow too little";

// Names on the left, description and default on the right, wrapped.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string left = "  " + make_option_name(option, is_positional);
    constexpr std::string_view kNegation = "{false}";  // how CLI11 marks a name that switches off
    if (const std::size_t at = left.find(kNegation); at != std::string::npos) left.erase(at, kNegation.size());
    if (option->get_type_size() != 0 && !is_positional) left += " " + option->get_type_name();
    if (option->get_required()) left += " (required)";
    std::string right = option->get_description();
    const std::string value = option->get_default_str();
    if (!value.empty() && value != "[]" && option->get_type_size() != 0) {
      right += value.starts_with('[') ? " " + value : fmt::format(" [{}]", value);  // a list has its own brackets
    }
    if (right.empty()) return left + "\n";
    left += left.size() + 1 < kHelpColumn ? std::string(kHelpColumn - left.size(), ' ')
                                          : "\n" + std::string(kHelpColumn, ' ');
    return left + Wrap(right, kHelpWidth - kHelpColumn, kHelpColumn) + "\n";
  }
};

// A required option that was misspelled is missing, and an unknown one is there.
std::string MissingAndUnknown(const CLI::App& app, const CLI::RequiredError& error) {
  std::string message = error.what();
  for (const std::string& argument : app.remaining(/*recurse=*/true)) {
    if (argument.starts_with("-") && argument.size() > 1) message += fmt::format("; there is no option {}", argument);
  }
  return message;
}

// What could not be caught: memory that is missing inside a parallel loop, which no exception may leave. Set once,
// before there are other threads.
std::string no_memory_message;
std::terminate_handler default_terminate = nullptr;

[[noreturn]] void Terminate() {
  try {
    if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    TellRaw(no_memory_message);
    _exit(1);
  } catch (...) {  // NOLINT(bugprone-empty-catch): the default handler says what it is
  }
  if (default_terminate != nullptr) default_terminate();
  std::abort();
}

// That of the program, or of the subcommand that was chosen.
int ThreadsOption(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const CLI::Option* option = (chosen.empty() ? app : *chosen.front()).get_option_no_throw("--threads");
  return option == nullptr ? 1 : option->as<int>();
}

// That of a program whose output nobody reads any more, as `| head` has it, which is no fault: it ends without a word.
constexpr int kReaderWentAway = 128 + SIGPIPE;

// What PrintText() holds back. Not stdio's buffer: a write that waits for its reader must end when somebody asks the
// program to stop (base/waiting.h).
struct Output {
  std::string held;
  absl::Status failed;  // the first write that did
};

Output& TheOutput() {
  static Output output;
  return output;
}

// The reader's absence is no fault (kReaderWentAway).
absl::Status WriteOutput(std::string_view text) {
  if (text.empty()) return absl::OkStatus();
  CONEC_RETURN_IF_ERROR(CheckStandardOutput());
  errno = 0;
  const absl::Status written =
      WriteAll(STDOUT_FILENO, std::as_bytes(std::span(text)), "cannot write to standard output");
  return !written.ok() && errno == EPIPE ? absl::AbortedError("the reader of standard output went away") : written;
}

}  // namespace

Program::Program(const ProgramInfo& info) : info_(info), app_(info.description, info.name) {
  app_.formatter(std::make_shared<HelpFormatter>());
  app_.set_help_flag("-h,--help", "print this help");
  app_.set_version_flag("--version", fmt::format("{} {}", info.name, CONEC_VERSION), "print the version");
  app_.option_defaults()->always_capture_default();
}

void Program::AddJson(CLI::App& app) {
  app.add_flag("--json", json_, "print the result as JSON");
}

void Program::AddProgress(CLI::App& app) {
  AddChoice(app, "--progress", progress_, ParseProgressMode, "auto|none|plain|bar|json",
            "what to show on standard error while working; auto: a bar on a terminal, plain lines elsewhere");
}

void Program::AddFooter() {
  std::string footer = "Example:\n" + info_.examples;
  const std::string aliases = DescribeAliases(
      [this](std::string_view option) { return app_.get_option_no_throw(std::string(option)) != nullptr; });
  if (!aliases.empty()) footer += "\n\nSpellings of word2vec.c and fastText:\n  " + Wrap(aliases, kHelpWidth - 2, 2);
  app_.footer(footer);
}

// Not fmt::print(), which throws where standard error is full or closed.
void Program::Say(std::string text) {
  text += '\n';
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
}

int Program::WrongUsage(std::string_view message) const {
  std::string whose = info_.name;
  for (const CLI::App* subcommand : app_.get_subcommands()) whose += " " + subcommand->get_name();
  Tell("{}: error: {}\nTry '{} --help'.", info_.name, message, whose);
  return 2;
}

int Program::Failed(const absl::Status& status) const {
  (void)FlushOutput();  // what was found out before is shown; `status` tells what is missing
  const int signal_number = StopSignal();
  if (status.code() == absl::StatusCode::kCancelled && signal_number != 0) {
    Tell("{}: stopped by {}; the output was not written", info_.name, SignalName(signal_number));
    return 128 + signal_number;
  }
  if (absl::IsAborted(status)) return kReaderWentAway;
  Tell("{}: error: {}", info_.name, std::string(status.message()));
  return 1;
}

int Program::Print(const std::string& text) const {
  absl::Status status = PrintText(text);
  if (status.ok()) status = FlushOutput();
  return status.ok() ? 0 : Failed(status);
}

// -1: parsed, go on; otherwise the exit code.
int Program::Parse(int argc, char** argv, const std::function<absl::Status()>& check) {
  AddFooter();
  const auto has_option = [this](std::string_view option) {
    return app_.get_option_no_throw(std::string(option)) != nullptr;
  };
  auto arguments = RewriteAliases({argv + 1, argv + argc}, has_option);
  if (!arguments.ok()) return WrongUsage(std::string(arguments.status().message()));
  try {
    app_.parse(std::vector<std::string>(arguments->rbegin(), arguments->rend()));
  } catch (const CLI::CallForHelp&) {
    return Print(app_.help());
  } catch (const CLI::CallForVersion& version) {
    return Print(std::string(version.what()) + "\n");
  } catch (const CLI::RequiredError& error) {
    return WrongUsage(MissingAndUnknown(app_, error));
  } catch (const CLI::ParseError& error) {
    return WrongUsage(error.what());
  }
  absl::Status checked = check();
  if (checked.ok()) checked = CheckNumbers(app_);
  if (checked.ok()) checked = files_.Check(app_);
  if (checked.ok()) return -1;
  const bool is_a_file = absl::IsNotFound(checked) || absl::IsDataLoss(checked) || absl::IsFailedPrecondition(checked);
  return is_a_file ? Failed(checked) : WrongUsage(std::string(checked.message()));
}

int Program::Run(int argc, char** argv, const std::function<absl::Status()>& check,
                 const std::function<absl::Status()>& run) {
  TurnFaultsIntoErrors(info_.name);
  no_memory_message = fmt::format("{}: error: {}\n", info_.name, kOutOfMemory);
  default_terminate = std::set_terminate(Terminate);
  command_line_ = CommandLine(std::span<const char* const>(argv, static_cast<std::size_t>(argc)));
  try {
    const int parsed = Parse(argc, argv, check);
    if (parsed >= 0) return parsed;
    absl::Status status = CheckThreadsStart(ThreadsOption(app_));
    const absl::StatusOr<std::vector<Claim>> claims = files_.TakeClaims();
    status.Update(claims.status());
    if (status.ok()) status = run();
    if (status.ok()) status = FlushOutput();
    return status.ok() ? 0 : Failed(status);
  } catch (const std::bad_alloc&) {
    return Failed(ResourceExhausted(kOutOfMemory));
  } catch (const std::exception& error) {
    return Failed(Internal("{}", error.what()));
  }
}

absl::Status PrintText(std::string_view text) {
  constexpr std::size_t kMostHeld = std::size_t{1} << 16;
  static const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  Output& output = TheOutput();
  CONEC_RETURN_IF_ERROR(output.failed);
  output.held += text;
  return is_terminal || output.held.size() >= kMostHeld ? FlushOutput() : absl::OkStatus();
}

absl::Status PrintJson(const Json& json) {
  return PrintText(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string JsonLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::Status FlushOutput() {
  Output& output = TheOutput();
  if (output.failed.ok()) output.failed = WriteOutput(output.held);
  output.held.clear();
  return output.failed;
}

CLI::Option* AddOneOf(CLI::App& app, const std::string& name, std::string& value, const std::string& choices,
                      const std::string& description) {
  const auto is_choice = [choices](const std::string& text) -> std::string {
    const std::string padded = "|" + choices + "|";
    if (text.find('|') == std::string::npos && padded.find("|" + text + "|") != std::string::npos) return {};
    return fmt::format("'{}' is none of {}", text, choices);
  };
  return app.add_option(name, value, description)->check(CLI::Validator(is_choice, ""))->type_name(choices);
}

}  // namespace conec::cli
