// The CUDA runtime with absl::Status: memory, streams and events that free themselves. For the *_cuda.cc files of
// builds with CUDA only; not installed.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/device.h"
#include "base/matrix.h"
#include "base/status.h"

namespace conec::cuda {

inline absl::Status Check(cudaError_t code, std::string_view doing) {
  if (code == cudaSuccess) return absl::OkStatus();
  // The runtime keeps an error until it is asked for: the check behind the next launch would take it for its own.
  (void)cudaGetLastError();
  return CudaError(static_cast<int>(code), cudaGetErrorString(code), doing);
}

// Memory of n values that grows when more are asked for and loses its values then. Device: cudaMalloc; pinned: of the
// host, for copies that run beside kernels.
template <typename T, auto kAllocate, auto kFree>
class Array {
 public:
  absl::Status Reserve(std::size_t n, std::string_view what) {
    if (n <= size_) return absl::OkStatus();
    data_.reset();
    size_ = 0;
    void* memory = nullptr;
    CONEC_RETURN_IF_ERROR(Check(kAllocate(&memory, n * sizeof(T)), what));
    data_.reset(static_cast<T*>(memory));
    size_ = n;
    return absl::OkStatus();
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* data) const { (void)kFree(data); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

inline cudaError_t AllocatePinned(void** memory, std::size_t bytes) {
  return cudaHostAlloc(memory, bytes, cudaHostAllocDefault);
}
inline cudaError_t AllocateDevice(void** memory, std::size_t bytes) {
  return cudaMalloc(memory, bytes);
}
inline cudaError_t FreePinned(void* memory) {
  return cudaFreeHost(memory);
}
inline cudaError_t FreeDevice(void* memory) {
  return cudaFree(memory);
}

template <typename T>
using DeviceArray = Array<T, AllocateDevice, FreeDevice>;
template <typename T>
using PinnedArray = Array<T, AllocatePinned, FreePinned>;

struct DestroyStream {
  void operator()(cudaStream_t stream) const { (void)cudaStreamDestroy(stream); }
};
struct DestroyEvent {
  void operator()(cudaEvent_t event) const { (void)cudaEventDestroy(event); }
};
using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, DestroyStream>;
using Event = std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, DestroyEvent>;

inline absl::StatusOr<Stream> MakeStream() {
  cudaStream_t stream = nullptr;
  CONEC_RETURN_IF_ERROR(Check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "starting on the GPU"));
  return Stream(stream);
}
inline absl::StatusOr<Event> MakeEvent() {
  cudaEvent_t event = nullptr;
  CONEC_RETURN_IF_ERROR(Check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "starting on the GPU"));
  return Event(event);
}

template <typename T>
absl::Status CopyToDevice(T* to, const T* from, std::size_t n, cudaStream_t stream, std::string_view doing) {
  return Check(cudaMemcpyAsync(to, from, n * sizeof(T), cudaMemcpyHostToDevice, stream), doing);
}

// A table to rows of `stride` floats on the device, zero where the host's rows end. Returns when it is copied.
inline absl::Status CopyTable(MatrixView<const float> table, std::size_t stride, float* device) {
  constexpr std::string_view kDoing = "copying tables to the GPU";
  if (table.empty()) return absl::OkStatus();
  CONEC_RETURN_IF_ERROR(Check(cudaMemset(device, 0, table.rows * stride * sizeof(float)), kDoing));
  return Check(cudaMemcpy2D(device, stride * sizeof(float), table.data, table.stride * sizeof(float),
                            table.cols * sizeof(float), table.rows, cudaMemcpyHostToDevice),
               kDoing);
}

template <typename T>
absl::Status DownloadTable(const T* device, std::size_t stride, MatrixView<T> table) {
  if (table.empty()) return absl::OkStatus();
  return Check(cudaMemcpy2D(table.data, table.stride * sizeof(T), device, stride * sizeof(T), table.cols * sizeof(T),
                            table.rows, cudaMemcpyDeviceToHost),
               "copying tables from the GPU");
}

// A whole array to a new one on the device. Returns when it is copied.
template <typename T>
absl::Status UploadArray(const T* from, std::size_t n, DeviceArray<T>* device, std::string_view doing) {
  CONEC_RETURN_IF_ERROR(device->Reserve(n, doing));
  if (n == 0) return absl::OkStatus();
  return Check(cudaMemcpy(device->data(), from, n * sizeof(T), cudaMemcpyHostToDevice), doing);
}

}  // namespace conec::cuda
