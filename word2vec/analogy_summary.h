// Analogy scores of several models that differ by chance only (their seeds): means and standard deviations.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "word2vec/analogy.h"

namespace conec::word2vec {

struct Spread {
  double mean = 0;
  double deviation = 0;  // of the sample (divided by n - 1); 0 for fewer than two values
};
Spread MeanAndDeviation(std::span<const double> values);

struct AnalogyScoreSummary {
  Spread accuracy, accuracy_in_top;  // in per cent
  std::vector<AnalogyScore> runs;    // one per model
};

struct AnalogySectionSummary {
  std::string name;
  bool syntactic = false;
  AnalogyScoreSummary score;
};

struct AnalogySummary {
  std::vector<AnalogySectionSummary> sections;
  AnalogyScoreSummary semantic, syntactic, total;
};

// `runs`: one report per model, all of the same questions. kInvalidArgument if there are none or their sections differ.
absl::StatusOr<AnalogySummary> Summarize(std::span<const AnalogyReport> runs);

// How many points of accuracy `score` is above `baseline`, model by model. kInvalidArgument if they have different
// numbers of runs.
absl::StatusOr<Spread> Gain(const AnalogyScoreSummary& score, const AnalogyScoreSummary& baseline);

}  // namespace conec::word2vec
