#include "tools/simec/experiments/plot.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tools/simec/plot.h"

namespace conec::simec::experiments {
namespace {

constexpr int kPanelWidth = 520, kPanelHeight = 420;
constexpr std::size_t kColumns = 3;

bool CanBeDrawn(const Panel& panel, const Series& series, std::size_t i) {
  return std::isfinite(series.x[i]) && std::isfinite(series.y[i]) && (!panel.log_y || series.y[i] > 0) &&
         (series.z.empty() || std::isfinite(series.z[i]));
}

bool CanBeDrawn(const Panel& panel, const Series& series) {
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (CanBeDrawn(panel, series, i)) return true;
  }
  return false;
}

std::vector<Panel> WithPoints(std::span<const Panel> panels) {
  std::vector<Panel> drawn(panels.begin(), panels.end());
  for (Panel& panel : drawn) std::erase_if(panel.series, [&](const Series& s) { return !CanBeDrawn(panel, s); });
  std::erase_if(drawn, [](const Panel& panel) { return panel.series.empty(); });
  return drawn;
}

bool InSpace(const Panel& panel) {
  return !panel.series.front().z.empty();
}

// One line for each point: x y [z] [colour] [label].
std::string DataBlock(const Panel& panel, const Series& series, std::size_t number) {
  std::string text = fmt::format("$data{} << EOD\n", number);
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!CanBeDrawn(panel, series, i)) continue;
    text += fmt::format("{} {}", series.x[i], series.y[i]);
    if (!series.z.empty()) text += fmt::format(" {}", series.z[i]);
    if (!series.colors.empty()) text += fmt::format(" {}", series.colors[i]);
    if (!series.labels.empty()) text += " " + GnuplotField(series.labels[i]);
    text += "\n";
  }
  return text + "EOD\n";
}

std::string SeriesCommand(const Panel& panel, const Series& series, std::size_t number) {
  const std::string data = fmt::format("$data{}", number), xyz = InSpace(panel) ? "1:2:3" : "1:2";
  const std::size_t next = InSpace(panel) ? 4 : 3;
  if (!series.labels.empty()) {
    return fmt::format("{0} using {1} with points pt 7 notitle, {0} using {1}:{2} with labels offset 0.8,0.6 notitle",
                       data, xyz, series.colors.empty() ? next : next + 1);
  }
  if (!series.colors.empty()) {
    return fmt::format("{} using {}:{} with points pt 7 ps 0.3 palette notitle", data, xyz, next);
  }
  return fmt::format("{} using {} with {} title {}", data, xyz,
                     series.mark == Mark::kPoints ? "points pt 7 ps 0.4" : "linespoints pt 7 ps 0.6",
                     GnuplotQuoted(series.name));
}

std::string Ticks(const Panel& panel) {
  if (panel.ticks.empty()) return "set xtics auto norotate\nset xrange [*:*]\n";
  std::string list;
  for (std::size_t i = 0; i < panel.ticks.size(); ++i) {
    list += fmt::format("{}{} {}", i == 0 ? "" : ", ", GnuplotQuoted(panel.ticks[i]), i);
  }
  return fmt::format("set xtics ({}) rotate by -30\nset xrange [-0.5:{}]\n", list,
                     static_cast<double>(panel.ticks.size()) - .5);
}

std::string PanelScript(const Panel& panel, std::size_t& number) {
  std::string data, plot;
  for (const Series& series : panel.series) {
    data += DataBlock(panel, series, ++number);
    plot += (plot.empty() ? (InSpace(panel) ? "splot " : "plot ") : ", ") + SeriesCommand(panel, series, number);
  }
  return fmt::format("{}set title {}\nset xlabel {}\nset ylabel {}\n{} logscale y\n{}{}\n", data,
                     GnuplotQuoted(panel.title), GnuplotQuoted(panel.x_label), GnuplotQuoted(panel.y_label),
                     panel.log_y ? "set" : "unset", Ticks(panel), plot);
}

}  // namespace

std::string GnuplotScript(std::span<const Panel> panels, const std::string& title) {
  const std::vector<Panel> drawn = WithPoints(panels);
  const std::size_t columns = drawn.size() == 4 ? 2 : std::clamp<std::size_t>(drawn.size(), 1, kColumns);
  const std::size_t rows = std::max<std::size_t>(1, (drawn.size() + columns - 1) / columns);
  std::string text = SvgTerminal(kPanelWidth * static_cast<int>(columns), kPanelHeight * static_cast<int>(rows));
  text += fmt::format("set grid\nset key noenhanced\nunset colorbox\nset multiplot layout {},{} title {}\n", rows,
                      columns, GnuplotQuoted(title));
  std::size_t number = 0;
  for (const Panel& panel : drawn) text += PanelScript(panel, number);
  return text + "unset multiplot\n";
}

absl::Status DrawPlot(std::span<const Panel> panels, const std::string& title, const std::string& svg_path) {
  if (WithPoints(panels).empty()) return InvalidArgument("there is nothing to draw");
  return DrawScript(GnuplotScript(panels, title), svg_path);
}

}  // namespace conec::simec::experiments
