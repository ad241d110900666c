#include "simec_core/matrix_file.h"

#include <torch/types.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/npy.h"
#include "simec_core/delimited.h"
#include "simec_core/matrix_market.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

enum class FileFormat { kNpy, kCsv, kTsv, kMatrixMarket };

absl::StatusOr<FileFormat> FormatOf(const std::string& path) {
  if (path.ends_with(".npy")) return FileFormat::kNpy;
  if (path.ends_with(".csv")) return FileFormat::kCsv;
  if (path.ends_with(".tsv")) return FileFormat::kTsv;
  if (path.ends_with(".mtx")) return FileFormat::kMatrixMarket;
  return InvalidArgument("'{}': a matrix is a file .npy, .csv, .tsv or .mtx (Matrix Market)", path);
}

char Delimiter(FileFormat format) {
  return format == FileFormat::kCsv ? ',' : '\t';
}

at::Tensor ToTensor(MatrixView<const double> matrix) {
  at::Tensor tensor =
      at::empty({static_cast<std::int64_t>(matrix.rows), static_cast<std::int64_t>(matrix.cols)}, at::kDouble);
  double* to = tensor.data_ptr<double>();
  for (std::size_t i = 0; i < matrix.rows && matrix.cols > 0; ++i) {
    to = std::copy(matrix.row(i).begin(), matrix.row(i).end(), to);
  }
  return tensor;
}

template <typename Real>
MatrixView<const Real> ViewOf(const at::Tensor& contiguous) {
  return {contiguous.data_ptr<Real>(), static_cast<std::size_t>(contiguous.size(0)),
          static_cast<std::size_t>(contiguous.size(1))};
}

absl::StatusOr<Features> FromMatrixMarket(const MatrixMarket& matrix) {
  if (!matrix.is_dense) {
    CONEC_ASSIGN_OR_RETURN(CsrMatrix sparse,
                           CsrMatrix::FromEntries(matrix.row, matrix.column, matrix.values, matrix.rows, matrix.cols));
    return Features(std::move(sparse));
  }
  return Features(
      ToTensor({matrix.values.data(), static_cast<std::size_t>(matrix.rows), static_cast<std::size_t>(matrix.cols)}));
}

MatrixMarket ToMatrixMarket(const Features& features) {
  MatrixMarket matrix;
  matrix.rows = features.rows();
  matrix.cols = features.cols();
  matrix.is_dense = !features.is_sparse();
  matrix.single = features.scalar_type() == at::kFloat;
  const at::Tensor values =
      (matrix.is_dense ? features.dense() : features.sparse().values()).cpu().to(at::kDouble).contiguous();
  matrix.values.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  if (matrix.is_dense) return matrix;
  const std::int64_t* offsets = features.sparse().row_offsets().data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < matrix.rows; ++i) {
    matrix.row.insert(matrix.row.end(), static_cast<std::size_t>(offsets[i + 1] - offsets[i]), i);
  }
  const std::int64_t* columns = features.sparse().columns().data_ptr<std::int64_t>();
  matrix.column.assign(columns, columns + features.sparse().entries());
  return matrix;
}

absl::StatusOr<MatrixFile> ReadText(const std::string& path, FileFormat format) {
  CONEC_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  if (format == FileFormat::kMatrixMarket) {
    CONEC_ASSIGN_OR_RETURN(const MatrixMarket matrix, ParseMatrixMarket(file.text(), path));
    auto features = FromMatrixMarket(matrix);
    if (!features.ok()) return Annotate(features.status(), path);
    return MatrixFile{*std::move(features), {}, {}};
  }
  CONEC_ASSIGN_OR_RETURN(DelimitedMatrix matrix, ParseDelimited(file.text(), Delimiter(format), path));
  return MatrixFile{ToTensor(matrix.values.view()), std::move(matrix.row_names), std::move(matrix.column_names)};
}

absl::Status WriteDense(const std::string& path, FileFormat format, const MatrixFile& matrix) {
  if (format != FileFormat::kNpy) {
    CONEC_ASSIGN_OR_RETURN(const std::string text, FormatMatrix(matrix, Delimiter(format)));
    return WriteFile(path, text);
  }
  const at::Tensor dense = matrix.values.dense().cpu().contiguous();
  if (dense.scalar_type() == at::kFloat) return WriteNpy(path, ViewOf<float>(dense));
  const at::Tensor wide = dense.to(at::kDouble);
  return WriteNpy(path, ViewOf<double>(wide));
}

}  // namespace

absl::StatusOr<MatrixFile> ReadMatrixFile(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const FileFormat format, FormatOf(path));
  return CatchTorch(path, [&]() -> absl::StatusOr<MatrixFile> {
    if (format != FileFormat::kNpy) return ReadText(path, format);
    CONEC_ASSIGN_OR_RETURN(const NpyNumbers numbers, ReadNpyNumbers(path));
    const at::Tensor values = ToTensor(numbers.matrix.view());
    return MatrixFile{numbers.is_float32 ? values.to(at::kFloat) : values, {}, {}};
  });
}

absl::StatusOr<std::string> FormatMatrix(const MatrixFile& matrix, char delimiter) {
  return CatchTorch("matrix", [&]() -> absl::StatusOr<std::string> {
    if (matrix.values.is_sparse()) return InvalidArgument("sparse matrices have no form with delimiters");
    const at::Tensor dense = matrix.values.dense().cpu().contiguous();
    if (dense.scalar_type() == at::kFloat) {
      return FormatDelimited(ViewOf<float>(dense), delimiter, matrix.row_names, matrix.column_names);
    }
    const at::Tensor wide = dense.to(at::kDouble);
    return FormatDelimited(ViewOf<double>(wide), delimiter, matrix.row_names, matrix.column_names);
  });
}

absl::Status WriteMatrixFile(const std::string& path, const MatrixFile& matrix) {
  CONEC_ASSIGN_OR_RETURN(const FileFormat format, FormatOf(path));
  return CatchTorch(path, [&]() -> absl::Status {
    if (format == FileFormat::kMatrixMarket) return WriteFile(path, FormatMatrixMarket(ToMatrixMarket(matrix.values)));
    if (matrix.values.is_sparse()) return InvalidArgument("'{}': sparse matrices are written as .mtx only", path);
    return WriteDense(path, format, matrix);
  });
}

}  // namespace conec::simec
