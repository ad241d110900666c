// What several groups of hand features want to know of a text. Internal to the room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ner/feature_rows.h"
#include "ner/hand_features.h"

namespace conec::ner {

inline constexpr std::uint32_t kNoRun = 0xFFFFFFFF;

// A distinct word as it is written.
struct WordForm {
  std::string_view surface;
  std::uint32_t lower = 0;  // number of its lower-case form
  std::string_view case_name;
  std::string_view initial;  // the first character
  std::string short_shape;
  bool begins_upper = false;
  bool has_lower = false;
  bool has_upper = false;
  bool has_digit = false;
};

// Tokens [begin, end).
struct Range {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
};

struct Sentence : Range {
  std::size_t document = 0;
  std::size_t index = 0;   // in the document
  bool all_upper = false;  // letters, and all of them upper case: capitals say nothing here
};

class AnalysedText {
 public:
  explicit AnalysedText(const FeatureText& text);

  const FeatureText& text() const { return text_; }
  std::size_t tokens() const { return form_of_.size(); }
  const std::vector<WordForm>& forms() const { return forms_; }
  std::uint32_t form_number(std::size_t token) const { return form_of_[token]; }
  const WordForm& form(std::size_t token) const { return forms_[form_of_[token]]; }
  const std::string& lower(std::size_t token) const { return lowers_.string(form(token).lower); }
  const Sentence& sentence(std::size_t token) const { return sentences_[sentence_of_[token]]; }
  Range document(std::size_t token) const;
  // The sequence of capitalised words that the token is in, within a sentence that is not all upper case; nothing:
  // null.
  const Range* run(std::size_t token) const { return run_of_[token] == kNoRun ? nullptr : &runs_[run_of_[token]]; }
  std::uint32_t run_number(std::size_t token) const { return run_of_[token]; }
  bool is_first(std::size_t token) const { return sentence(token).begin == token; }

  // Of the token `offset` places further in the same sentence; "<s>" before its begin and "</s>" after its end.
  std::string_view lower_at(std::size_t token, std::ptrdiff_t offset) const;
  std::string_view case_at(std::size_t token, std::ptrdiff_t offset) const;
  std::string_view shape_at(std::size_t token, std::ptrdiff_t offset) const;
  // Of the tokens before and after a run.
  std::string_view lower_before(const Range& run) const { return lower_at(run.begin, -1); }
  std::string_view lower_after(const Range& run) const { return lower_at(run.end - 1, 1); }

 private:
  void AddForms();
  void AddSentences();
  void AddRuns(const Sentence& sentence);
  // The token at that place, or what stands for it.
  template <typename Get>
  std::string_view At(std::size_t token, std::ptrdiff_t offset, const Get& get) const;

  const FeatureText& text_;
  std::vector<WordForm> forms_;
  StringNumbers lowers_;
  std::vector<std::uint32_t> form_of_;
  std::vector<Sentence> sentences_;
  std::vector<std::uint32_t> sentence_of_;
  std::vector<Range> runs_;
  std::vector<std::uint32_t> run_of_;
};

}  // namespace conec::ner
