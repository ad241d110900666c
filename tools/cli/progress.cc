#include "tools/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tools/cli/text.h"

namespace conec::cli {
namespace {

constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kLongestBar = 30;
constexpr std::size_t kShortestBar = 6;
constexpr double kBarInterval = 0.1;
constexpr double kPlainInterval = 5;
constexpr double kJsonInterval = 0.5;

struct ModeName {
  ProgressMode mode;
  std::string_view name;
};
constexpr ModeName kModeNames[] = {{ProgressMode::kAuto, "auto"},
                                   {ProgressMode::kNone, "none"},
                                   {ProgressMode::kPlain, "plain"},
                                   {ProgressMode::kBar, "bar"},
                                   {ProgressMode::kJson, "json"}};

double SteadySeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::size_t TerminalWidth(std::FILE* out) {
  winsize size{};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

std::string Percent(const ProgressReport& report) {
  if (!report.fraction) return {};
  return fmt::format(" {:3.0f}%", std::floor(100 * std::clamp(*report.fraction, 0.0, 1.0)));
}

// The parts after the bar: fields, then the time to go.
std::vector<std::string> Parts(const ProgressReport& report, double eta_seconds) {
  std::vector<std::string> parts;
  for (const ProgressField& field : report.fields) parts.push_back(field.text);
  if (eta_seconds >= 0) parts.push_back("ETA " + Duration(eta_seconds));
  return parts;
}

std::string DrawBar(double fraction, std::size_t width) {
  const std::size_t inside = width - 2;
  const auto filled = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(inside));
  std::string bar = "[" + std::string(filled, '=') + std::string(inside - filled, ' ') + "]";
  if (filled < inside && filled > 0) bar[filled] = '>';
  return bar;
}

}  // namespace

std::string_view Name(ProgressMode mode) {
  return std::find_if(std::begin(kModeNames), std::end(kModeNames),
                      [mode](const ModeName& m) { return m.mode == mode; })
      ->name;
}

absl::StatusOr<ProgressMode> ParseProgressMode(std::string_view name) {
  for (const ModeName& candidate : kModeNames) {
    if (candidate.name == name) return candidate.mode;
  }
  return InvalidArgument("'{}' is none of auto, none, plain, bar, json", name);
}

std::string RenderBar(const ProgressReport& report, double eta_seconds, std::size_t width) {
  const std::string head = report.phase + Percent(report);
  std::string tail;
  for (const std::string& part : Parts(report, eta_seconds)) {
    if (head.size() + tail.size() + 2 + part.size() > width) break;
    tail += "  " + part;
  }
  std::string bar;
  const std::size_t used = head.size() + tail.size() + 1;
  if (report.fraction && used + kShortestBar <= width) {
    bar = " " + DrawBar(*report.fraction, std::min(kLongestBar, width - used));
  }
  return (head + bar + tail).substr(0, width);
}

std::string RenderPlain(const ProgressReport& report, double eta_seconds) {
  std::string line = report.phase + Percent(report);
  for (const std::string& part : Parts(report, eta_seconds)) line += "  " + part;
  return line;
}

std::string RenderJson(const ProgressReport& report, double elapsed_seconds, double eta_seconds) {
  nlohmann::ordered_json json = {{"phase", report.phase}};
  if (report.fraction) json["fraction"] = *report.fraction;
  for (const ProgressField& field : report.fields) json[field.key] = field.value;
  json["elapsed_seconds"] = elapsed_seconds;
  if (eta_seconds >= 0) json["eta_seconds"] = eta_seconds;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Progress::Progress(ProgressMode mode, std::FILE* out, Clock clock)
    : mode_(mode), out_(out), clock_(clock ? std::move(clock) : Clock(SteadySeconds)) {
  if (mode_ == ProgressMode::kAuto) mode_ = isatty(fileno(out_)) != 0 ? ProgressMode::kBar : ProgressMode::kPlain;
}

double Progress::Interval() const {
  if (mode_ == ProgressMode::kBar) return kBarInterval;
  return mode_ == ProgressMode::kPlain ? kPlainInterval : kJsonInterval;
}

void Progress::Update(const ProgressReport& report) {
  if (mode_ == ProgressMode::kNone) return;
  if (in_phase_ && report.phase != last_.phase) Complete();
  const double now = clock_();
  if (!in_phase_) {
    in_phase_ = true;
    shown_ = false;
    phase_begin_ = now;
    first_fraction_ = report.fraction.value_or(0);
    // Work that is done sooner than this needs no progress.
    next_show_ = now + Interval();
  }
  last_ = report;
  if (now < next_show_) return;
  next_show_ = now + Interval();
  Show(report, now);
}

double Progress::Eta(const ProgressReport& report, double now) const {
  constexpr double kTooEarly = 0.001;
  if (!report.fraction) return -1;
  const double done = *report.fraction - first_fraction_;
  if (*report.fraction >= 1 || done < kTooEarly) return -1;
  return (now - phase_begin_) * (1 - *report.fraction) / done;
}

// Not fmt::print(), which throws where nobody reads any more.
void Progress::Say(const std::string& text) const {
  (void)std::fwrite(text.data(), 1, text.size(), out_);
}

void Progress::Show(const ProgressReport& report, double now) {
  shown_ = true;
  if (mode_ == ProgressMode::kBar) {
    ShowBar(report, now);
  } else if (mode_ == ProgressMode::kPlain) {
    Say(fmt::format("{}\n", RenderPlain(report, Eta(report, now))));
  } else {
    Say(fmt::format("{}\n", RenderJson(report, now - phase_begin_, Eta(report, now))));
  }
  std::fflush(out_);
}

void Progress::ShowBar(const ProgressReport& report, double now) {
  // The last column stays free: a character there makes some terminals begin a new line.
  const std::size_t width = std::max<std::size_t>(TerminalWidth(out_), 2) - 1;
  const std::string line = RenderBar(report, Eta(report, now), width);
  const std::size_t blanks = drawn_width_ > line.size() ? std::min(drawn_width_, width) - line.size() : 0;
  Say(fmt::format("\r{}{}", line, std::string(blanks, ' ')));
  drawn_width_ = line.size();
}

void Progress::Complete() {
  if (!in_phase_) return;
  if (last_.fraction) last_.fraction = 1;
  if (shown_ || mode_ == ProgressMode::kJson) Show(last_, clock_());
  Break();
}

void Progress::Break() {
  if (in_phase_ && shown_ && mode_ == ProgressMode::kBar) {
    Say("\n");
    std::fflush(out_);
  }
  in_phase_ = false;
  shown_ = false;
  drawn_width_ = 0;
}

}  // namespace conec::cli
