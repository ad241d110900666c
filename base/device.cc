#include "base/device.h"

#include <algorithm>
#include <iterator>

namespace conec {
namespace {

// cudaError_t; base/device_cuda.cc checks the numbers against the runtime's.
constexpr int kMemoryAllocation = 2;
constexpr int kInsufficientDriver = 35;
constexpr int kNoDevice = 100;

struct Explanation {
  int code;
  absl::StatusCode status;
  std::string_view what;
};
constexpr std::string_view kLost =
    "the GPU was lost, and what was trained since the last checkpoint with it. `nvidia-smi` and the system's log "
    "(dmesg, "
    "Xid) say why; train again (--resume goes on where a checkpoint stands), or use --device cpu";
constexpr Explanation kExplanations[] = {
    {46, absl::StatusCode::kUnavailable,
     "the GPU is in use by another program and cannot be shared (nvidia-smi shows it); wait for it, or use --device "
     "cpu"},
    {209, absl::StatusCode::kUnavailable,
     "this program has no code for this GPU (it needs compute capability 8.0 or more); use --device cpu"},
    {214, absl::StatusCode::kUnavailable, kLost},  // uncorrectable memory error
    {220, absl::StatusCode::kUnavailable, kLost},  // NVLink
    {226, absl::StatusCode::kUnavailable, kLost},  // contained error
    {709, absl::StatusCode::kUnavailable, kLost},  // context destroyed
    {999, absl::StatusCode::kUnavailable, kLost},  // unknown
    {221, absl::StatusCode::kUnavailable,
     "this GPU is newer than this program, and the driver's compiler (libnvidia-ptxjitcompiler), which would translate "
     "the code for it, is missing; install it, build for this GPU (CMAKE_CUDA_ARCHITECTURES), or use --device cpu"},
    {222, absl::StatusCode::kUnavailable,
     "the NVIDIA driver is too old for this program: update it, or use --device cpu"},
    {702, absl::StatusCode::kUnavailable,
     "the GPU draws a screen, and the system stopped a kernel because it ran for too long (a watchdog); use a GPU "
     "without a screen, fewer --negatives or a smaller --window, or --device cpu"},
};

std::string Version(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

}  // namespace

absl::Status NoCudaDevice(int code, std::string_view text, int driver_version, int runtime_version) {
  if (driver_version == 0) {
    return Unavailable("no NVIDIA driver was found on this machine (a container needs to be given the GPU)");
  }
  if (code == kInsufficientDriver || driver_version / 1000 < runtime_version / 1000) {
    return Unavailable("the NVIDIA driver supports CUDA {}, this program needs {}: update the driver",
                       Version(driver_version), Version(runtime_version));
  }
  if (code == 0 || code == kNoDevice) {
    return Unavailable(
        "no GPU was found, though there is an NVIDIA driver (nvidia-smi lists GPUs, CUDA_VISIBLE_DEVICES hides them)");
  }
  return Unavailable("the GPU cannot be used: {} (CUDA error {})", text, code);
}

absl::Status CudaError(int code, std::string_view text, std::string_view doing) {
  if (code == kMemoryAllocation) {
    return ResourceExhausted(
        "GPU memory ran out while {}: use fewer words (--max-vocab, --min-count), fewer dimensions (--dim), or "
        "--device "
        "cpu; other programs on the GPU may hold memory (nvidia-smi)",
        doing);
  }
  const auto* const found = std::find_if(std::begin(kExplanations), std::end(kExplanations),
                                         [&](const Explanation& known) { return known.code == code; });
  if (found != std::end(kExplanations)) {
    return absl::Status(found->status, fmt::format("while {}: {} ({}, CUDA error {})", doing, found->what, text, code));
  }
  return Internal("while {}: {} (CUDA error {}); --device cpu does without a GPU", doing, text, code);
}

}  // namespace conec
