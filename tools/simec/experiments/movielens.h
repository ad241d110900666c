// MovieLens 100k: ratings of films by people, and what is known of the films (experiment E13).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace conec::simec::experiments {

struct MovieLens {
  std::vector<std::string> titles;         // of m films, Latin-1 bytes as they are in the file
  std::vector<std::string> feature_names;  // genres, then decades ("1990s")
  at::Tensor features;                     // m x D, float64: 1 where a film is of that genre or decade
  at::Tensor films, users;                 // of each rating: int64, from 0
  at::Tensor ratings;                      // 1 to 5, float64
  std::int64_t user_count = 0;
};

// folder: with u.data, u.item and u.genre. kDataLoss "FILE:LINE: ..." for lines that are not of the format, numbers
// that name nothing, and ratings outside [1, 5].
absl::StatusOr<MovieLens> LoadMovieLens(const std::string& folder);

// m x users: what is left of each rating after the mean of all, what the film's mean and what the user's mean differ
// from it by; 0 where there is no rating. The reference's residuals, without shrinking.
at::Tensor RatingResiduals(const MovieLens& data);

}  // namespace conec::simec::experiments
