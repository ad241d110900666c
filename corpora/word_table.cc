#include "corpora/word_table.h"

#include <algorithm>
#include <utility>

namespace conec::corpora {
namespace {

constexpr std::size_t kFirstSlots = 1024;

}  // namespace

void WordTable::Clear() {
  entries_.assign(1, Entry{});
  bytes_.clear();
  slots_.assign(std::max(slots_.size(), kFirstSlots), Slot{});
  mask_ = slots_.size() - 1;
}

std::uint32_t WordTable::Insert(std::string_view word, std::uint64_t count, std::uint32_t hash, std::size_t slot) {
  const auto id = static_cast<std::uint32_t>(size());
  slots_[slot] = {hash, id};
  bytes_.insert(bytes_.end(), word.begin(), word.end());
  entries_.back().count = count;
  entries_.push_back({bytes_.size(), 0});
  if (3 * entries_.size() > 2 * slots_.size()) Rehash(2 * slots_.size());
  return id;
}

void WordTable::Rehash(std::size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  mask_ = slots - 1;
  for (const Slot& entry : old) {
    if (entry.id != kEmpty) Place(entry);
  }
}

void WordTable::Place(Slot entry) {
  std::size_t slot = entry.hash & mask_;
  while (slots_[slot].id != kEmpty) slot = (slot + 1) & mask_;
  slots_[slot] = entry;
}

std::vector<std::uint32_t> WordTable::Prune(std::uint64_t threshold, std::uint32_t first) {
  std::vector<std::uint32_t> new_ids(size(), kRetired);
  std::uint32_t kept = 0;
  std::uint64_t end = 0;
  for (std::uint32_t id = 0; id < new_ids.size(); ++id) {
    const std::uint64_t begin = entries_[id].begin, length = entries_[id + 1].begin - begin;
    if (id >= first && entries_[id].count <= threshold) continue;
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(begin), length,
                bytes_.begin() + static_cast<std::ptrdiff_t>(end));
    entries_[kept] = {end, entries_[id].count};
    end += length;
    new_ids[id] = kept++;
  }
  entries_.resize(kept);
  entries_.push_back({end, 0});
  bytes_.resize(end);
  std::vector<Slot> old(slots_.size());
  old.swap(slots_);
  for (const Slot& entry : old) {
    if (entry.id != kEmpty && new_ids[entry.id] != kRetired) Place({entry.hash, new_ids[entry.id]});
  }
  return new_ids;
}

}  // namespace conec::corpora
