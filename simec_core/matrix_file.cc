#include "simec_core/matrix_file.h"

#include <torch/types.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/npy.h"
#include "simec_core/blocks.h"
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

template <typename Real>
at::Tensor ToTensor(MatrixView<const double> matrix) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(matrix.rows), static_cast<std::int64_t>(matrix.cols)},
                                c10::CppTypeToScalarType<Real>::value);
  Real* to = tensor.data_ptr<Real>();
  for (std::size_t i = 0; i < matrix.rows && matrix.cols > 0; ++i) {
    to = std::transform(matrix.row(i).begin(), matrix.row(i).end(), to, [](double x) { return static_cast<Real>(x); });
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
  return Features(ToTensor<double>(
      {matrix.values.data(), static_cast<std::size_t>(matrix.rows), static_cast<std::size_t>(matrix.cols)}));
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
  return MatrixFile{ToTensor<double>(matrix.values.view()), std::move(matrix.row_names),
                    std::move(matrix.column_names)};
}

// Calls use(rows) for blocks of rows, dense and in double or single precision.
template <typename Function>
absl::Status ForDenseBlocks(const Features& values, Function&& use) {
  const at::ScalarType type = values.scalar_type() == at::kFloat ? at::kFloat : at::kDouble;
  const std::int64_t step = RowsOfBlock(std::max<std::int64_t>(1, values.cols()));
  std::int64_t begin = 0;
  do {  // once for a matrix without rows, too
    const Features rows = values.SliceRows(begin, std::min(begin + step, values.rows()));
    const at::Tensor dense = rows.is_sparse() ? rows.sparse().ToDense() : rows.dense();
    CONEC_RETURN_IF_ERROR(use(dense.to(at::kCPU, type).contiguous()));
    begin += step;
  } while (begin < values.rows());
  return absl::OkStatus();
}

absl::Status WriteText(const std::string& path, char delimiter, const MatrixFile& matrix) {
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  CONEC_RETURN_IF_ERROR(
      WriteMatrixText(matrix, delimiter, [&file](std::string_view text) { return file.Write(text); }));
  return file.Commit();
}

template <typename Real>
absl::Status WriteBinary(const std::string& path, const Features& values) {
  CONEC_ASSIGN_OR_RETURN(auto writer, NpyWriter<Real>::Create(path, static_cast<std::uint64_t>(values.rows()),
                                                              static_cast<std::uint64_t>(values.cols())));
  CONEC_RETURN_IF_ERROR(
      ForDenseBlocks(values, [&writer](const at::Tensor& rows) { return writer.Append(ViewOf<Real>(rows)); }));
  return writer.Commit();
}

}  // namespace

absl::StatusOr<MatrixFile> ReadMatrixFile(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const FileFormat format, FormatOf(path));
  return CatchTorch(path, [&]() -> absl::StatusOr<MatrixFile> {
    if (format != FileFormat::kNpy) return ReadText(path, format);
    CONEC_ASSIGN_OR_RETURN(const NpyNumbers numbers, ReadNpyNumbers(path));
    const MatrixView<const double> values = numbers.matrix.view();
    return MatrixFile{numbers.is_float32 ? ToTensor<float>(values) : ToTensor<double>(values), {}, {}};
  });
}

absl::Status WriteMatrixText(const MatrixFile& matrix, char delimiter,
                             const std::function<absl::Status(std::string_view)>& write) {
  DelimitedText lines(static_cast<std::size_t>(matrix.values.rows()), static_cast<std::size_t>(matrix.values.cols()),
                      delimiter, matrix.row_names, matrix.column_names);
  return CatchTorch("matrix", [&]() -> absl::Status {
    return ForDenseBlocks(matrix.values, [&](const at::Tensor& block) -> absl::Status {
      CONEC_ASSIGN_OR_RETURN(const std::string text, block.scalar_type() == at::kFloat
                                                         ? lines.Next(ViewOf<float>(block))
                                                         : lines.Next(ViewOf<double>(block)));
      return write(text);
    });
  });
}

absl::Status WriteMatrixFile(const std::string& path, const MatrixFile& matrix) {
  CONEC_ASSIGN_OR_RETURN(const FileFormat format, FormatOf(path));
  return CatchTorch(path, [&]() -> absl::Status {
    if (format == FileFormat::kMatrixMarket) return WriteFile(path, FormatMatrixMarket(ToMatrixMarket(matrix.values)));
    if (format != FileFormat::kNpy) return WriteText(path, Delimiter(format), matrix);
    return matrix.values.scalar_type() == at::kFloat ? WriteBinary<float>(path, matrix.values)
                                                     : WriteBinary<double>(path, matrix.values);
  });
}

}  // namespace conec::simec
