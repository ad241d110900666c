#include "tools/simec/experiments/digits.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <filesystem>

#include "simec_core/delimited.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/gzip_file.h"

namespace conec::simec::experiments {
namespace {

constexpr char kDebianPath[] = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz";
constexpr std::int64_t kPixels = 64;
constexpr double kLevels = 16;
constexpr std::size_t kMaxText = std::size_t{1} << 22;  // sixteen times its length

absl::StatusOr<std::string> ReadText(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(GzipFile file, GzipFile::Open(path));
  std::string text(kMaxText, '\0');
  CONEC_ASSIGN_OR_RETURN(const std::size_t size, file.Read(text));
  if (size == kMaxText) return DataLoss("'{}' is too long for the digits", path);
  text.resize(size);
  return text;
}

at::Tensor ToTensor(MatrixView<const double> matrix) {
  const auto rows = static_cast<std::int64_t>(matrix.rows), cols = static_cast<std::int64_t>(matrix.cols);
  const at::Tensor tensor = at::empty({rows, cols}, at::kDouble);
  for (std::size_t i = 0; i < matrix.rows; ++i)
    std::ranges::copy(matrix.row(i), tensor.data_ptr<double>() + static_cast<std::int64_t>(i) * cols);
  return tensor;
}

}  // namespace

absl::StatusOr<std::string> FindDigits(const std::string& folder) {
  std::error_code ignored;
  for (const std::string& path :
       {folder + "/digits.csv.gz", folder + "/digits/digits.csv.gz", std::string(kDebianPath)}) {
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return NotFound("no digits.csv.gz of scikit-learn in '{}' (--data), and none of Debian's package python3-sklearn",
                  folder);
}

absl::StatusOr<Digits> LoadDigits(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  CONEC_ASSIGN_OR_RETURN(const DelimitedMatrix file, ParseDelimited(text, ',', path));
  if (file.values.cols() != kPixels + 1) {
    return DataLoss("'{}': {} columns, expected {}", path, file.values.cols(), kPixels + 1);
  }
  return CatchTorch("digits", [&]() -> absl::StatusOr<Digits> {
    const at::Tensor all = ToTensor(file.values.view());
    const at::Tensor pixels = all.narrow(1, 0, kPixels), labels = all.select(1, kPixels);
    // NaN is in no range.
    const bool fits = pixels.ge(0).logical_and(pixels.le(kLevels)).all().item<bool>() &&
                      labels.ge(0).logical_and(labels.le(9)).logical_and(labels.eq(labels.floor())).all().item<bool>();
    if (!fits) return DataLoss("'{}': expected grey levels from 0 to {} and digits", path, kLevels);
    const at::Tensor x = pixels / pixels.max();
    return Digits{x - x.mean(0), labels.to(at::kLong)};
  });
}

}  // namespace conec::simec::experiments
