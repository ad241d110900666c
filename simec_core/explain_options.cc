#include "simec_core/explain_options.h"

#include <array>
#include <cmath>
#include <utility>

namespace conec::simec {
namespace {

constexpr double kRounding = 1e-9;  // of alpha - beta, as typed

constexpr std::array<std::pair<RelevanceRule, std::string_view>, 3> kRules{
    {{RelevanceRule::kEpsilon, "epsilon"}, {RelevanceRule::kAlphaBeta, "alpha-beta"}, {RelevanceRule::kFlat, "flat"}}};
constexpr std::array<std::pair<BiasShare, std::string_view>, 4> kShares{{{BiasShare::kKept, "kept"},
                                                                         {BiasShare::kSpread, "spread"},
                                                                         {BiasShare::kIgnored, "ignored"},
                                                                         {BiasShare::kKeptWhole, "kept-whole"}}};

template <typename Names, typename Enum>
std::string_view NameIn(const Names& names, Enum value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "unknown";
}

}  // namespace

ExplainOptions SequentialPresetAFlat() {
  ExplainOptions options;
  options.first = RelevanceRule::kFlat;
  options.epsilon = 0.1;
  options.alpha = 1;
  options.beta = 0;
  options.bias = BiasShare::kKeptWhole;
  return options;
}

absl::Status CheckExplainOptions(const ExplainOptions& options) {
  if (!(options.epsilon >= 0) || !std::isfinite(options.epsilon)) {
    return InvalidArgument("epsilon must be a number of at least 0, got {}", options.epsilon);
  }
  if (!(options.beta >= 0) || !(std::abs(options.alpha - options.beta - 1) <= kRounding)) {
    return InvalidArgument("alpha - beta must be 1 and beta at least 0, got alpha {} and beta {}", options.alpha,
                           options.beta);
  }
  return absl::OkStatus();
}

std::string_view Name(RelevanceRule value) {
  return NameIn(kRules, value);
}
std::string_view Name(BiasShare value) {
  return NameIn(kShares, value);
}

absl::StatusOr<RelevanceRule> ParseRelevanceRule(std::string_view name) {
  for (const auto& [rule, known] : kRules) {
    if (known == name) return rule;
  }
  return InvalidArgument("unknown relevance rule '{}': one of epsilon, alpha-beta, flat", name);
}

absl::StatusOr<BiasShare> ParseBiasShare(std::string_view name) {
  for (const auto& [share, known] : kShares) {
    if (known == name) return share;
  }
  return InvalidArgument("unknown share of biases '{}': one of kept, spread, ignored, kept-whole", name);
}

}  // namespace conec::simec
