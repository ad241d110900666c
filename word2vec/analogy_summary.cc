#include "word2vec/analogy_summary.h"

#include <cmath>
#include <numeric>
#include <utility>

namespace conec::word2vec {
namespace {

// Of the scores that `select` finds in each report.
template <typename Select>
AnalogyScoreSummary SummarizeScores(std::span<const AnalogyReport> runs, Select select) {
  AnalogyScoreSummary summary;
  std::vector<double> accuracy, accuracy_in_top;
  for (const AnalogyReport& run : runs) {
    const AnalogyScore& score = select(run);
    summary.runs.push_back(score);
    accuracy.push_back(score.accuracy());
    accuracy_in_top.push_back(score.accuracy_in_top());
  }
  summary.accuracy = MeanAndDeviation(accuracy);
  summary.accuracy_in_top = MeanAndDeviation(accuracy_in_top);
  return summary;
}

bool SameSections(const AnalogyReport& a, const AnalogyReport& b) {
  if (a.sections.size() != b.sections.size()) return false;
  for (std::size_t i = 0; i < a.sections.size(); ++i) {
    if (a.sections[i].name != b.sections[i].name || a.sections[i].score.total != b.sections[i].score.total)
      return false;
  }
  return true;
}

}  // namespace

Spread MeanAndDeviation(std::span<const double> values) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() < 2 ? 0 : std::sqrt(squares / (n - 1))};
}

absl::StatusOr<AnalogySummary> Summarize(std::span<const AnalogyReport> runs) {
  if (runs.empty()) return InvalidArgument("no analogy reports to summarize");
  for (const AnalogyReport& run : runs) {
    if (!SameSections(run, runs.front())) return InvalidArgument("analogy reports of different questions");
  }
  AnalogySummary summary;
  for (std::size_t i = 0; i < runs.front().sections.size(); ++i) {
    const AnalogySectionReport& section = runs.front().sections[i];
    summary.sections.push_back(
        {section.name, section.syntactic,
         SummarizeScores(
             runs, [i](const AnalogyReport& run) -> const auto& { return run.sections[i].score; })});
  }
  summary.semantic = SummarizeScores(
      runs, [](const AnalogyReport& run) -> const auto& { return run.semantic; });
  summary.syntactic = SummarizeScores(
      runs, [](const AnalogyReport& run) -> const auto& { return run.syntactic; });
  summary.total = SummarizeScores(
      runs, [](const AnalogyReport& run) -> const auto& { return run.total; });
  return summary;
}

absl::StatusOr<Spread> Gain(const AnalogyScoreSummary& score, const AnalogyScoreSummary& baseline) {
  if (score.runs.size() != baseline.runs.size()) return InvalidArgument("scores of different numbers of models");
  std::vector<double> gains;
  for (std::size_t i = 0; i < score.runs.size(); ++i) {
    gains.push_back(score.runs[i].accuracy() - baseline.runs[i].accuracy());
  }
  return MeanAndDeviation(gains);
}

}  // namespace conec::word2vec
