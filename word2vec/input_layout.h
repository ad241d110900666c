// The rows of the input table W1. Plain word2vec has one per word. Extended inputs (thesis 7.1, last paragraph) add
// rows, and nothing else changes: the hidden layer is the mean (sum) of all rows that the target's input vector x
// names, each of them gets its share of the gradient, and W2 stays as it is.
//
//   rows                                  x has a 1 there for
//   [0, V)                                each context word (with `direction`: each one left of the target)
//   then V                 (direction)    each context word right of the target
//   then 2 window S        (context_shapes)  each context word: at which distance and side it stands, and its shape
//   then S                 (shape)        the shape of the target word
// S = tokenize::kWordShapes. A gap (a word outside the vocabulary that keeps its place) has no row as a word, but its
// shape counts among the context shapes. Plain data and functions with internal linkage: kernels for the CPU and the
// GPU, the context pass and the encoder all find their rows here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "tokenize/word_shape.h"

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

// Which rows W1 has. Made by MakeInputLayout() (word2vec/options.h), which checks that row numbers fit into 31 bits.
struct InputLayout {
  std::uint32_t vocabulary_size = 0;  // V
  std::uint32_t window = 0;           // largest distance of a context word
  ExtendedInputs inputs;
};

// First row of the words right of the target: V, or 0 if both sides share their rows.
CONEC_HOST_DEVICE constexpr std::uint32_t FirstRightRow(const InputLayout& layout) {
  return layout.inputs.direction ? layout.vocabulary_size : 0;
}

CONEC_HOST_DEVICE constexpr std::uint32_t FirstContextShapeRow(const InputLayout& layout) {
  return layout.vocabulary_size + FirstRightRow(layout);
}

CONEC_HOST_DEVICE constexpr std::uint32_t FirstShapeRow(const InputLayout& layout) {
  constexpr auto kShapes = static_cast<std::uint32_t>(tokenize::kWordShapes);
  return FirstContextShapeRow(layout) + (layout.inputs.context_shapes ? 2 * layout.window * kShapes : 0);
}

// Rows of W1.
CONEC_HOST_DEVICE constexpr std::uint32_t InputRows(const InputLayout& layout) {
  return FirstShapeRow(layout) + (layout.inputs.shape ? static_cast<std::uint32_t>(tokenize::kWordShapes) : 0);
}

// The row of a context word. word < V.
CONEC_HOST_DEVICE constexpr std::uint32_t ContextRow(const InputLayout& layout, std::uint32_t word, bool is_right) {
  return word + (is_right ? FirstRightRow(layout) : 0);
}

// The row of a context word's shape, with context_shapes. distance: 1 .. window.
CONEC_HOST_DEVICE constexpr std::uint32_t ContextShapeRow(const InputLayout& layout, std::uint32_t distance,
                                                          bool is_right, tokenize::WordShape shape) {
  const std::uint32_t place = 2 * (distance - 1) + (is_right ? 1u : 0u);
  return FirstContextShapeRow(layout) + place * static_cast<std::uint32_t>(tokenize::kWordShapes) +
         static_cast<std::uint32_t>(shape);
}

// The row of the target's shape, with shape.
CONEC_HOST_DEVICE constexpr std::uint32_t ShapeRow(const InputLayout& layout, tokenize::WordShape shape) {
  return FirstShapeRow(layout) + static_cast<std::uint32_t>(shape);
}

}  // namespace conec::word2vec
