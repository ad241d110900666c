// LibTorch's tensors in safetensors files. Not for other rooms.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace conec::simec {

using Metadata = std::map<std::string, std::string>;
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Writes all atomically, in the order given within each element size. float32, float64, int32, int64, uint8, bool (as
// uint8), of any shape and on any device.
absl::Status WriteTensors(const std::string& path, const Metadata& metadata, const NamedTensors& tensors);

struct TensorFile {
  Metadata metadata;
  std::map<std::string, at::Tensor> tensors;  // on the CPU, with memory of their own
};

// The whole file. kDataLoss for what is not whole, not safetensors or not what its checksum says, or if its metadata
// does not name `format`.
absl::StatusOr<TensorFile> ReadTensors(const std::string& path, const std::string& format);

// Copies the file's tensor into `target`. kDataLoss naming both if it is missing, or of another shape or element type.
absl::Status CopyTensor(const TensorFile& file, const std::string& path, const std::string& name, at::Tensor target);

}  // namespace conec::simec
