#include "base/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace conec {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;

// The text after `'key':` in the header's Python dictionary, or nothing.
std::optional<std::string_view> Entry(std::string_view header, std::string_view key) {
  const std::size_t found = header.find(fmt::format("'{}':", key));
  if (found == std::string_view::npos) return std::nullopt;
  std::string_view rest = header.substr(found + key.size() + 3);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

// Parses "(12, 34)", and where `allow_vector` is set "(12,)" as 12 x 1.
bool ParseShape(std::string_view text, bool allow_vector, std::uint64_t& rows, std::uint64_t& cols) {
  if (!text.starts_with('(')) return false;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data() + 1, end, rows);
  if (first.ec != std::errc() || end - first.ptr < 2 || first.ptr[0] != ',') return false;
  const char* next = first.ptr + 1;
  while (next < end && *next == ' ') ++next;
  if (allow_vector && next < end && *next == ')') {
    cols = 1;
    return true;
  }
  const auto second = std::from_chars(next, end, cols);
  return second.ec == std::errc() && second.ptr < end && *second.ptr == ')';
}

// fortran_order: columns one after the other, as numpy saves a transposed array.
template <typename T, typename Real>
void CopyElements(const std::byte* source, bool fortran_order, Matrix<Real>& matrix) {
  if (matrix.view().empty()) return;  // however many rows without columns a header claims
  const std::size_t rows = matrix.rows(), cols = matrix.cols();
  const std::size_t next = fortran_order ? rows : 1;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::byte* at = source + (fortran_order ? i : i * cols) * sizeof(T);
    for (Real& element : matrix.row(i)) {
      T value;
      std::memcpy(&value, at, sizeof(T));
      element = static_cast<Real>(value);
      at += next * sizeof(T);
    }
  }
}

// How the elements of a type are read.
template <typename Real>
struct ElementType {
  std::string_view descr;
  std::size_t bytes;
  void (*copy)(const std::byte*, bool fortran_order, Matrix<Real>&);
};

constexpr ElementType<float> kFloatTypes[] = {{"<f4", 4, CopyElements<float, float>},
                                              {"<f8", 8, CopyElements<double, float>}};
constexpr ElementType<double> kNumberTypes[] = {
    {"<f4", 4, CopyElements<float, double>},         {"<f8", 8, CopyElements<double, double>},
    {"|b1", 1, CopyElements<std::uint8_t, double>},  {"|i1", 1, CopyElements<std::int8_t, double>},
    {"|u1", 1, CopyElements<std::uint8_t, double>},  {"<i2", 2, CopyElements<std::int16_t, double>},
    {"<u2", 2, CopyElements<std::uint16_t, double>}, {"<i4", 4, CopyElements<std::int32_t, double>},
    {"<u4", 4, CopyElements<std::uint32_t, double>}, {"<i8", 8, CopyElements<std::int64_t, double>},
    {"<u8", 8, CopyElements<std::uint64_t, double>}};

template <typename Real>
const ElementType<Real>* FindType(std::span<const ElementType<Real>> types, std::string_view descr) {
  for (const ElementType<Real>& type : types) {
    if (descr.starts_with(fmt::format("'{}'", type.descr))) return &type;
  }
  return nullptr;
}

absl::Status Bad(const std::string& path, std::string_view what) {
  return DataLoss("'{}' is not an npy file we read: {}", path, what);
}

// What an npy file says about its data, and where these begin.
struct NpyFile {
  MappedFile file;
  std::string_view descr, order, shape;
  std::size_t data_begin = 0;

  std::size_t data_bytes() const { return file.bytes().size() - data_begin; }
};

absl::StatusOr<NpyFile> OpenNpy(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  const std::string_view text = file.text();
  if (!text.starts_with(kMagic) || text.size() < kMagic.size() + 4)
    return Bad(path, "it does not start with \\x93NUMPY");
  const unsigned char major = static_cast<unsigned char>(text[6]);
  if (major < 1 || major > 3) return Bad(path, fmt::format("format version {}", major));
  const std::size_t prefix = major == 1 ? 10 : 12;
  if (text.size() < prefix) return Bad(path, "it is truncated");
  std::uint32_t length = 0;
  std::memcpy(&length, text.data() + 8, prefix - 8);
  if (length > text.size() - prefix) return Bad(path, "it is truncated");
  const std::string_view header = text.substr(prefix, length);
  const auto descr = Entry(header, "descr"), order = Entry(header, "fortran_order"), shape = Entry(header, "shape");
  if (!descr || !order || !shape) return Bad(path, "its header lacks descr, fortran_order or shape");
  return NpyFile{std::move(file), *descr, *order, *shape, prefix + length};
}

template <typename Real>
absl::StatusOr<Matrix<Real>> ReadElements(const std::string& path, const NpyFile& npy,
                                          std::span<const ElementType<Real>> types, bool allow_vector) {
  const ElementType<Real>* type = FindType(types, npy.descr);
  if (type == nullptr) {
    return Bad(path, types.size() == 2 ? "expected float32 or float64, little-endian"
                                       : "expected numbers or booleans, little-endian");
  }
  const bool fortran_order = npy.order.starts_with("True");
  if (!fortran_order && !npy.order.starts_with("False")) return Bad(path, "fortran_order is neither True nor False");
  std::uint64_t rows = 0, cols = 0, bytes = 0;
  if (!ParseShape(npy.shape, allow_vector, rows, cols)) {
    return Bad(path, allow_vector ? "expected one or two dimensions" : "expected two dimensions");
  }
  if (__builtin_mul_overflow(rows, cols, &bytes) || __builtin_mul_overflow(bytes, std::uint64_t{type->bytes}, &bytes)) {
    return Bad(path, "its shape overflows");
  }
  if (bytes != npy.data_bytes()) {
    return Bad(path, fmt::format("its shape needs {} data bytes, it has {}", bytes, npy.data_bytes()));
  }
  CONEC_ASSIGN_OR_RETURN(auto matrix, Matrix<Real>::Create(rows, cols));
  type->copy(npy.file.bytes().data() + npy.data_begin, fortran_order, matrix);
  return matrix;
}

std::string Header(std::string_view descr, std::uint64_t rows, std::uint64_t cols, std::size_t least_bytes) {
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}, {}), }}", descr, rows, cols);
  const std::size_t prefix = kMagic.size() + 4;
  const std::size_t bytes = std::max(prefix + dictionary.size() + 1, least_bytes);
  dictionary.resize((bytes + kAlignment - 1) / kAlignment * kAlignment - prefix - 1, ' ');
  dictionary += '\n';
  std::string header(kMagic);
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(dictionary.size() & 0xFF);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

template <typename Real>
absl::Status Write(const std::string& path, MatrixView<const Real> matrix) {
  CONEC_ASSIGN_OR_RETURN(auto writer, NpyWriter<Real>::Create(path, matrix.rows, matrix.cols));
  CONEC_RETURN_IF_ERROR(writer.Append(matrix));
  return writer.Commit();
}

}  // namespace

std::string NpyHeader(std::uint64_t rows, std::uint64_t cols, std::size_t least_bytes) {
  return Header("<f4", rows, cols, least_bytes);
}

absl::Status WriteNpy(const std::string& path, MatrixView<const float> matrix) {
  return Write(path, matrix);
}

absl::Status WriteNpy(const std::string& path, MatrixView<const double> matrix) {
  return Write(path, matrix);
}

template <typename Real>
absl::StatusOr<NpyWriter<Real>> NpyWriter<Real>::Create(const std::string& path, std::uint64_t rows,
                                                        std::uint64_t cols) {
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  CONEC_RETURN_IF_ERROR(file.Write(Header(sizeof(Real) == 4 ? "<f4" : "<f8", rows, cols, 0)));
  return NpyWriter(std::move(file), rows, cols);
}

template <typename Real>
absl::Status NpyWriter<Real>::Append(MatrixView<const Real> rows) {
  if (rows.cols != cols_ || rows.rows > rows_left_) {
    return InvalidArgument("'{}': {} x {} numbers for {} more rows of {}", file_.path(), rows.rows, rows.cols,
                           rows_left_, cols_);
  }
  rows_left_ -= rows.rows;
  for (std::size_t i = 0; i < rows.rows; ++i) CONEC_RETURN_IF_ERROR(file_.Write(std::as_bytes(rows.row(i))));
  return absl::OkStatus();
}

template <typename Real>
absl::Status NpyWriter<Real>::Commit() {
  if (rows_left_ > 0) return FailedPrecondition("'{}': {} rows are missing", file_.path(), rows_left_);
  return file_.Commit();
}

template class NpyWriter<float>;
template class NpyWriter<double>;

absl::StatusOr<Matrix<float>> ReadNpy(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const NpyFile npy, OpenNpy(path));
  return ReadElements<float>(path, npy, kFloatTypes, false);
}

absl::StatusOr<NpyNumbers> ReadNpyNumbers(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const NpyFile npy, OpenNpy(path));
  CONEC_ASSIGN_OR_RETURN(Matrix<double> matrix, ReadElements<double>(path, npy, kNumberTypes, true));
  return NpyNumbers{std::move(matrix), npy.descr.starts_with("'<f4'")};
}

}  // namespace conec
