// Whether our own boundary rules hold for the ICU that is linked and the locale in use. Internal to the room.
#pragma once

#include "base/status.h"
#include "tokenize/break_classes.h"
#include "tokenize/icu_breaks.h"

namespace conec::tokenize {

struct RuleCheck {
  WordTailoring tailoring;
  bool words_agree = false;      // FindWordEnd() gives ICU's boundaries
  bool sentences_agree = false;  // FindSentenceEnd() gives ICU's boundaries
};

// Compares on a text that has every sequence of three classes and every ASCII character in the contexts that matter:
// some milliseconds, once per set of rules (the answer is remembered; thread-safe). A newer ICU or a locale whose rules
// are others makes the tokenizer slower, not wrong.
absl::StatusOr<RuleCheck> CheckRules(IcuBreaks& words, IcuBreaks& sentences);

}  // namespace conec::tokenize
