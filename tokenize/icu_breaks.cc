#include "tokenize/icu_breaks.h"

#include <unicode/rbbi.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <utility>

namespace conec::tokenize {
namespace {

icu::BreakIterator* MakeIterator(BreakKind kind, const icu::Locale& locale, UErrorCode& error) {
  if (kind == BreakKind::kWord) return icu::BreakIterator::createWordInstance(locale, error);
  return icu::BreakIterator::createSentenceInstance(locale, error);
}

bool IsListed(const char* const* list, std::string_view code) {
  for (; *list != nullptr; ++list) {
    if (*list == code) return true;
  }
  return false;
}

bool IsKnownScript(const char* script) {
  return u_getPropertyValueEnum(UCHAR_SCRIPT, script) != UCHAR_INVALID_CODE;
}

// Both notations: BCP 47 ("pt-BR", "en-u-ss-standard") and ICU's own ("pt_BR", "en@ss=standard").
icu::Locale ReadLocale(const std::string& name) {
  if (name.find('-') == std::string::npos) return icu::Locale::createCanonical(name.c_str());
  UErrorCode error = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag(name, error);
  if (U_FAILURE(error)) locale.setToBogus();
  return locale;
}

}  // namespace

absl::StatusOr<IcuBreaks> IcuBreaks::Create(BreakKind kind, const icu::Locale& locale) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> iterator(MakeIterator(kind, locale, error));
  if (U_FAILURE(error) || iterator == nullptr) {
    return Internal("ICU cannot make a break iterator for locale '{}': {}", locale.getName(), u_errorName(error));
  }
  return IcuBreaks(std::move(iterator));
}

absl::Status IcuBreaks::SetText(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  UText* const opened = utext_openUTF8(text_.get(), text.data(), static_cast<std::int64_t>(text.size()), &error);
  if (text_ == nullptr) text_.reset(opened);
  if (U_SUCCESS(error)) iterator_->setText(text_.get(), error);
  if (U_FAILURE(error)) return Internal("ICU cannot read a text of {} bytes: {}", text.size(), u_errorName(error));
  return absl::OkStatus();
}

std::size_t IcuBreaks::Next() {
  const std::int32_t boundary = iterator_->next();
  return boundary == icu::BreakIterator::DONE ? npos : static_cast<std::size_t>(boundary);
}

std::string IcuBreaks::Rules() const {
  std::string rules;
  const auto* rule_based = dynamic_cast<const icu::RuleBasedBreakIterator*>(iterator_.get());
  if (rule_based != nullptr) rule_based->getRules().toUTF8String(rules);
  return rules;
}

absl::StatusOr<icu::Locale> ParseLocale(const std::string& name) {
  const icu::Locale locale = name.empty() ? icu::Locale::getRoot() : ReadLocale(name);
  const auto error = [&](std::string_view what) {
    return InvalidArgument("locale '{}': {} (expected an ICU locale such as fi, pt-BR or zh_Hant)", name, what);
  };
  if (locale.isBogus()) return error("malformed");
  const std::string_view language = locale.getLanguage();
  const bool is_root = name.empty() || name == "root" || name == "und";
  if (!is_root && !IsListed(icu::Locale::getISOLanguages(), language)) return error("unknown language");
  if (*locale.getScript() != '\0' && !IsKnownScript(locale.getScript())) return error("unknown script");
  const bool has_country = *locale.getCountry() != '\0';
  if (has_country && !IsListed(icu::Locale::getISOCountries(), locale.getCountry())) return error("unknown country");
  return locale;
}

}  // namespace conec::tokenize
