#include "tools/simec/experiments/plot.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "tools/cli/text.h"

namespace conec::simec::experiments {
namespace {

constexpr int kPanelWidth = 520, kPanelHeight = 420;
constexpr std::size_t kColumns = 3;

// As gnuplot reads it between single quotes.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

// As a field of a data block: in double quotes, which cannot stand within.
std::string Field(std::string text) {
  std::replace(text.begin(), text.end(), '"', '\'');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return '"' + text + '"';
}

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
    if (!series.labels.empty()) text += " " + Field(series.labels[i]);
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
                     Quoted(series.name));
}

std::string Ticks(const Panel& panel) {
  if (panel.ticks.empty()) return "set xtics auto norotate\nset xrange [*:*]\n";
  std::string list;
  for (std::size_t i = 0; i < panel.ticks.size(); ++i) {
    list += fmt::format("{}{} {}", i == 0 ? "" : ", ", Quoted(panel.ticks[i]), i);
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
  return fmt::format("{}set title {}\nset xlabel {}\nset ylabel {}\n{} logscale y\n{}{}\n", data, Quoted(panel.title),
                     Quoted(panel.x_label), Quoted(panel.y_label), panel.log_y ? "set" : "unset", Ticks(panel), plot);
}

// What a shell command writes to standard output.
absl::StatusOr<std::string> OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return ErrnoStatus(errno, "gnuplot");
  std::string output;
  std::array<char, 65536> buffer;
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), size);
  }
  if (pclose(pipe) != 0) return Internal("gnuplot failed");
  return output;
}

// The first line that gnuplot complained with.
std::string Complaint(const std::string& path) {
  const auto text = ReadFileToString(path);
  if (!text.ok()) return "";
  const std::size_t begin = text->find_first_not_of(" \n\t^");
  return begin == std::string::npos ? "" : ": " + text->substr(begin, text->find('\n', begin) - begin);
}

struct Folder {
  std::string path;
  Folder() = default;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
};

absl::Status MakeTemporary(Folder& folder) {
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "simec-plot-XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) return ErrnoStatus(errno, name);
  folder.path = name;
  return absl::OkStatus();
}

}  // namespace

std::string GnuplotScript(std::span<const Panel> panels, const std::string& title) {
  const std::vector<Panel> drawn = WithPoints(panels);
  const std::size_t columns = drawn.size() == 4 ? 2 : std::clamp<std::size_t>(drawn.size(), 1, kColumns);
  const std::size_t rows = std::max<std::size_t>(1, (drawn.size() + columns - 1) / columns);
  std::string text = fmt::format(
      "set terminal svg noenhanced size {},{} background 'white'\nset grid\nset key noenhanced\nunset colorbox\n"
      "set multiplot layout {},{} title {}\n",
      kPanelWidth * columns, kPanelHeight * rows, rows, columns, Quoted(title));
  std::size_t number = 0;
  for (const Panel& panel : drawn) text += PanelScript(panel, number);
  return text + "unset multiplot\n";
}

absl::Status CheckGnuplot() {
  if (OutputOf("gnuplot --version 2>/dev/null").ok()) return absl::OkStatus();
  return Unavailable("--plot needs gnuplot, which cannot be run (Debian: apt-get install gnuplot-nox)");
}

absl::Status DrawPlot(std::span<const Panel> panels, const std::string& title, const std::string& svg_path) {
  if (WithPoints(panels).empty()) return InvalidArgument("there is nothing to draw");
  CONEC_RETURN_IF_ERROR(CheckGnuplot());
  Folder folder;
  CONEC_RETURN_IF_ERROR(MakeTemporary(folder));
  const std::string script = folder.path + "/script", complaint = folder.path + "/complaint";
  CONEC_RETURN_IF_ERROR(WriteFile(script, GnuplotScript(panels, title)));
  const absl::StatusOr<std::string> svg =
      OutputOf(fmt::format("gnuplot {} 2>{}", cli::ShellQuote(script), cli::ShellQuote(complaint)));
  if (!svg.ok()) return Internal("'{}' was not drawn: gnuplot failed{}", svg_path, Complaint(complaint));
  return WriteFile(svg_path, *svg);
}

}  // namespace conec::simec::experiments
