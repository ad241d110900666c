#include "tools/simec/experiments/grimm_nasa.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "simec_core/centering.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/texts.h"

namespace conec::simec::experiments {
namespace {

constexpr std::string_view kTales =
    "little king away old good man time day home father thought fox last mother cried wife long way nothing door great "
    "cat gretel eat head beautiful son house morning water horse child woman wood wolf bird princess tree daughter "
    "master night gold forest evening castle heart eyes fire queen bed";
constexpr std::string_view kNews =
    "space nasa flight earth phone mission research science washington technology program station data system "
    "headquarters information spacecraft first university launch international office shuttle operations agency orbit "
    "astronaut atmosphere solar years future missions additional scientists safety national team laboratory scientific "
    "internet crew engineers field air software work satellite environment control hubble";
constexpr std::string_view kBetweenTales = "\n\n\n\n\n";
constexpr std::size_t kTexts = 62;  // of either kind

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The length of the address that `text` begins with: http:// and all up to the next white space; 0 if it is none.
std::size_t AddressLength(std::string_view text) {
  if (!text.starts_with("http://") && !text.starts_with("https://")) return 0;
  return std::min(text.find_first_of(kBlank), text.size());
}

// Addresses are no words. All else separates them: so do the bytes of quotation marks, the only characters beyond ASCII
// in these texts.
std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t address = AddressLength(text.substr(i));
    if (address == 0 && IsWordCharacter(Lower(text[i]))) {
      words.back() += Lower(text[i]);
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
    if (address > 0) i += address - 1;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string> SplitTales(std::string_view text) {
  std::vector<std::string> tales;
  for (std::size_t begin = 0; begin != std::string_view::npos;) {
    const std::size_t end = text.find(kBetweenTales, begin);
    tales.emplace_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    begin = end == std::string_view::npos ? end : end + kBetweenTales.size();
  }
  return tales;
}

// Tales, then news, in the order of the files' names; without carriage returns.
absl::StatusOr<std::vector<std::string>> ChooseTexts(std::vector<NamedText> files) {
  std::ranges::sort(files, {}, &NamedText::name);
  std::vector<std::string> tales, news;
  for (auto& [name, text] : files) {
    std::erase(text, '\r');
    const std::filesystem::path file(name);
    if (file.filename() == "grimm_all.txt") tales = SplitTales(text);
    if (file.parent_path().filename() == "nasa" && file.extension() == ".txt") news.push_back(text);
  }
  if (tales.size() != kTexts || news.size() != kTexts) {
    return NotFound("expected {0} tales in grimm_all.txt and {0} files nasa/*.txt, there are {1} and {2}", kTexts,
                    tales.size(), news.size());
  }
  tales.insert(tales.end(), news.begin(), news.end());
  return tales;
}

at::Tensor CountWords(const std::vector<std::string>& words, const std::vector<std::string>& texts) {
  std::unordered_map<std::string, std::int64_t> row;
  for (std::size_t i = 0; i < words.size(); ++i) row[words[i]] = static_cast<std::int64_t>(i);
  const auto columns = static_cast<std::int64_t>(texts.size());
  const at::Tensor counts = at::zeros({static_cast<std::int64_t>(words.size()), columns}, at::kDouble);
  double* const values = counts.data_ptr<double>();
  for (std::int64_t j = 0; j < columns; ++j) {
    std::unordered_map<std::string, double> all;
    double most = 0;
    for (const std::string& word : WordsOf(texts[static_cast<std::size_t>(j)])) most = std::max(most, ++all[word]);
    for (const auto& [word, count] : all) {
      const auto found = row.find(word);
      if (found != row.end()) values[found->second * columns + j] = count / most;
    }
  }
  return counts;
}

}  // namespace

absl::StatusOr<WordOccurrences> LoadGrimmNasa(const std::string& path) {
  CONEC_ASSIGN_OR_RETURN(auto files, ReadTexts(path));
  auto texts = ChooseTexts(std::move(files));
  if (!texts.ok()) return Annotate(texts.status(), path);
  return CatchTorch(path, [&]() -> absl::StatusOr<WordOccurrences> {
    WordOccurrences result;
    for (const std::string_view list : {kTales, kNews}) {
      for (std::string& word : WordsOf(list)) result.words.push_back(std::move(word));
    }
    result.counts = CountWords(result.words, *texts);
    for (std::size_t i = 0; i < result.words.size(); ++i) {
      if (result.counts[static_cast<std::int64_t>(i)].sum().item<double>() > 0) continue;
      return NotFound("{}: '{}' occurs in no text", path, result.words[i]);
    }
    return result;
  });
}

absl::StatusOr<at::Tensor> SharedTextSimilarity(const at::Tensor& counts) {
  return CatchTorch("word similarity", [&]() -> absl::StatusOr<at::Tensor> {
    const at::Tensor in = counts.gt(0).to(at::kDouble), texts = in.sum(1);
    if (texts.eq(0).any().item<bool>()) return InvalidArgument("a word occurs in no text: it is similar to none");
    const at::Tensor both = in.mm(in.t()), either = texts.unsqueeze(1) + texts.unsqueeze(0) - both;
    const at::Tensor share = at::where(both.gt(0), both / either, std::numeric_limits<double>::epsilon());
    const at::Tensor s = share.log();
    return CenterSimilarity(s / s.abs().max());
  });
}

}  // namespace conec::simec::experiments
