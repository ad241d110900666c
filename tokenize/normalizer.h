// Normalisation, case folding and digit folding of single words. Internal to the room.
#pragma once

#include <unicode/normalizer2.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenize/tokenizer.h"

namespace conec::tokenize {

// What is done to a word. A Turkish or Azerbaijani locale folds I to dotless i and dotted I to i.
struct WordForm {
  Normalization normalization = Normalization::kNfc;
  bool fold_case = true;
  bool fold_digits = false;
  bool is_turkic = false;
};

// The function is idempotent, and equal for canonically equivalent words unless the normalisation is kNone: normalise,
// fold, and normalise what folding made of it (Unicode, section 3.13, D145 and D146). Not thread-safe.
class WordNormalizer {
 public:
  static absl::StatusOr<std::unique_ptr<WordNormalizer>> Create(const WordForm& form);

  // `word` (valid UTF-8) in its final form: `word` itself if nothing changes, otherwise kept in `buffer`.
  absl::StatusOr<std::string_view> Normalize(std::string_view word, TokenBuffer& buffer);

  // The same as a string.
  absl::StatusOr<std::string> Normalize(std::string_view word);

 private:
  // Code points whose form does not depend on their neighbours and is one code point, 256 at a time as they occur.
  using Page = std::array<char32_t, 256>;
  struct CacheEntry {
    std::string word;
    std::string form;
  };

  explicit WordNormalizer(const WordForm& form);
  void FillAsciiTable();
  std::unique_ptr<Page> MakePage(char32_t first) const;
  char32_t FormOf(char32_t c);
  // By the table of pages; false if a character depends on its neighbours.
  bool TryCharacterwise(std::string_view word);
  absl::Status ComputeWithIcu(std::string_view word, std::string& form) const;
  absl::Status ComputeCached(std::string_view word);
  absl::Status NormalizeOnce(std::string& text) const;
  absl::Status FoldOnce(std::string& text) const;

  WordForm form_;
  const icu::Normalizer2* normalizer_ = nullptr;  // null: kNone; owned by ICU
  std::array<std::uint8_t, 256> ascii_{};         // form of an ASCII character; kNotAscii otherwise
  std::vector<std::unique_ptr<Page>> pages_;
  std::vector<CacheEntry> cache_;  // direct-mapped
  std::string scratch_;            // the form of the word at hand
};

}  // namespace conec::tokenize
