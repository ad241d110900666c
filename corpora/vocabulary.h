// The words of a corpus with their counts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/safetensors.h"
#include "base/status.h"
#include "corpora/word_id.h"

namespace conec::corpora {

struct WordCount {
  std::string word;
  std::uint64_t count = 0;
};

// Words in the order of their ids. Cheap to copy: copies share one immutable table, which either owns its memory or
// views a mapped file. A vocabulary opened from a file needs no work per word: the hash index (XXH3, open addressing)
// is stored with it.
class Vocabulary {
 public:
  Vocabulary();  // no words

  // Words in the given order. kInvalidArgument for a duplicate (named with both positions), an empty word, or
  // kMaxVocabulary words and more.
  static absl::StatusOr<Vocabulary> Create(std::span<const WordCount> words);

  // Sorts by decreasing count, equal counts by bytes, so that ids do not depend on threads or on the order of the text.
  static void SortByCount(std::vector<WordCount>& words);

  std::size_t size() const;
  std::string_view word(WordId id) const;        // id < size(); an id out of range gives an empty word
  std::uint64_t count(WordId id) const;          // id < size(); an id out of range gives 0
  std::span<const std::int64_t> counts() const;  // size() entries
  std::uint64_t total_count() const;             // sum of counts(): O(V) at each call
  std::optional<WordId> Find(std::string_view word) const;

  // XXH3 of all words and counts in their order.
  std::string Fingerprint() const;

  // Checks every entry of a file from elsewhere: words not empty and all different, each found by its index, counts not
  // negative and their sum within int64. O(V). kDataLoss naming the entry.
  absl::Status Validate() const;

  // The tensors "vocabulary.offsets" (I64, V+1), "vocabulary.counts" (I64, V), "vocabulary.index" (I32, pairs of high
  // hash bits and id, or -1), "vocabulary.bytes" (U8, zeros at the end): Declare in this order, then Append in the same
  // order, as SafetensorsWriter wants it. Together they take a multiple of 64 bytes, so what follows stays aligned.
  void DeclareTensors(SafetensorsWriter& writer) const;
  absl::Status AppendTensors(SafetensorsWriter& writer) const;
  // Views the tensors of an open file and keeps it alive. kDataLoss if they do not fit together; entries are checked
  // when used, so that a hostile file cannot make word() or Find() read outside.
  static absl::StatusOr<Vocabulary> FromFile(std::shared_ptr<const SafetensorsFile> file);

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

}  // namespace conec::corpora
