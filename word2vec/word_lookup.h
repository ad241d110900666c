// Words of question files to rows of a table of vectors. For this room only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "corpora/vocabulary.h"
#include "word2vec/word_form.h"

namespace conec::word2vec {

struct LookupOptions {
  std::size_t known = 0;              // only the first words of the vocabulary are known
  WordForm normalize = nullptr;       // the form in which a word is looked up; empty: as it is
  bool normalize_vocabulary = false;  // words of the vocabulary are compared in that form, too
};

class WordLookup {
 public:
  // Looks all of `words` up at once, each spelling once. Errors are those of `normalize`.
  static absl::StatusOr<WordLookup> Create(const corpora::Vocabulary& vocabulary, const LookupOptions& options,
                                           std::span<const std::string> words);

  // The first row whose word is `word`, one of those given to Create(); nothing: unknown.
  std::optional<std::uint32_t> Find(const std::string& word) const;

  // All rows whose words are the same as that of `row` (found before) once they are normalised, by increasing row:
  // `row` alone without normalize_vocabulary. The span lives as long as this object.
  std::span<const std::uint32_t> Variants(std::uint32_t row) const;

 private:
  using Rows = std::vector<std::uint32_t>;

  void AddFromIndex(const corpora::Vocabulary& vocabulary, std::size_t known);
  absl::Status AddFromScan(const corpora::Vocabulary& vocabulary, const LookupOptions& options);

  std::unordered_map<std::string, Rows> forms_;         // of the words looked up, and the rows that have this form
  std::unordered_map<std::string, const Rows*> words_;  // spelling to the entry of its form
  std::unordered_map<std::uint32_t, const Rows*> rows_;
};

}  // namespace conec::word2vec
