// The progress of long work on standard error: a bar on a terminal, now and then a line elsewhere, or JSON lines.
#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::cli {

enum class ProgressMode {
  kAuto,   // kBar if standard error is a terminal, else kPlain
  kNone,   // nothing
  kPlain,  // a line every five seconds
  kBar,    // one line that is redrawn at most ten times a second
  kJson,   // a JSON object per line, at most two a second, and one at the end of each phase
};

std::string_view Name(ProgressMode mode);
absl::StatusOr<ProgressMode> ParseProgressMode(std::string_view name);

struct ProgressField {
  std::string key;   // in JSON, "words_per_second"
  double value = 0;  // in JSON
  std::string text;  // for people, "1.20M words/s"
};

struct ProgressReport {
  std::string phase;               // "encode", "train"
  std::optional<double> fraction;  // done, in [0, 1]; nothing: unknown
  std::vector<ProgressField> fields;
};

// One line without line break, at most `width` characters: the phase, per cent, a bar in what room is left, the fields
// (those that do not fit are left out from the end) and the time to go, if known (negative: not).
std::string RenderBar(const ProgressReport& report, double eta_seconds, std::size_t width);
std::string RenderPlain(const ProgressReport& report, double eta_seconds);
std::string RenderJson(const ProgressReport& report, double elapsed_seconds, double eta_seconds);

// Not thread-safe. The time to go is estimated from the first report of a phase on.
class Progress {
 public:
  using Clock = std::function<double()>;  // seconds since whenever
  explicit Progress(ProgressMode mode, std::FILE* out = stderr, Clock clock = nullptr);
  // Ends a bar that is still open, so that what is printed next begins on a line of its own.
  ~Progress() { Break(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap when it is not yet time to show something. A new phase name ends the phase before.
  void Update(const ProgressReport& report);
  // The phase came to its end: shows it as complete, if it was ever shown.
  void Complete();
  // The phase ended early.
  void Break();

 private:
  double Eta(const ProgressReport& report, double now) const;
  void Show(const ProgressReport& report, double now);
  void ShowBar(const ProgressReport& report, double now);
  double Interval() const;
  void Say(const std::string& text) const;

  ProgressMode mode_;
  std::FILE* out_;
  Clock clock_;
  ProgressReport last_;
  double phase_begin_ = 0;
  double first_fraction_ = 0;
  double next_show_ = 0;
  bool in_phase_ = false;
  bool shown_ = false;
  std::size_t drawn_width_ = 0;
};

}  // namespace conec::cli
