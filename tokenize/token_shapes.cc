#include "tokenize/token_shapes.h"

#include "tokenize/characters.h"

namespace conec::tokenize {
namespace {

bool HasLineBreak(std::string_view text) {
  return FindLineBreak(text, 0).begin < text.size();
}

// Two line breaks with nothing but blanks between.
bool HasEmptyLine(std::string_view text) {
  LineBreak found = FindLineBreak(text, 0);
  while (found.begin < text.size()) {
    const std::size_t next_line = SkipBlanks(text, found.end);
    const LineBreak next = FindLineBreak(text, next_line);
    if (next.begin == next_line && next.begin < text.size()) return true;
    found = next;
  }
  return false;
}

// Marks the first words of the segments that begin in this piece.
PieceEdges MarkSegments(const TokenBuffer& buffer, std::vector<WordShape>& shapes) {
  for (const std::uint32_t end : buffer.segment_ends) {
    if (end < shapes.size()) shapes[end] = AsFirst(shapes[end]);
  }
  if (shapes.empty()) return {.ends_sentence = buffer.starts_with_boundary};
  if (buffer.starts_with_boundary) shapes[0] = AsFirst(shapes[0]);
  return {.is_open = !buffer.starts_with_boundary,
          .ends_sentence = !buffer.segment_ends.empty() && buffer.segment_ends.back() == shapes.size()};
}

// Whether a sentence ends in the white space (and whatever else is no token) between two tokens. At the start of a
// piece, one line break may be the second half of an empty line.
bool EndsSentence(const TokenizerOptions& options, std::string_view gap, bool at_start) {
  return options.join_lines && !at_start ? HasEmptyLine(gap) : HasLineBreak(gap);
}

// Tokens that share their offsets have nothing between them.
std::string_view GapBefore(std::string_view text, const TokenBuffer& buffer, std::size_t i) {
  const std::size_t begin = i == 0 ? 0 : buffer.tokens[i - 1].end;
  const std::size_t end = i == buffer.tokens.size() ? text.size() : buffer.tokens[i].begin;
  return end > begin ? text.substr(begin, end - begin) : std::string_view();
}

// Marks the first words of lines.
PieceEdges MarkLines(const TokenizerOptions& options, std::string_view text, const TokenBuffer& buffer,
                     std::vector<WordShape>& shapes) {
  PieceEdges edges;
  bool after_line_token = false;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Token& token = buffer.tokens[i];
    const bool is_first = after_line_token || EndsSentence(options, GapBefore(text, buffer, i), i == 0);
    after_line_token = !options.line_token.empty() && HasLineBreak(text.substr(token.begin, token.end - token.begin));
    if (is_first && !after_line_token) shapes[i] = AsFirst(shapes[i]);
    if (i == 0) edges.is_open = !is_first && !after_line_token;
  }
  edges.ends_sentence =
      after_line_token || EndsSentence(options, GapBefore(text, buffer, shapes.size()), shapes.empty());
  return edges;
}

}  // namespace

PieceEdges ReadTokenShapes(const TokenizerOptions& options, std::string_view text, const TokenBuffer& buffer,
                           std::vector<WordShape>* shapes) {
  shapes->clear();
  for (const Token& token : buffer.tokens) {
    shapes->push_back(MakeWordShape(LetterCaseOf(text.substr(token.begin, token.end - token.begin)), false));
  }
  if (options.segments != SegmentBoundary::kDocument) return MarkSegments(buffer, *shapes);
  return MarkLines(options, text, buffer, *shapes);
}

void SentenceStarts::Add(const PieceEdges& edges, std::vector<WordShape>& shapes) {
  if (edges.is_open && at_start_) shapes[0] = AsFirst(shapes[0]);
  at_start_ = edges.ends_sentence || (shapes.empty() && at_start_);
}

}  // namespace conec::tokenize
