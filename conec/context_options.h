// What the context vector of a word is. The comments here are the documentation of the command-line options.
#pragma once

#include <string_view>

#include "base/status.h"

namespace conec {

inline constexpr double kMaxWeight = 1e6;  // of parts of vectors, which are added in single precision

// How much a word at a given distance counts.
enum class ContextWeighting {
  kUniform,          // 1
  kInverseDistance,  // 1 / distance
};

// What the summed context vector of a word is divided by.
enum class ContextScaling {
  kCount,  // the number of the word's occurrences N_w: the average of thesis eq. 7.1
  kMax,    // its own largest entry: what the paper's named entity experiments did
};

struct ContextOptions {
  int window = 5;  // words on each side; always the full window, never the shrunken one of training
  ContextWeighting weighting = ContextWeighting::kUniform;
  ContextScaling scaling = ContextScaling::kCount;
  bool unit_rows = true;  // scale the rows of W1 to unit length first
  // The word itself, where it stands once more in its own window, does not count: the context vector has no entry for
  // its own word, as in the paper's named entity experiments. Its shape there counts nevertheless.
  bool exclude_target = false;
  // s > 0: a context word that makes up the share p of the corpus counts s / (s + p), so that words that stand beside
  // everything do not drown those that tell something (smooth inverse frequency, Arora et al. 2017); about 1e-4 for
  // large corpora. 0: all words count the same.
  double sif = 0;
  // What a shape (of the word itself or of its neighbours) counts in a context vector, where a word beside it counts 1.
  // For models with such inputs; 1: as in training.
  double feature_weight = 1;
};

bool operator==(const ContextOptions& a, const ContextOptions& b);

// kInvalidArgument naming the option, its value and what is allowed.
absl::Status Validate(const ContextOptions& options);

std::string_view Name(ContextWeighting weighting);  // "uniform", "inverse-distance"
std::string_view Name(ContextScaling scaling);      // "count", "max"
absl::StatusOr<ContextWeighting> ParseContextWeighting(std::string_view name);
absl::StatusOr<ContextScaling> ParseContextScaling(std::string_view name);

}  // namespace conec
