// Threads over blocks of segments, each running the kernel of the chosen SIMD level on shared tables (Hogwild).
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "base/simd.h"
#include "word2vec/cbow_kernel.h"
#include "word2vec/centres.h"
#include "word2vec/distributions.h"
#include "word2vec/schedule.h"
#include "word2vec/trainer.h"

namespace conec::word2vec {
namespace {

TrainRunFn KernelOf(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return TrainRunAvx512;
  if (level == SimdLevel::kAvx2) return TrainRunAvx2;
#endif
  return TrainRunScalar;
}

// The words of a block, and the kernel's view of them.
struct Words {
  Centres centres;
  CbowRun run{};
};

// One thread's memory; the arrays that the kernel writes to lie on pages of their own.
class Worker {
 public:
  static absl::StatusOr<Worker> Create(const TrainOptions& options, std::size_t stride) {
    const std::size_t rows = ScratchRows(static_cast<std::size_t>(options.negatives));
    const std::size_t inputs = ScratchInputs(static_cast<std::size_t>(options.window));
    const std::size_t sets = NoiseSets(static_cast<std::uint32_t>(options.shared_negatives));
    const std::size_t lists = 2 + (options.shared_negatives > 1 ? 2 * sets : 0);
    Worker worker;
    CONEC_ASSIGN_OR_RETURN(worker.floats_, Matrix<float>::Create(kFloatRows, std::max(stride, rows)));
    CONEC_ASSIGN_OR_RETURN(worker.counts_, Matrix<float>::Create(lists, rows));
    worker.ids_.resize(lists * rows + inputs);
    worker.floats_.row(kLabels)[0] = 1;
    for (std::size_t i = 0; i < lists; ++i) {
      worker.output_rows_.push_back({worker.ids_.data() + i * rows, worker.counts_.row(i).data(), 0});
    }
    return worker;
  }

  CbowScratch scratch() {
    OutputRows* const lists = output_rows_.data();
    const std::size_t sets = (output_rows_.size() - 2) / 2;
    return CbowScratch{.hidden = floats_.row(kHidden).data(),
                       .error = floats_.row(kError).data(),
                       .logits = floats_.row(kLogits).data(),
                       .coefficients = floats_.row(kCoefficients).data(),
                       .labels = floats_.row(kLabels).data(),
                       .own = {lists, lists + 1},
                       .shared = {lists + 2, lists + 2 + sets},
                       .context = ids_.data() + output_rows_.size() * counts_.cols()};
  }

  Words current, following;
  CbowStatistics statistics{};

 private:
  enum Row { kHidden, kError, kLogits, kCoefficients, kLabels, kFloatRows };
  Matrix<float> floats_;
  Matrix<float> counts_;            // of each list of output rows
  std::vector<std::uint32_t> ids_;  // of each list of output rows, and of the context
  std::vector<OutputRows> output_rows_;
};

class CpuTrainer : public Trainer {
 public:
  CpuTrainer(const TrainOptions& options, const TrainingCorpus& corpus, EmbeddingTables& tables,
             const InputLayout& layout, std::vector<AliasEntry> noise, std::vector<Worker> workers, SimdLevel level)
      : corpus_(corpus),
        shapes_(layout.inputs.needs_shapes() ? corpus.shapes : std::span<const tokenize::WordShape>()),
        schedule_(options, corpus.stream),
        noise_(std::move(noise)),
        keep_(KeepThresholds(corpus.counts, options.sample)),
        workers_(std::move(workers)),
        level_(level),
        train_run_(KernelOf(level)) {
    model_ = CbowModel{.input = tables.input.view().data,
                       .output = tables.output.view().data,
                       .stride = tables.input.stride(),
                       .noise = noise_.data(),
                       .vocabulary_size = static_cast<std::uint32_t>(noise_.size()),
                       .window = static_cast<std::uint32_t>(options.window),
                       .negatives = static_cast<std::uint32_t>(options.negatives),
                       .shared_negatives = static_cast<std::uint32_t>(options.shared_negatives),
                       .mean_hidden = options.update != CbowUpdate::kSum,
                       .mean_gradient = options.update == CbowUpdate::kMean,
                       .extended = layout.inputs.any(),
                       .layout = layout,
                       .key = MakePhiloxKey(options.seed)};
  }

  absl::StatusOr<RangeResult> TrainBlocks(int epoch, std::size_t first, std::size_t last) override {
    for (Worker& worker : workers_) worker.statistics = {};
    // Blocks are taken in the order of the schedule, so that one thread follows it exactly.
    std::atomic<std::size_t> next{first};
    const int threads = static_cast<int>(workers_.size());
#pragma omp parallel num_threads(threads)
    {
      Worker& worker = workers_[static_cast<std::size_t>(omp_get_thread_num())];
      std::size_t index = next++;
      if (index < last) Collect(epoch, schedule_.At(epoch, index), &worker.current);
      while (index < last) {
        index = next++;
        worker.current.run.following = index < last ? &worker.following.run : nullptr;
        if (index < last) Collect(epoch, schedule_.At(epoch, index), &worker.following);
        train_run_(model_, worker.current.run, worker.scratch(), &worker.statistics);
        std::swap(worker.current, worker.following);
      }
    }
    RangeResult result;
    for (const Worker& worker : workers_) {
      result.loss_sum += worker.statistics.loss_sum;
      result.trained_words += worker.statistics.trained_words;
    }
    return result;
  }

  std::string Description() const override {
    return fmt::format("cpu, {} thread{}, {}", workers_.size(), workers_.size() == 1 ? "" : "s", SimdLevelName(level_));
  }

 private:
  void Collect(int epoch, const Schedule::Block& block, Words* words) const {
    const auto pass = static_cast<std::uint32_t>(epoch);
    Centres& centres = words->centres;
    CollectCentres(corpus_.stream, shapes_, block.begin, block.end, pass, model_.key, keep_, &centres);
    words->run = CbowRun{.ids = centres.ids.data(),
                         .positions = centres.positions.data(),
                         .begins = centres.begins.data(),
                         .ends = centres.ends.data(),
                         .shapes = centres.shapes.data(),
                         .length = centres.ids.size(),
                         .epoch = pass,
                         .learning_rate = block.learning_rate,
                         .following = nullptr};
  }

  TrainingCorpus corpus_;
  std::span<const tokenize::WordShape> shapes_;  // empty unless needed
  Schedule schedule_;
  std::vector<AliasEntry> noise_;
  std::vector<std::uint32_t> keep_;
  std::vector<Worker> workers_;
  SimdLevel level_;
  TrainRunFn train_run_;
  CbowModel model_{};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Trainer>> CreateCpuTrainer(const TrainOptions& options, const TrainingCorpus& corpus,
                                                          EmbeddingTables& tables) {
  CONEC_RETURN_IF_ERROR(CheckTraining(options, corpus, tables));
  CONEC_ASSIGN_OR_RETURN(const InputLayout layout,
                         MakeInputLayout(corpus.counts.size(), options.window, options.extended_inputs));
  CONEC_ASSIGN_OR_RETURN(const SimdLevel level, ActiveSimdLevel());
  CONEC_ASSIGN_OR_RETURN(std::vector<AliasEntry> noise, NoiseTable(corpus.counts, options.noise_exponent));
  const int threads = options.threads > 0 ? options.threads : omp_get_num_procs();
  std::vector<Worker> workers;
  for (int i = 0; i < threads; ++i) {
    CONEC_ASSIGN_OR_RETURN(Worker worker, Worker::Create(options, tables.input.stride()));
    workers.push_back(std::move(worker));
  }
  return std::make_unique<CpuTrainer>(options, corpus, tables, layout, std::move(noise), std::move(workers), level);
}

}  // namespace conec::word2vec
