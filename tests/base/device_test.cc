// The messages about GPUs, none of which a machine without one would ever print otherwise.
#include "base/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conec {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

TEST(NoCudaDevice, SaysWhatIsMissing) {
  const absl::Status no_driver = NoCudaDevice(35, "insufficient driver", 0, 13000);
  EXPECT_THAT(Message(no_driver), HasSubstr("no NVIDIA driver"));
  const absl::Status old_driver = NoCudaDevice(35, "insufficient driver", 12040, 13000);
  EXPECT_THAT(Message(old_driver), AllOf(HasSubstr("12.4"), HasSubstr("13.0"), HasSubstr("update")));
  const absl::Status no_gpu = NoCudaDevice(100, "no device", 13000, 13000);
  EXPECT_THAT(Message(no_gpu), AllOf(HasSubstr("no GPU"), HasSubstr("CUDA_VISIBLE_DEVICES")));
  const absl::Status none_counted = NoCudaDevice(0, "no error", 13010, 13000);
  EXPECT_EQ(none_counted, no_gpu);
  const absl::Status other = NoCudaDevice(802, "system not yet initialized", 13000, 13000);
  EXPECT_THAT(Message(other), AllOf(HasSubstr("system not yet initialized"), HasSubstr("802")));
  for (const absl::Status& status : {no_driver, old_driver, no_gpu, other}) EXPECT_TRUE(absl::IsUnavailable(status));
}

TEST(CudaError, SaysWhatToDo) {
  const absl::Status memory = CudaError(2, "out of memory", "copying tables to the GPU");
  EXPECT_TRUE(absl::IsResourceExhausted(memory));
  EXPECT_THAT(Message(memory), AllOf(HasSubstr("copying tables to the GPU"), HasSubstr("--max-vocab"),
                                     HasSubstr("--dim"), HasSubstr("--device cpu")));
  for (const int lost : {214, 220, 226, 709, 999}) {
    const absl::Status status = CudaError(lost, "uncorrectable ECC error", "training on the GPU");
    EXPECT_TRUE(absl::IsUnavailable(status));
    EXPECT_THAT(Message(status), AllOf(HasSubstr("the GPU was lost"), HasSubstr("training on the GPU"),
                                       HasSubstr("uncorrectable ECC error"), HasSubstr("nvidia-smi")));
  }
  EXPECT_THAT(Message(CudaError(46, "busy", "asking for the GPU")), HasSubstr("in use by another program"));
  EXPECT_THAT(Message(CudaError(702, "the launch timed out", "training")), HasSubstr("--negatives"));
  EXPECT_THAT(Message(CudaError(221, "PTX JIT compiler library not found", "training")),
              HasSubstr("libnvidia-ptxjitcompiler"));
  EXPECT_THAT(Message(CudaError(209, "no kernel image", "training")), HasSubstr("8.0"));
  const absl::Status bug = CudaError(700, "illegal memory access", "training on the GPU");
  EXPECT_TRUE(absl::IsInternal(bug));
  EXPECT_THAT(Message(bug), AllOf(HasSubstr("illegal memory access"), HasSubstr("700"), Not(HasSubstr("lost"))));
}

TEST(FindCudaDevice, IsADeviceOrSaysWhyNot) {
  const auto device = FindCudaDevice();
  if (device.ok()) {
    EXPECT_TRUE(HasCudaBackend());
    EXPECT_GT(device->multiprocessors, 0);
    EXPECT_GT(device->free_bytes, 0u);
    EXPECT_LE(device->free_bytes, device->total_bytes);
    return;
  }
  EXPECT_TRUE(absl::IsUnavailable(device.status()));
  EXPECT_EQ(Message(device.status()).find("built without CUDA") == std::string::npos, HasCudaBackend());
}

}  // namespace
}  // namespace conec
