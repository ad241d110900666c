// Lines of the small text files that people write: questions, pairs of words. Not for other rooms.
#pragma once

#include <algorithm>
#include <string_view>

namespace conec::word2vec {

inline constexpr std::string_view kBlanks = " \t\r";

inline std::string_view Trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// The first line of `text`, without blanks around it; `text` becomes what follows.
inline std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = Trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace conec::word2vec
