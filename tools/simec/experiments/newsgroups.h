// 20 Newsgroups as the published experiments read it (scikit-learn's fetch_20newsgroups).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace conec::simec::experiments {

struct Posts {
  std::vector<std::string> texts;    // Latin-1 bytes as they are in the files
  std::vector<std::int64_t> labels;  // index into the groups asked for
};

struct Newsgroups {
  Posts train, test;
};

// The seven groups of experiment E5.
const std::vector<std::string>& ExperimentGroups();

// Reads the posts by date ("20news-bydate-train/GROUP/NUMBER" and -test) from a tar archive, compressed or not, or from
// a folder that holds the two folders. Headers, footers and quotes are removed by scikit-learn's rules; posts of at
// most three words are left out; the order is scikit-learn's: files sorted, shuffled with seed 0, those of `groups`
// chosen, shuffled with seed 42. `groups` must be sorted. kNotFound if a group has no post.
absl::StatusOr<Newsgroups> LoadNewsgroups(const std::string& path, const std::vector<std::string>& groups);

// The three steps of removing, in that order.
std::string_view StripHeader(std::string_view text);  // up to the first empty line
std::string_view StripFooter(std::string_view text);  // from the last line that is empty or only hyphens
std::string StripQuotes(std::string_view text);       // lines that quote or say who is quoted

}  // namespace conec::simec::experiments
