// The rows of the input table W1. Plain word2vec has one per word. Extended inputs (thesis 7.1, last paragraph) add
// rows, and nothing else changes: the hidden layer is the mean (sum) of all rows that the target's input vector x
// names, each of them gets its share of the gradient, and W2 stays as it is.
//
//   rows                                  x has a 1 there for
//   [0, V)                                each context word (with `direction`: each one left of the target)
//   then V                 (direction)    each context word right of the target
//   then 2 window S        (context_shapes)  each context word: at which distance and side it stands, and its shape
//   then S                 (shape)        the shape of the target word
// S = corpora::kWordShapes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace conec::word2vec {

// The comments here are the documentation of the command-line options.
struct ExtendedInputs {
  bool direction = false;       // words left and right of the target have rows of their own
  bool shape = false;           // the target's case and shape are an input
  bool context_shapes = false;  // so are those of the context words, by distance and side

  bool any() const { return direction || shape || context_shapes; }
  bool needs_shapes() const { return shape || context_shapes; }
  bool operator==(const ExtendedInputs&) const = default;
};

}  // namespace conec::word2vec
