// How text that somebody brings along (documents, questions, typed words) is to be read, so that it meets the
// vocabulary.
#pragma once

#include "base/status.h"
#include "conec/model.h"
#include "corpora/vocabulary.h"
#include "tokenize/tokenizer.h"

namespace conec {

// For a model of ours: as its corpus was. But a corpus that was split at white space and whose frequent words have
// neither capitals nor punctuation is text that was prepared beforehand, as text8 is: other text is read by the icu
// tokenizer with case folding, so that "Athens," finds "athens".
absl::StatusOr<tokenize::TokenizerOptions> DocumentTokenizer(const Model& model);

// For words of unknown origin: the icu tokenizer, folding case unless frequent words have capitals.
absl::StatusOr<tokenize::TokenizerOptions> DocumentTokenizer(const corpora::Vocabulary& vocabulary);

}  // namespace conec
