#include "base/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace conec {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // quadratic in the number of keys: for what we write only
using Range = std::pair<std::uint64_t, std::uint64_t>;

constexpr std::size_t kPrefix = 8;                              // bytes of the header length
constexpr std::uint64_t kMaxHeader = std::uint64_t{100} << 20;  // bytes; the limit of the format's own implementation
constexpr const char* kMetadataName = "__metadata__";
constexpr const char* kChecksumName = "file_checksum";
constexpr std::string_view kNoChecksum = "00000000000000000000000000000000";  // what its digits count as
constexpr std::size_t kDataAlignment = 64;
constexpr DType kDTypes[] = {DType::kU8, DType::kI32, DType::kI64, DType::kF32, DType::kF64};

// The product of a shape and an element size; false on overflow.
bool TensorBytes(const std::vector<std::uint64_t>& shape, std::size_t element, std::uint64_t& bytes) {
  bytes = element;
  for (const std::uint64_t extent : shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) return false;
  }
  return true;
}

absl::StatusOr<TensorInfo> ParseTensor(const Json& entry, std::uint64_t data_start, std::uint64_t data_bytes) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets")) {
    return DataLoss("expected dtype, shape and data_offsets");
  }
  const Json& dtype = entry["dtype"];
  const Json& shape = entry["shape"];
  const Json& offsets = entry["data_offsets"];
  TensorInfo info;
  const auto* found = std::find_if(std::begin(kDTypes), std::end(kDTypes), [&](DType candidate) {
    return dtype.is_string() && dtype.get_ref<const std::string&>() == DTypeName(candidate);
  });
  if (found == std::end(kDTypes)) {
    // Not dtype.dump(): it recurses, and a hostile value may be nested deeper than the stack.
    return DataLoss("unsupported dtype {}",
                    dtype.is_string() ? dtype.get_ref<const std::string&>() : dtype.type_name());
  }
  info.dtype = *found;
  const auto is_size = [](const Json& value) { return value.is_number_unsigned(); };
  if (!shape.is_array() || !std::all_of(shape.begin(), shape.end(), is_size)) return DataLoss("bad shape");
  for (const Json& extent : shape) info.shape.push_back(extent.get<std::uint64_t>());
  if (!offsets.is_array() || offsets.size() != 2 || !std::all_of(offsets.begin(), offsets.end(), is_size)) {
    return DataLoss("bad data_offsets");
  }
  const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
  std::uint64_t bytes = 0;
  if (!TensorBytes(info.shape, DTypeSize(info.dtype), bytes)) return DataLoss("the shape overflows");
  if (begin > end || end > data_bytes) {
    return DataLoss("data_offsets [{}, {}] lie outside the {} data bytes (truncated file?)", begin, end, data_bytes);
  }
  if (end - begin != bytes) return DataLoss("the shape needs {} bytes, data_offsets give {}", bytes, end - begin);
  if (bytes > 0 && (data_start + begin) % DTypeSize(info.dtype) != 0)
    return DataLoss("the data is not aligned to its element type");
  info.offset = data_start + begin;
  info.bytes = bytes;
  return info;
}

// Counts the names in a JSON text's outermost object and in the objects directly in it. Stops where values are nested
// deeper than any header's: built as a tree, a text of brackets would take fifty times its size.
class NameCounter : public nlohmann::json_sax<Json> {
 public:
  std::size_t count() const { return count_; }

  bool key(string_t&) override {
    if (depth_ <= 2) ++count_;
    return true;
  }
  bool start_object(std::size_t) override { return Enter(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool end_array() override { return Leave(); }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }

 private:
  static constexpr std::size_t kDeepest = 4;  // {"tensor": {"shape": [ and one to say what is wrong

  bool Enter() { return ++depth_ <= kDeepest; }
  bool Leave() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
  std::size_t count_ = 0;
};

// The header's JSON text as an object whose names (and those of the objects in it) are unique.
absl::StatusOr<Json> ParseHeader(std::string_view text) {
  // Of names that are equal the parser keeps one. (Its callback would see them all, but takes quadratic time.)
  NameCounter names;
  if (!Json::sax_parse(text, &names)) return DataLoss("its header is not a JSON object of tensors");
  Json header = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return DataLoss("its header is not a JSON object of tensors");
  std::size_t kept = header.size();
  for (const Json& entry : header) kept += entry.is_object() ? entry.size() : 0;
  if (kept != names.count()) return DataLoss("its header has a name twice");
  return header;
}

absl::Status ParseMetadata(const Json& entry, std::map<std::string, std::string>& metadata) {
  if (!entry.is_object()) return DataLoss("__metadata__ is not an object");
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) return DataLoss("metadata '{}' is not a string", key);
    metadata[key] = value.get<std::string>();
  }
  return absl::OkStatus();
}

// The format wants tensors to cover the data without overlap, hole or rest.
absl::Status CheckCoverage(std::vector<Range> ranges, std::uint64_t begin, std::uint64_t end) {
  std::sort(ranges.begin(), ranges.end());
  for (const Range& range : ranges) {
    if (range.first < begin) return DataLoss("its tensors overlap");
    if (range.first > begin)
      return DataLoss("{} bytes before offset {} belong to no tensor", range.first - begin, range.first);
    begin = range.second;
  }
  if (begin != end) return DataLoss("{} bytes at its end belong to no tensor", end - begin);
  return absl::OkStatus();
}

// Where the checksum's digits begin in a file that starts with `text`; npos if they are not there. No other place looks
// like it: in names and values quotation marks are escaped.
std::size_t FindChecksum(std::string_view text, std::string_view digits) {
  const std::string before = fmt::format("\"{}\":\"", kChecksumName);
  const std::size_t found =
      digits.size() == kNoChecksum.size() ? text.find(fmt::format("{}{}\"", before, digits)) : std::string_view::npos;
  return found == std::string_view::npos ? found : found + before.size();
}

// The header's bytes and the 8 before them.
std::string_view HeaderOf(std::string_view bytes) {
  std::uint64_t header_bytes = 0;
  if (bytes.size() < kPrefix) return {};
  std::memcpy(&header_bytes, bytes.data(), kPrefix);
  return header_bytes <= kMaxHeader ? bytes.substr(0, kPrefix + header_bytes) : std::string_view();
}

void AddText(std::string_view text, Hasher& hasher) {
  hasher.Add(std::as_bytes(std::span(text)));
}

}  // namespace

std::string SafetensorsChecksum(std::string_view bytes, std::string_view digits) {
  const std::size_t at = FindChecksum(HeaderOf(bytes), digits);
  if (at == std::string_view::npos) return {};
  Hasher hasher;
  AddText(bytes.substr(0, at), hasher);
  AddText(kNoChecksum, hasher);
  AddText(bytes.substr(at + kNoChecksum.size()), hasher);
  return hasher.Hex();
}

std::size_t DTypeSize(DType dtype) {
  switch (dtype) {
    case DType::kI32:
    case DType::kF32:
      return 4;
    case DType::kI64:
    case DType::kF64:
      return 8;
    case DType::kU8:
      break;
  }
  return 1;
}

std::string_view DTypeName(DType dtype) {
  switch (dtype) {
    case DType::kI32:
      return "I32";
    case DType::kI64:
      return "I64";
    case DType::kF32:
      return "F32";
    case DType::kF64:
      return "F64";
    case DType::kU8:
      break;
  }
  return "U8";
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::Open(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  return FromMapping(path, std::move(file));
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::FromMapping(const std::string& path, MappedFile file) {
  SafetensorsFile result;
  result.path_ = path;
  result.file_ = std::move(file);
  const std::string_view text = result.file_.text();
  const auto bad = [&](absl::string_view what) {
    return DataLoss("'{}' is not a valid safetensors file: {}", path, std::string_view(what.data(), what.size()));
  };
  if (text.size() < kPrefix) return bad(fmt::format("it has only {} bytes", text.size()));
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, text.data(), kPrefix);
  if (header_bytes > kMaxHeader || header_bytes > text.size() - kPrefix) {
    return bad(
        fmt::format("it begins with the size of a header of {} bytes, in a file of {} (text, or another format?)",
                    header_bytes, text.size()));
  }
  const absl::StatusOr<Json> header = ParseHeader(text.substr(kPrefix, header_bytes));
  if (!header.ok()) return bad(header.status().message());
  const std::uint64_t data_start = kPrefix + header_bytes;
  std::vector<Range> ranges;
  for (const auto& [name, entry] : header->items()) {
    if (name == kMetadataName) {
      const absl::Status parsed = ParseMetadata(entry, result.metadata_);
      if (!parsed.ok()) return bad(parsed.message());
      continue;
    }
    absl::StatusOr<TensorInfo> info = ParseTensor(entry, data_start, text.size() - data_start);
    if (!info.ok()) return Annotate(info.status(), fmt::format("'{}': tensor '{}'", path, name));
    if (info->bytes > 0) ranges.emplace_back(info->offset, info->offset + info->bytes);
    result.tensors_[name] = *std::move(info);
  }
  const absl::Status covered = CheckCoverage(std::move(ranges), data_start, text.size());
  if (!covered.ok()) return bad(covered.message());
  if (auto checksum = result.metadata_.extract(kChecksumName)) result.checksum_ = std::move(checksum.mapped());
  return result;
}

absl::Status SafetensorsFile::VerifyChecksum() const {
  if (checksum_.empty() || SafetensorsChecksum(file_.text(), checksum_) == checksum_) return absl::OkStatus();
  return DataLoss("'{}' is damaged: it does not have the checksum that it was written with", path_);
}

absl::StatusOr<const TensorInfo*> SafetensorsFile::Find(const std::string& name, DType dtype, std::size_t rank) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return NotFound("'{}' has no tensor '{}'", path_, name);
  const TensorInfo& info = found->second;
  if (info.dtype != dtype || info.shape.size() != rank) {
    return DataLoss("'{}': tensor '{}' is {} of rank {}, expected {} of rank {}", path_, name, DTypeName(info.dtype),
                    info.shape.size(), DTypeName(dtype), rank);
  }
  return &info;
}

void SafetensorsWriter::Declare(std::string name, DType dtype, std::vector<std::uint64_t> shape) {
  declared_.push_back({std::move(name), dtype, std::move(shape)});
}

absl::StatusOr<std::string> SafetensorsWriter::HeaderText() {
  OrderedJson header = OrderedJson::object();
  if (!metadata_.empty()) header[kMetadataName] = metadata_;
  declared_bytes_ = 0;
  for (const Declared& tensor : declared_) {
    if (tensor.name == kMetadataName || header.contains(tensor.name)) {
      return Internal("a tensor named '{}' cannot be declared, or not twice", tensor.name);
    }
    std::uint64_t bytes = 0;
    if (!TensorBytes(tensor.shape, DTypeSize(tensor.dtype), bytes)) {
      return ResourceExhausted("tensor '{}' is too large", tensor.name);
    }
    header[tensor.name] = {{"dtype", DTypeName(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {declared_bytes_, declared_bytes_ + bytes}}};
    declared_bytes_ += bytes;
  }
  // Text from outside (a command line) may not be UTF-8; JSON must be.
  std::string text = header.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  text.append((kDataAlignment - (kPrefix + text.size()) % kDataAlignment) % kDataAlignment, ' ');
  return text;
}

absl::Status SafetensorsWriter::Begin(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  metadata_.erase(kChecksumName);
  if (file.can_overwrite()) metadata_[kChecksumName] = kNoChecksum;
  CONEC_ASSIGN_OR_RETURN(const std::string text, HeaderText());
  checksum_at_ = file.can_overwrite() ? kPrefix + FindChecksum(text, kNoChecksum) : 0;
  const std::uint64_t length = text.size();
  file_ = std::move(file);
  CONEC_RETURN_IF_ERROR(Write(std::as_bytes(std::span(&length, 1))));
  return Write(std::as_bytes(std::span(text)));
}

absl::Status SafetensorsWriter::Write(std::span<const std::byte> bytes) {
  if (checksum_at_ > 0) hasher_.Add(bytes);
  return file_->Write(bytes);
}

absl::Status SafetensorsWriter::Append(std::span<const std::byte> bytes) {
  if (!file_) return Internal("SafetensorsWriter::Append before Begin");
  appended_bytes_ += bytes.size();
  return Write(bytes);
}

absl::Status SafetensorsWriter::Append(MatrixView<const float> matrix) {
  for (std::size_t i = 0; i < matrix.rows; ++i) CONEC_RETURN_IF_ERROR(Append(matrix.row(i)));
  return absl::OkStatus();
}

absl::Status SafetensorsWriter::Complete() {
  if (!file_ || appended_bytes_ != declared_bytes_) {
    return Internal("a safetensors file declared {} data bytes and got {}", declared_bytes_, appended_bytes_);
  }
  return checksum_at_ > 0 ? file_->Overwrite(checksum_at_, hasher_.Hex()) : absl::OkStatus();
}

absl::Status SafetensorsWriter::Commit() {
  CONEC_RETURN_IF_ERROR(Complete());
  return file_->Commit();
}

absl::StatusOr<SafetensorsFile> SafetensorsWriter::Map() {
  CONEC_RETURN_IF_ERROR(Complete());
  const std::string path = file_->path();
  CONEC_ASSIGN_OR_RETURN(MappedFile file, file_->Map());
  return SafetensorsFile::FromMapping(path, std::move(file));
}

}  // namespace conec
