// Bags of words as the published text experiments made them: single words and frequent bigrams, weighted by tf-idf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "simec_core/csr_matrix.h"

namespace conec::simec::experiments {

// Latin-1 letters and signs as ASCII (e for é, ss for ß), links (from "http://" or "https://" to the next blank) left
// out, lower case, digits as 1; what is neither letter, digit nor hyphen separates words; words joined by single
// blanks.
std::string NormalizeText(std::string_view latin1);

// Learns words, bigrams and weights from training texts; words that are new in other texts do not count.
class TextFeatures {
 public:
  // Two words in sequence are a bigram if they are so more than twice, and in more than a tenth of the occurrences of
  // the more frequent of them. Bigrams are joined to one term by replacing text, in the published program's
  // order (python2_dict.h): so the end of a word and the beginning of the next one are joined, too ("hot dog" joins
  // "shot dogs"), and several words in a row can become one term. idf is log(N / df), divided by its largest value.
  static TextFeatures Fit(const std::vector<std::string>& texts);

  std::int64_t features() const { return static_cast<std::int64_t>(idf_.size()); }

  // One row per text: tf / max tf * idf, divided by the largest entry of the row. float64; a text without known words
  // is an empty row.
  absl::StatusOr<CsrMatrix> Transform(const std::vector<std::string>& texts) const;

 private:
  // The second word of a bigram, and the place of the bigram in their order.
  struct Second {
    std::string word;
    std::size_t rank = 0;
  };

  void SetBigrams(const std::vector<std::string>& bigrams);
  // Of bigrams that occur in the text, joined nothing yet: ascending.
  std::vector<std::size_t> BigramsIn(std::string_view normalized) const;
  std::vector<std::string> Terms(std::string_view normalized) const;

  std::vector<std::string> bigrams_;                               // "word word"
  std::unordered_map<std::string, std::vector<Second>> by_first_;  // bigrams by their first word
  std::unordered_map<std::string, std::int64_t> column_;
  std::vector<double> idf_;
};

}  // namespace conec::simec::experiments
