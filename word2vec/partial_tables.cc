#include "word2vec/partial_tables.h"

#include <algorithm>
#include <cstring>

namespace conec::word2vec {
namespace {

absl::Status Grow(std::size_t rows, std::size_t cols, Matrix<float>& table) {
  if (table.rows() >= rows && table.cols() == cols) return absl::OkStatus();
  CONEC_ASSIGN_OR_RETURN(table, Matrix<float>::Create(rows, cols));
  return absl::OkStatus();
}

// row -= before; whether anything is left.
bool Subtract(const float* before, std::size_t stride, float* row) {
  std::uint32_t any = 0;
  for (std::size_t j = 0; j < stride; ++j) {
    row[j] -= before[j];
    std::uint32_t bits = 0;
    std::memcpy(&bits, row + j, sizeof bits);
    any |= bits << 1;  // without the sign: there is a negative zero
  }
  return any != 0;
}

}  // namespace

void RowNumbers::Clear() {
  if (++now_ != 0) return;
  std::ranges::fill(round_, 0);
  now_ = 1;
}

std::uint32_t PartialTables::RowOf(std::uint32_t word) {
  const std::uint32_t known = numbers_->Find(word);
  if (known != RowNumbers::kNone) return known;
  const auto row = static_cast<std::uint32_t>(words_.size());
  words_.push_back({word});
  numbers_->Set(word, row);
  std::copy_n(whole_->output + word * whole_->stride, whole_->stride, output_.row(row).data());
  return row;
}

std::uint32_t PartialTables::NoiseRow(void* self, std::uint32_t word) {
  auto& tables = *static_cast<PartialTables*>(self);
  const std::uint32_t row = tables.RowOf(word);
  ++tables.words_[row].draws;
  return row;
}

// For every row that the block could need: the kernel must not see tables that move.
absl::Status PartialTables::Reserve(const Words& words) {
  const std::uint64_t size = words.centres.ids.size(), vocabulary = whole_->vocabulary_size;
  const std::uint64_t sets = NoiseSets(whole_->shared_negatives), group = sets * whole_->shared_negatives;
  const std::uint64_t draws = (size + group - 1) / group * sets * whole_->negatives;
  InputLayout largest = whole_->layout;
  largest.vocabulary_size = static_cast<std::uint32_t>(std::min(size, vocabulary));
  CONEC_RETURN_IF_ERROR(Grow(InputRows(largest), whole_->stride, input_));
  return Grow(std::min(vocabulary, size + draws), whole_->stride, output_);
}

void PartialTables::NumberWords(Words& words) {
  ids_.clear();
  const std::vector<std::uint32_t>& ids = words.centres.ids;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i + kPrefetchAhead < ids.size() && ids[i + kPrefetchAhead] != kNoWord) {
      PrefetchRow(whole_->output + ids[i + kPrefetchAhead] * whole_->stride, whole_->stride);
    }
    const std::uint32_t word = ids[i];
    ids_.push_back(word == kNoWord ? kNoWord : RowOf(word));
    if (word != kNoWord) ++words_[ids_.back()].occurrences;
  }
  layout_ = whole_->layout;
  layout_.vocabulary_size = static_cast<std::uint32_t>(words_.size());
  words.run.ids = ids_.data();
}

std::uint32_t PartialTables::WholeInputRow(std::uint32_t row) const {
  const std::uint32_t words = layout_.vocabulary_size, shapes = FirstContextShapeRow(layout_);
  if (row < words) return words_[row].id;
  if (row < shapes) return FirstRightRow(whole_->layout) + words_[row - words].id;
  return FirstContextShapeRow(whole_->layout) + (row - shapes);
}

// A word stands in the windows of window + 1 others on average; a shape, of which there are few, in those of all.
float PartialTables::InputSteps(std::uint32_t row) const {
  const std::uint32_t words = layout_.vocabulary_size;
  if (row >= FirstContextShapeRow(layout_)) return static_cast<float>(ids_.size());
  return static_cast<float>(words_[row % words].occurrences) * static_cast<float>(whole_->window + 1);
}

void PartialTables::CopyInput() {
  const auto rows = static_cast<std::uint32_t>(InputRows(layout_));
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (row + kPrefetchAhead < rows) PrefetchRow(WholeInput(row + kPrefetchAhead), whole_->stride);
    std::copy_n(WholeInput(row), whole_->stride, input_.row(row).data());
  }
}

void PartialTables::CollectChanges() {
  const std::size_t stride = whole_->stride;
  const auto rows = static_cast<std::uint32_t>(InputRows(layout_));
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (row + kPrefetchAhead < rows) PrefetchRow(WholeInput(row + kPrefetchAhead), stride);
    float* const values = input_.row(row).data();
    if (Subtract(WholeInput(row), stride, values)) {
      input_changes_.push_back({WholeInputRow(row), InputSteps(row), values});
    }
  }
  for (std::uint32_t row = 0; row < words_.size(); ++row) {
    if (row + kPrefetchAhead < words_.size()) {
      PrefetchRow(whole_->output + words_[row + kPrefetchAhead].id * stride, stride);
    }
    const Word& word = words_[row];
    float* const values = output_.row(row).data();
    if (!Subtract(whole_->output + word.id * stride, stride, values)) continue;
    const float draws = static_cast<float>(word.draws) * static_cast<float>(whole_->shared_negatives);
    output_changes_.push_back({word.id, static_cast<float>(word.occurrences) + draws, values});
  }
}

absl::Status PartialTables::Train(const CbowModel& whole, TrainRunFn kernel, const CbowScratch& scratch, Words& words,
                                  RowNumbers& numbers) {
  whole_ = &whole;
  numbers_ = &numbers;
  numbers.Clear();
  words_.clear();
  input_changes_.clear();  // they point into tables that may move
  output_changes_.clear();
  statistics_ = {};
  CONEC_RETURN_IF_ERROR(Reserve(words));
  NumberWords(words);
  CopyInput();
  CbowModel model = whole;
  model.input = input_.view().data;
  model.output = output_.view().data;
  model.layout = layout_;
  model.row_of = NoiseRow;
  model.rows = this;
  kernel(model, words.run, scratch, &statistics_);
  CollectChanges();
  return absl::OkStatus();
}

}  // namespace conec::word2vec
