// Threads over blocks of segments, each running the kernel of the chosen SIMD level on shared tables (Hogwild).
#include <omp.h>

#include <atomic>
#include <utility>
#include <vector>

#include "corpora/encoded_corpus.h"
#include "word2vec/cpu_worker.h"
#include "word2vec/deterministic_trainer.h"
#include "word2vec/distributions.h"

namespace conec::word2vec {
namespace {

// One thread's memory.
struct Worker {
  KernelScratch scratch;
  Words current, following;
  CbowStatistics statistics{};
};

class CpuTrainer : public Trainer {
 public:
  CpuTrainer(const TrainOptions& options, const TrainingCorpus& corpus, EmbeddingTables& tables,
             const InputLayout& layout, std::vector<AliasEntry> noise, std::vector<Worker> workers, SimdLevel level)
      : schedule_(options, corpus.stream),
        noise_(std::move(noise)),
        keep_(KeepThresholds(corpus.counts, options.sample)),
        workers_(std::move(workers)),
        level_(level),
        train_run_(KernelOf(level)),
        model_(MakeCbowModel(options, layout, tables, noise_)),
        source_{corpus.stream, layout.inputs.needs_shapes() ? corpus.shapes : std::span<const tokenize::WordShape>(),
                corpus.counts.size(), model_.key, keep_} {}

  absl::StatusOr<RangeResult> TrainBlocks(int epoch, std::size_t first, std::size_t last) override {
    for (Worker& worker : workers_) worker.statistics = {};
    // Blocks are taken in the order of the schedule, so that one thread follows it exactly.
    std::atomic<std::size_t> next{first};
    const int threads = static_cast<int>(workers_.size());
#pragma omp parallel num_threads(threads)
    {
      Worker& worker = workers_[static_cast<std::size_t>(omp_get_thread_num())];
      worker.scratch.frequent_rows().Load(model_);
#pragma omp barrier
      std::size_t index = next++;
      if (index < last) Collect(epoch, index, &worker.current);
      while (index < last) {
        index = next++;
        worker.current.run.following = index < last ? &worker.following.run : nullptr;
        if (index < last) Collect(epoch, index, &worker.following);
        train_run_(model_, worker.current.run, worker.scratch.view(), &worker.statistics);
        std::swap(worker.current, worker.following);
      }
    }
    if (changed_) return corpora::CorpusChanged();
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
  void Collect(int epoch, std::size_t index, Words* words) {
    if (!words->Collect(source_, epoch, schedule_.At(epoch, index))) changed_ = true;
  }

  Schedule schedule_;
  std::vector<AliasEntry> noise_;
  std::vector<std::uint32_t> keep_;
  std::vector<Worker> workers_;
  SimdLevel level_;
  TrainRunFn train_run_;
  CbowModel model_;
  CentreSource source_;
  std::atomic<bool> changed_ = false;  // the corpus, since it was checked
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
  if (options.deterministic) {
    return CreateDeterministicTrainer({options, corpus, layout, std::move(noise), level, threads}, tables);
  }
  const std::size_t stride = tables.input.stride();
  const FrequentRowsPlan plan = PlanFrequentRows(options, corpus.counts.size(), stride, threads);
  std::vector<Worker> workers;
  for (int i = 0; i < threads; ++i) {
    CONEC_ASSIGN_OR_RETURN(KernelScratch scratch, KernelScratch::Create(options, stride, plan));
    workers.push_back({std::move(scratch), {}, {}, {}});
  }
  return std::make_unique<CpuTrainer>(options, corpus, tables, layout, std::move(noise), std::move(workers), level);
}

}  // namespace conec::word2vec
