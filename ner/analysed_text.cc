#include "ner/analysed_text.h"

#include <algorithm>

#include "ner/word_forms.h"

namespace conec::ner {

AnalysedText::AnalysedText(const FeatureText& text) : text_(text) {
  AddForms();
  AddSentences();
  run_of_.assign(tokens(), kNoRun);
  for (const Sentence& sentence : sentences_) AddRuns(sentence);
}

void AnalysedText::AddForms() {
  StringNumbers surfaces;
  form_of_.reserve(text_.words.size());
  for (const std::string_view word : text_.words) {
    const std::uint32_t number = surfaces.Number(word);
    form_of_.push_back(number);
    if (number < forms_.size()) continue;
    forms_.push_back({.surface = word,
                      .lower = lowers_.Number(LowerFolded(word)),
                      .case_name = CaseName(word),
                      .initial = FirstCharacter(word),
                      .short_shape = ShapeOf(word, 1),
                      .begins_upper = BeginsUpper(word),
                      .has_lower = HasLower(word),
                      .has_upper = HasUpper(word),
                      .has_digit = HasDigit(word)});
  }
}

void AnalysedText::AddSentences() {
  std::size_t begin = 0, document = 0, index = 0;
  for (const std::size_t end : text_.sentence_ends) {
    if (begin == text_.document_ends[document]) ++document, index = 0;
    Sentence sentence;
    sentence.begin = begin;
    sentence.end = end;
    sentence.document = document;
    sentence.index = index++;
    bool lower = false, upper = false;
    for (std::size_t i = begin; i < end; ++i) {
      lower = lower || form(i).has_lower;
      upper = upper || form(i).has_upper;
    }
    sentence.all_upper = upper && !lower;
    sentence_of_.insert(sentence_of_.end(), end - begin, static_cast<std::uint32_t>(sentences_.size()));
    sentences_.push_back(sentence);
    begin = end;
  }
}

void AnalysedText::AddRuns(const Sentence& sentence) {
  if (sentence.all_upper) return;
  for (std::size_t i = sentence.begin; i < sentence.end; ++i) {
    if (!form(i).begins_upper) continue;
    if (i > sentence.begin && run_of_[i - 1] != kNoRun) {
      runs_.back().end = i + 1;
    } else {
      runs_.push_back({.begin = i, .end = i + 1});
    }
    run_of_[i] = static_cast<std::uint32_t>(runs_.size() - 1);
  }
}

Range AnalysedText::document(std::size_t token) const {
  const std::size_t document = sentence(token).document;
  return {.begin = document == 0 ? 0 : text_.document_ends[document - 1], .end = text_.document_ends[document]};
}

template <typename Get>
std::string_view AnalysedText::At(std::size_t token, std::ptrdiff_t offset, const Get& get) const {
  const Sentence& s = sentence(token);
  if (offset < 0 && token - s.begin < static_cast<std::size_t>(-offset)) return "<s>";
  if (offset > 0 && s.end - token <= static_cast<std::size_t>(offset)) return "</s>";
  return get(token + static_cast<std::size_t>(offset));
}

std::string_view AnalysedText::lower_at(std::size_t token, std::ptrdiff_t offset) const {
  return At(token, offset, [this](std::size_t i) -> std::string_view { return lower(i); });
}

std::string_view AnalysedText::case_at(std::size_t token, std::ptrdiff_t offset) const {
  return At(token, offset, [this](std::size_t i) { return form(i).case_name; });
}

std::string_view AnalysedText::shape_at(std::size_t token, std::ptrdiff_t offset) const {
  return At(token, offset, [this](std::size_t i) -> std::string_view { return form(i).short_shape; });
}

}  // namespace conec::ner
