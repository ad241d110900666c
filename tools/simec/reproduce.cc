// simec reproduce: the published experiments, each with one command.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"
#include "tools/cli/progress.h"
#include "tools/cli/resources.h"
#include "tools/cli/signals.h"
#include "tools/cli/text.h"
#include "tools/simec/command.h"
#include "tools/simec/experiments/experiment.h"
#include "tools/simec/experiments/plot.h"
#include "tools/simec/plot.h"

namespace conec::simec {
namespace {

using experiments::Experiment;
using experiments::Figure;

struct ReproduceFlags {
  std::string name, plot;
  bool list = false, quick = false;
  experiments::RunOptions run;
};

void AddOptions(CLI::App& app, cli::Program& program, ReproduceFlags& options) {
  app.add_option("name", options.name, "an experiment of --list, by number or name")->type_name("NAME");
  app.add_flag("--list", options.list, "list the experiments");
  app.add_option("--data", options.run.data, "the folder of data sets (mnist/, flowerpots/, ...)")
      ->type_name("FOLDER")
      ->envname("CONEC_DATA");
  app.add_option("--only", options.run.only, "only steps with this in their names: 'd=9', 'baselines'; may be repeated")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_flag("--quick", options.quick, "only some steps, a minute's work or two (--list --json names them)");
  app.add_option("--plot", options.plot, "draw the figure into this file (needs gnuplot)")->type_name("SVG");
  cli::AddThreadsOption(app, options.run.threads);
  program.Writes(app.get_option("--plot"));
  program.AddProgress(app);
  program.AddJson(app);
  app.footer(
      "Every figure is shown beside the published one with what is accepted. The exit code is 1 if one is missed.\n"
      "The data sets are not part of this program; tools/simec/README.md says where they come from.\n\n"
      "Example:\n"
      "  simec reproduce flowerpots --data data/ --plot flowerpots.svg\n"
      "  simec reproduce E6 --data data/ --only d=9");
}

absl::Status Check(ReproduceFlags& options) {
  if (options.list != options.name.empty()) return InvalidArgument("one experiment is needed, or --list");
  if (options.quick && !options.run.only.empty()) return InvalidArgument("--quick does not go with --only");
  if (!options.name.empty()) {
    CONEC_ASSIGN_OR_RETURN(const Experiment* experiment, experiments::FindExperiment(options.name));
    if (options.quick) options.run.only = experiment->quick;
  }
  return cli::CheckThreads(options.run.threads);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

// Two blanks between columns, however long their texts are.
std::string Columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:<{}}", row[i], widths[i] + 2);
    text += row.back() + "\n";
  }
  return text;
}

absl::Status List(bool json) {
  cli::Json all = cli::Json::array();
  std::vector<std::vector<std::string>> rows = {{"", "name", "time", "data", "what"}};
  for (const Experiment& experiment : experiments::AllExperiments()) {
    all.push_back({{"name", experiment.name},
                   {"alias", experiment.alias},
                   {"title", experiment.title},
                   {"data", experiment.data},
                   {"time", experiment.time},
                   {"quick", experiment.quick}});
    rows.push_back({experiment.name, experiment.alias, experiment.time, experiment.data.empty() ? "-" : experiment.data,
                    experiment.title});
  }
  return json ? cli::PrintJson(all) : cli::PrintText(Columns(rows));
}

std::string Accepted(const Figure& figure) {
  if (!figure.is_judged()) return "-";
  if (std::isinf(figure.at_least)) return fmt::format("<= {:.6g}", figure.at_most);
  if (std::isinf(figure.at_most)) return fmt::format(">= {:.6g}", figure.at_least);
  return fmt::format("{:.9g} to {:.9g}", figure.at_least, figure.at_most);
}

std::string Deviation(const Figure& figure) {
  const std::optional<double> part = figure.deviation();
  return part ? fmt::format("{:+.2f} %", 100 * *part) : "-";
}

std::string_view Verdict(const Figure& figure) {
  if (!figure.met()) return "MISSED";
  return figure.is_judged() ? "ok" : "-";
}

constexpr std::string_view kRow = "{:<50} {:>13} {:>13} {:>10}  {:<26} {}\n";

absl::Status PrintHeader() {
  return cli::PrintText(fmt::format(kRow, "", "reference", "ours", "deviation", "accepted", "verdict"));
}

absl::Status PrintRow(const Figure& figure) {
  return cli::PrintText(
      fmt::format(kRow, figure.name, figure.reference ? fmt::format("{:.8g}", *figure.reference) : "-",
                  fmt::format("{:.8g}", figure.ours), Deviation(figure), Accepted(figure), Verdict(figure)));
}

cli::Json Number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? cli::Json(*value) : cli::Json();
}

cli::Json AsJson(const Figure& figure) {
  return {{"name", figure.name},
          {"reference", Number(figure.reference)},
          {"ours", Number(figure.ours)},
          {"deviation", Number(figure.deviation())},
          {"at_least", Number(figure.at_least)},
          {"at_most", Number(figure.at_most)},
          {"met", figure.met()}};
}

std::size_t Missed(const std::vector<Figure>& figures) {
  std::size_t missed = 0;
  for (const Figure& figure : figures) missed += figure.met() ? 0 : 1;
  return missed;
}

std::size_t Judged(const std::vector<Figure>& figures) {
  return static_cast<std::size_t>(std::count_if(
      figures.begin(), figures.end(), [](const Figure& figure) { return figure.is_judged() || !figure.met(); }));
}

absl::Status PrintAll(const Experiment& experiment, const experiments::Run& run, double seconds) {
  cli::Json figures = cli::Json::array();
  for (const Figure& figure : run.figures()) figures.push_back(AsJson(figure));
  return cli::PrintJson({{"experiment", experiment.name},
                         {"title", experiment.title},
                         {"met", Missed(run.figures()) == 0},
                         {"seconds", seconds},
                         {"processor_seconds", cli::ProcessorSeconds()},
                         {"figures", std::move(figures)}});
}

absl::Status Report(const cli::Program& program, const ReproduceFlags& options, const Experiment& experiment,
                    const experiments::Run& run, double seconds) {
  if (run.figures().empty()) {
    return InvalidArgument("{} has no step with '{}' in its name; there are: {}", experiment.name,
                           Joined(options.run.only), Joined(run.steps()));
  }
  if (program.json()) CONEC_RETURN_IF_ERROR(PrintAll(experiment, run, seconds));
  if (!options.plot.empty()) {
    CONEC_RETURN_IF_ERROR(experiments::DrawPlot(run.panels(), experiment.title, options.plot));
  }
  const std::size_t missed = Missed(run.figures());
  const std::size_t judged = Judged(run.figures());
  program.Tell("{}: {} of {} accepted, {} ({} of processor time)", experiment.name, judged - missed,
               cli::Count(judged, "figure"), cli::Duration(seconds), cli::Duration(cli::ProcessorSeconds()));
  return missed == 0 ? absl::OkStatus() : FailedPrecondition("{} missed", cli::Count(missed, "figure"));
}

// What is asked for before any work.
absl::Status CheckPlot(const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  CONEC_RETURN_IF_ERROR(cli::CheckWritable(path));
  return CheckGnuplot();
}

experiments::RunOptions Callbacks(const cli::Program& program, experiments::RunOptions options,
                                  cli::Progress& progress) {
  options.progress = [&progress](const std::string& step, double fraction) {
    progress.Update({step, fraction, {}});
    return cli::StopSignal() == 0;
  };
  // The table appears line by line: some experiments take hours.
  if (!program.json()) {
    options.on_figure = [&progress, first = true](const Figure& figure) mutable {
      progress.Break();
      if (std::exchange(first, false)) CONEC_RETURN_IF_ERROR(PrintHeader());
      CONEC_RETURN_IF_ERROR(PrintRow(figure));
      return cli::FlushOutput();
    };
  }
  return options;
}

absl::Status Reproduce(const cli::Program& program, const ReproduceFlags& options) {
  if (options.list) return List(program.json());
  cli::CatchStopSignals();
  CONEC_RETURN_IF_ERROR(CheckPlot(options.plot));
  CONEC_ASSIGN_OR_RETURN(const Experiment* experiment, experiments::FindExperiment(options.name));
  const cli::Stopwatch watch;
  cli::Progress progress(program.progress_mode());
  experiments::Run run(Callbacks(program, options.run, progress));
  const absl::Status status = experiment->run(run);
  progress.Break();
  CONEC_RETURN_IF_ERROR(status);
  return Report(program, options, *experiment, run, watch.Seconds());
}

}  // namespace

Command AddReproduceCommand(cli::Program& program) {
  const auto options = std::make_shared<ReproduceFlags>();
  CLI::App* app = program.app().add_subcommand("reproduce", "Repeats a published experiment.");
  AddOptions(*app, program, *options);
  return {app, [options] { return Check(*options); }, [&program, options] { return Reproduce(program, *options); },
          [options] { return !options->list; }};
}

}  // namespace conec::simec
