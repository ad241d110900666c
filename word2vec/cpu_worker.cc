#include "word2vec/cpu_worker.h"

#include <algorithm>

namespace conec::word2vec {

TrainRunFn KernelOf(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return TrainRunAvx512;
  if (level == SimdLevel::kAvx2) return TrainRunAvx2;
#endif
  return TrainRunScalar;
}

CbowModel MakeCbowModel(const TrainOptions& options, const InputLayout& layout, EmbeddingTables& tables,
                        std::span<const AliasEntry> noise) {
  return CbowModel{.input = tables.input.view().data,
                   .output = tables.output.view().data,
                   .stride = tables.input.stride(),
                   .noise = noise.data(),
                   .vocabulary_size = static_cast<std::uint32_t>(noise.size()),
                   .window = static_cast<std::uint32_t>(options.window),
                   .negatives = static_cast<std::uint32_t>(options.negatives),
                   .shared_negatives = static_cast<std::uint32_t>(options.shared_negatives),
                   .mean_hidden = options.update != CbowUpdate::kSum,
                   .mean_gradient = options.update == CbowUpdate::kMean,
                   .extended = layout.inputs.any(),
                   .layout = layout,
                   .key = MakePhiloxKey(options.seed),
                   .row_of = nullptr,
                   .rows = nullptr};
}

bool Words::Collect(const CentreSource& source, int epoch, const Schedule::Block& block) {
  const auto pass = static_cast<std::uint32_t>(epoch);
  const bool known = CollectCentres(source, block.begin, block.end, pass, &centres);
  run = CbowRun{.ids = centres.ids.data(),
                .words = centres.ids.data(),
                .positions = centres.positions.data(),
                .begins = centres.begins.data(),
                .ends = centres.ends.data(),
                .shapes = centres.shapes.data(),
                .length = centres.ids.size(),
                .epoch = pass,
                .learning_rate = block.learning_rate,
                .following = nullptr};
  return known;
}

absl::StatusOr<KernelScratch> KernelScratch::Create(const TrainOptions& options, std::size_t stride,
                                                    const FrequentRowsPlan& plan) {
  const std::size_t rows = ScratchRows(static_cast<std::size_t>(options.negatives));
  const std::size_t inputs = ScratchInputs(static_cast<std::size_t>(options.window));
  const std::size_t sets = NoiseSets(static_cast<std::uint32_t>(options.shared_negatives));
  const std::size_t lists = 2 + (options.shared_negatives > 1 ? 2 * sets : 0);
  KernelScratch scratch;
  CONEC_ASSIGN_OR_RETURN(scratch.floats_, Matrix<float>::Create(kFloatRows, std::max(stride, rows)));
  CONEC_ASSIGN_OR_RETURN(scratch.counts_, Matrix<float>::Create(lists, rows));
  CONEC_ASSIGN_OR_RETURN(scratch.frequent_rows_, FrequentRows::Create(plan, stride));
  scratch.ids_.resize(lists * rows);
  scratch.rows_.resize(lists * rows + inputs);
  scratch.floats_.row(kLabels)[0] = 1;
  for (std::size_t i = 0; i < lists; ++i) {
    const std::size_t first = i * rows;
    scratch.output_rows_.push_back(
        {scratch.ids_.data() + first, scratch.rows_.data() + first, scratch.counts_.row(i).data(), 0});
  }
  return scratch;
}

CbowScratch KernelScratch::view() {
  OutputRows* const lists = output_rows_.data();
  const std::size_t sets = (output_rows_.size() - 2) / 2;
  return CbowScratch{.hidden = floats_.row(kHidden).data(),
                     .error = floats_.row(kError).data(),
                     .logits = floats_.row(kLogits).data(),
                     .coefficients = floats_.row(kCoefficients).data(),
                     .labels = floats_.row(kLabels).data(),
                     .own = {lists, lists + 1},
                     .shared = {lists + 2, lists + 2 + sets},
                     .context = rows_.data() + output_rows_.size() * counts_.cols(),
                     .input = frequent_rows_.input(),
                     .output = frequent_rows_.output()};
}

}  // namespace conec::word2vec
