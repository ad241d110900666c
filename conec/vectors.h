// Small operations on single vectors. For this room only.
#pragma once

#include <span>

#include "conec/model.h"
#include "corpora/word_id.h"

namespace conec::vectors_internal {

// Scales to unit length. A vector without length (or with values that are not finite) becomes zero: false.
bool ToUnitLength(std::span<float> vector);

// vector = the global ConEc vector of `word` as `options` mix it, before centring and unit_length. False if it is zero,
// or if the model has no global context (then it is set to zero).
bool GlobalVector(const Model& model, const ConecVectorOptions& options, corpora::WordId word, std::span<float> vector);

// Unit length, or after that minus `mean` and to unit length again. Zero stays zero.
void Finish(std::span<float> vector, std::span<const float> mean, bool unit_length);

}  // namespace conec::vectors_internal
