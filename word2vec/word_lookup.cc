#include "word2vec/word_lookup.h"

#include <algorithm>

namespace conec::word2vec {
namespace {

absl::StatusOr<std::string> FormOf(const WordForm& normalize, std::string_view word) {
  if (normalize) return normalize(word);
  return std::string(word);
}

}  // namespace

absl::StatusOr<WordLookup> WordLookup::Create(const corpora::Vocabulary& vocabulary, const LookupOptions& options,
                                              std::span<const std::string> words) {
  WordLookup lookup;
  for (const std::string& word : words) {
    if (lookup.words_.contains(word)) continue;
    CONEC_ASSIGN_OR_RETURN(std::string form, FormOf(options.normalize, word));
    lookup.words_[word] = &lookup.forms_[std::move(form)];
  }
  if (options.normalize && options.normalize_vocabulary) {
    CONEC_RETURN_IF_ERROR(lookup.AddFromScan(vocabulary, options));
  } else {
    lookup.AddFromIndex(vocabulary, options.known);
  }
  for (const auto& [form, rows] : lookup.forms_) {
    for (const std::uint32_t row : rows) lookup.rows_[row] = &rows;
  }
  return lookup;
}

void WordLookup::AddFromIndex(const corpora::Vocabulary& vocabulary, std::size_t known) {
  for (auto& [form, rows] : forms_) {
    const auto id = vocabulary.Find(form);
    if (id && corpora::Index(*id) < known) rows.push_back(corpora::Index(*id));
  }
}

absl::Status WordLookup::AddFromScan(const corpora::Vocabulary& vocabulary, const LookupOptions& options) {
  const std::size_t known = std::min(options.known, vocabulary.size());
  for (std::uint32_t row = 0; row < known; ++row) {
    CONEC_ASSIGN_OR_RETURN(const std::string form, FormOf(options.normalize, vocabulary.word(corpora::WordId{row})));
    if (const auto found = forms_.find(form); found != forms_.end()) found->second.push_back(row);
  }
  return absl::OkStatus();
}

std::optional<std::uint32_t> WordLookup::Find(const std::string& word) const {
  const auto found = words_.find(word);
  if (found == words_.end() || found->second->empty()) return std::nullopt;
  return found->second->front();
}

std::span<const std::uint32_t> WordLookup::Variants(std::uint32_t row) const {
  const auto found = rows_.find(row);
  if (found == rows_.end()) return {};
  return *found->second;
}

}  // namespace conec::word2vec
