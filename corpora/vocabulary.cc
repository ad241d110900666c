#include "corpora/vocabulary.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/hasher.h"
#include "corpora/word_hash.h"

namespace conec::corpora {
namespace {

// The index is a table of (tag, id) pairs, 2^n of them and at least 1.5 per word, probed linearly from the hash's low
// bits. The tag holds the hash's high bits: most probes of other words end without touching their bytes.
constexpr std::int32_t kEmptySlot = -1;

std::size_t SlotCount(std::size_t words) {
  return std::bit_ceil(words + words / 2 + 1);
}

std::int32_t Tag(std::uint64_t hash) {
  return static_cast<std::int32_t>(hash >> 32);
}

// What the tensors of a vocabulary take together is a multiple of this, so that tensors after them stay aligned.
constexpr std::size_t kAlignment = 64;

constexpr std::uint64_t kLargestCount = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

}  // namespace

// All views are into the vectors or into the file.
struct Vocabulary::Table {
  std::span<const std::int64_t> offsets;  // V + 1: word i is bytes [offsets[i], offsets[i + 1])
  std::span<const std::int64_t> counts;   // V
  std::span<const std::int32_t> index;    // 2 * SlotCount(V)
  std::span<const std::uint8_t> bytes;

  std::vector<std::int64_t> owned_offsets, owned_counts;
  std::vector<std::int32_t> owned_index;
  std::vector<std::uint8_t> owned_bytes;
  std::shared_ptr<const SafetensorsFile> file;

  // Empty if `id` or the stored offsets are out of range.
  std::string_view Word(std::size_t id) const {
    if (id >= counts.size()) return {};
    const std::int64_t begin = offsets[id], end = offsets[id + 1];
    if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > bytes.size()) return {};
    return {reinterpret_cast<const char*>(bytes.data()) + begin, static_cast<std::size_t>(end - begin)};
  }

  // The first pair from the hash's home on that is empty or holds `word`; slots() if a full table holds it nowhere.
  std::size_t Probe(std::string_view word, std::uint64_t hash) const {
    const std::size_t slots = index.size() / 2, mask = slots - 1;
    for (std::size_t step = 0; step < slots; ++step) {
      const std::size_t slot = (hash + step) & mask;
      const std::int32_t id = index[2 * slot + 1];
      if (id < 0) return slot;
      if (index[2 * slot] == Tag(hash) && Word(static_cast<std::size_t>(id)) == word) return slot;
    }
    return slots;
  }

  void ViewOwned() {
    offsets = owned_offsets;
    counts = owned_counts;
    index = owned_index;
    bytes = owned_bytes;
  }

  void Reserve(std::span<const WordCount> words) {
    std::size_t total = 0;
    for (const WordCount& entry : words) total += entry.word.size();
    owned_bytes.reserve(total + kAlignment);
    owned_counts.reserve(words.size());
    owned_offsets.reserve(words.size() + 1);
    owned_offsets.push_back(0);
    owned_index.assign(2 * SlotCount(words.size()), kEmptySlot);
    ViewOwned();
  }

  absl::Status Add(const WordCount& entry) {
    const std::size_t id = owned_counts.size();
    if (entry.word.empty()) return InvalidArgument("vocabulary entry {} is an empty word", id);
    if (entry.count > kLargestCount) return InvalidArgument("the count of '{}' is too large", entry.word);
    const std::uint64_t hash = HashWord(entry.word);
    const std::size_t slot = Probe(entry.word, hash);
    if (const std::int32_t other = owned_index[2 * slot + 1]; other >= 0) {
      return InvalidArgument("the word '{}' is twice in the vocabulary: entries {} and {}", entry.word, other, id);
    }
    owned_index[2 * slot] = Tag(hash);
    owned_index[2 * slot + 1] = static_cast<std::int32_t>(id);
    owned_bytes.insert(owned_bytes.end(), entry.word.begin(), entry.word.end());
    owned_offsets.push_back(static_cast<std::int64_t>(owned_bytes.size()));
    owned_counts.push_back(static_cast<std::int64_t>(entry.count));
    ViewOwned();
    return absl::OkStatus();
  }

  // Appends zero bytes up to kAlignment.
  void Pad() {
    const std::size_t size = offsets.size_bytes() + counts.size_bytes() + index.size_bytes() + bytes.size();
    owned_bytes.resize(owned_bytes.size() + (kAlignment - size % kAlignment) % kAlignment);
    ViewOwned();
  }
};

Vocabulary::Vocabulary() {
  static const std::shared_ptr<const Table> empty = [] {
    auto table = std::make_shared<Table>();
    table->Reserve({});
    table->Pad();
    return table;
  }();
  table_ = empty;
}

absl::StatusOr<Vocabulary> Vocabulary::Create(std::span<const WordCount> words) {
  if (words.size() >= kMaxVocabulary) {
    return InvalidArgument("a vocabulary holds fewer than {} words, got {}", kMaxVocabulary, words.size());
  }
  auto table = std::make_shared<Table>();
  table->Reserve(words);
  for (const WordCount& entry : words) CONEC_RETURN_IF_ERROR(table->Add(entry));
  table->Pad();
  Vocabulary vocabulary;
  vocabulary.table_ = std::move(table);
  return vocabulary;
}

void Vocabulary::SortByCount(std::vector<WordCount>& words) {
  std::sort(words.begin(), words.end(), [](const WordCount& a, const WordCount& b) {
    return a.count != b.count ? a.count > b.count : a.word < b.word;
  });
}

std::size_t Vocabulary::size() const {
  return table_->counts.size();
}

std::string_view Vocabulary::word(WordId id) const {
  return table_->Word(Index(id));
}

std::uint64_t Vocabulary::count(WordId id) const {
  if (Index(id) >= size()) return 0;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, table_->counts[Index(id)]));
}

std::span<const std::int64_t> Vocabulary::counts() const {
  return table_->counts;
}

std::uint64_t Vocabulary::total_count() const {
  std::uint64_t total = 0;
  for (const std::int64_t count : table_->counts) total += static_cast<std::uint64_t>(std::max<std::int64_t>(0, count));
  return total;
}

std::optional<WordId> Vocabulary::Find(std::string_view word) const {
  if (word.empty()) return std::nullopt;
  const std::size_t slot = table_->Probe(word, HashWord(word));
  if (2 * slot >= table_->index.size()) return std::nullopt;
  const std::int32_t id = table_->index[2 * slot + 1];
  if (id < 0) return std::nullopt;
  return WordId{static_cast<std::uint32_t>(id)};
}

std::string Vocabulary::Fingerprint() const {
  Hasher hasher;
  for (std::uint32_t i = 0; i < size(); ++i) {
    hasher.Add(std::as_bytes(std::span(word(WordId{i}))));
    hasher.Add(std::as_bytes(std::span("", 1)));  // the end of the word
  }
  hasher.Add(std::as_bytes(counts()));
  return hasher.Hex();
}

absl::Status Vocabulary::Validate() const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    const WordId id{static_cast<std::uint32_t>(i)};
    if (table_->counts[i] < 0) return DataLoss("vocabulary entry {} has the count {}", i, table_->counts[i]);
    total += static_cast<std::uint64_t>(table_->counts[i]);
    if (total > kLargestCount) return DataLoss("the counts of the vocabulary overflow at entry {}", i);
    if (word(id).empty()) return DataLoss("vocabulary entry {} is not a word: its offsets are out of order", i);
    if (Find(word(id)) != id) return DataLoss("the vocabulary's index does not lead to entry {} '{}'", i, word(id));
  }
  return absl::OkStatus();
}

void Vocabulary::DeclareTensors(SafetensorsWriter& writer) const {
  writer.Declare("vocabulary.offsets", DType::kI64, {table_->offsets.size()});
  writer.Declare("vocabulary.counts", DType::kI64, {table_->counts.size()});
  writer.Declare("vocabulary.index", DType::kI32, {table_->index.size()});
  writer.Declare("vocabulary.bytes", DType::kU8, {table_->bytes.size()});
}

absl::Status Vocabulary::AppendTensors(SafetensorsWriter& writer) const {
  CONEC_RETURN_IF_ERROR(writer.Append(table_->offsets));
  CONEC_RETURN_IF_ERROR(writer.Append(table_->counts));
  CONEC_RETURN_IF_ERROR(writer.Append(table_->index));
  return writer.Append(table_->bytes);
}

absl::StatusOr<Vocabulary> Vocabulary::FromFile(std::shared_ptr<const SafetensorsFile> file) {
  const std::string& path = file->path();
  for (const char* name : {"vocabulary.offsets", "vocabulary.counts", "vocabulary.index", "vocabulary.bytes"}) {
    if (!file->Contains(name)) return DataLoss("'{}' holds no vocabulary: it has no tensor '{}'", path, name);
  }
  auto table = std::make_shared<Table>();
  CONEC_ASSIGN_OR_RETURN(table->offsets, file->Vector<std::int64_t>("vocabulary.offsets"));
  CONEC_ASSIGN_OR_RETURN(table->counts, file->Vector<std::int64_t>("vocabulary.counts"));
  CONEC_ASSIGN_OR_RETURN(table->index, file->Vector<std::int32_t>("vocabulary.index"));
  CONEC_ASSIGN_OR_RETURN(table->bytes, file->Vector<std::uint8_t>("vocabulary.bytes"));
  const std::size_t words = table->counts.size(), slots = table->index.size() / 2;
  if (words >= kMaxVocabulary || table->offsets.size() != words + 1) {
    return DataLoss("'{}': the vocabulary has {} counts and {} offsets", path, words, table->offsets.size());
  }
  if (table->index.size() % 2 != 0 || !std::has_single_bit(slots) || slots <= words) {
    return DataLoss("'{}': the vocabulary's index has {} entries for {} words", path, table->index.size(), words);
  }
  if (table->offsets.front() != 0 || static_cast<std::uint64_t>(table->offsets.back()) > table->bytes.size()) {
    return DataLoss("'{}': the vocabulary's offsets end at {}, it has {} bytes", path, table->offsets.back(),
                    table->bytes.size());
  }
  table->file = std::move(file);
  Vocabulary vocabulary;
  vocabulary.table_ = std::move(table);
  return vocabulary;
}

}  // namespace conec::corpora
