// Text to tokens: ICU (UAX-29 word and sentence boundaries, normalisation, case and digit folding) or plain white
// space.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::tokenize {

enum class TokenizerKind { kIcu, kWhitespace };
enum class Normalization { kNone, kNfc, kNfkc, kNfd, kNfkd };

// What ends a segment. Context windows never cross a segment boundary.
enum class SegmentBoundary {
  kSentence,  // UAX-29 sentences (kIcu only); a line break ends a sentence unless join_lines
  kLine,      // line breaks
  kDocument,  // nothing inside a document
};

// The comments here are the documentation of the command-line options of the same names.
struct TokenizerOptions {
  TokenizerKind kind = TokenizerKind::kIcu;
  Normalization normalization = Normalization::kNfc;  // applied to each token (kIcu)
  bool fold_case = true;                              // Unicode case folding (kIcu)
  bool fold_digits = false;                           // every decimal digit of any script becomes 0 (both kinds)
  bool keep_punctuation = false;                      // punctuation and symbols are tokens too (kIcu); emoji always are
  SegmentBoundary segments = SegmentBoundary::kSentence;  // kWhitespace treats kSentence as kLine
  bool join_lines = false;  // a single line break is a space (hard-wrapped text); an empty line ends the segment
  std::string locale;       // ICU locale for boundaries, e.g. "fi"; empty: root
};

struct Token {
  std::string_view text;    // normalised and folded; points into the input or into the TokenBuffer
  std::uint32_t begin = 0;  // bytes [begin, end) of the input that the token came from
  std::uint32_t end = 0;
};

// The tokens of one piece of text. Reused from call to call; views stay valid until the next call or until the input
// dies.
class TokenBuffer {
 public:
  std::vector<Token> tokens;
  // Indices one past the last token of each segment that ended, increasing, no empty segments. Tokens after the last
  // entry belong to a segment that goes on in the next piece.
  std::vector<std::uint32_t> segment_ends;

  void Clear();
  // Copies `text` into storage that stays in place until Clear().
  std::string_view Keep(std::string_view text);

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_ = 0;  // index of the block being filled
  std::size_t used_ = 0;   // bytes used of it
};

// Not thread-safe: one tokenizer per thread (Create is cheap after the first). Deterministic: equal text gives equal
// tokens.
class Tokenizer {
 public:
  static absl::StatusOr<std::unique_ptr<Tokenizer>> Create(const TokenizerOptions& options);
  virtual ~Tokenizer() = default;

  // Tokens of `text`, valid UTF-8 of less than 2^31 bytes (kInvalidArgument with the byte offset otherwise). A long
  // document comes in pieces that end at white space: `is_last` says that the document ends here, so that its last
  // segment does too.
  virtual absl::Status Tokenize(std::string_view text, bool is_last, TokenBuffer& buffer) = 0;
};

// One word as the tokenizer would write it (normalised, folded), for look-ups: a query typed by a user, a line of a
// question file. Does not split: "New York" stays one string.
absl::StatusOr<std::string> NormalizeWord(const TokenizerOptions& options, std::string_view word);

// Names of the options' values as the command line and the model file spell them: "icu", "nfkc", "sentence", ...; and
// back (kInvalidArgument listing the values).
std::string_view Name(TokenizerKind kind);
std::string_view Name(Normalization normalization);
std::string_view Name(SegmentBoundary boundary);
absl::StatusOr<TokenizerKind> ParseTokenizerKind(std::string_view name);
absl::StatusOr<Normalization> ParseNormalization(std::string_view name);
absl::StatusOr<SegmentBoundary> ParseSegmentBoundary(std::string_view name);

}  // namespace conec::tokenize
