#include "conec/document_tokenizer.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace conec {
namespace {

corpora::Vocabulary MakeVocabulary(const std::vector<std::string>& words) {
  std::vector<corpora::WordCount> counts;
  for (const std::string& word : words) counts.push_back({word, 1});
  return corpora::Vocabulary::Create(counts).value();
}

Model MakeModel(const std::vector<std::string>& words) {
  Model model;
  model.vocabulary = MakeVocabulary(words);
  model.info.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
  return model;
}

TEST(DocumentTokenizer, IsThatOfTheCorpus) {
  Model model = MakeModel({"the", "cat"});
  model.info.tokenizer.kind = tokenize::TokenizerKind::kIcu;
  model.info.tokenizer.keep_punctuation = true;
  model.info.tokenizer.fold_case = false;
  const auto options = DocumentTokenizer(model).value();
  EXPECT_TRUE(options.keep_punctuation);
  EXPECT_FALSE(options.fold_case);
}

TEST(DocumentTokenizer, OfPreparedTextFoldsCaseAndDropsPunctuation) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"the", "don't", "1984"}, {"\u03c3\u03bf\u03c6\u03b9\u03b1", "caf\u00e9"}}) {
    const auto options = DocumentTokenizer(MakeModel(words)).value();
    EXPECT_EQ(options.kind, tokenize::TokenizerKind::kIcu);
    EXPECT_TRUE(options.fold_case);
    EXPECT_FALSE(options.keep_punctuation);
  }
}

TEST(DocumentTokenizer, OfTextThatWasNotPreparedStaysWhiteSpace) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"the", "Paris"}, {"the", ","}, {"the", "end."}, {"the", "part_of"}, {"the", "new-york"}}) {
    const auto kind = DocumentTokenizer(MakeModel(words)).value().kind;
    EXPECT_EQ(kind, words[1] == "part_of" ? tokenize::TokenizerKind::kIcu : tokenize::TokenizerKind::kWhitespace)
        << words[1];
  }
}

TEST(DocumentTokenizer, OfForeignWordsFoldsCaseUnlessTheyHaveCapitals) {
  EXPECT_TRUE(DocumentTokenizer(MakeVocabulary({"the", ",", "athens"})).value().fold_case);
  EXPECT_FALSE(DocumentTokenizer(MakeVocabulary({"the", ",", "Athens"})).value().fold_case);
}

}  // namespace
}  // namespace conec
