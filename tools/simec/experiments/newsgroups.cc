#include "tools/simec/experiments/newsgroups.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "simec_core/numpy_random.h"
#include "tools/simec/experiments/texts.h"

namespace conec::simec::experiments {
namespace {

constexpr std::size_t kMinWords = 4;

// One post with where it comes from.
struct File {
  std::string group, name, text;
};

struct Files {
  std::vector<File> train, test;
};

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return lines;
    begin = end + 1;
  }
}

bool IsQuote(std::string_view line) {
  constexpr std::array<std::string_view, 5> kAnywhere = {"writes in", "writes:", "wrote:", "says:", "said:"};
  constexpr std::array<std::string_view, 4> kFirst = {"In article", "Quoted from", "|", ">"};
  return std::any_of(kAnywhere.begin(), kAnywhere.end(),
                     [&](std::string_view mark) { return line.find(mark) != std::string_view::npos; }) ||
         std::any_of(kFirst.begin(), kFirst.end(), [&](std::string_view mark) { return line.starts_with(mark); });
}

std::size_t CountWords(std::string_view text) {
  std::size_t words = 0;
  for (std::size_t begin = text.find_first_not_of(kBlank); begin != std::string_view::npos;
       begin = text.find_first_not_of(kBlank, begin)) {
    ++words;
    begin = std::min(text.find_first_of(kBlank, begin), text.size());
  }
  return words;
}

// ".../20news-bydate-train/GROUP/NAME" split from behind; false for other files.
bool SplitSource(std::string_view source, File& file, bool& is_train) {
  const std::size_t name = source.rfind('/');
  if (name == std::string_view::npos || name == 0) return false;
  const std::size_t group = source.rfind('/', name - 1);
  if (group == std::string_view::npos) return false;
  const std::string_view part = source.substr(0, group);
  is_train = part.ends_with("20news-bydate-train");
  file.group = source.substr(group + 1, name - group - 1);
  file.name = source.substr(name + 1);
  return is_train || part.ends_with("20news-bydate-test");
}

absl::StatusOr<Files> ReadFiles(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(std::vector<NamedText> texts, ReadTexts(path));
  Files files;
  for (NamedText& text : texts) {
    File file;
    bool is_train = false;
    if (!SplitSource(text.name, file, is_train)) continue;
    file.text = std::move(text.text);
    (is_train ? files.train : files.test).push_back(std::move(file));
  }
  return files;
}

// scikit-learn's load_files() and fetch_20newsgroups(): both sort and shuffle.
absl::StatusOr<Posts> ChooseAndStrip(std::vector<File>& files, const std::vector<std::string>& groups) {
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return std::tie(a.group, a.name) < std::tie(b.group, b.name); });
  std::vector<std::size_t> order(files.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  NumpyRandom(0).Shuffle(std::span(order));
  const auto label = [&](std::size_t i) {
    return std::find(groups.begin(), groups.end(), files[i].group) - groups.begin();
  };
  const std::ptrdiff_t none = static_cast<std::ptrdiff_t>(groups.size());
  std::erase_if(order, [&](std::size_t i) { return label(i) == none; });
  NumpyRandom(42).Shuffle(std::span(order));
  Posts posts;
  for (const std::size_t i : order) {
    std::string text = StripQuotes(StripFooter(StripHeader(files[i].text)));
    if (CountWords(text) < kMinWords) continue;
    posts.texts.push_back(std::move(text));
    posts.labels.push_back(label(i));
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (std::find(posts.labels.begin(), posts.labels.end(), static_cast<std::int64_t>(g)) == posts.labels.end()) {
      return NotFound("no post of the newsgroup {}", groups[g]);
    }
  }
  return posts;
}

}  // namespace

const std::vector<std::string>& ExperimentGroups() {
  static const std::vector<std::string>& groups = *new std::vector<std::string>{
      "comp.graphics",          "rec.autos",         "rec.sport.baseball", "sci.med", "sci.space",
      "soc.religion.christian", "talk.politics.guns"};
  return groups;
}

absl::StatusOr<Newsgroups> LoadNewsgroups(const std::string& path, const std::vector<std::string>& groups) {
  auto files = ReadFiles(path);
  if (!files.ok()) return files.status();
  auto train = ChooseAndStrip(files->train, groups);
  if (!train.ok()) return Annotate(train.status(), path);
  auto test = ChooseAndStrip(files->test, groups);
  if (!test.ok()) return Annotate(test.status(), path);
  return Newsgroups{*std::move(train), *std::move(test)};
}

std::string_view StripHeader(std::string_view text) {
  const std::size_t end = text.find("\n\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
}

std::string_view StripFooter(std::string_view text) {
  const std::string_view trimmed = Trim(text);
  const std::vector<std::string_view> lines = Lines(trimmed);
  for (std::size_t i = lines.size(); i-- > 1;) {
    if (Trim(lines[i]).find_first_not_of('-') != std::string_view::npos) continue;
    return trimmed.substr(0, static_cast<std::size_t>(lines[i].data() - trimmed.data()) - 1);
  }
  return text;
}

std::string StripQuotes(std::string_view text) {
  std::string result;
  bool is_first = true;
  for (const std::string_view line : Lines(text)) {
    if (IsQuote(line)) continue;
    if (!is_first) result += '\n';
    result += line;
    is_first = false;
  }
  return result;
}

}  // namespace conec::simec::experiments
