// Reading an input to its end, checking what holds for every batch.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "corpora/text_reader.h"

namespace conec::corpora {

struct ReadPiece {
  std::string text;
  std::uint64_t byte_offset = 0;
  std::uint64_t line = 0;
};

struct ReadDocument {
  std::string source;
  std::vector<ReadPiece> pieces;

  std::string text() const {
    std::string result;
    for (const ReadPiece& piece : pieces) result += piece.text;
    return result;
  }
};

struct Reading {
  absl::Status status;
  std::vector<ReadDocument> documents;
  std::vector<std::string> sources;
  std::uint64_t bytes_read = 0;
  std::uint64_t total_bytes = 0;

  std::vector<std::string> texts() const {
    std::vector<std::string> result;
    for (const ReadDocument& document : documents) result.push_back(document.text());
    return result;
  }
  std::string message() const { return std::string(status.message()); }
};

inline void AddBatch(const TextBatch& batch, const std::vector<std::string>& sources, bool* open, Reading* reading) {
  std::size_t end = 0;
  for (const TextPiece& piece : batch.pieces) {
    EXPECT_EQ(piece.begin, end) << "pieces cover the text";
    EXPECT_TRUE(piece.end > piece.begin || (!*open && piece.ends_document)) << "only empty documents are empty pieces";
    end = piece.end;
    if (!*open) reading->documents.push_back({sources[piece.source], {}});
    ReadDocument& document = reading->documents.back();
    EXPECT_EQ(piece.document + 1, reading->documents.size());
    EXPECT_EQ(sources[piece.source], document.source) << "a document comes from one source";
    document.pieces.push_back({batch.text.substr(piece.begin, end - piece.begin), piece.byte_offset, piece.line});
    *open = !piece.ends_document;
  }
  EXPECT_EQ(end, batch.text.size()) << "pieces cover the text";
}

// `target_bytes` bounds the size of batches only for documents and pieces, so that is checked, too.
inline Reading ReadAll(const TextInputOptions& options, std::size_t target_bytes) {
  Reading reading;
  auto reader = TextReader::Create(options);
  reading.status = reader.status();
  if (!reader.ok()) return reading;
  reading.total_bytes = (*reader)->total_bytes();
  TextBatch batch;
  bool open = false;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(target_bytes, &batch);
    EXPECT_GE(batch.bytes_read, reading.bytes_read);
    reading.bytes_read = batch.bytes_read;
    reading.sources = (*reader)->sources();
    if (!more.ok()) {
      reading.status = more.status();
      EXPECT_EQ((*reader)->Next(target_bytes, &batch).status(), reading.status) << "an error stays";
      return reading;
    }
    if (!*more) break;
    EXPECT_LE(batch.text.size(), std::max<std::size_t>(target_bytes, 8) + 1);
    AddBatch(batch, reading.sources, &open, &reading);
  }
  EXPECT_FALSE(open) << "the last document does not end";
  return reading;
}

inline Reading ReadAll(std::vector<std::string> inputs, DocumentFormat format, std::size_t target_bytes = 1000) {
  TextInputOptions options;
  options.inputs = std::move(inputs);
  options.format = format;
  return ReadAll(options, target_bytes);
}

}  // namespace conec::corpora
