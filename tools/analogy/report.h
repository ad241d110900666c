// How conec-analogy shows its scores.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "tools/analogy/variants.h"
#include "tools/cli/program.h"

namespace conec::analogy {

// Published figures to stand beside ours: a file of columns between tabs, the first line naming them; the first column
// holds the names of sections.
struct Published {
  std::vector<std::string> columns;            // without the first
  std::vector<std::vector<std::string>> rows;  // the name of a section, then a cell per column
};
// kDataLoss with "file:line:" for a line with another number of columns than the first.
absl::StatusOr<Published> ReadPublished(const std::string& path);

// One model and one variant: counts and accuracies.
std::string SingleTable(const Request& request, const word2vec::AnalogyReport& report);
cli::Json SingleJson(const Request& request, const VariantScores& scores);

// Several: for each method a table of means and standard deviations.
std::string SummaryTable(const Request& request, const std::vector<VariantScores>& scores, const Published& published);
cli::Json SummaryJson(const Request& request, const std::vector<VariantScores>& scores, const Published& published);

}  // namespace conec::analogy
