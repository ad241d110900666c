#include "word2vec/deterministic_trainer.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "corpora/encoded_corpus.h"
#include "word2vec/cpu_worker.h"
#include "word2vec/distributions.h"
#include "word2vec/partial_tables.h"

namespace conec::word2vec {
namespace {

constexpr std::size_t kRound = 8;  // blocks

// What the blocks of a round did to a row.
struct RowVisits {
  float blocks = 0;  // that moved it
  float steps = 0;   // of all of them
};

// What the changes of a row are multiplied by: 1 for few steps per block (their sum), 1 / blocks for many (their mean).
// The latter is what holds a frequent word: after some 100 steps it is about where the block wants it. Measured in
// README.md.
float MergeScale(const RowVisits& visits) {
  constexpr float kManySteps = 100;
  const float steps = visits.steps / visits.blocks;
  return 1 / (1 + (visits.blocks - 1) * steps / (steps + kManySteps));
}

// One thread's memory.
struct Worker {
  KernelScratch scratch;
  RowNumbers numbers;
};

// One block of a round.
struct BlockOfRound {
  Words words;
  PartialTables tables;
  absl::Status status;
};

// A table and the visits to its rows.
struct MergedTable {
  float* values;
  std::vector<RowVisits> visits;  // 0 between rounds
  std::span<const RowChange> (PartialTables::*changes)() const;
};

class DeterministicTrainer : public Trainer {
 public:
  DeterministicTrainer(DeterministicSetup setup, EmbeddingTables& tables, std::vector<Worker> workers)
      : schedule_(setup.options, setup.corpus.stream),
        noise_(std::move(setup.noise)),
        keep_(KeepThresholds(setup.corpus.counts, setup.options.sample)),
        workers_(std::move(workers)),
        level_(setup.level),
        train_run_(KernelOf(setup.level)),
        model_(MakeCbowModel(setup.options, setup.layout, tables, noise_)),
        source_{setup.corpus.stream,
                setup.layout.inputs.needs_shapes() ? setup.corpus.shapes : std::span<const tokenize::WordShape>(),
                setup.corpus.counts.size(), model_.key, keep_},
        input_{model_.input, std::vector<RowVisits>(tables.input.rows()), &PartialTables::input_changes},
        output_{model_.output, std::vector<RowVisits>(tables.output.rows()), &PartialTables::output_changes} {}

  absl::StatusOr<RangeResult> TrainBlocks(int epoch, std::size_t first, std::size_t last) override {
    RangeResult result;
    const int threads = static_cast<int>(workers_.size());
#pragma omp parallel num_threads(threads)
    {
      Worker& worker = workers_[static_cast<std::size_t>(omp_get_thread_num())];
      for (std::size_t begin = first; begin < last; begin += kRound) {
        const std::size_t blocks = std::min(kRound, last - begin);
#pragma omp for schedule(dynamic, 1)
        for (std::size_t i = 0; i < blocks; ++i) TrainBlock(epoch, begin + i, worker, round_[i]);
        Merge(blocks, input_);
        Merge(blocks, output_);
#pragma omp single
        AddUp(blocks, result);
      }
    }
    for (const BlockOfRound& block : round_) CONEC_RETURN_IF_ERROR(block.status);
    return result;
  }

  std::string Description() const override {
    return fmt::format("cpu, deterministic, {} thread{}, {}", workers_.size(), workers_.size() == 1 ? "" : "s",
                       SimdLevelName(level_));
  }

 private:
  void TrainBlock(int epoch, std::size_t index, Worker& worker, BlockOfRound& block) const {
    if (!block.words.Collect(source_, epoch, schedule_.At(epoch, index))) block.status.Update(corpora::CorpusChanged());
    block.status.Update(block.tables.Train(model_, train_run_, worker.scratch.view(), block.words, worker.numbers));
  }

  // Adds the changes of this thread's share of the rows, each row's in the order of the blocks.
  void Merge(std::size_t blocks, MergedTable& table) const {
    constexpr std::uint32_t kShare = 64;  // rows next to each other: their visits lie in the same cache lines
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    const auto threads = static_cast<std::size_t>(omp_get_num_threads());
    const auto for_each_change = [&](auto&& visit) {
      for (std::size_t i = 0; i < blocks; ++i) {
        const std::span<const RowChange> changes = (round_[i].tables.*table.changes)();
        for (std::size_t c = 0; c < changes.size(); ++c) {
          const std::uint32_t row = changes[c].row;
          const std::uint32_t ahead = changes[std::min(c + kPrefetchAhead, changes.size() - 1)].row;
          if (row / kShare % threads == thread) visit(changes[c], table.visits[row], ahead);
        }
      }
    };
    for_each_change([](const RowChange& change, RowVisits& visits, std::uint32_t) {
      visits.blocks += 1;
      visits.steps += change.steps;
    });
    for_each_change([&](const RowChange& change, const RowVisits& visits, std::uint32_t ahead) {
      if (ahead / kShare % threads == thread) PrefetchRow(table.values + ahead * model_.stride, model_.stride);
      AddScaled(change.change, MergeScale(visits), table.values + change.row * model_.stride);
    });
    for_each_change([](const RowChange&, RowVisits& visits, std::uint32_t) { visits = {}; });
  }

  void AddScaled(const float* change, float scale, float* row) const {
    for (std::size_t j = 0; j < model_.stride; ++j) row[j] += scale * change[j];
  }

  void AddUp(std::size_t blocks, RangeResult& result) const {
    for (std::size_t i = 0; i < blocks; ++i) {
      result.loss_sum += round_[i].tables.statistics().loss_sum;
      result.trained_words += round_[i].tables.statistics().trained_words;
    }
  }

  Schedule schedule_;
  std::vector<AliasEntry> noise_;
  std::vector<std::uint32_t> keep_;
  std::vector<Worker> workers_;
  std::array<BlockOfRound, kRound> round_;
  SimdLevel level_;
  TrainRunFn train_run_;
  CbowModel model_;
  CentreSource source_;
  MergedTable input_, output_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Trainer>> CreateDeterministicTrainer(DeterministicSetup setup, EmbeddingTables& tables) {
  std::vector<Worker> workers;
  for (int i = 0; i < std::min(setup.threads, static_cast<int>(kRound)); ++i) {
    CONEC_ASSIGN_OR_RETURN(KernelScratch scratch, KernelScratch::Create(setup.options, tables.input.stride()));
    workers.push_back({std::move(scratch), RowNumbers(setup.corpus.counts.size())});
  }
  return std::make_unique<DeterministicTrainer>(std::move(setup), tables, std::move(workers));
}

}  // namespace conec::word2vec
