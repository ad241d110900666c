// A corpus as 32-bit word ids: text is parsed once, all epochs and passes read this.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/safetensors.h"
#include "base/status.h"
#include "corpora/vocabulary.h"
#include "corpora/word_id.h"

namespace conec::corpora {

// What was read and what became of it.
struct CorpusStatistics {
  std::uint64_t bytes = 0;  // of text, after decompression
  std::uint64_t documents = 0;
  std::uint64_t segments = 0;
  std::uint64_t tokens = 0;          // all tokens of the text, "raw words"
  std::uint64_t words = 0;           // tokens that are in the vocabulary
  std::uint64_t distinct_words = 0;  // before min-count and cap (after pruning, those that were still counted)
  std::uint64_t pruned_words = 0;    // distinct words dropped from the count table to bound it; 0: counts are exact
  std::uint64_t pruned_tokens = 0;   // their tokens
  std::uint64_t invalid_utf8 = 0;    // repaired or skipped parts
};

// An encoded corpus file: a safetensors file with the tensor "ids" (I32: word ids and marks), the vocabulary's tensors,
// and metadata (statistics, tokenizer options, format version). Mapped; opening costs nothing whatever the size.
class EncodedCorpus {
 public:
  // kDataLoss if it is not an encoded corpus.
  static absl::StatusOr<EncodedCorpus> Open(const std::string& path);
  // Whether the file at `path` starts like an encoded corpus (so that it can be given where text is expected).
  static bool IsEncodedCorpus(const std::string& path);

  // Word ids and marks; ends with kEndOfDocument unless empty. A file from elsewhere is to be Validate()d before its
  // ids index a table.
  std::span<const WordId> stream() const { return stream_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  const CorpusStatistics& statistics() const { return statistics_; }
  const std::map<std::string, std::string>& metadata() const { return file_->metadata(); }

  // Reads the whole stream (at memory speed) and checks what training relies on: every id is a word of the vocabulary
  // or a mark, the stream ends with kEndOfDocument, segments are at most `metadata["segment_length"]` long. kDataLoss
  // with the position otherwise.
  absl::Status Validate() const;

 private:
  std::shared_ptr<const SafetensorsFile> file_;
  std::span<const WordId> stream_;
  Vocabulary vocabulary_;
  CorpusStatistics statistics_;
};

}  // namespace conec::corpora
