#include "simec_core/tensor_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/file.h"
#include "base/safetensors.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

absl::StatusOr<DType> TypeOf(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return DType::kF32;
    case at::kDouble:
      return DType::kF64;
    case at::kInt:
      return DType::kI32;
    case at::kLong:
      return DType::kI64;
    case at::kByte:
      return DType::kU8;
    default:
      return Internal("tensors of type {} cannot be stored", c10::toString(tensor.scalar_type()));
  }
}

at::ScalarType TorchType(DType type) {
  switch (type) {
    case DType::kF32:
      return at::kFloat;
    case DType::kF64:
      return at::kDouble;
    case DType::kI32:
      return at::kInt;
    case DType::kI64:
      return at::kLong;
    case DType::kU8:
      break;
  }
  return at::kByte;
}

std::string Shape(at::IntArrayRef sizes) {
  return fmt::format("[{}]", fmt::join(sizes.begin(), sizes.end(), ", "));
}

}  // namespace

absl::Status WriteTensors(const std::string& path, const Metadata& metadata, const NamedTensors& tensors) {
  return CatchTorch(path, [&]() -> absl::Status {
    NamedTensors stored;
    for (const auto& [name, tensor] : tensors) {
      const at::Tensor plain = tensor.detach().cpu();
      stored.emplace_back(name, (plain.scalar_type() == at::kBool ? plain.to(at::kByte) : plain).contiguous());
    }
    // Wide elements first keep all aligned.
    std::stable_sort(stored.begin(), stored.end(),
                     [](const auto& a, const auto& b) { return a.second.element_size() > b.second.element_size(); });
    SafetensorsWriter writer;
    for (const auto& [key, value] : metadata) writer.SetMetadata(key, value);
    for (const auto& [name, tensor] : stored) {
      CONEC_ASSIGN_OR_RETURN(const DType type, TypeOf(tensor));
      writer.Declare(name, type, {tensor.sizes().begin(), tensor.sizes().end()});
    }
    CONEC_RETURN_IF_ERROR(writer.Begin(path));
    for (const auto& [name, tensor] : stored) {
      CONEC_RETURN_IF_ERROR(
          writer.Append(std::span(static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes())));
    }
    return writer.Commit();
  });
}

absl::StatusOr<TensorFile> ReadTensors(const std::string& path, const std::string& format) {
  CONEC_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(path));
  const auto found = file.metadata().find("format");
  if (found == file.metadata().end() || found->second != format) {
    return DataLoss("'{}' is not a file of format {}", path, format);
  }
  CONEC_RETURN_IF_ERROR(file.VerifyChecksum());
  CONEC_ASSIGN_OR_RETURN(const MappedFile mapped, MappedFile::Open(path));
  return CatchTorch(path, [&]() -> absl::StatusOr<TensorFile> {
    TensorFile result{file.metadata(), {}};
    for (const auto& [name, info] : file.tensors()) {
      if (info.offset + info.bytes > mapped.bytes().size()) return DataLoss("'{}' changed while it was read", path);
      const std::vector<std::int64_t> sizes(info.shape.begin(), info.shape.end());
      const at::Tensor tensor = at::empty(sizes, TorchType(info.dtype));
      if (info.bytes > 0) std::memcpy(tensor.data_ptr(), mapped.bytes().data() + info.offset, info.bytes);
      result.tensors.emplace(name, tensor);
    }
    return result;
  });
}

absl::Status CopyTensor(const TensorFile& file, const std::string& path, const std::string& name, at::Tensor target) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) return DataLoss("'{}' has no tensor '{}'", path, name);
  const at::Tensor& source = found->second;
  const auto type = target.scalar_type() == at::kBool ? at::kByte : target.scalar_type();
  if (source.sizes() != target.sizes() || source.scalar_type() != type) {
    return DataLoss("'{}': tensor '{}' is {} {}, expected {} {}", path, name, c10::toString(source.scalar_type()),
                    Shape(source.sizes()), c10::toString(type), Shape(target.sizes()));
  }
  target.copy_(source);
  return absl::OkStatus();
}

}  // namespace conec::simec
