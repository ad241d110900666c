// The host's side of training on a GPU: tables, distributions and, if they fit, all ids are copied once; then batches
// of blocks follow each other, the next one made ready while one is trained.
#include "word2vec/trainer_cuda.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cuda.h"
#include "base/device.h"
#include "corpora/encoded_corpus.h"
#include "word2vec/cbow_device.h"
#include "word2vec/centres.h"
#include "word2vec/device_check.h"
#include "word2vec/device_plan.h"
#include "word2vec/distributions.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

using cuda::Check;
using cuda::DeviceArray;
using cuda::PinnedArray;

constexpr std::string_view kPreparing = "preparing to train on the GPU";
constexpr std::string_view kTraining = "training on the GPU";

// Everything that one batch needs. Two of them take turns.
struct Batch {
  PinnedArray<CbowDeviceBlock> host_blocks;
  PinnedArray<std::uint32_t> host_ids;  // unless ids are resident
  PinnedArray<tokenize::WordShape> host_shapes;
  DeviceArray<CbowDeviceBlock> blocks;
  DeviceArray<std::uint32_t> ids;
  DeviceArray<tokenize::WordShape> shapes;
  DeviceArray<std::uint32_t> word_ids, word_segments, word_offsets;
  DeviceArray<tokenize::WordShape> word_shapes;
  DeviceArray<std::uint32_t> next_block;
  cuda::Event copied, trained;
};

// Device memory that stays during training.
struct Resident {
  DeviceArray<float> input, output;
  DeviceArray<AliasEntry> noise;
  DeviceArray<std::uint32_t> keep;
  DeviceArray<std::uint8_t> holdable;
  DeviceArray<float> input_damping, output_damping;
  DeviceArray<std::uint32_t> ids;  // of the whole corpus, if they fit
  DeviceArray<tokenize::WordShape> shapes;
  DeviceArray<CbowDeviceStatistics> statistics;
};

class CudaTrainer : public Trainer {
 public:
  CudaTrainer(const TrainOptions& options, const TrainingCorpus& corpus, EmbeddingTables& tables, CudaDevice device,
              const DeviceMemoryPlan& plan, int warps)
      : corpus_(corpus),
        tables_(tables),
        device_(std::move(device)),
        plan_(plan),
        warps_(warps),
        range_blocks_(BlocksOfRange(options, warps)),
        threads_(options.threads > 0 ? options.threads : omp_get_num_procs()),
        needs_shapes_(options.extended_inputs.needs_shapes()),
        schedule_(options, corpus.stream) {}
  // Nothing may run any more when memory is given back.
  ~CudaTrainer() override { (void)cudaDeviceSynchronize(); }
  CudaTrainer(const CudaTrainer&) = delete;
  CudaTrainer& operator=(const CudaTrainer&) = delete;

  // Copies what stays on the device. Before anything else.
  absl::Status Start(const TrainOptions& options, const InputLayout& layout);

  absl::StatusOr<RangeResult> TrainBlocks(int epoch, std::size_t first, std::size_t last) override;

  std::size_t RangeBlocks() const override { return range_blocks_; }

  absl::Status Synchronize() override {
    CONEC_RETURN_IF_ERROR(Check(cudaStreamSynchronize(kernels_.get()), kTraining));
    CONEC_RETURN_IF_ERROR(cuda::DownloadTable<float>(model_.input, model_.stride, tables_.input.view()));
    return cuda::DownloadTable<float>(model_.output, model_.stride, tables_.output.view());
  }

  std::string Description() const override {
    return fmt::format("cuda, {}, {} warp{}{}", device_.name, warps_, warps_ == 1 ? "" : "s",
                       plan_.resident ? "" : ", ids streamed");
  }

 private:
  absl::Status StartBatches();
  absl::Status UploadCorpus();
  absl::Status UploadModel(const TrainOptions& options, const InputLayout& layout);
  absl::Status LaunchBatch(Batch& batch, int epoch, std::size_t* first, std::size_t last);
  absl::Status Reserve(Batch& batch, std::size_t blocks, std::size_t positions) const;
  bool StageIds(const std::vector<CbowDeviceBlock>& blocks, Batch& batch) const;
  absl::Status Copy(Batch& batch, std::size_t blocks, std::size_t positions) const;
  CbowDeviceBatch View(const Batch& batch, int epoch, std::size_t blocks) const;

  TrainingCorpus corpus_;
  EmbeddingTables& tables_;
  CudaDevice device_;
  DeviceMemoryPlan plan_;
  int warps_;
  std::size_t range_blocks_;
  int threads_;  // of the host, that gather ids
  bool needs_shapes_;
  Schedule schedule_;
  CbowDeviceModel model_{};
  Resident resident_;
  PinnedArray<CbowDeviceStatistics> statistics_;
  std::array<Batch, 2> batches_;
  std::vector<CbowDeviceBlock> blocks_;  // of the batch that is made ready
  cuda::Stream copies_, kernels_;
};

absl::Status CudaTrainer::Start(const TrainOptions& options, const InputLayout& layout) {
  CONEC_ASSIGN_OR_RETURN(copies_, cuda::MakeStream());
  CONEC_ASSIGN_OR_RETURN(kernels_, cuda::MakeStream());
  CONEC_RETURN_IF_ERROR(UploadModel(options, layout));
  CONEC_RETURN_IF_ERROR(UploadCorpus());
  CONEC_RETURN_IF_ERROR(StartBatches());
  // Copies from pageable memory may still be on their way to the device; the streams do not wait for them themselves.
  return Check(cudaDeviceSynchronize(), kPreparing);
}

template <typename T>
absl::Status Upload(const std::vector<T>& values, DeviceArray<T>* device) {
  return cuda::UploadArray(values.data(), values.size(), device, kPreparing);
}

absl::Status CudaTrainer::UploadModel(const TrainOptions& options, const InputLayout& layout) {
  CONEC_ASSIGN_OR_RETURN(const std::vector<AliasEntry> noise, NoiseTable(corpus_.counts, options.noise_exponent));
  const std::vector<std::uint32_t> keep = KeepThresholds(corpus_.counts, options.sample);
  const RowRules rules = RulesOfRows(options, layout, corpus_.counts, warps_);
  const std::size_t stride = DeviceStride(options.dim);
  CONEC_RETURN_IF_ERROR(resident_.input.Reserve(tables_.input.rows() * stride, kPreparing));
  CONEC_RETURN_IF_ERROR(resident_.output.Reserve(tables_.output.rows() * stride, kPreparing));
  CONEC_RETURN_IF_ERROR(cuda::CopyTable(tables_.input.view(), stride, resident_.input.data()));
  CONEC_RETURN_IF_ERROR(cuda::CopyTable(tables_.output.view(), stride, resident_.output.data()));
  CONEC_RETURN_IF_ERROR(Upload(noise, &resident_.noise));
  CONEC_RETURN_IF_ERROR(Upload(keep, &resident_.keep));
  CONEC_RETURN_IF_ERROR(Upload(rules.holdable, &resident_.holdable));
  CONEC_RETURN_IF_ERROR(Upload(rules.input_damping, &resident_.input_damping));
  CONEC_RETURN_IF_ERROR(Upload(rules.output_damping, &resident_.output_damping));
  model_ = CbowDeviceModel{.input = resident_.input.data(),
                           .output = resident_.output.data(),
                           .stride = stride,
                           .quads = static_cast<std::uint32_t>(options.dim + 3) / 4,
                           .vocabulary_size = layout.vocabulary_size,
                           .noise = resident_.noise.data(),
                           .keep = resident_.keep.data(),  // nullptr if there is nothing to drop
                           .holdable = resident_.holdable.data(),
                           .input_damping = resident_.input_damping.data(),
                           .output_damping = resident_.output_damping.data(),
                           .window = static_cast<std::uint32_t>(options.window),
                           .negatives = static_cast<std::uint32_t>(options.negatives),
                           .shared_negatives = static_cast<std::uint32_t>(options.shared_negatives),
                           .held_rows = HeldRows(options, device_.shared_per_block),
                           .mean_hidden = options.update != CbowUpdate::kSum,
                           .mean_gradient = options.update == CbowUpdate::kMean,
                           .layout = layout,
                           .key = MakePhiloxKey(options.seed)};
  return absl::OkStatus();
}

absl::Status CudaTrainer::UploadCorpus() {
  if (!plan_.resident) return absl::OkStatus();
  constexpr std::string_view kDoing = "copying the corpus to the GPU";
  static_assert(sizeof(corpora::WordId) == sizeof(std::uint32_t));
  const auto* const ids = reinterpret_cast<const std::uint32_t*>(corpus_.stream.data());
  CONEC_RETURN_IF_ERROR(cuda::UploadArray(ids, corpus_.stream.size(), &resident_.ids, kDoing));
  if (!needs_shapes_) return absl::OkStatus();
  return cuda::UploadArray(corpus_.shapes.data(), corpus_.shapes.size(), &resident_.shapes, kDoing);
}

absl::Status CudaTrainer::StartBatches() {
  CONEC_RETURN_IF_ERROR(resident_.statistics.Reserve(1, kPreparing));
  CONEC_RETURN_IF_ERROR(statistics_.Reserve(1, kPreparing));
  for (Batch& batch : batches_) {
    CONEC_ASSIGN_OR_RETURN(batch.copied, cuda::MakeEvent());
    CONEC_ASSIGN_OR_RETURN(batch.trained, cuda::MakeEvent());
    CONEC_RETURN_IF_ERROR(batch.next_block.Reserve(1, kPreparing));
    CONEC_RETURN_IF_ERROR(Reserve(batch, 0, plan_.batch_positions));
  }
  return absl::OkStatus();
}

absl::StatusOr<RangeResult> CudaTrainer::TrainBlocks(int epoch, std::size_t first, std::size_t last) {
  CbowDeviceStatistics* const statistics = resident_.statistics.data();
  CONEC_RETURN_IF_ERROR(Check(cudaMemsetAsync(statistics, 0, sizeof(*statistics), kernels_.get()), kTraining));
  for (std::size_t turn = 0; first < last; turn = 1 - turn) {
    CONEC_RETURN_IF_ERROR(LaunchBatch(batches_.at(turn), epoch, &first, last));
  }
  CONEC_RETURN_IF_ERROR(Check(
      cudaMemcpyAsync(statistics_.data(), statistics, sizeof(*statistics), cudaMemcpyDeviceToHost, kernels_.get()),
      kTraining));
  CONEC_RETURN_IF_ERROR(Check(cudaStreamSynchronize(kernels_.get()), kTraining));
  return RangeResult{.loss_sum = statistics_.data()->loss_sum, .trained_words = statistics_.data()->trained_words};
}

absl::Status CudaTrainer::LaunchBatch(Batch& batch, int epoch, std::size_t* first, std::size_t last) {
  blocks_.clear();
  CONEC_ASSIGN_OR_RETURN(const std::size_t positions, NextDeviceBatch(schedule_, epoch, first, last,
                                                                      plan_.batch_positions, plan_.resident, &blocks_));
  if (blocks_.empty()) return absl::OkStatus();
  // Its memory is in use until it has been trained.
  CONEC_RETURN_IF_ERROR(Check(cudaEventSynchronize(batch.trained.get()), kTraining));
  CONEC_RETURN_IF_ERROR(Reserve(batch, blocks_.size(), positions));
  std::copy(blocks_.begin(), blocks_.end(), batch.host_blocks.data());
  if (!plan_.resident && !StageIds(blocks_, batch)) return corpora::CorpusChanged();
  CONEC_RETURN_IF_ERROR(Copy(batch, blocks_.size(), positions));
  CONEC_RETURN_IF_ERROR(Check(cudaStreamWaitEvent(kernels_.get(), batch.copied.get()), kTraining));
  const CbowDeviceBatch view = View(batch, epoch, blocks_.size());
  const int error = LaunchCbow(model_, view, warps_, kernels_.get());
  CONEC_RETURN_IF_ERROR(Check(static_cast<cudaError_t>(error), kTraining));
  return Check(cudaEventRecord(batch.trained.get(), kernels_.get()), kTraining);
}

absl::Status CudaTrainer::Reserve(Batch& batch, std::size_t blocks, std::size_t positions) const {
  CONEC_RETURN_IF_ERROR(batch.host_blocks.Reserve(blocks, kPreparing));
  CONEC_RETURN_IF_ERROR(batch.blocks.Reserve(blocks, kPreparing));
  CONEC_RETURN_IF_ERROR(batch.word_ids.Reserve(positions, kPreparing));
  CONEC_RETURN_IF_ERROR(batch.word_segments.Reserve(positions, kPreparing));
  CONEC_RETURN_IF_ERROR(batch.word_offsets.Reserve(positions, kPreparing));
  if (needs_shapes_) CONEC_RETURN_IF_ERROR(batch.word_shapes.Reserve(positions, kPreparing));
  if (plan_.resident) return absl::OkStatus();
  CONEC_RETURN_IF_ERROR(batch.host_ids.Reserve(positions, kPreparing));
  CONEC_RETURN_IF_ERROR(batch.ids.Reserve(positions, kPreparing));
  if (!needs_shapes_) return absl::OkStatus();
  CONEC_RETURN_IF_ERROR(batch.host_shapes.Reserve(positions, kPreparing));
  return batch.shapes.Reserve(positions, kPreparing);
}

// False if the corpus holds what it did not when it was checked; such ids become gaps.
bool CudaTrainer::StageIds(const std::vector<CbowDeviceBlock>& blocks, Batch& batch) const {
  const auto size = static_cast<std::int64_t>(blocks.size());
  const std::size_t words = corpus_.counts.size();
  bool known = true;
#pragma omp parallel for num_threads(threads_) reduction(&& : known)
  for (std::int64_t i = 0; i < size; ++i) {
    const CbowDeviceBlock& block = blocks[static_cast<std::size_t>(i)];
    std::uint32_t* const ids = batch.host_ids.data() + block.source;
    for (std::size_t j = 0; j < block.length; ++j) {
      const std::uint32_t id = corpora::Index(corpora::ReadOnce(corpus_.stream[block.begin + j]));
      const bool fits = id < words || id >= corpora::Index(corpora::kGap);
      ids[j] = fits ? id : corpora::Index(corpora::kGap);
      known = known && fits;
    }
    if (!needs_shapes_) continue;
    std::transform(corpus_.shapes.data() + block.begin, corpus_.shapes.data() + block.begin + block.length,
                   batch.host_shapes.data() + block.source, [](tokenize::WordShape shape) {
                     return static_cast<tokenize::WordShape>(static_cast<std::size_t>(shape) % tokenize::kWordShapes);
                   });
  }
  return known;
}

absl::Status CudaTrainer::Copy(Batch& batch, std::size_t blocks, std::size_t positions) const {
  cudaStream_t const to = copies_.get();
  CONEC_RETURN_IF_ERROR(cuda::CopyToDevice(batch.blocks.data(), batch.host_blocks.data(), blocks, to, kTraining));
  CONEC_RETURN_IF_ERROR(
      Check(cudaMemsetAsync(batch.next_block.data(), 0, sizeof(*batch.next_block.data()), to), kTraining));
  if (!plan_.resident) {
    CONEC_RETURN_IF_ERROR(cuda::CopyToDevice(batch.ids.data(), batch.host_ids.data(), positions, to, kTraining));
    if (needs_shapes_) {
      CONEC_RETURN_IF_ERROR(
          cuda::CopyToDevice(batch.shapes.data(), batch.host_shapes.data(), positions, to, kTraining));
    }
  }
  return Check(cudaEventRecord(batch.copied.get(), to), kTraining);
}

CbowDeviceBatch CudaTrainer::View(const Batch& batch, int epoch, std::size_t blocks) const {
  return CbowDeviceBatch{.ids = plan_.resident ? resident_.ids.data() : batch.ids.data(),
                         .shapes = plan_.resident ? resident_.shapes.data() : batch.shapes.data(),
                         .blocks = batch.blocks.data(),
                         .count = static_cast<std::uint32_t>(blocks),
                         .epoch = static_cast<std::uint32_t>(epoch),
                         .word_ids = batch.word_ids.data(),
                         .word_segments = batch.word_segments.data(),
                         .word_offsets = batch.word_offsets.data(),
                         .word_shapes = batch.word_shapes.data(),  // nullptr unless needed
                         .next_block = batch.next_block.data(),
                         .statistics = resident_.statistics.data()};
}

// What both ways of making a trainer need.
struct Prepared {
  CudaDevice device;
  InputLayout layout;
};
absl::StatusOr<Prepared> Prepare(const TrainOptions& options, const TrainingCorpus& corpus,
                                 const EmbeddingTables& tables) {
  CONEC_RETURN_IF_ERROR(CheckTraining(options, corpus, tables));
  CONEC_RETURN_IF_ERROR(CheckDeviceOptions(options));
  Prepared prepared;
  CONEC_ASSIGN_OR_RETURN(prepared.device, FindCudaDevice());
  CONEC_ASSIGN_OR_RETURN(prepared.layout,
                         MakeInputLayout(corpus.counts.size(), options.window, options.extended_inputs));
  return prepared;
}

absl::StatusOr<std::unique_ptr<Trainer>> MakeTrainer(const TrainOptions& options, const TrainingCorpus& corpus,
                                                     EmbeddingTables& tables, const Prepared& prepared,
                                                     const DeviceMemoryPlan& plan) {
  const int warps = ConcurrentWarps(options, prepared.device.multiprocessors, corpus.stream.size());
  auto trainer = std::make_unique<CudaTrainer>(options, corpus, tables, prepared.device, plan, warps);
  CONEC_RETURN_IF_ERROR(trainer->Start(options, prepared.layout));
  return trainer;
}

// For the check: with all ids on the device.
absl::StatusOr<std::unique_ptr<Trainer>> MakeUnchecked(const TrainOptions& options, const TrainingCorpus& corpus,
                                                       EmbeddingTables& tables) {
  return CreateCudaTrainer(options, corpus, tables,
                           DeviceMemoryPlan{.resident = true, .batch_positions = corpus.stream.size()});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Trainer>> CreateCudaTrainer(const TrainOptions& options, const TrainingCorpus& corpus,
                                                           EmbeddingTables& tables) {
  CONEC_ASSIGN_OR_RETURN(const Prepared prepared, Prepare(options, corpus, tables));
  CONEC_ASSIGN_OR_RETURN(const DeviceMemoryPlan plan,
                         PlanDeviceMemory(options, prepared.layout, corpus.stream.size(), prepared.device.free_bytes));
  CONEC_RETURN_IF_ERROR(CheckAgainstReference(options, MakeUnchecked));
  return MakeTrainer(options, corpus, tables, prepared, plan);
}

absl::StatusOr<std::unique_ptr<Trainer>> CreateCudaTrainer(const TrainOptions& options, const TrainingCorpus& corpus,
                                                           EmbeddingTables& tables, const DeviceMemoryPlan& plan) {
  CONEC_ASSIGN_OR_RETURN(const Prepared prepared, Prepare(options, corpus, tables));
  return MakeTrainer(options, corpus, tables, prepared, plan);
}

}  // namespace conec::word2vec
