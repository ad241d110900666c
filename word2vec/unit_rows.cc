#include "word2vec/unit_rows.h"

#include <algorithm>
#include <cmath>

namespace conec::word2vec {

double Dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

absl::Status NormalizeRows(MatrixView<float> rows) {
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const std::span<float> row = rows.row(i);
    const double length = std::sqrt(Dot(row, row));  // floats squared neither overflow nor vanish in double
    if (!std::isfinite(length)) return InvalidArgument("vector {} has a value that is not finite", i);
    if (length == 0) continue;
    for (float& value : row) value = static_cast<float>(static_cast<double>(value) / length);
  }
  return absl::OkStatus();
}

absl::StatusOr<Matrix<float>> UnitRows(MatrixView<const float> rows, std::size_t count) {
  CONEC_ASSIGN_OR_RETURN(auto unit, Matrix<float>::Create(std::min(count, rows.rows), rows.cols));
  for (std::size_t i = 0; i < unit.rows(); ++i) std::ranges::copy(rows.row(i), unit.row(i).begin());
  CONEC_RETURN_IF_ERROR(NormalizeRows(unit.view()));
  return unit;
}

}  // namespace conec::word2vec
