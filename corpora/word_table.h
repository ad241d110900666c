// Counting distinct words.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "corpora/word_hash.h"

namespace conec::corpora {

// Distinct words with counts, numbered in the order of their first appearance. About 16 bytes per word, its bytes, and
// 12 to 24 bytes of hash table. Fewer than 2^31 words (the caller stops before).
class WordTable {
 public:
  static constexpr std::uint32_t kRetired = 0xFFFFFFFFu;

  WordTable() { Clear(); }

  // Adds `count` to the word's count and returns its id.
  std::uint32_t Add(std::string_view word, std::uint64_t count) {
    const auto hash = static_cast<std::uint32_t>(HashWord(word));
    for (std::size_t slot = hash & mask_;; slot = (slot + 1) & mask_) {
      const Slot& at = slots_[slot];
      if (at.id == kEmpty) return Insert(word, count, hash, slot);
      if (at.hash == hash && this->word(at.id) == word) {
        entries_[at.id].count += count;
        return at.id;
      }
    }
  }

  std::size_t size() const { return entries_.size() - 1; }
  std::string_view word(std::uint32_t id) const {
    const std::uint64_t begin = entries_[id].begin;
    return {bytes_.data() + begin, static_cast<std::size_t>(entries_[id + 1].begin - begin)};
  }
  std::uint64_t count(std::uint32_t id) const { return entries_[id].count; }

  // Forgets all words, keeps the memory.
  void Clear();

  // Drops the words with a count of at most `threshold`, except those whose ids are below `first`, and numbers the
  // others anew in the same order. Returns the new id of each old one, kRetired for those dropped.
  std::vector<std::uint32_t> Prune(std::uint64_t threshold, std::uint32_t first = 0);

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFFu;
  struct Entry {
    std::uint64_t begin = 0;  // in bytes_; the word ends where the next entry begins
    std::uint64_t count = 0;
  };
  // The low half of the hash is the home slot's number (as many bits as there are) and the tag at once, so that growing
  // does not touch the words.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t id = kEmpty;
  };

  std::uint32_t Insert(std::string_view word, std::uint64_t count, std::uint32_t hash, std::size_t slot);
  void Rehash(std::size_t slots);
  void Place(Slot entry);

  std::vector<Entry> entries_;  // one more than there are words
  std::vector<char> bytes_;
  std::vector<Slot> slots_;  // a power of two
  std::size_t mask_ = 0;
};

}  // namespace conec::corpora
