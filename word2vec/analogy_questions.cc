// Question files and names.
#include <algorithm>
#include <limits>

#include "base/byte_order_mark.h"
#include "base/file.h"
#include "word2vec/analogy.h"
#include "word2vec/text_lines.h"

namespace conec::word2vec {
namespace {

std::vector<std::string> WordsOf(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
    words.emplace_back(line.substr(0, end));
    line = Trim(line.substr(end));
  }
  return words;
}

absl::Status AddLine(std::string_view line, std::size_t number, std::string_view file_name,
                     std::vector<AnalogySection>& sections) {
  if (line.empty()) return absl::OkStatus();
  if (line.starts_with(':')) {
    const std::string_view name = Trim(line.substr(1));
    if (name.empty()) return DataLoss("{}:{}: section without a name", file_name, number);
    sections.push_back({std::string(name), {}, {}});
    return absl::OkStatus();
  }
  const std::vector<std::string> words = WordsOf(line);
  if (words.size() != 4) return DataLoss("{}:{}: expected 4 words, found {}", file_name, number, words.size());
  if (sections.empty()) return DataLoss("{}:{}: question before the first ': section' line", file_name, number);
  sections.back().questions.push_back({words[0], words[1], words[2], words[3]});
  sections.back().lines.push_back(number);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<AnalogySection>> ParseAnalogyQuestions(std::string_view text, std::string_view file_name) {
  text = WithoutByteOrderMark(text);
  std::vector<AnalogySection> sections;
  for (std::size_t number = 1; !text.empty(); ++number) {
    CONEC_RETURN_IF_ERROR(AddLine(TakeLine(text), number, file_name, sections));
  }
  const bool has_questions = std::ranges::any_of(sections, [](const auto& s) { return !s.questions.empty(); });
  if (!has_questions)
    return DataLoss("{}: no questions; expected lines of four words below ': section' lines", file_name);
  return sections;
}

absl::StatusOr<std::vector<AnalogySection>> ReadAnalogyQuestions(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(const std::string text, ReadFileToString(path));
  return ParseAnalogyQuestions(text, path);
}

std::string_view Name(AnalogyMethod method) {
  return method == AnalogyMethod::k3CosAdd ? "3cosadd" : "3cosmul";
}

absl::StatusOr<AnalogyMethod> ParseAnalogyMethod(std::string_view name) {
  for (const auto method : {AnalogyMethod::k3CosAdd, AnalogyMethod::k3CosMul}) {
    if (Name(method) == name) return method;
  }
  return InvalidArgument("'{}' is not an analogy method: 3cosadd, 3cosmul", name);
}

std::string_view Name(AnalogyProtocol protocol) {
  switch (protocol) {
    case AnalogyProtocol::kConec:
      return "conec";
    case AnalogyProtocol::kWord2vec:
      return "word2vec";
    case AnalogyProtocol::kGensim:
      return "gensim";
  }
  return "";
}

absl::StatusOr<AnalogyProtocol> ParseAnalogyProtocol(std::string_view name) {
  for (const auto protocol : {AnalogyProtocol::kConec, AnalogyProtocol::kWord2vec, AnalogyProtocol::kGensim}) {
    if (Name(protocol) == name) return protocol;
  }
  return InvalidArgument("'{}' is none of conec, word2vec, gensim", name);
}

void SetCase(LetterCase letters, AnalogyOptions& options) {
  options.normalize = FormOf(letters);
  options.normalize_vocabulary = FoldsVocabulary(letters);
}

AnalogyOptions ProtocolOptions(AnalogyProtocol protocol) {
  AnalogyOptions options;
  switch (protocol) {
    case AnalogyProtocol::kConec:
      SetCase(LetterCase::kLower, options);
      options.pass_over_variants = std::numeric_limits<std::size_t>::max();  // where the caller asks for folding
      break;
    case AnalogyProtocol::kWord2vec:
      SetCase(LetterCase::kFoldAscii, options);
      options.answers_are_positive = true;
      options.semantic_sections = 5;
      break;
    case AnalogyProtocol::kGensim:
      SetCase(LetterCase::kFold, options);
      options.restrict_vocabulary = 300000;
      options.pass_over_variants = 5;
      break;
  }
  return options;
}

}  // namespace conec::word2vec
