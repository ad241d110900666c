#include "conec/document_tokenizer.h"

#include <algorithm>
#include <string>

namespace conec {
namespace {

using corpora::WordId;

constexpr std::size_t kLookedAt = 10000;  // words: enough to tell, and a matter of milliseconds

// Whether `holds` is true for each of the most frequent words.
template <typename Predicate>
absl::StatusOr<bool> AllFrequentWords(const corpora::Vocabulary& vocabulary, Predicate&& holds) {
  const auto count = static_cast<std::uint32_t>(std::min(vocabulary.size(), kLookedAt));
  for (std::uint32_t i = 0; i < count; ++i) {
    CONEC_ASSIGN_OR_RETURN(const bool one, holds(vocabulary.word(WordId{i})));
    if (!one) return false;
  }
  return true;
}

absl::StatusOr<bool> IsFolded(std::string_view word) {
  CONEC_ASSIGN_OR_RETURN(const std::string folded, tokenize::NormalizeWord(tokenize::TokenizerOptions(), word));
  return folded == word;
}

// Whether the icu tokenizer with case folding writes every frequent word as it stands: one word, unchanged.
absl::StatusOr<bool> IsPreparedText(const corpora::Vocabulary& vocabulary) {
  tokenize::TokenizerOptions options;
  options.segments = tokenize::SegmentBoundary::kDocument;
  CONEC_ASSIGN_OR_RETURN(const auto tokenizer, tokenize::Tokenizer::Create(options));
  tokenize::TokenBuffer buffer;
  return AllFrequentWords(vocabulary, [&](std::string_view word) -> absl::StatusOr<bool> {
    buffer.Clear();
    CONEC_RETURN_IF_ERROR(tokenizer->Tokenize(word, /*is_last=*/true, buffer));
    return buffer.tokens.size() == 1 && buffer.tokens[0].text == word;
  });
}

}  // namespace

absl::StatusOr<tokenize::TokenizerOptions> DocumentTokenizer(const Model& model) {
  const tokenize::TokenizerOptions& of_corpus = model.info.tokenizer;
  if (of_corpus.kind != tokenize::TokenizerKind::kWhitespace) return of_corpus;
  CONEC_ASSIGN_OR_RETURN(const bool prepared, IsPreparedText(model.vocabulary));
  if (!prepared) return of_corpus;
  tokenize::TokenizerOptions options;
  options.fold_digits = of_corpus.fold_digits;
  options.join_lines = of_corpus.join_lines;
  return options;
}

absl::StatusOr<tokenize::TokenizerOptions> DocumentTokenizer(const corpora::Vocabulary& vocabulary) {
  tokenize::TokenizerOptions options;
  CONEC_ASSIGN_OR_RETURN(options.fold_case, AllFrequentWords(vocabulary, IsFolded));
  return options;
}

}  // namespace conec
