// From the raw stream of all tokens to the stream of an encoded corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "corpora/word_id.h"
#include "tokenize/word_shape.h"

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
  // A part of the stream. shapes: parallel to ids, 0 for marks; empty where the raw stream comes without.
  struct Part {
    std::vector<WordId> ids;
    std::vector<tokenize::WordShape> shapes;

    void Clear() {
      ids.clear();
      shapes.clear();
    }
  };

  // segment_length >= 1.
  SegmentCutter(std::uint32_t segment_length, bool keep_gaps) : limit_(segment_length), keep_gaps_(keep_gaps) {}

  // Appends to `out` what becomes of `raw`: its words i are final_ids[i], kGap if not in the vocabulary; its marks
  // are kEndOfSegment and kEndOfDocument. shapes: parallel to `raw` in all calls, or empty in all.
  void Run(std::span<const WordId> raw, std::span<const tokenize::WordShape> shapes, std::span<const WordId> final_ids,
           Part& out) {
    if (shapes.empty()) {
      RunOn<false>(raw, shapes, final_ids, out);
    } else {
      RunOn<true>(raw, shapes, final_ids, out);
    }
  }

  // Ends the last document, should its mark be missing.
  void Finish(bool with_shapes, Part& out) { with_shapes ? EndDocument<true>(out) : EndDocument<false>(out); }

  std::uint64_t words() const { return words_; }
  std::uint64_t segments() const { return segments_; }
  std::uint64_t documents() const { return documents_; }

 private:
  template <bool kShapes>
  void RunOn(std::span<const WordId> raw, std::span<const tokenize::WordShape> shapes,
             std::span<const WordId> final_ids, Part& out) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (IsWord(raw[i])) {
        document_has_tokens_ = true;
        const WordId id = final_ids[Index(raw[i])];
        const tokenize::WordShape shape = kShapes ? shapes[i] : tokenize::WordShape{};
        if (id != kGap) {
          AddWord<kShapes>(id, shape, out);
        } else if (keep_gaps_) {
          AddGap<kShapes>(shape);
        }
      } else if (raw[i] == kEndOfDocument) {
        EndDocument<kShapes>(out);
      } else {
        EndSegment();
      }
    }
  }

  template <bool kShapes>
  static void Append(WordId id, tokenize::WordShape shape, Part& out) {
    out.ids.push_back(id);
    if constexpr (kShapes) out.shapes.push_back(shape);
  }

  template <bool kShapes>
  void AddWord(WordId id, tokenize::WordShape shape, Part& out) {
    if (ended_ || length_ + gaps_ == limit_) {
      Append<kShapes>(kEndOfSegment, {}, out);
      length_ = gaps_ = 0;
      ended_ = false;
    }
    if (length_ == 0) ++segments_;
    if (gaps_ > 0) AppendGaps<kShapes>(out);
    Append<kShapes>(id, shape, out);
    length_ += gaps_ + 1;
    gaps_ = 0;
    ++words_;
  }

  template <bool kShapes>
  void AppendGaps(Part& out) {
    out.ids.insert(out.ids.end(), gaps_, kGap);
    if constexpr (kShapes) {
      out.shapes.insert(out.shapes.end(), gap_shapes_.begin(),
                        gap_shapes_.begin() + static_cast<std::ptrdiff_t>(gaps_));
    }
  }

  template <bool kShapes>
  void AddGap(tokenize::WordShape shape) {
    if (length_ == 0 || ended_) return;
    if (length_ + gaps_ == limit_) return EndSegment();
    if constexpr (kShapes) {
      gap_shapes_.resize(gaps_);
      gap_shapes_.push_back(shape);
    }
    ++gaps_;
  }

  void EndSegment() {
    ended_ = length_ > 0;  // the mark is written when a word follows in the same document
    gaps_ = 0;
  }

  template <bool kShapes>
  void EndDocument(Part& out) {
    if (document_has_tokens_) {
      Append<kShapes>(kEndOfDocument, {}, out);
      ++documents_;
    }
    document_has_tokens_ = ended_ = false;
    length_ = gaps_ = 0;
  }

  std::uint64_t limit_;
  bool keep_gaps_;
  bool document_has_tokens_ = false;
  bool ended_ = false;                           // the open segment has ended, its mark is not yet written
  std::uint64_t length_ = 0;                     // words and gaps written of the open segment
  std::uint64_t gaps_ = 0;                       // gaps to be written if a word follows
  std::vector<tokenize::WordShape> gap_shapes_;  // theirs: the first gaps_ entries
  std::uint64_t words_ = 0, segments_ = 0, documents_ = 0;
};

}  // namespace conec::corpora
