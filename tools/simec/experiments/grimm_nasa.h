// Words of fairy tales and of news about space: the data of the published experiment with a non-metric similarity.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "base/status.h"

namespace conec::simec::experiments {

// 100 words by the texts in which they occur.
struct WordOccurrences {
  std::vector<std::string> words;  // 50 frequent ones of the tales, then 50 of the news, as the authors chose them
  at::Tensor counts;               // words x texts, float64: occurrences / those of the text's most frequent word
};

// Reads 62 tales of the brothers Grimm (grimm_all.txt) and 62 press releases of NASA (nasa/*.txt) from a tar archive,
// compressed or not, or from a folder that holds both. Words are runs of letters, digits and hyphens, in lower case;
// addresses (http://...) are none. kNotFound if files or words are missing.
absl::StatusOr<WordOccurrences> LoadGrimmNasa(const std::string& path);

// log(|A and B| / |A or B|), A and B being the texts with either word, and log(2^-52) where they have none in common;
// divided by the largest absolute value and centred. kInvalidArgument for a word that occurs nowhere.
absl::StatusOr<at::Tensor> SharedTextSimilarity(const at::Tensor& counts);

}  // namespace conec::simec::experiments
