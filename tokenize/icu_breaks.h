// ICU's break iterators over UTF-8. Internal to the room.
#pragma once

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::tokenize {

enum class BreakKind { kWord, kSentence };

// Boundaries of one kind in a text. Not thread-safe.
class IcuBreaks {
 public:
  // `locale` is valid (ParseLocale). kInternal if ICU has no data.
  static absl::StatusOr<IcuBreaks> Create(BreakKind kind, const icu::Locale& locale);

  IcuBreaks(IcuBreaks&&) = default;
  IcuBreaks& operator=(IcuBreaks&&) = default;

  // Starts at the beginning of `text`: valid UTF-8, kept alive by the caller while Next() is called.
  absl::Status SetText(std::string_view text);

  // The next boundary after the last one (the first is after 0); npos after the end of the text.
  std::size_t Next();

  // The rules in ICU's notation; empty if they are more than rules (sentences with exceptions).
  std::string Rules() const;

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  struct CloseText {
    void operator()(UText* text) const { utext_close(text); }
  };
  explicit IcuBreaks(std::unique_ptr<icu::BreakIterator> iterator) : iterator_(std::move(iterator)) {}

  std::unique_ptr<icu::BreakIterator> iterator_;
  std::unique_ptr<UText, CloseText> text_;
};

// The locale of an option: "" (root), "fi", "pt-BR", "zh_Hant_TW", with keywords "en-u-ss-standard" or
// "en@ss=standard". kInvalidArgument if it is malformed or names a language, script or country that ICU does not know.
absl::StatusOr<icu::Locale> ParseLocale(const std::string& name);

}  // namespace conec::tokenize
