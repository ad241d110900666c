// The shapes of tokens in their text.
#pragma once

#include <string_view>
#include <vector>

#include "tokenize/tokenizer.h"
#include "tokenize/word_shape.h"

namespace conec::tokenize {

// What the shapes of one piece of a document have to do with the pieces before and after it.
struct PieceEdges {
  // Whether the piece's first token is the first of its sentence depends on the pieces before: its shape says "no".
  bool is_open = false;
  // A sentence ends behind the last token; in a piece without tokens: anywhere.
  bool ends_sentence = false;
};

// Replaces *shapes by those of buffer.tokens, which a tokenizer with these options made of `text`.
//
// Sentences are the segments; where these are whole documents (SegmentBoundary::kDocument), what is known of sentences
// are lines: a word is the first of its sentence if a line break lies before it (with join_lines, an empty line). A
// line_token has the shape LetterCase::kNone and is never a first word. Tokens that share their offsets share the case.
PieceEdges ReadTokenShapes(const TokenizerOptions& options, std::string_view text, const TokenBuffer& buffer,
                           std::vector<WordShape>* shapes);

// Puts the pieces of a document together. A document that comes in one piece is SentenceStarts().Add(edges, shapes).
class SentenceStarts {
 public:
  // at_start: the next token is the first of its sentence, as at the beginning of a document.
  explicit SentenceStarts(bool at_start = true) : at_start_(at_start) {}

  // Completes the shapes of the next piece.
  void Add(const PieceEdges& edges, std::vector<WordShape>& shapes);

  bool at_start() const { return at_start_; }

 private:
  bool at_start_;
};

}  // namespace conec::tokenize
