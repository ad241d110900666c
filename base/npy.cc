#include "base/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

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

// Parses "(12, 34)".
bool ParseShape(std::string_view text, std::uint64_t& rows, std::uint64_t& cols) {
  if (!text.starts_with('(')) return false;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data() + 1, end, rows);
  if (first.ec != std::errc() || end - first.ptr < 2 || first.ptr[0] != ',') return false;
  const char* next = first.ptr + 1;
  while (next < end && *next == ' ') ++next;
  const auto second = std::from_chars(next, end, cols);
  return second.ec == std::errc() && second.ptr < end && *second.ptr == ')';
}

template <typename T>
void CopyElements(const std::byte* source, Matrix<float>& matrix) {
  if (matrix.view().empty()) return;  // however many rows without columns a header claims
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (float& element : matrix.row(i)) {
      T value;
      std::memcpy(&value, source, sizeof(T));
      element = static_cast<float>(value);
      source += sizeof(T);
    }
  }
}

}  // namespace

std::string NpyHeader(std::uint64_t rows, std::uint64_t cols, std::size_t least_bytes) {
  std::string dictionary = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, cols);
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

absl::Status WriteNpy(const std::string& path, MatrixView<const float> matrix) {
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  CONEC_RETURN_IF_ERROR(file.Write(NpyHeader(matrix.rows, matrix.cols)));
  for (std::size_t i = 0; i < matrix.rows; ++i) CONEC_RETURN_IF_ERROR(file.Write(std::as_bytes(matrix.row(i))));
  return file.Commit();
}

absl::StatusOr<Matrix<float>> ReadNpy(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const std::string_view text = file.text();
  const auto bad = [&](std::string_view what) { return DataLoss("'{}' is not an npy file we read: {}", path, what); };
  if (!text.starts_with(kMagic) || text.size() < kMagic.size() + 4) return bad("it does not start with \\x93NUMPY");
  const unsigned char major = static_cast<unsigned char>(text[6]);
  if (major < 1 || major > 3) return bad(fmt::format("format version {}", major));
  const std::size_t prefix = major == 1 ? 10 : 12;
  if (text.size() < prefix) return bad("it is truncated");
  std::uint32_t length = 0;
  std::memcpy(&length, text.data() + 8, prefix - 8);
  if (length > text.size() - prefix) return bad("it is truncated");
  const std::string_view header = text.substr(prefix, length);
  const auto descr = Entry(header, "descr"), order = Entry(header, "fortran_order"), shape = Entry(header, "shape");
  if (!descr || !order || !shape) return bad("its header lacks descr, fortran_order or shape");
  const bool is_double = descr->starts_with("'<f8'");
  if (!is_double && !descr->starts_with("'<f4'")) return bad("expected float32 or float64, little-endian");
  if (!order->starts_with("False")) return bad("expected C order (save numpy.ascontiguousarray)");
  std::uint64_t rows = 0, cols = 0, bytes = 0;
  if (!ParseShape(*shape, rows, cols)) return bad("expected two dimensions");
  if (__builtin_mul_overflow(rows, cols, &bytes) ||
      __builtin_mul_overflow(bytes, std::uint64_t{is_double ? 8u : 4u}, &bytes)) {
    return bad("its shape overflows");
  }
  if (bytes != text.size() - prefix - length) {
    return bad(fmt::format("its shape needs {} data bytes, it has {}", bytes, text.size() - prefix - length));
  }
  CONEC_ASSIGN_OR_RETURN(auto matrix, Matrix<float>::Create(rows, cols));
  const std::byte* data = file.bytes().data() + prefix + length;
  is_double ? CopyElements<double>(data, matrix) : CopyElements<float>(data, matrix);
  return matrix;
}

}  // namespace conec
