// The safetensors format: 8 bytes header length (little endian), a JSON header (name -> dtype, shape, data offsets;
// "__metadata__" -> strings), then the tensors back to back. Model files, encoded corpora and context matrices are
// safetensors files, so that Python and everything else that speaks the format can open them.
//
// Files that we write hold a checksum: the metadata entry "file_checksum" is the XXH3 of 128 bits, as 32 hexadecimal
// digits, of the whole file with zeros ('0') in the place of these digits. It tells damage, down to a bit, not malice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/hasher.h"
#include "base/matrix.h"
#include "base/status.h"

namespace conec {

enum class DType { kU8, kI32, kI64, kF32, kF64 };

std::size_t DTypeSize(DType dtype);       // bytes per element
std::string_view DTypeName(DType dtype);  // "U8", "I32", ...: as the format spells it

template <typename T>
inline constexpr DType kDTypeOf = DType::kU8;
template <>
inline constexpr DType kDTypeOf<std::int32_t> = DType::kI32;
template <>
inline constexpr DType kDTypeOf<std::int64_t> = DType::kI64;
template <>
inline constexpr DType kDTypeOf<float> = DType::kF32;
template <>
inline constexpr DType kDTypeOf<double> = DType::kF64;

struct TensorInfo {
  DType dtype = DType::kU8;
  std::vector<std::uint64_t> shape;
  std::uint64_t offset = 0;  // of the first byte, from the start of the file
  std::uint64_t bytes = 0;
};

// A safetensors file, mapped. Open() checks the whole header against the file's size: lengths, unique names, products
// of shapes, alignment of the element type, and that tensors cover the data without overlap, hole or rest; a hostile
// file gives kDataLoss naming the file and the tensor, never a crash.
class SafetensorsFile {
 public:
  static absl::StatusOr<SafetensorsFile> Open(const std::string& path);
  // The same of a file that is mapped already; `path` is for messages.
  static absl::StatusOr<SafetensorsFile> FromMapping(const std::string& path, MappedFile file);

  const std::string& path() const { return path_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }  // without the checksum
  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }
  // As the file has it; empty if it has none: written before there were any, by others, or to a pipe.
  const std::string& checksum() const { return checksum_; }
  // Reads the whole file, at several GB/s where it is in memory. kDataLoss naming the file if it has a checksum and is
  // not what was written with it.
  absl::Status VerifyChecksum() const;
  bool Contains(const std::string& name) const { return tensors_.contains(name); }

  // The tensor's elements, valid as long as this object. kNotFound, or kDataLoss if the type or rank is another one.
  template <typename T>
  absl::StatusOr<std::span<const T>> Vector(const std::string& name) const {
    CONEC_ASSIGN_OR_RETURN(const TensorInfo* info, Find(name, kDTypeOf<T>, 1));
    return std::span<const T>(reinterpret_cast<const T*>(file_.bytes().data() + info->offset), info->bytes / sizeof(T));
  }
  template <typename T>
  absl::StatusOr<MatrixView<const T>> Matrix(const std::string& name) const {
    CONEC_ASSIGN_OR_RETURN(const TensorInfo* info, Find(name, kDTypeOf<T>, 2));
    return MatrixView<const T>(reinterpret_cast<const T*>(file_.bytes().data() + info->offset), info->shape[0],
                               info->shape[1]);
  }

 private:
  absl::StatusOr<const TensorInfo*> Find(const std::string& name, DType dtype, std::size_t rank) const;

  std::string path_;
  MappedFile file_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, TensorInfo> tensors_;
  std::string checksum_;
};

// For who changes the bytes of a file on purpose, and for looking for damage: the checksum that they should have, if
// they have the metadata entry "file_checksum" with `digits`; empty if not.
std::string SafetensorsChecksum(std::string_view bytes, std::string_view digits);

// Writes a safetensors file with its checksum through AtomicFile. Declare all tensors, then Begin(), then append each
// tensor's bytes in the order of declaration, then Commit(). Data starts at a multiple of 64 bytes; declare wide
// element types before narrow ones to keep all aligned. To a pipe or device, where one cannot go back, the file goes
// without a checksum.
class SafetensorsWriter {
 public:
  void SetMetadata(std::string key, std::string value) { metadata_[std::move(key)] = std::move(value); }
  void Declare(std::string name, DType dtype, std::vector<std::uint64_t> shape);

  // kInternal if a name is declared twice.
  absl::Status Begin(const std::string& path);
  absl::Status Append(std::span<const std::byte> bytes);
  template <typename T>
  absl::Status Append(std::span<const T> elements) {
    return Append(std::as_bytes(elements));
  }
  absl::Status Append(MatrixView<const float> matrix);  // row by row, without padding
  // kInternal if what was appended is not what was declared.
  absl::Status Commit();
  // Instead of Commit(): the file without a name (AtomicFile::Map).
  absl::StatusOr<SafetensorsFile> Map();

 private:
  absl::StatusOr<std::string> HeaderText();  // padded; sets declared_bytes_
  absl::Status Write(std::span<const std::byte> bytes);
  absl::Status Complete();  // checks, and writes the checksum

  struct Declared {
    std::string name;
    DType dtype;
    std::vector<std::uint64_t> shape;
  };
  std::map<std::string, std::string> metadata_;
  std::vector<Declared> declared_;
  std::uint64_t declared_bytes_ = 0;
  std::uint64_t appended_bytes_ = 0;
  Hasher hasher_;                   // of all written, with zeros for the checksum
  std::size_t checksum_at_ = 0;     // where its digits stand in the file; 0: nowhere
  std::optional<AtomicFile> file_;  // empty before Begin()
};

}  // namespace conec
