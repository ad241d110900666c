// The input table W1 with all of its rows (word2vec/input_layout.h): those of the words, and those of extended inputs.
#pragma once

#include <cstddef>
#include <span>

#include "base/matrix.h"
#include "base/status.h"
#include "word2vec/input_layout.h"

namespace conec {

// A view. Row i < V is that of word i; the others stand in a tensor of their own, so that a table without extended
// inputs is nothing but its words.
struct InputTable {
  MatrixView<const float> words;     // V x d
  MatrixView<const float> extended;  // (InputRows(layout) - V) x d; empty without extended inputs
  word2vec::InputLayout layout;
  std::span<const float> word_weights;  // V: how much each word counts where it stands beside another; empty: 1

  InputTable() = default;
  InputTable(MatrixView<const float> words_in)  // NOLINT(google-explicit-constructor): words are a table without more
      : words(words_in) {
    layout.vocabulary_size = static_cast<std::uint32_t>(words_in.rows);
  }
  InputTable(MatrixView<float> words_in)  // NOLINT(google-explicit-constructor)
      : InputTable(MatrixView<const float>(words_in)) {}
  InputTable(MatrixView<const float> words_in, MatrixView<const float> extended_in,
             const word2vec::InputLayout& layout_in)
      : words(words_in), extended(extended_in), layout(layout_in) {}

  const word2vec::ExtendedInputs& inputs() const { return layout.inputs; }
  std::size_t rows() const { return words.rows + extended.rows; }
  std::size_t cols() const { return words.cols; }
  std::span<const float> row(std::size_t i) const {
    return i < words.rows ? words.row(i) : extended.row(i - words.rows);
  }
};

// Whether every row stands for the same in both. The window matters to context shapes only.
bool SameRows(const word2vec::InputLayout& a, const word2vec::InputLayout& b);

// kInvalidArgument unless the tensors have the rows that the layout says, and equal columns, and all words have weights
// or none.
absl::Status CheckInputTable(const InputTable& table);

}  // namespace conec
