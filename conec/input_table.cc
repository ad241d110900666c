#include "conec/input_table.h"

namespace conec {

bool SameRows(const word2vec::InputLayout& a, const word2vec::InputLayout& b) {
  return a.vocabulary_size == b.vocabulary_size && a.inputs == b.inputs &&
         (!a.inputs.context_shapes || a.window == b.window);
}

absl::Status CheckInputTable(const InputTable& table) {
  const std::size_t rows = word2vec::InputRows(table.layout);
  if (table.layout.vocabulary_size != table.words.rows || table.rows() != rows) {
    return InvalidArgument("the input table has {} + {} rows, its layout says {} + {}", table.words.rows,
                           table.extended.rows, table.layout.vocabulary_size, rows - table.layout.vocabulary_size);
  }
  if (table.extended.rows > 0 && table.extended.cols != table.words.cols) {
    return InvalidArgument("the input table's words have {} columns, its extended inputs {}", table.words.cols,
                           table.extended.cols);
  }
  if (!table.word_weights.empty() && table.word_weights.size() != table.words.rows) {
    return InvalidArgument("{} words have {} weights", table.words.rows, table.word_weights.size());
  }
  return absl::OkStatus();
}

}  // namespace conec
