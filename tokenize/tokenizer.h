// Text to tokens: ICU (UAX-29 word and sentence boundaries, normalisation, case and digit folding), plain white space,
// or white space with ICU's normalisation and folding.
//
// kIcu. Boundaries are drawn in the text as it stands, by the rules of UAX 29 with ICU's tailorings and, for Chinese,
// Japanese, Thai, Khmer, Lao and Burmese, its dictionaries. What lies between two boundaries is a token if it holds a
// letter or a decimal digit (don't, 3.14, user@example.com, x86), or an emoji (flags, skin tones and sequences joined
// by U+200D stay whole; text-style symbols such as © do not count); with keep_punctuation every other visible part is
// one, too. Then each token is normalised and folded by itself. No token is empty or holds white space: the few parts
// that do (digits joined by U+202F; compatibility forms such as U+FDFA, which is four words) are split there, and
// tokens from one compatibility form share its offsets. Canonically equivalent texts give equal tokens, except that ICU
// may place boundaries differently in decomposed Hangul and kana.
//
// kWhitespace. Tokens are what stands between characters with the Unicode property White_Space, unchanged but for
// fold_digits.
//
// kPretokenized. What stands between white space, normalised and folded as with kIcu; nothing is split or left out, so
// that tokens stay the words of annotated text (CoNLL columns, treebanks) one for one. A token whose compatibility form
// holds white space (U+00B4, U+FDFA) gets its canonical form instead: that of kNfc for kNfkc, of kNfd for kNfkd. No
// token becomes empty.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::tokenize {

enum class TokenizerKind { kIcu, kWhitespace, kPretokenized };
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
  Normalization normalization = Normalization::kNfc;  // applied to each token (kIcu, kPretokenized)
  bool fold_case = true;                              // Unicode case folding (kIcu, kPretokenized)
  bool fold_digits = false;                           // every decimal digit of any script becomes 0 (all kinds)
  bool keep_punctuation = false;                      // punctuation and symbols are tokens too (kIcu); emoji always are
  SegmentBoundary segments = SegmentBoundary::kSentence;  // kWhitespace and kPretokenized treat kSentence as kLine
  bool join_lines = false;  // a single line break is a space (hard-wrapped text); an empty line ends the segment
  // ICU locale for boundaries (kIcu), e.g. "fi", "pt-BR", "en-u-ss-standard" (no sentence ends after "Mr."); tr and az
  // also fold I to dotless i (kPretokenized, too). Empty: root.
  std::string locale;
  // A token for every line break, e.g. "</s>", so that windows cross line ends (in CoNLL columns: sentence ends) but
  // see where they are. As in word2vec.c, blank lines have one, too, and a last line without a line break has none.
  // Needs segments = document; not with join_lines. Counted as a word and written as it stands here. Empty: none.
  std::string line_token;
};

// kInvalidArgument for a line_token that holds white space, is not UTF-8, or cannot be had with the other options.
// Create() checks this and the locale.
absl::Status Validate(const TokenizerOptions& options);

struct Token {
  std::string_view text;    // normalised and folded; points into the input or into the TokenBuffer
  std::uint32_t begin = 0;  // bytes [begin, end) of the input that the token came from; of a line_token, the line break
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
  // A boundary lies before the first token (or in a text without tokens): the segment that the previous piece of the
  // document left open ends there.
  bool starts_with_boundary = false;

  // Empties all of the above; keeps memory for reuse.
  void Clear();
  // Copies `text` into storage that stays in place until Clear().
  std::string_view Keep(std::string_view text);

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;  // of equal size
  std::size_t block_ = 0;                        // index of the block being filled
  std::size_t used_ = 0;                         // bytes used of it
  std::vector<std::unique_ptr<char[]>> large_;   // texts larger than a block; freed by Clear()
};

// Not thread-safe: one tokenizer per thread (Create is cheap after the first). Deterministic: equal text gives equal
// tokens.
class Tokenizer {
 public:
  static absl::StatusOr<std::unique_ptr<Tokenizer>> Create(const TokenizerOptions& options);
  virtual ~Tokenizer() = default;

  // Replaces the contents of `buffer` by the tokens of `text`, valid UTF-8 of less than 2^31 bytes (kInvalidArgument
  // with the byte offset otherwise; `buffer` is then unspecified).
  //
  // A long document comes in pieces that are cut after a line break, or after white space where a piece has no line
  // break: `is_last` says that the document ends here, so that its last segment does too. A piece is tokenised without
  // knowledge of its neighbours. Cut after line breaks (LF, CR, CR LF, U+0085, U+2028, U+2029), the pieces give the
  // tokens and segments of the whole document; with join_lines a line break at the very start of a piece counts as an
  // empty line. One thing differs from the whole: a sentence that ends exactly at a cut that is no segment boundary (in
  // white space; with join_lines, at a line break) runs on into the next sentence, since what follows is unknown.
  virtual absl::Status Tokenize(std::string_view text, bool is_last, TokenBuffer& buffer) = 0;
};

// One word as the tokenizer would write it (normalised, folded), for look-ups: a query typed by a user, a line of a
// question file. Does not split: "New York" stays one string. The line_token stays as it is.
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
