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
#include "tokenize/word_shape.h"

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

// Statistics in a file's metadata, under "statistics.*". kDataLoss for an entry that is missing or no number.
void StoreStatistics(const CorpusStatistics& statistics, std::map<std::string, std::string>& metadata);
absl::StatusOr<CorpusStatistics> LoadStatistics(const std::map<std::string, std::string>& metadata);

// Hashes (XXH3, as hexadecimal text) that two corpora share only if they are the same.
struct CorpusFingerprint {
  std::string vocabulary;  // words and counts, in their order
  std::string stream;      // ids and marks, and shapes
};

inline constexpr char kEncodedFromKey[] = "encoded_from";

// kDataLoss, for whoever finds ids in a stream that were not there when it was checked: files are mapped, and another
// program may write to them.
absl::Status CorpusChanged();

// An encoded corpus file: a safetensors file with the vocabulary's tensors, the tensor "ids" (I32: word ids and marks),
// with EncodeOptions::shapes the tensor "shapes" (U8: the WordShape of each word and gap, 0 for marks), and metadata.
// Mapped; opening costs nothing whatever the size. It has the checksum of base/safetensors.h, without which it is not
// accepted: training on other ids or counts than those that were written would look like success. (Files of version 1
// have none.) The metadata:
//   format            "conec-corpus"
//   format_version    "2"
//   min_count, max_vocabulary, segment_length: numbers; keep_gaps: "true" or "false" (EncodeOptions)
//   statistics.*      StoreStatistics
//   tokenizer.*       StoreTokenizerOptions
//   encoded_from      by conec-train: the inputs and all options of encoding, as one text
// The stream: word ids; kEndOfSegment between two segments of a document; kEndOfDocument after every document that has
// a token, even if none of its words is in the vocabulary; kGap (with keep_gaps) for words outside the vocabulary
// between two words of a segment. No two segment marks follow each other.
class EncodedCorpus {
 public:
  // kDataLoss if it is not an encoded corpus, kFailedPrecondition for a format version that this build does not know.
  static absl::StatusOr<EncodedCorpus> Open(const std::string& path);
  static absl::StatusOr<EncodedCorpus> FromFile(SafetensorsFile file);
  // Whether the file at `path` starts like an encoded corpus (so that it can be given where text is expected).
  static bool IsEncodedCorpus(const std::string& path);

  // Word ids and marks; ends with kEndOfDocument unless empty. A file from elsewhere is to be Validate()d before its
  // ids index a table.
  std::span<const WordId> stream() const { return stream_; }
  // Parallel to stream(); empty if the corpus was encoded without shapes.
  std::span<const tokenize::WordShape> shapes() const { return shapes_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  const CorpusStatistics& statistics() const { return statistics_; }
  const std::map<std::string, std::string>& metadata() const { return file_->metadata(); }

  // Reads the whole file (at memory speed) and checks what training relies on: it is what was written, by its checksum;
  // and whoever wrote it, the vocabulary is valid, every id is a word of it or a mark, the stream ends with
  // kEndOfDocument, segments are at most `metadata["segment_length"]` long, shapes (if there are any) are shapes, and 0
  // at marks. kDataLoss with the position, or with what to do about a damaged file, otherwise.
  absl::Status Validate() const;

  // What was read after Validate() was the same file: its checksum, once more. kDataLoss if it was not.
  absl::Status CheckUnchanged() const;

  // Reads everything (at memory speed).
  CorpusFingerprint Fingerprint() const;

 private:
  absl::Status ReadShapes();
  absl::Status ValidateShapes() const;
  absl::Status VerifyChecksum() const;

  std::shared_ptr<const SafetensorsFile> file_;
  std::span<const WordId> stream_;
  std::span<const tokenize::WordShape> shapes_;
  Vocabulary vocabulary_;
  CorpusStatistics statistics_;
};

}  // namespace conec::corpora
