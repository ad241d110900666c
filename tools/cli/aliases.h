// The spellings of word2vec.c and fastText, so that their command lines work here: one table, applied to the arguments
// before they are parsed.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::cli {

struct Alias {
  std::string_view spelling;  // "-size"
  std::string_view option;    // the option of ours it stands for; the entry holds in programs that have this option
  // Entries that are not a plain renaming:
  std::string_view accepted = {};    // values (separated by blanks) that ask for what happens anyway: dropped silently
  std::string_view instead = {};     // for every other value: what this program does instead, an error
  std::string_view value_of_0 = {};  // what the values 0 and 1 become
  std::string_view value_of_1 = {};
};

std::span<const Alias> Aliases();

using HasOption = std::function<bool(std::string_view option)>;

// `arguments` (without the program's name) with every spelling of the table replaced; what stands after "--" stays as
// it is. kInvalidArgument for what these programs do not do, with what they do instead.
absl::StatusOr<std::vector<std::string>> RewriteAliases(const std::vector<std::string>& arguments,
                                                        const HasOption& has_option);

// "-size, -dim = --dim" and so on, for the help text; only entries of options that the program has.
std::string DescribeAliases(const HasOption& has_option);

}  // namespace conec::cli
