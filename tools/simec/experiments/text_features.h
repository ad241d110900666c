// Bags of words as the published text experiments made them: single words and frequent bigrams, weighted by tf-idf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/status.h"
#include "simec_core/csr_matrix.h"

namespace conec::simec::experiments {

// Lower case, Latin-1 letters and signs as ASCII (e for é, ss for ß), digits as 1; what is neither letter, digit nor
// hyphen separates words; words joined by single blanks.
std::string NormalizeText(std::string_view latin1);

// Learns words, bigrams and weights from training texts; words that are new in other texts do not count.
class TextFeatures {
 public:
  // Two words in sequence are a bigram if they are so more than twice, and in more than a tenth of the occurrences of
  // the more frequent of them; it then counts instead of its words. idf is log(N / df), divided by its largest value.
  static TextFeatures Fit(const std::vector<std::string>& texts);

  std::int64_t features() const { return static_cast<std::int64_t>(idf_.size()); }

  // One row per text: tf / max tf * idf, divided by the largest entry of the row. float64; a text without known words
  // is an empty row.
  absl::StatusOr<CsrMatrix> Transform(const std::vector<std::string>& texts) const;

 private:
  std::vector<std::string> Terms(std::string_view normalized) const;

  std::unordered_set<std::string> bigrams_;  // "word word"
  std::unordered_map<std::string, std::int64_t> column_;
  std::vector<double> idf_;
};

}  // namespace conec::simec::experiments
