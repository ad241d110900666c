#include "word2vec/frequent_rows.h"

#include <algorithm>

namespace conec::word2vec {

FrequentRowsPlan PlanFrequentRows(const TrainOptions& options, std::size_t vocabulary_size, std::size_t stride,
                                  int threads) {
  if (threads == 1 || options.shared_negatives == 1) return {};
  constexpr std::size_t kRows = 256, kBytes = std::size_t{128} << 10;
  constexpr int kUsesOfAllThreads = 64;
  const auto rows = static_cast<std::uint32_t>(std::min({vocabulary_size, kRows, kBytes / (stride * sizeof(float))}));
  return {.input = options.extended_inputs.any() ? 0 : rows,
          .output = rows,
          .uses_between_merges = static_cast<std::uint32_t>(std::max(1, kUsesOfAllThreads / threads))};
}

absl::StatusOr<FrequentRows::Copies> FrequentRows::Allocate(std::uint32_t rows, std::size_t stride) {
  Copies copies;
  CONEC_ASSIGN_OR_RETURN(copies.rows, Matrix<float>::Create(rows, stride));
  CONEC_ASSIGN_OR_RETURN(copies.merged, Matrix<float>::Create(rows, stride));
  copies.uses.resize(rows + 1);
  return copies;
}

absl::StatusOr<FrequentRows> FrequentRows::Create(const FrequentRowsPlan& plan, std::size_t stride) {
  FrequentRows rows;
  CONEC_ASSIGN_OR_RETURN(rows.input_, Allocate(plan.input, stride));
  CONEC_ASSIGN_OR_RETURN(rows.output_, Allocate(plan.output, stride));
  rows.uses_between_merges_ = plan.uses_between_merges;
  return rows;
}

void FrequentRows::Load(const CbowModel& model) {
  const auto load = [&](const float* table, const RowCopies& copies) {
    std::copy_n(table, copies.size * model.stride, copies.rows);
    std::copy_n(table, copies.size * model.stride, copies.merged);
  };
  load(model.input, input());
  load(model.output, output());
}

RowCopies FrequentRows::ViewOf(Copies& copies) const {
  return {.rows = copies.rows.view().data,
          .merged = copies.merged.view().data,
          .uses = copies.uses.data(),
          .size = static_cast<std::uint32_t>(copies.rows.rows()),
          .uses_between_merges = uses_between_merges_};
}

RowCopies FrequentRows::input() {
  return ViewOf(input_);
}

RowCopies FrequentRows::output() {
  return ViewOf(output_);
}

}  // namespace conec::word2vec
