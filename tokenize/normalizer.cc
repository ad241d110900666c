#include "tokenize/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>

#include <functional>

#include "tokenize/characters.h"

namespace conec::tokenize {
namespace {

constexpr std::uint8_t kNotAscii = 0xFF;
constexpr char32_t kDependsOnNeighbours = 0xFFFFFFFF;
constexpr std::size_t kCacheEntries = 1 << 14;
constexpr std::size_t kMaxCachedBytes = 64;
// A character grows to at most 18 times its bytes (U+FDFA under NFKC: 3 to 33; folding: 2 to 6), and ICU counts in 31
// bits.
constexpr std::size_t kMaxWordBytes = std::size_t{1} << 25;

icu::StringPiece Piece(std::string_view text) {
  return {text.data(), static_cast<std::int32_t>(text.size())};
}

absl::StatusOr<const icu::Normalizer2*> FindNormalizer(Normalization normalization) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = nullptr;
  switch (normalization) {
    case Normalization::kNone:
      return nullptr;
    case Normalization::kNfc:
      normalizer = icu::Normalizer2::getNFCInstance(error);
      break;
    case Normalization::kNfkc:
      normalizer = icu::Normalizer2::getNFKCInstance(error);
      break;
    case Normalization::kNfd:
      normalizer = icu::Normalizer2::getNFDInstance(error);
      break;
    case Normalization::kNfkd:
      normalizer = icu::Normalizer2::getNFKDInstance(error);
      break;
  }
  if (U_FAILURE(error)) return Internal("ICU has no {} data: {}", Name(normalization), u_errorName(error));
  return normalizer;
}

void AppendUtf8(char32_t c, std::string& text) {
  if (c < 0x80) {
    text += static_cast<char>(c);
    return;
  }
  char bytes[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, c);
  text.append(bytes, static_cast<std::size_t>(length));
}

}  // namespace

WordNormalizer::WordNormalizer(const WordForm& form) : form_(form), pages_(kPages) {}

absl::StatusOr<std::unique_ptr<WordNormalizer>> WordNormalizer::Create(const WordForm& form) {
  auto result = std::unique_ptr<WordNormalizer>(new WordNormalizer(form));
  CONEC_ASSIGN_OR_RETURN(result->normalizer_, FindNormalizer(form.normalization));
  result->FillAsciiTable();
  return result;
}

void WordNormalizer::FillAsciiTable() {
  ascii_.fill(kNotAscii);
  for (char32_t c = 0; c < 0x80; ++c) {
    const char32_t form = FormOf(c);
    if (form < 0x80) ascii_[c] = static_cast<std::uint8_t>(form);
  }
}

absl::Status WordNormalizer::NormalizeOnce(std::string& text) const {
  if (normalizer_ == nullptr) return absl::OkStatus();
  UErrorCode error = U_ZERO_ERROR;
  std::string normalized;
  icu::StringByteSink<std::string> sink(&normalized, static_cast<std::int32_t>(text.size()));
  normalizer_->normalizeUTF8(0, Piece(text), sink, nullptr, error);
  if (U_FAILURE(error)) return Internal("ICU cannot normalise a word: {}", u_errorName(error));
  text = std::move(normalized);
  return absl::OkStatus();
}

absl::Status WordNormalizer::FoldOnce(std::string& text) const {
  UErrorCode error = U_ZERO_ERROR;
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded, static_cast<std::int32_t>(text.size()));
  const std::uint32_t options = form_.is_turkic ? U_FOLD_CASE_EXCLUDE_SPECIAL_I : U_FOLD_CASE_DEFAULT;
  icu::CaseMap::utf8Fold(options, Piece(text), sink, nullptr, error);
  if (U_FAILURE(error)) return Internal("ICU cannot fold the case of a word: {}", u_errorName(error));
  text = std::move(folded);
  return absl::OkStatus();
}

absl::Status WordNormalizer::ComputeWithIcu(std::string_view word, std::string& form) const {
  if (word.size() > kMaxWordBytes) {
    return InvalidArgument("a word of {} bytes is too long to normalise: at most {}", word.size(), kMaxWordBytes);
  }
  form = word;
  CONEC_RETURN_IF_ERROR(NormalizeOnce(form));
  // Normalising what was folded can bring up characters that fold again (U+03D3 under NFKC), hence twice.
  for (int i = 0; i < 2 && form_.fold_case; ++i) {
    CONEC_RETURN_IF_ERROR(FoldOnce(form));
    CONEC_RETURN_IF_ERROR(NormalizeOnce(form));
  }
  if (form_.fold_digits) {
    std::string digits;
    AppendWithFoldedDigits(form, digits);
    form = std::move(digits);
  }
  return absl::OkStatus();
}

std::unique_ptr<WordNormalizer::Page> WordNormalizer::MakePage(char32_t first) const {
  const auto stands_alone = [this](char32_t c) {
    return normalizer_ == nullptr || normalizer_->hasBoundaryBefore(static_cast<UChar32>(c)) != 0;
  };
  auto page = std::make_unique<Page>();
  page->fill(kDependsOnNeighbours);
  std::string utf8, form;
  for (char32_t i = 0; i < page->size(); ++i) {
    const char32_t c = first + i;
    if (U_IS_SURROGATE(c) || !stands_alone(c)) continue;
    utf8.clear();
    AppendUtf8(c, utf8);
    if (!ComputeWithIcu(utf8, form).ok() || form.empty()) continue;
    const Character only = DecodeAt(form, 0);
    if (only.length == form.size() && stands_alone(only.code_point)) (*page)[i] = only.code_point;
  }
  return page;
}

char32_t WordNormalizer::FormOf(char32_t c) {
  std::unique_ptr<Page>& page = pages_[c >> 8];
  if (page == nullptr) page = MakePage(c & ~char32_t{0xFF});
  return (*page)[c & 0xFF];
}

bool WordNormalizer::TryCharacterwise(std::string_view word) {
  scratch_.clear();
  for (std::size_t i = 0; i < word.size();) {
    const Character character = DecodeAt(word, i);
    const char32_t form = FormOf(character.code_point);
    if (form == kDependsOnNeighbours) return false;
    AppendUtf8(form, scratch_);
    i += character.length;
  }
  return true;
}

absl::Status WordNormalizer::ComputeCached(std::string_view word) {
  if (word.size() > kMaxCachedBytes) return ComputeWithIcu(word, scratch_);
  if (cache_.empty()) cache_.resize(kCacheEntries);
  CacheEntry& entry = cache_[std::hash<std::string_view>()(word) % kCacheEntries];
  if (entry.word != word) {
    CONEC_RETURN_IF_ERROR(ComputeWithIcu(word, entry.form));
    entry.word = word;
  }
  scratch_ = entry.form;
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> WordNormalizer::Normalize(std::string_view word, TokenBuffer& buffer) {
  std::size_t same = 0;
  while (same < word.size() &&
         ascii_[static_cast<unsigned char>(word[same])] == static_cast<unsigned char>(word[same])) {
    ++same;
  }
  if (same == word.size()) return word;
  if (!TryCharacterwise(word)) CONEC_RETURN_IF_ERROR(ComputeCached(word));
  return scratch_ == word ? word : buffer.Keep(scratch_);
}

absl::StatusOr<std::string> WordNormalizer::Normalize(std::string_view word) {
  std::string form;
  CONEC_RETURN_IF_ERROR(ComputeWithIcu(word, form));
  return form;
}

}  // namespace conec::tokenize
