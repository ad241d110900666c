// Training that goes on from a model, on new text.
//
// The new text is encoded with the words that the policy asks for (corpora::EncodeOptions::known), then everything is
// as in any training, except that
//   - rows of words that the model has begin as the model's, in W1 and W2; others as in a new training;
//   - noise words and subsampling go by the counts in the new text. So rows of words that it lacks are never drawn and
//     stay as they are, bit by bit;
//   - learning rate and epochs are those of a training of its own on the new text: a lower start forgets less.
// The model that comes of it counts words, and averages their contexts, over both texts (kOld, kUnion): its counts are
// sums, and its global context is the mean over all occurrences, those in the old text as the old model has them, with
// the W1 of that time. With kNew it is a model of the new text alone.
#pragma once

#include <string_view>

#include "base/status.h"
#include "conec/model.h"
#include "corpora/encode.h"
#include "word2vec/trainer.h"

namespace conec {

// Which words the continued model has.
enum class VocabularyPolicy {
  kOld,    // the model's
  kNew,    // those of the new text, as in a new training
  kUnion,  // the model's, and those of the new text
};
std::string_view Name(VocabularyPolicy policy);  // "old", "new", "union"
absl::StatusOr<VocabularyPolicy> ParseVocabularyPolicy(std::string_view name);

// kFailedPrecondition, saying what is missing, unless training can go on from `model`: it needs W2, and for kOld and
// kUnion a global context, if it has one, that is an average (ContextScaling::kCount).
absl::Status CheckContinuable(const Model& model, VocabularyPolicy policy);

// Makes the words of the policy those of `options`.
void SetVocabulary(const Model& model, VocabularyPolicy policy, corpora::EncodeOptions& options);

// Of all that the continued model takes over: words, counts, tables, statistics. Reads them all.
std::string FingerprintOf(const Model& model);

// kFailedPrecondition unless `corpus` reads text as the model's was read, and has the words that the policy asks for in
// the order of the counts that the continued model will have, which users of a model count on
// (word2vec/neighbours.h: restrict_vocabulary).
absl::Status CheckSameText(const Model& model, VocabularyPolicy policy, const corpora::EncodedCorpus& corpus);

// Rows of words of `vocabulary` that the model has, and rows of extended inputs, become the model's; others stay.
// kFailedPrecondition if the model has other dimensions or other extended inputs.
absl::Status ContinueTables(const Model& model, const corpora::Vocabulary& vocabulary,
                            const word2vec::InputLayout& layout, word2vec::EmbeddingTables& tables);

// `vocabulary`, each word with its count there and in the model's added up.
absl::StatusOr<corpora::Vocabulary> WithCountsOf(const Model& model, const corpora::Vocabulary& vocabulary);

// Both texts' statistics. Of distinct words and those of the vocabulary the sum is an upper bound.
corpora::CorpusStatistics Sum(const corpora::CorpusStatistics& a, const corpora::CorpusStatistics& b);

// `continued`, whose global context is that of the new text, with that of both. new_counts: how often each of its words
// occurs there. Words that only one text has keep their contexts, bit by bit.
absl::StatusOr<Model> WithContextOf(const Model& model, Model continued, const corpora::Vocabulary& new_counts);

}  // namespace conec
