// Small operations on single vectors. For this room only.
#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "conec/model.h"
#include "corpora/word_id.h"

namespace conec::vectors_internal {

// Scales to unit length. A vector without length (or with values that are not finite) becomes zero: false.
bool ToUnitLength(std::span<float> vector);

// What the output vectors of all words share (d values; ConecVectorOptions::output_weight); nothing if that is 0.
// kInvalidArgument if the output or the own weight is not within 0 to kMaxWeight, kFailedPrecondition if the output
// weight is not 0 and there is no output table.
absl::StatusOr<std::vector<float>> OutputMean(const Model& model, const ConecVectorOptions& options);

// vector = the global ConEc vector of `word` as `options` mix it, before centring and unit_length. output_mean: that of
// the same model and options. False if the vector is zero, or if the model has no global context (then it is set to
// zero).
bool GlobalVector(const Model& model, const ConecVectorOptions& options, std::span<const float> output_mean,
                  corpora::WordId word, std::span<float> vector);

// Unit length, or after that minus `mean` and to unit length again. Zero stays zero.
void Finish(std::span<float> vector, std::span<const float> mean, bool unit_length);

}  // namespace conec::vectors_internal
