// Texts as data sets have them: many files in one archive.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::simec::experiments {

inline constexpr std::string_view kBlank = " \t\n\r\f\v";  // white space, for Python's str.split()

struct NamedText {
  std::string name;  // where the file stands: its path in the archive behind that of the archive
  std::string text;
};

// The files of an archive, or of a folder, in its order. Errors as corpora::TextReader's.
absl::StatusOr<std::vector<NamedText>> ReadTexts(const std::string& path);

}  // namespace conec::simec::experiments
