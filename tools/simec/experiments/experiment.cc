#include "tools/simec/experiments/experiment.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace conec::simec::experiments {
namespace {

// The point of a number belongs to it: "1" is no word of "0.1".
bool PartOfWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.';
}

}  // namespace

bool ContainsWords(std::string_view name, std::string_view text) {
  for (std::size_t at = name.find(text); at != std::string_view::npos; at = name.find(text, at + 1)) {
    const std::size_t end = at + text.size();
    if ((at == 0 || !PartOfWord(name[at - 1])) && (end == name.size() || !PartOfWord(name[end]))) return true;
  }
  return false;
}

absl::StatusOr<std::string> Run::Data(const std::string& folder) const {
  if (options_.data.empty()) {
    return NotFound("this experiment needs data, '{}': --data FOLDER or CONEC_DATA names the folder that holds it",
                    folder);
  }
  const std::string path = options_.data + "/" + folder;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return path;
  return NotFound("'{}' does not exist: --data FOLDER or CONEC_DATA names the folder that holds '{}'", path, folder);
}

bool Run::Begin(const std::string& step) {
  steps_.push_back(step);
  const auto wanted = [&step](const std::string& text) { return ContainsWords(step, text); };
  if (!options_.only.empty() && std::none_of(options_.only.begin(), options_.only.end(), wanted)) return false;
  step_ = step;
  return true;
}

absl::Status Run::Progress(double fraction) const {
  if (!options_.progress || options_.progress(step_, fraction)) return absl::OkStatus();
  return Cancelled("stopped in step '{}'", step_);
}

absl::Status Run::Add(Figure figure) {
  figures_.push_back(std::move(figure));
  return options_.on_figure ? options_.on_figure(figures_.back()) : absl::OkStatus();
}

absl::Status Run::Add(std::vector<Figure> figures) {
  for (Figure& figure : figures) CONEC_RETURN_IF_ERROR(Add(std::move(figure)));
  return absl::OkStatus();
}

void Run::Plot(const Panel& panel, const std::string& series, double x, double y) {
  auto found = std::find_if(panels_.begin(), panels_.end(), [&](const Panel& p) { return p.title == panel.title; });
  if (found == panels_.end()) found = panels_.insert(panels_.end(), panel);
  auto line =
      std::find_if(found->series.begin(), found->series.end(), [&](const Series& s) { return s.name == series; });
  if (line == found->series.end()) line = found->series.insert(found->series.end(), Series{.name = series});
  line->x.push_back(x);
  line->y.push_back(y);
}

void PlotNumbered(Run& run, const Panel& panel, const std::string& series, const std::vector<Figure>& figures,
                  std::string_view before, std::string_view after) {
  for (const Figure& figure : figures) {
    const std::string_view name = figure.name;
    if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after)) continue;
    const std::string number(name.substr(before.size(), name.size() - before.size() - after.size()));
    double x = 0;
    if (absl::SimpleAtod(number, &x)) run.Plot(panel, series, x, figure.ours);
  }
}

absl::StatusOr<const Experiment*> FindExperiment(std::string_view name) {
  const std::string wanted = absl::AsciiStrToLower({name.data(), name.size()});
  std::string names;
  for (const Experiment& experiment : AllExperiments()) {
    if (absl::AsciiStrToLower(experiment.name) == wanted || experiment.alias == wanted) return &experiment;
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", experiment.name, experiment.alias);
  }
  return InvalidArgument("no experiment '{}'; there are {}", name, names);
}

}  // namespace conec::simec::experiments
