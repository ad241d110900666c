// An experiment of the publications: named steps, each of which adds figures (reference, ours, accepted) to a table and
// points to the panels of a plot. To add one: a file that defines, in a namespace of the file's name, Describe(), and
// its line in registry.cc.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/simec/experiments/figure.h"

namespace conec::simec::experiments {

enum class Mark { kLine, kPoints };

// One line, or a cloud of points, of a plot.
struct Series {
  std::string name = {};
  std::vector<double> x = {}, y = {}, z = {};  // z: of a panel in three dimensions, all series alike; else empty
  Mark mark = Mark::kLine;
  std::vector<std::string> labels = {};  // of points; empty: none
  std::vector<double> colors = {};       // of points: along a palette; empty: one colour
};

struct Panel {
  std::string title = {}, x_label = {}, y_label = {};
  bool log_y = false;
  std::vector<std::string> ticks = {};  // names of x = 0, 1, 2, ...; empty: numbers
  std::vector<Series> series = {};
};

struct RunOptions {
  std::string data = {};               // the folder of data sets
  std::vector<std::string> only = {};  // steps whose name contains one of these as whole words; empty: all
  int threads = 0;                     // of training; 0: one for small networks, all cores for others
  // Called between steps and epochs with what is being done; false stops with kCancelled.
  std::function<bool(const std::string& step, double fraction)> progress = nullptr;
  // Called with each figure as soon as it is known; its error ends the experiment.
  std::function<absl::Status(const Figure& figure)> on_figure = nullptr;
};

// Whether `text` stands in `name` between ends, blanks or punctuation: "d=1" in "5hl d=1, test", but not in "d=10".
bool ContainsWords(std::string_view name, std::string_view text);

// What an experiment reads its options from and reports to.
class Run {
 public:
  explicit Run(RunOptions options) : options_(std::move(options)) {}

  const RunOptions& options() const { return options_; }
  // The path of `folder` (or file) under the data folder. kNotFound that names what is missing, and how to say where.
  absl::StatusOr<std::string> Data(const std::string& folder) const;

  // Whether this step is to be done; then it is named in messages of progress until the next one.
  bool Begin(const std::string& step);
  // The names that Begin() was called with, in order.
  const std::vector<std::string>& steps() const { return steps_; }
  // kCancelled if the user wants to stop.
  absl::Status Progress(double fraction) const;

  absl::Status Add(Figure figure);
  absl::Status Add(std::vector<Figure> figures);
  // A point of a line of the panel with this title, both made where they do not exist.
  void Plot(const Panel& panel, const std::string& series, double x, double y);
  void Plot(Panel panel) { panels_.push_back(std::move(panel)); }

  const std::vector<Figure>& figures() const { return figures_; }
  const std::vector<Panel>& panels() const { return panels_; }

 private:
  RunOptions options_;
  std::string step_;
  std::vector<std::string> steps_;
  std::vector<Figure> figures_;
  std::vector<Panel> panels_;
};

// Plots each figure whose name is `before`, a number, `after`: the number is x.
void PlotNumbered(Run& run, const Panel& panel, const std::string& series, const std::vector<Figure>& figures,
                  std::string_view before, std::string_view after = {});

struct Experiment {
  std::string name = {};   // "E6"
  std::string alias = {};  // "class-labels"
  std::string title = {};
  std::string data = {};                // the folder or file it needs; empty: none
  std::string time = {};                // processor time of all steps, about
  std::vector<std::string> quick = {};  // RunOptions::only for a run of a minute or two; empty: all
  absl::Status (*run)(Run& run) = nullptr;
};

// In order. Defined in registry.cc.
const std::vector<Experiment>& AllExperiments();
// By name or alias, whatever the case. kInvalidArgument listing all.
absl::StatusOr<const Experiment*> FindExperiment(std::string_view name);

}  // namespace conec::simec::experiments
