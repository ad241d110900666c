// The first pass of encoding: all text read, tokenized and counted; every token on disk as a number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/status.h"
#include "corpora/encode.h"
#include "corpora/prune_log.h"
#include "corpora/text_reader.h"
#include "corpora/word_table.h"

namespace conec::corpora {

struct RawCorpus {
  explicit RawCorpus(TemporaryFile file, const std::string& folder) : stream(std::move(file)), prunes(folder) {}

  // Distinct words with counts: first those of EncodeOptions::known with their ids, be it that they do not occur, then
  // others in order of first appearance.
  WordTable words;
  TemporaryFile stream;      // 32-bit ids of all tokens, kEndOfSegment and kEndOfDocument wherever the text has them
  std::uint64_t length = 0;  // of the stream, in ids
  std::optional<TemporaryFile> shapes;  // with EncodeOptions::shapes: parallel to the stream, a byte each, 0 for marks
  PruneLog prunes;                      // what the ids of the stream's parts mean
  std::uint64_t bytes_read = 0, bytes_total = 0;  // of the inputs as stored; the total is 0 if unknown
  CorpusStatistics statistics;  // except documents, segments and words, which depend on the vocabulary
};

// Reads `reader` to its end with options.threads threads. Numbers do not depend on the threads, and without pruning not
// on how the reader cuts its batches. Temporary files lie in `folder`. kInvalidArgument if known words are not all
// different.
absl::StatusOr<RawCorpus> ReadRawCorpus(const EncodeOptions& options, TextReader& reader, const std::string& folder,
                                        const EncodeProgressFn& progress);

}  // namespace conec::corpora
