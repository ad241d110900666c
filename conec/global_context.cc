#include "conec/global_context.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "conec/context_cuda.h"
#include "conec/context_kernel.h"
#include "conec/context_matrix.h"
#include "conec/context_sums.h"

namespace conec {
namespace {

using context_internal::WindowSummer;
using corpora::WordId;

constexpr std::int64_t kPreciseFrom = 65536;  // occurrences: a float sum of so many terms is good to about 4 digits
constexpr std::size_t kSliceUnit = 16;        // columns: one cache line, so that no two threads write to the same

// Rows in double precision for the words that need them.
struct PreciseRows {
  std::vector<std::int32_t> row_of;  // V: row of `sums`, or -1; empty if no word needs one
  Matrix<double> sums;
};

absl::StatusOr<PreciseRows> MakePreciseRows(std::span<const std::int64_t> occurrences, std::size_t dim) {
  PreciseRows rows;
  std::int32_t next = 0;
  for (std::size_t i = 0; i < occurrences.size(); ++i) {
    if (occurrences[i] <= kPreciseFrom) continue;
    if (rows.row_of.empty()) rows.row_of.assign(occurrences.size(), -1);
    rows.row_of[i] = next++;
  }
  CONEC_ASSIGN_OR_RETURN(rows.sums, Matrix<double>::Create(static_cast<std::size_t>(next), dim));
  return rows;
}

void CopyPreciseRows(const PreciseRows& rows, MatrixView<float> sums) {
  for (std::size_t i = 0; i < rows.row_of.size(); ++i) {
    if (rows.row_of[i] < 0) continue;
    const std::span<const double> from = rows.sums.row(static_cast<std::size_t>(rows.row_of[i]));
    std::transform(from.begin(), from.end(), sums.row(i).begin(), [](double x) { return static_cast<float>(x); });
  }
}

// The columns of thread `index` of `threads`: whole units, but for the last.
std::pair<std::size_t, std::size_t> Slice(std::size_t columns, std::size_t index, std::size_t threads) {
  const std::size_t units = (columns + kSliceUnit - 1) / kSliceUnit;
  const auto begin = [&](std::size_t i) { return std::min(columns, units * i / threads * kSliceUnit); };
  return {begin(index), begin(index + 1)};
}

int ThreadCount(int requested, std::size_t columns) {
  const std::size_t units = (columns + kSliceUnit - 1) / kSliceUnit;
  const int threads = requested > 0 ? requested : omp_get_max_threads();
  return std::max(1, static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(threads), units)));
}

// Why threads have stopped.
struct Stop {
  std::atomic<bool> asked = false;    // by progress
  std::atomic<bool> changed = false;  // the corpus did
};

// Walks all of the corpus unless it is to stop. Only the thread with `progress` (not empty) calls it.
void SumSlice(const ContextCorpus& corpus, WindowSummer& summer, SegmentBuffer& buffer,
              const ContextProgressFn& progress, Stop& stop) {
  const std::size_t size = corpus.stream.size();
  for (std::size_t first = 0; first < size && !stop.asked && !stop.changed;) {
    const std::size_t last = corpora::NextSegmentBegin(corpus.stream, std::min(size, first + kProgressInterval));
    const bool known = ForEachContextSegment(corpus, first, last, buffer,
                                             [&](const ContextSegment& segment) { summer.Accumulate(segment); });
    if (!known) stop.changed = true;
    first = last;
    if (progress && !progress(static_cast<double>(first) / static_cast<double>(size))) stop.asked = true;
  }
}

// One summer and one buffer per thread, made before threads start, where running out of memory can still be told.
struct Workers {
  std::vector<WindowSummer> summers;
  std::vector<SegmentBuffer> buffers;
};

Workers MakeWorkers(const ContextCorpus& corpus, const WindowSummer::Task& task, int threads,
                    std::size_t longest_segment) {
  Workers workers;
  for (int i = 0; i < threads; ++i) {
    const auto [begin, end] = Slice(task.table.cols(), static_cast<std::size_t>(i), static_cast<std::size_t>(threads));
    workers.summers.emplace_back(task, begin, end - begin);
    workers.buffers.emplace_back(corpus, task.table.words.rows, longest_segment);
  }
  return workers;
}

absl::Status RunWorkers(const ContextCorpus& corpus, Workers workers, const ContextProgressFn& progress) {
  Stop stop;
  const int threads = static_cast<int>(workers.summers.size());
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int i = 0; i < threads; ++i) {
    const auto index = static_cast<std::size_t>(i);
    // Iteration 0 is the calling thread's.
    SumSlice(corpus, workers.summers[index], workers.buffers[index], i == 0 ? progress : ContextProgressFn(), stop);
  }
  if (stop.changed) return corpora::CorpusChanged();
  if (stop.asked) return Cancelled("the global context was not finished");
  return absl::OkStatus();
}

void DivideRow(std::span<float> row, double divisor) {
  const double scale = divisor > 0 ? 1.0 / divisor : 0.0;
  for (float& value : row) value = static_cast<float>(value * scale);
}

// The part [begin, end] of all work, as a progress of its own.
ContextProgressFn PartOf(const ContextProgressFn& progress, double begin, double end) {
  if (!progress) return nullptr;
  return [progress, begin, end](double fraction) { return progress(begin + fraction * (end - begin)); };
}

absl::StatusOr<Matrix<float>> MaxScaledContext(const ContextCorpus& corpus, const InputTable& table,
                                               const GlobalContextOptions& options) {
  ContextMatrixOptions counting;
  counting.context = options.context;
  counting.buffer_mb = options.buffer_mb;
  counting.scratch_folder = options.scratch_folder;
  counting.progress = PartOf(options.progress, 0, 0.5);
  CONEC_ASSIGN_OR_RETURN(const std::vector<double> maxima, ContextRowMaxima(corpus, table, counting));
  GlobalContextOptions summing = options;
  summing.progress = PartOf(options.progress, 0.5, 1);
  CONEC_ASSIGN_OR_RETURN(ContextSums result, ComputeContextSums(corpus, table, summing));
  for (std::size_t i = 0; i < maxima.size(); ++i) DivideRow(result.sums.row(i), maxima[i]);
  return std::move(result.sums);
}

bool SameWords(const corpora::Vocabulary& a, const corpora::Vocabulary& b) {
  if (a.size() != b.size()) return false;
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    if (a.word(WordId{i}) != b.word(WordId{i})) return false;
  }
  return true;
}

// The same words with the counts that the corpus has of them.
absl::StatusOr<corpora::Vocabulary> CountedIn(const corpora::Vocabulary& corpus, const corpora::Vocabulary& words) {
  std::vector<corpora::WordCount> counted;
  counted.reserve(words.size());
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words.word(WordId{i});
    const std::optional<WordId> found = corpus.Find(word);
    counted.push_back({std::string(word), found.has_value() ? corpus.count(*found) : 0});
  }
  return corpora::Vocabulary::Create(counted);
}

}  // namespace

absl::StatusOr<ContextSums> ComputeContextSums(const ContextCorpus& corpus, const InputTable& table,
                                               const GlobalContextOptions& options) {
  CONEC_RETURN_IF_ERROR(Validate(options.context));
  CONEC_RETURN_IF_ERROR(CheckInputTable(table));
  CONEC_ASSIGN_OR_RETURN(ContextCorpusCounts counts, CountWords(corpus, table.words.rows));
  CONEC_RETURN_IF_ERROR(CheckShapes(corpus, table.inputs()));
  ContextSums result;
  result.occurrences = std::move(counts.occurrences);
  CONEC_ASSIGN_OR_RETURN(result.sums, Matrix<float>::Create(table.words.rows, table.cols()));
  CONEC_ASSIGN_OR_RETURN(PreciseRows precise, MakePreciseRows(result.occurrences, table.cols()));
  const std::vector<float> scales = RowScales(table, options.context.unit_rows);
  const std::vector<float> weights = DistanceWeights(options.context), shape_weights = ShapeWeights(options.context);
  WindowSummer::Task task;
  task.table = table;
  task.scales = scales;
  task.weights = weights;
  task.shape_weights = shape_weights;
  task.uniform = options.context.weighting == ContextWeighting::kUniform;
  task.exclude_target = options.context.exclude_target;
  task.sums = result.sums.view();
  task.precise_sums = precise.sums.view();
  task.precise_rows = precise.row_of;
  if (options.device == Device::kCuda) {
    CONEC_RETURN_IF_ERROR(context_internal::SumOnGpu(corpus, task, options.progress));
  } else {
    const int threads = ThreadCount(options.threads, table.cols());
    CONEC_RETURN_IF_ERROR(
        RunWorkers(corpus, MakeWorkers(corpus, task, threads, counts.longest_segment), options.progress));
  }
  CopyPreciseRows(precise, result.sums.view());
  return result;
}

absl::StatusOr<Matrix<float>> ComputeGlobalContext(const ContextCorpus& corpus, const InputTable& table,
                                                   const GlobalContextOptions& options) {
  if (options.context.scaling == ContextScaling::kMax) return MaxScaledContext(corpus, table, options);
  CONEC_ASSIGN_OR_RETURN(ContextSums result, ComputeContextSums(corpus, table, options));
  for (std::size_t i = 0; i < result.sums.rows(); ++i) {
    DivideRow(result.sums.row(i), static_cast<double>(result.occurrences[i]));
  }
  return std::move(result.sums);
}

absl::StatusOr<Model> WithGlobalContext(Model model, const corpora::EncodedCorpus& corpus,
                                        const GlobalContextOptions& options) {
  CONEC_ASSIGN_OR_RETURN(const ModelInfo read, ModelInfoFromCorpus(corpus));
  ContextCorpus view;
  view.stream = corpus.stream();
  view.shapes = corpus.shapes();
  view.keep_unmapped = read.keep_gaps;
  std::vector<WordId> mapping;
  if (!SameWords(corpus.vocabulary(), model.vocabulary)) {
    mapping = MapVocabulary(corpus.vocabulary(), model.vocabulary);
    if (std::none_of(mapping.begin(), mapping.end(), corpora::IsWord)) {
      return FailedPrecondition(
          "none of the {} words of the corpus has a vector: do corpus and vectors belong together?", mapping.size());
    }
    view.mapping = mapping;
  }
  if (model.vocabulary.total_count() == 0) {
    CONEC_ASSIGN_OR_RETURN(model.vocabulary, CountedIn(corpus.vocabulary(), model.vocabulary));
  }
  InputTable table = model.inputs();
  CONEC_ASSIGN_OR_RETURN(const std::vector<float> weights, WordWeights(model.vocabulary, options.context));
  table.word_weights = weights;
  CONEC_ASSIGN_OR_RETURN(Matrix<float> context, ComputeGlobalContext(view, table, options));
  struct Owner {
    std::shared_ptr<const void> tables;
    Matrix<float> context;
  };
  auto owner = std::make_shared<const Owner>(Owner{std::move(model.owner), std::move(context)});
  model.global_context = owner->context.view();
  model.owner = owner;
  // What it may say of itself (conec/self_test.h) was said without this context.
  std::erase_if(model.info.other, [](const auto& entry) { return entry.first.starts_with("self_test."); });
  model.info.context = options.context;
  model.info.tokenizer = read.tokenizer;
  model.info.keep_gaps = read.keep_gaps;
  if (model.info.corpus.tokens == 0) model.info.corpus = read.corpus;
  return model;
}

}  // namespace conec
