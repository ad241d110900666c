#include "ner/tags.h"

#include <array>

#include "base/status.h"

namespace conec::ner {
namespace {

constexpr std::array<std::string_view, 4> kSchemeNames = {"type", "iob1", "iob2", "bioes"};

}  // namespace

std::string_view Name(TagScheme scheme) {
  return kSchemeNames[static_cast<std::size_t>(scheme)];
}

absl::StatusOr<TagScheme> ParseTagScheme(std::string_view name) {
  for (std::size_t i = 0; i < kSchemeNames.size(); ++i) {
    if (kSchemeNames[i] == name) return static_cast<TagScheme>(i);
  }
  return InvalidArgument("unknown tag scheme '{}': type, iob1, iob2 and bioes are known", name);
}

}  // namespace conec::ner
