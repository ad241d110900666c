#include "conec/context_pairs.h"

#include <algorithm>
#include <bit>
#include <queue>
#include <utility>

#include "conec/context_inputs.h"

namespace conec::context_internal {
namespace {

using corpora::Index;
using corpora::IsWord;
using corpora::WordId;

constexpr std::size_t kLargestBlock = std::size_t{1} << 16;  // pairs read at once from each run
constexpr std::size_t kSmallestBlock = 256;                  // a page

constexpr std::uint64_t Key(WordId row, std::uint32_t column) {
  return std::uint64_t{Index(row)} << 32 | column;
}

// A sorted run in the spill file, read block by block.
class Run {
 public:
  Run(const TemporaryFile& file, std::size_t offset, std::size_t pairs, std::size_t block)
      : file_(&file), offset_(offset), unread_(pairs), buffer_(std::min(pairs, block)) {}

  const Pair& front() const { return block_.front(); }
  void Pop() { block_ = block_.subspan(1); }
  // Makes front() valid; false at the end.
  absl::StatusOr<bool> Fill() {
    if (!block_.empty()) return true;
    if (unread_ == 0) return false;
    const std::span<Pair> block = std::span(buffer_).first(std::min(buffer_.size(), unread_));
    CONEC_RETURN_IF_ERROR(file_->ReadAt(offset_, std::as_writable_bytes(block)));
    offset_ += block.size_bytes();
    unread_ -= block.size();
    block_ = block;
    return true;
  }

 private:
  const TemporaryFile* file_;
  std::size_t offset_;
  std::size_t unread_;  // pairs
  std::vector<Pair> buffer_;
  std::span<const Pair> block_;
};

// Equal keys come in the order of the runs.
absl::Status Merge(std::vector<Run>& runs, const std::function<absl::Status(const Pair&)>& visit) {
  const auto later = [&](std::size_t a, std::size_t b) {
    return std::pair(runs[a].front().key, a) > std::pair(runs[b].front().key, b);
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> heap(later);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CONEC_ASSIGN_OR_RETURN(const bool more, runs[i].Fill());
    if (more) heap.push(i);
  }
  while (!heap.empty()) {
    const std::size_t i = heap.top();
    heap.pop();
    CONEC_RETURN_IF_ERROR(visit(runs[i].front()));
    runs[i].Pop();
    CONEC_ASSIGN_OR_RETURN(const bool more, runs[i].Fill());
    if (more) heap.push(i);
  }
  return absl::OkStatus();
}

}  // namespace

PairTable::PairTable(std::size_t capacity)
    : entries_(capacity, Pair{kNoKey, 0}), shift_(64 - std::countr_zero(capacity)) {}

void PairTable::Add(std::uint64_t key, double weight) {
  std::size_t slot = Home(key);
  while (entries_[slot].key != key && entries_[slot].key != kNoKey) slot = (slot + 1) & (entries_.size() - 1);
  if (entries_[slot].key == kNoKey) {
    entries_[slot].key = key;
    ++used_;
  }
  entries_[slot].weight += weight;
}

std::span<const Pair> PairTable::Sort() {
  const auto end =
      std::remove_if(entries_.begin(), entries_.end(), [](const Pair& pair) { return pair.key == kNoKey; });
  std::sort(entries_.begin(), end, [](const Pair& a, const Pair& b) { return a.key < b.key; });
  return {entries_.data(), used_};
}

void PairTable::Clear() {
  std::fill(entries_.begin(), entries_.end(), Pair{kNoKey, 0});
  used_ = 0;
}

std::size_t PairCounter::Capacity(std::size_t buffer_mb, std::size_t pairs) {
  constexpr std::size_t kMostMb = std::size_t{1} << 30;  // so that the product cannot overflow
  const std::size_t limit = (std::clamp<std::size_t>(buffer_mb, 1, kMostMb) << 20) / sizeof(Pair);
  return std::min(std::bit_floor(limit), std::bit_ceil(pairs + pairs / 2 + 64));
}

PairCounter::PairCounter(std::size_t capacity, std::string scratch_folder, PairWeights weights)
    : capacity_(capacity),
      table_(std::make_unique<PairTable>(capacity)),
      weights_(std::move(weights)),
      scratch_folder_(std::move(scratch_folder)) {}

// The pairs of the centre at p, with their places in the table on the way into the cache.
void PairCounter::Gather(const ContextSegment& segment, std::size_t p) {
  gathered_.clear();
  const std::span<const WordId> ids = segment.ids;
  if (p >= ids.size() || !IsWord(ids[p])) return;
  const std::size_t window = weights_.words.size() - 1;
  ForEachWordInput(ids, p, window, weights_.layout, [&](std::uint32_t row, bool is_right, std::size_t distance) {
    const std::uint32_t word = is_right ? row - FirstRightRow(weights_.layout) : row;
    if (weights_.exclude_target && word == Index(ids[p])) return;
    GatherOne(ids[p], row, weights_.words[distance] * (weights_.by_word.empty() ? 1.0f : weights_.by_word[word]));
  });
  if (!weights_.layout.inputs.needs_shapes()) return;
  ForEachShapeInput(segment.shapes, p, window, weights_.layout, [&](std::uint32_t row, std::size_t distance) {
    GatherOne(ids[p], row, weights_.shapes[distance]);
  });
}

void PairCounter::GatherOne(WordId word, std::uint32_t row, float weight) {
  if (weight == 0) return;
  gathered_.push_back({Key(word, row), weight});
  table_->Prefetch(gathered_.back().key);
}

absl::Status PairCounter::AddSegment(const ContextSegment& segment) {
  for (std::size_t p = 0; p <= segment.ids.size(); ++p) {  // one more, for what the last centre left pending
    std::swap(gathered_, pending_);
    Gather(segment, p);
    for (const Pair& pair : pending_) {
      if (table_->full()) CONEC_RETURN_IF_ERROR(Spill());
      table_->Add(pair.key, pair.weight);
    }
  }
  return absl::OkStatus();
}

absl::Status PairCounter::Spill() {
  if (!file_) {
    CONEC_ASSIGN_OR_RETURN(file_, TemporaryFile::Create(scratch_folder_));
  }
  const std::span<const Pair> pairs = table_->Sort();
  CONEC_RETURN_IF_ERROR(file_->WriteAt(file_bytes_, std::as_bytes(pairs)));
  file_bytes_ += pairs.size_bytes();
  run_sizes_.push_back(pairs.size());
  table_->Clear();
  return absl::OkStatus();
}

absl::Status PairCounter::Finish(const std::function<absl::Status(const Pair&)>& visit) {
  if (!file_) {
    for (const Pair& pair : table_->Sort()) CONEC_RETURN_IF_ERROR(visit(pair));
    return absl::OkStatus();
  }
  CONEC_RETURN_IF_ERROR(Spill());
  table_.reset();  // its memory is for the blocks of the runs now
  const std::size_t block = std::clamp(capacity_ / run_sizes_.size(), kSmallestBlock, kLargestBlock);
  std::vector<Run> runs;
  std::size_t offset = 0;
  for (const std::size_t pairs : run_sizes_) {
    runs.emplace_back(*file_, offset, pairs, block);
    offset += pairs * sizeof(Pair);
  }
  return Merge(runs, visit);
}

}  // namespace conec::context_internal
