// The host's side of the pass on a GPU: the table is copied once, then chunks of the corpus follow each other, the next
// one made ready while one is summed.
#include "conec/context_cuda.h"

#include <array>
#include <string_view>
#include <vector>

#include "base/cuda.h"
#include "base/device.h"
#include "conec/context_check.h"
#include "conec/context_chunks.h"
#include "conec/context_device.h"
#include "corpora/encoded_corpus.h"

namespace conec::context_internal {
namespace {

using cuda::Check;
using cuda::DeviceArray;
using cuda::PinnedArray;

constexpr std::string_view kPreparing = "preparing context vectors on the GPU";
constexpr std::string_view kSumming = "summing context vectors on the GPU";
constexpr std::size_t kLargestDim = 1024;
// Words of a chunk: as many as a row of floats takes before it is emptied into double precision (global_context.cc).
constexpr std::size_t kChunkWords = 65536;
constexpr std::size_t kReserve = std::size_t{256} << 20;  // bytes that CUDA itself may want

// One chunk on its way. Two of them take turns.
struct Slot {
  PinnedArray<std::uint32_t> host_ids;
  PinnedArray<tokenize::WordShape> host_shapes;
  DeviceArray<std::uint32_t> ids;
  DeviceArray<tokenize::WordShape> shapes;
  cuda::Event copied, done;
};

class GpuSummer {
 public:
  GpuSummer(const ContextCorpus& corpus, const WindowSummer::Task& task)
      : corpus_(corpus), task_(task), needs_shapes_(task.table.inputs().needs_shapes()) {}
  // Nothing may run any more when memory is given back.
  ~GpuSummer() { (void)cudaDeviceSynchronize(); }
  GpuSummer(const GpuSummer&) = delete;
  GpuSummer& operator=(const GpuSummer&) = delete;

  absl::Status Start();
  absl::Status Sum(const ContextProgressFn& progress);
  absl::Status Download();

 private:
  absl::Status UploadTable();
  absl::Status UploadPreciseRows();
  absl::Status StartSlots();
  absl::Status Copy(Slot& slot, const ContextChunks::Chunk& chunk);
  absl::Status Launch(Slot& slot, const ContextChunks::Chunk& chunk);

  const ContextCorpus& corpus_;
  const WindowSummer::Task& task_;
  bool needs_shapes_;
  std::size_t stride_ = 0;
  std::size_t chunk_length_ = 0;
  ContextDeviceTask device_task_{};
  ContextDevicePrecise precise_{};
  std::vector<std::uint32_t> precise_rows_;  // the row of `sums` of each row of `precise_sums`
  DeviceArray<float> table_, sums_, scales_, weights_, shape_weights_;
  DeviceArray<std::uint32_t> device_precise_rows_;
  DeviceArray<double> precise_sums_;
  std::array<Slot, 2> slots_;
  cuda::Stream copies_, kernels_;
};

absl::Status CheckFits(const InputTable& table, std::size_t stride, std::size_t free_bytes) {
  const std::size_t per_word = 2 * stride * sizeof(float) + sizeof(float);
  const std::size_t fixed = kReserve + table.extended.rows * (stride + 1) * sizeof(float);
  if (free_bytes >= fixed && (free_bytes - fixed) / per_word >= table.words.rows) return absl::OkStatus();
  return ResourceExhausted(
      "the context vectors of {} words with {} dimensions need {} MB of GPU memory, {} MB are free: {} words fit",
      table.words.rows, table.cols(), (fixed + table.words.rows * per_word) >> 20, free_bytes >> 20,
      free_bytes > fixed ? (free_bytes - fixed) / per_word : 0);
}

absl::Status GpuSummer::Start() {
  if (task_.table.cols() > kLargestDim) {
    return Unavailable("a GPU sums context vectors of up to {} dimensions, these have {}", kLargestDim,
                       task_.table.cols());
  }
  CONEC_ASSIGN_OR_RETURN(const CudaDevice device, FindCudaDevice());
  stride_ = (task_.table.cols() + 7) / 8 * 8;
  CONEC_RETURN_IF_ERROR(CheckFits(task_.table, stride_, device.free_bytes));
  CONEC_ASSIGN_OR_RETURN(copies_, cuda::MakeStream());
  CONEC_ASSIGN_OR_RETURN(kernels_, cuda::MakeStream());
  CONEC_RETURN_IF_ERROR(UploadTable());
  CONEC_RETURN_IF_ERROR(UploadPreciseRows());
  CONEC_RETURN_IF_ERROR(StartSlots());
  return Check(cudaDeviceSynchronize(), kPreparing);
}

absl::Status GpuSummer::UploadTable() {
  const InputTable& table = task_.table;
  CONEC_RETURN_IF_ERROR(table_.Reserve(table.rows() * stride_, kPreparing));
  CONEC_RETURN_IF_ERROR(cuda::CopyTable(table.words, stride_, table_.data()));
  CONEC_RETURN_IF_ERROR(cuda::CopyTable(table.extended, stride_, table_.data() + table.words.rows * stride_));
  const std::size_t sums = table.words.rows * stride_;
  CONEC_RETURN_IF_ERROR(sums_.Reserve(sums, kPreparing));
  CONEC_RETURN_IF_ERROR(Check(cudaMemset(sums_.data(), 0, sums * sizeof(float)), kPreparing));
  CONEC_RETURN_IF_ERROR(cuda::UploadArray(task_.scales.data(), task_.scales.size(), &scales_, kPreparing));
  CONEC_RETURN_IF_ERROR(cuda::UploadArray(task_.weights.data(), task_.weights.size(), &weights_, kPreparing));
  CONEC_RETURN_IF_ERROR(
      cuda::UploadArray(task_.shape_weights.data(), task_.shape_weights.size(), &shape_weights_, kPreparing));
  device_task_ = ContextDeviceTask{.table = table_.data(),
                                   .stride = stride_,
                                   .quads = static_cast<std::uint32_t>(table.cols() + 3) / 4,
                                   .scales = scales_.data(),
                                   .weights = weights_.data(),
                                   .shape_weights = shape_weights_.data(),
                                   .window = static_cast<std::uint32_t>(task_.weights.size() - 1),
                                   .exclude_target = task_.exclude_target,
                                   .layout = table.layout,
                                   .sums = sums_.data()};
  return absl::OkStatus();
}

absl::Status GpuSummer::UploadPreciseRows() {
  precise_rows_.resize(task_.precise_sums.rows);
  for (std::size_t word = 0; word < task_.precise_rows.size(); ++word) {
    const std::int32_t row = task_.precise_rows[word];
    if (row >= 0) precise_rows_[static_cast<std::size_t>(row)] = static_cast<std::uint32_t>(word);
  }
  const std::size_t size = precise_rows_.size() * stride_;
  CONEC_RETURN_IF_ERROR(
      cuda::UploadArray(precise_rows_.data(), precise_rows_.size(), &device_precise_rows_, kPreparing));
  CONEC_RETURN_IF_ERROR(precise_sums_.Reserve(size, kPreparing));
  precise_ = {device_precise_rows_.data(), precise_sums_.data(), static_cast<std::uint32_t>(precise_rows_.size())};
  if (size == 0) return absl::OkStatus();
  return Check(cudaMemset(precise_sums_.data(), 0, size * sizeof(double)), kPreparing);
}

absl::Status GpuSummer::StartSlots() {
  chunk_length_ = kChunkWords + 2 * device_task_.window;
  for (Slot& slot : slots_) {
    CONEC_RETURN_IF_ERROR(slot.host_ids.Reserve(chunk_length_, kPreparing));
    CONEC_RETURN_IF_ERROR(slot.ids.Reserve(chunk_length_, kPreparing));
    CONEC_ASSIGN_OR_RETURN(slot.copied, cuda::MakeEvent());
    CONEC_ASSIGN_OR_RETURN(slot.done, cuda::MakeEvent());
    if (!needs_shapes_) continue;
    CONEC_RETURN_IF_ERROR(slot.host_shapes.Reserve(chunk_length_, kPreparing));
    CONEC_RETURN_IF_ERROR(slot.shapes.Reserve(chunk_length_, kPreparing));
  }
  return absl::OkStatus();
}

absl::Status GpuSummer::Sum(const ContextProgressFn& progress) {
  ContextChunks chunks(corpus_, task_.table.words.rows, device_task_.window, chunk_length_, needs_shapes_);
  for (std::size_t turn = 0;; turn = 1 - turn) {
    Slot& slot = slots_.at(turn);
    CONEC_RETURN_IF_ERROR(Check(cudaEventSynchronize(slot.done.get()), kSumming));
    const ContextChunks::Chunk chunk = chunks.Next(slot.host_ids.data(), slot.host_shapes.data());
    if (chunk.length == 0) break;
    CONEC_RETURN_IF_ERROR(Copy(slot, chunk));
    CONEC_RETURN_IF_ERROR(Launch(slot, chunk));
    if (progress && !progress(chunks.fraction())) return Cancelled("the global context was not finished");
  }
  if (chunks.changed()) return corpora::CorpusChanged();
  return Check(cudaStreamSynchronize(kernels_.get()), kSumming);
}

absl::Status GpuSummer::Copy(Slot& slot, const ContextChunks::Chunk& chunk) {
  cudaStream_t const to = copies_.get();
  CONEC_RETURN_IF_ERROR(cuda::CopyToDevice(slot.ids.data(), slot.host_ids.data(), chunk.length, to, kSumming));
  if (needs_shapes_) {
    CONEC_RETURN_IF_ERROR(cuda::CopyToDevice(slot.shapes.data(), slot.host_shapes.data(), chunk.length, to, kSumming));
  }
  return Check(cudaEventRecord(slot.copied.get(), to), kSumming);
}

absl::Status GpuSummer::Launch(Slot& slot, const ContextChunks::Chunk& chunk) {
  cudaStream_t const stream = kernels_.get();
  CONEC_RETURN_IF_ERROR(Check(cudaStreamWaitEvent(stream, slot.copied.get()), kSumming));
  const ContextDeviceChunk view{.ids = slot.ids.data(),
                                .shapes = slot.shapes.data(),
                                .length = static_cast<std::uint32_t>(chunk.length),
                                .begin = static_cast<std::uint32_t>(chunk.begin),
                                .end = static_cast<std::uint32_t>(chunk.end)};
  const int summed = LaunchContextSums(device_task_, view, stream);
  CONEC_RETURN_IF_ERROR(Check(static_cast<cudaError_t>(summed), kSumming));
  const int emptied = LaunchEmptyInto(device_task_, precise_, stream);
  CONEC_RETURN_IF_ERROR(Check(static_cast<cudaError_t>(emptied), kSumming));
  return Check(cudaEventRecord(slot.done.get(), stream), kSumming);
}

absl::Status GpuSummer::Download() {
  CONEC_RETURN_IF_ERROR(cuda::DownloadTable<float>(sums_.data(), stride_, task_.sums));
  return cuda::DownloadTable<double>(precise_sums_.data(), stride_, task_.precise_sums);
}

absl::Status SumUnchecked(const ContextCorpus& corpus, const WindowSummer::Task& task,
                          const ContextProgressFn& progress) {
  GpuSummer summer(corpus, task);
  CONEC_RETURN_IF_ERROR(summer.Start());
  CONEC_RETURN_IF_ERROR(summer.Sum(progress));
  return summer.Download();
}

}  // namespace

absl::Status SumOnGpu(const ContextCorpus& corpus, const WindowSummer::Task& task, const ContextProgressFn& progress) {
  CONEC_RETURN_IF_ERROR(CheckSums(
      task, [](const ContextCorpus& text, const WindowSummer::Task& small) { return SumUnchecked(text, small, {}); }));
  return SumUnchecked(corpus, task, progress);
}

}  // namespace conec::context_internal
