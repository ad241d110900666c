// From the raw stream of all tokens to the stream of an encoded corpus.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "corpora/word_id.h"

namespace conec::corpora {

// Leaves out the words that are not in the vocabulary (or puts gaps in their place), cuts long segments, and writes
// only the marks that mean something:
//  - A segment that lost all its words leaves no mark. The last segment of a document ends with the document's mark.
//  - Every document that had a token leaves one kEndOfDocument, even when none of its words is in the vocabulary, so
//    that documents can be counted; a document without any token leaves nothing.
//  - A segment is cut when it holds `segment_length` words and goes on. Words left out do not count (as in word2vec.c);
//    gaps do, since they take a place.
//  - Gaps before a segment's first and after its last word are left out: no window sees them.
// Documents may come in any number of calls; the state between calls is this object.
class SegmentCutter {
 public:
  // segment_length >= 1.
  SegmentCutter(std::uint32_t segment_length, bool keep_gaps) : limit_(segment_length), keep_gaps_(keep_gaps) {}

  // Appends to `out` what becomes of `raw`: its words i are final_ids[i], kGap if not in the vocabulary; its marks
  // are kEndOfSegment and kEndOfDocument.
  void Run(std::span<const WordId> raw, std::span<const WordId> final_ids, std::vector<WordId>& out) {
    for (const WordId raw_id : raw) {
      if (IsWord(raw_id)) {
        document_has_tokens_ = true;
        const WordId id = final_ids[Index(raw_id)];
        if (id != kGap) {
          AddWord(id, out);
        } else if (keep_gaps_) {
          AddGap();
        }
      } else if (raw_id == kEndOfDocument) {
        EndDocument(out);
      } else {
        EndSegment();
      }
    }
  }

  // Ends the last document, should its mark be missing.
  void Finish(std::vector<WordId>& out) { EndDocument(out); }

  std::uint64_t words() const { return words_; }
  std::uint64_t segments() const { return segments_; }
  std::uint64_t documents() const { return documents_; }

 private:
  void AddWord(WordId id, std::vector<WordId>& out) {
    if (ended_ || length_ + gaps_ == limit_) {
      out.push_back(kEndOfSegment);
      length_ = gaps_ = 0;
      ended_ = false;
    }
    if (length_ == 0) ++segments_;
    if (gaps_ > 0) out.insert(out.end(), gaps_, kGap);
    out.push_back(id);
    length_ += gaps_ + 1;
    gaps_ = 0;
    ++words_;
  }

  void AddGap() {
    if (length_ == 0 || ended_) return;
    if (length_ + gaps_ == limit_) return EndSegment();
    ++gaps_;
  }

  void EndSegment() {
    ended_ = length_ > 0;  // the mark is written when a word follows in the same document
    gaps_ = 0;
  }

  void EndDocument(std::vector<WordId>& out) {
    if (document_has_tokens_) {
      out.push_back(kEndOfDocument);
      ++documents_;
    }
    document_has_tokens_ = ended_ = false;
    length_ = gaps_ = 0;
  }

  std::uint64_t limit_;
  bool keep_gaps_;
  bool document_has_tokens_ = false;
  bool ended_ = false;        // the open segment has ended, its mark is not yet written
  std::uint64_t length_ = 0;  // words and gaps written of the open segment
  std::uint64_t gaps_ = 0;    // gaps to be written if a word follows
  std::uint64_t words_ = 0, segments_ = 0, documents_ = 0;
};

}  // namespace conec::corpora
