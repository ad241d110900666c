// Documents in memory behind the interface of TextReader, cut into batches as a test likes.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "corpora/text_reader.h"

namespace conec::corpora {

// One source "memory.txt" that holds all documents, one after the other. Documents are cut into pieces after random
// white space, and pieces are put together to batches of random size; the same with every seed but for the cuts.
class MemoryReader : public TextReader {
 public:
  // mean_piece: bytes between cuts, about; 0: documents are not cut. pieces_per_batch: at most.
  MemoryReader(std::vector<std::string> documents, std::size_t mean_piece = 0, std::uint32_t pieces_per_batch = 1000,
               std::uint64_t seed = 1)
      : random_(seed), pieces_per_batch_(pieces_per_batch) {
    for (std::size_t i = 0; i < documents.size(); ++i) Cut(documents[i], i, mean_piece);
  }

  // After the text, Next() gives this error instead of the end.
  void FailAtEnd(absl::Status status) { error_ = std::move(status); }

  absl::StatusOr<bool> Next(std::size_t, TextBatch* batch) override {
    batch->text.clear();
    batch->pieces.clear();
    if (next_ == pieces_.size()) {
      if (!error_.ok()) return error_;
      return false;
    }
    const std::size_t end = std::min(pieces_.size(), next_ + 1 + random_.Below(pieces_per_batch_));
    for (; next_ < end; ++next_) {
      auto [piece, text] = pieces_[next_];
      piece.begin = batch->text.size();
      batch->text += text;
      piece.end = batch->text.size();
      batch->pieces.push_back(piece);
      batch->bytes_read = piece.byte_offset + text.size();
    }
    return true;
  }

  const std::vector<std::string>& sources() const override { return sources_; }
  std::uint64_t total_bytes() const override { return bytes_; }

 private:
  void Cut(const std::string& text, std::size_t document, std::size_t mean_piece) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size() && mean_piece > 0; ++i) {
      if (i + 1 == text.size() || (text[i] != ' ' && text[i] != '\n')) continue;
      if (i - begin < random_.Below(static_cast<std::uint32_t>(2 * mean_piece))) continue;
      Add(text.substr(begin, i + 1 - begin), document, false);
      begin = i + 1;
    }
    Add(text.substr(begin), document, true);
  }

  void Add(std::string text, std::size_t document, bool ends_document) {
    TextPiece piece;
    piece.ends_document = ends_document;
    piece.byte_offset = bytes_;
    piece.line = line_;
    piece.document = document;
    bytes_ += text.size();
    line_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    pieces_.emplace_back(piece, std::move(text));
  }

  PhiloxStream random_;
  std::uint32_t pieces_per_batch_;
  std::vector<std::pair<TextPiece, std::string>> pieces_;
  std::vector<std::string> sources_ = {"memory.txt"};
  std::size_t next_ = 0;
  std::uint64_t bytes_ = 0, line_ = 1;
  absl::Status error_;
};

}  // namespace conec::corpora
