// The GPU's kernel run by the host, lane by lane: everything of trainer_cuda.cc and cbow_kernels.cu but the device.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/matrix.h"
#include "tests/base/fiber_warp.h"
#include "tests/base/host_warp.h"
#include "tests/word2vec/trainer_testing.h"
#include "word2vec/cbow_warp.h"
#include "word2vec/centres.h"
#include "word2vec/device_plan.h"
#include "word2vec/distributions.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {

struct Emulation {
  std::size_t shared_bytes = 100000;     // of a warp's own memory
  std::size_t batch_positions = 100000;  // positions of a batch
  bool ids_in_place = true;              // as with ids resident on the device; otherwise copied for each batch
  bool hold_all = true;                  // noise rows whatever their frequency, as far as there is room
  // Lanes run by themselves, in this order, for one warp and up to 256 dimensions; otherwise together.
  std::optional<LaneOrder> order = {};
};

class EmulatedTrainer : public Trainer {
 public:
  EmulatedTrainer(const TrainOptions& options, const TrainingCorpus& corpus, EmbeddingTables& tables,
                  const Emulation& emulation)
      : options_(options),
        corpus_(corpus),
        tables_(tables),
        emulation_(emulation),
        schedule_(options, corpus.stream),
        noise_(NoiseTable(corpus.counts, options.noise_exponent).value()),
        keep_(KeepThresholds(corpus.counts, options.sample)),
        layout_(MakeInputLayout(noise_.size(), options.window, options.extended_inputs).value()),
        rules_(RulesOfRows(options, layout_, corpus.counts, warps())),
        input_(Padded(tables.input)),
        output_(Padded(tables.output)) {
    const auto window = static_cast<std::uint32_t>(options.window);
    if (!emulation.hold_all) rules_.holdable = RulesOfRows(options, layout_, corpus.counts, 40).holdable;
    model_ = CbowDeviceModel{.input = input_.row(0).data(),
                             .output = output_.row(0).data(),
                             .stride = input_.stride(),
                             .quads = static_cast<std::uint32_t>(options.dim + 3) / 4,
                             .vocabulary_size = static_cast<std::uint32_t>(noise_.size()),
                             .noise = noise_.data(),
                             .keep = keep_.empty() ? nullptr : keep_.data(),
                             .holdable = rules_.holdable.data(),
                             .input_damping = rules_.input_damping.data(),
                             .output_damping = rules_.output_damping.data(),
                             .window = window,
                             .negatives = static_cast<std::uint32_t>(options.negatives),
                             .shared_negatives = static_cast<std::uint32_t>(options.shared_negatives),
                             .held_rows = HeldRows(options, emulation.shared_bytes),
                             .mean_hidden = options.update != CbowUpdate::kSum,
                             .mean_gradient = options.update == CbowUpdate::kMean,
                             .layout = layout_,
                             .key = MakePhiloxKey(options.seed)};
  }

  absl::StatusOr<RangeResult> TrainBlocks(int epoch, std::size_t first, std::size_t last) override {
    RangeResult result;
    while (first < last) CONEC_RETURN_IF_ERROR(TrainBatch(epoch, &first, last, &result));
    return result;
  }

  absl::Status Synchronize() override {
    CopyBack(input_, tables_.input);
    CopyBack(output_, tables_.output);
    return absl::OkStatus();
  }

  std::string Description() const override { return "emulated"; }
  const CbowDeviceModel& model() const { return model_; }

 private:
  int warps() const { return options_.gpu_warps > 0 ? options_.gpu_warps : 1; }

  // With columns up to a multiple of 8, which must stay zero.
  static Matrix<float> Padded(const Matrix<float>& table) {
    auto padded = Matrix<float>::Create(table.rows(), DeviceStride(static_cast<int>(table.cols()))).value();
    for (std::size_t i = 0; i < table.rows(); ++i) std::ranges::copy(table.row(i), padded.row(i).begin());
    return padded;
  }
  static void CopyBack(const Matrix<float>& from, Matrix<float>& to) {
    for (std::size_t i = 0; i < to.rows(); ++i) {
      std::copy_n(from.row(i).begin(), to.cols(), to.row(i).begin());
      for (std::size_t j = to.cols(); j < from.cols(); ++j) EXPECT_EQ(from.row(i)[j], 0.0f) << "padding";
    }
  }

  absl::Status TrainBatch(int epoch, std::size_t* first, std::size_t last, RangeResult* result) {
    std::vector<CbowDeviceBlock> blocks;
    CONEC_ASSIGN_OR_RETURN(
        const std::size_t size,
        NextDeviceBatch(schedule_, epoch, first, last, emulation_.batch_positions, emulation_.ids_in_place, &blocks));
    std::vector<std::uint32_t> source, ids(size), segments(size), offsets(size);
    std::vector<tokenize::WordShape> source_shapes, shapes(size);
    Stage(blocks, &source, &source_shapes);
    const bool needs_shapes = options_.extended_inputs.needs_shapes();
    CbowDeviceBatch batch{};
    batch.ids = source.data();
    batch.shapes = needs_shapes ? source_shapes.data() : nullptr;
    batch.blocks = blocks.data();
    batch.count = static_cast<std::uint32_t>(blocks.size());
    batch.epoch = static_cast<std::uint32_t>(epoch);
    batch.word_ids = ids.data();
    batch.word_segments = segments.data();
    batch.word_offsets = offsets.data();
    batch.word_shapes = needs_shapes ? shapes.data() : nullptr;
    Launch(batch, result);
    return absl::OkStatus();
  }

  void Stage(const std::vector<CbowDeviceBlock>& blocks, std::vector<std::uint32_t>* ids,
             std::vector<tokenize::WordShape>* shapes) const {
    const auto append = [&](std::size_t begin, std::size_t length) {
      for (std::size_t i = begin; i < begin + length; ++i) {
        ids->push_back(corpora::Index(corpus_.stream[i]));
        shapes->push_back(corpus_.shapes[i]);
      }
    };
    if (emulation_.ids_in_place) return append(0, corpus_.stream.size());
    for (const CbowDeviceBlock& block : blocks) append(block.begin, block.length);
  }

  void Launch(const CbowDeviceBatch& batch, RangeResult* result) {
    switch ((model_.quads + kWarpLanes - 1) / kWarpLanes) {
      case 1:
        return Launch<1>(batch, result);
      case 2:
        return Launch<2>(batch, result);
      case 3:
        return Launch<3>(batch, result);
      default:
        return Launch<8>(batch, result);
    }
  }

  // A warp's own memory.
  std::vector<Quad> Near() const {
    const std::size_t bytes = NearLayout(model_.quads, model_.held_rows, model_.negatives, model_.window).bytes;
    return std::vector<Quad>(bytes / sizeof(Quad) + 1);
  }

  // One warp takes all blocks.
  template <std::uint32_t kQuads>
  RangeResult RunLanes(const CbowDeviceBatch& batch) {
    RangeResult result;
    std::vector<Quad> memory = Near();
    FiberWarp::Run(*emulation_.order, [&] {
      CbowWarp<FiberWarp, kQuads> warp(model_, batch, reinterpret_cast<char*>(memory.data()));
      for (std::uint32_t block = 0; block < batch.count; ++block) warp.TrainBlock(batch.blocks[block]);
      const double loss = warp.loss_sum();
      if (FiberWarp::Index() == 0) result = {loss, warp.trained_words()};
    });
    return result;
  }

  template <std::uint32_t kQuads>
  void Launch(const CbowDeviceBatch& batch, RangeResult* result) {
    if constexpr (kQuads <= 2) {  // enough to see it: the others take as long to compile
      if (emulation_.order.has_value()) return Add(RunLanes<kQuads>(batch), *result);
    }
    std::atomic<std::uint32_t> next{0};
    std::vector<RangeResult> results(static_cast<std::size_t>(warps()));
    std::vector<std::thread> threads;
    threads.reserve(results.size());
    for (RangeResult& own : results) {
      threads.emplace_back([&] {
        std::vector<Quad> memory = Near();
        CbowWarp<HostWarp, kQuads> warp(model_, batch, reinterpret_cast<char*>(memory.data()));
        for (std::uint32_t block = next++; block < batch.count; block = next++) warp.TrainBlock(batch.blocks[block]);
        own = {warp.loss_sum(), warp.trained_words()};
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const RangeResult& own : results) Add(own, *result);
  }

  TrainOptions options_;
  TrainingCorpus corpus_;
  EmbeddingTables& tables_;
  Emulation emulation_;
  Schedule schedule_;
  std::vector<AliasEntry> noise_;
  std::vector<std::uint32_t> keep_;
  InputLayout layout_;
  RowRules rules_;
  Matrix<float> input_, output_;
  CbowDeviceModel model_{};
};

}  // namespace conec::word2vec
