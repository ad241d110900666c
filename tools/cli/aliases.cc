#include "tools/cli/aliases.h"

#include <algorithm>
#include <map>

namespace conec::cli {
namespace {

constexpr Alias kAliases[] = {
    // word2vec.c
    {"-train", "--input"},
    {"-output", "--output"},
    {"-size", "--dim"},
    {"-window", "--window"},
    {"-sample", "--sample"},
    {"-negative", "--negatives"},
    {"-iter", "--epochs"},
    {"-threads", "--threads"},
    {"-min-count", "--min-count"},
    {"-alpha", "--lr"},
    {"-binary", "--to", {}, {}, "word2vec-text", "word2vec-bin"},
    {"-binary",
     "--negatives",
     {},
     "the output is a model file; conec-convert --to word2vec-bin writes word2vec's format"},
    {"-cbow", "--negatives", "1", "the model is CBOW; skip-gram is not available"},
    {"-hs", "--negatives", "0", "training uses negative sampling (--negatives), not hierarchical softmax"},
    {"-classes", "--negatives", "0", "words are not clustered; the vectors can be, after conec-convert --to npy"},
    {"-debug", "--negatives", "0 1 2", "--progress chooses what is shown"},
    {"-save-vocab", "--negatives", {}, "the vocabulary with its counts is part of the model file"},
    {"-read-vocab",
     "--negatives",
     {},
     "the vocabulary is counted from the input; --min-count and --max-vocab limit it"},
    // fastText
    {"-input", "--input"},
    {"-dim", "--dim"},
    {"-ws", "--window"},
    {"-neg", "--negatives"},
    {"-epoch", "--epochs"},
    {"-thread", "--threads"},
    {"-minCount", "--min-count"},
    {"-lr", "--lr"},
    {"-t", "--sample"},
    {"-seed", "--seed"},
    {"-loss", "--negatives", "ns", "the loss is negative sampling (--negatives)"},
    {"-minn", "--negatives", "0",
     "there are no character n-grams: conec-embed makes vectors of unknown words from their contexts"},
    {"-maxn", "--negatives", "0",
     "there are no character n-grams: conec-embed makes vectors of unknown words from their contexts"},
    {"-wordNgrams", "--negatives", "1", "every token is one word; join phrases in the text"},
    {"-bucket", "--negatives", {}, "there are no hashed n-grams; leave it out"},
    {"-lrUpdateRate", "--negatives", {}, "the learning rate follows the position in the corpus exactly; leave it out"},
    {"-verbose", "--negatives", "0 1 2", "--progress chooses what is shown"},
    {"-pretrainedVectors", "--negatives", {}, "training always starts from random vectors"},
    {"-saveOutput", "--negatives", {}, "the output table is part of the model: conec-convert --vectors output"},
    // both, in the programs that read a model
    {"-model", "--model"},
    {"-threshold", "--restrict-vocab"},
};

const Alias* FindAlias(std::string_view spelling, const HasOption& has_option) {
  for (const Alias& alias : kAliases) {
    if (alias.spelling == spelling && has_option(alias.option)) return &alias;
  }
  return nullptr;
}

bool IsAmong(std::string_view value, std::string_view values) {
  while (!values.empty()) {
    const std::size_t length = std::min(values.find(' '), values.size());
    if (values.substr(0, length) == value) return true;
    values.remove_prefix(std::min(length + 1, values.size()));
  }
  return false;
}

// An alias that stands for no option: its value is dropped, or refused.
absl::Status CheckUnused(const Alias& alias, std::string_view value) {
  if (IsAmong(value, alias.accepted)) return absl::OkStatus();
  return InvalidArgument("{} {}: {}", alias.spelling, value, alias.instead);
}

absl::Status AppendChoice(const Alias& alias, std::string_view value, std::vector<std::string>& out) {
  if (value != "0" && value != "1") return InvalidArgument("{} takes 0 or 1, got '{}'", alias.spelling, value);
  out.emplace_back(alias.option);
  out.emplace_back(value == "0" ? alias.value_of_0 : alias.value_of_1);
  return absl::OkStatus();
}

bool IsRenaming(const Alias& alias) {
  return alias.instead.empty() && alias.value_of_0.empty();
}

}  // namespace

std::span<const Alias> Aliases() {
  return kAliases;
}

absl::StatusOr<std::vector<std::string>> RewriteAliases(const std::vector<std::string>& arguments,
                                                        const HasOption& has_option) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") {
      out.insert(out.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
      break;
    }
    const Alias* alias = FindAlias(arguments[i], has_option);
    if (alias == nullptr) {
      out.push_back(arguments[i]);
    } else if (IsRenaming(*alias)) {
      out.emplace_back(alias->option);
    } else {
      const std::string value = i + 1 < arguments.size() ? arguments[++i] : "";
      CONEC_RETURN_IF_ERROR(alias->instead.empty() ? AppendChoice(*alias, value, out) : CheckUnused(*alias, value));
    }
  }
  return out;
}

std::string DescribeAliases(const HasOption& has_option) {
  std::map<std::string_view, std::string> spellings;
  for (const Alias& alias : kAliases) {
    if (!alias.instead.empty() || !has_option(alias.option)) continue;
    std::string& list = spellings[alias.option];
    if (!list.empty()) list += ", ";
    list += alias.spelling;
  }
  std::string text;
  for (const auto& [option, list] : spellings) text += fmt::format("{}{} = {}", text.empty() ? "" : "; ", list, option);
  return text;
}

}  // namespace conec::cli
