#include "base/enum_names.h"
#include "tokenize/tokenizer.h"
#include "tokenize/utf8.h"

namespace conec::tokenize {
namespace {

constexpr EnumNames<TokenizerKind, 3> kKinds = {{{TokenizerKind::kIcu, "icu"},
                                                 {TokenizerKind::kWhitespace, "whitespace"},
                                                 {TokenizerKind::kPretokenized, "pretokenized"}}};

constexpr EnumNames<Normalization, 5> kNormalizations = {{{Normalization::kNone, "none"},
                                                          {Normalization::kNfc, "nfc"},
                                                          {Normalization::kNfkc, "nfkc"},
                                                          {Normalization::kNfd, "nfd"},
                                                          {Normalization::kNfkd, "nfkd"}}};

constexpr EnumNames<SegmentBoundary, 3> kBoundaries = {{{SegmentBoundary::kSentence, "sentence"},
                                                        {SegmentBoundary::kLine, "line"},
                                                        {SegmentBoundary::kDocument, "document"}}};

constexpr EnumNames<InvalidUtf8, 3> kInvalidUtf8 = {
    {{InvalidUtf8::kError, "error"}, {InvalidUtf8::kReplace, "replace"}, {InvalidUtf8::kSkip, "skip"}}};

}  // namespace

std::string_view Name(TokenizerKind kind) {
  return NameOf(kKinds, kind);
}
std::string_view Name(Normalization normalization) {
  return NameOf(kNormalizations, normalization);
}
std::string_view Name(SegmentBoundary boundary) {
  return NameOf(kBoundaries, boundary);
}
std::string_view Name(InvalidUtf8 policy) {
  return NameOf(kInvalidUtf8, policy);
}

absl::StatusOr<TokenizerKind> ParseTokenizerKind(std::string_view name) {
  return ParseName(kKinds, "tokenizer", name);
}
absl::StatusOr<Normalization> ParseNormalization(std::string_view name) {
  return ParseName(kNormalizations, "normalization", name);
}
absl::StatusOr<SegmentBoundary> ParseSegmentBoundary(std::string_view name) {
  return ParseName(kBoundaries, "segment boundary", name);
}
absl::StatusOr<InvalidUtf8> ParseInvalidUtf8(std::string_view name) {
  return ParseName(kInvalidUtf8, "treatment of invalid UTF-8", name);
}

}  // namespace conec::tokenize
