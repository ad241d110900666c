#include "simec_core/explain_options.h"

#include <cmath>

#include "base/enum_names.h"

namespace conec::simec {
namespace {

constexpr double kRounding = 1e-9;  // of alpha - beta, as typed

constexpr EnumNames<RelevanceRule, 3> kRules{
    {{RelevanceRule::kEpsilon, "epsilon"}, {RelevanceRule::kAlphaBeta, "alpha-beta"}, {RelevanceRule::kFlat, "flat"}}};
constexpr EnumNames<BiasShare, 4> kShares{{{BiasShare::kKept, "kept"},
                                           {BiasShare::kSpread, "spread"},
                                           {BiasShare::kIgnored, "ignored"},
                                           {BiasShare::kKeptWhole, "kept-whole"}}};

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
  return NameOf(kRules, value);
}
std::string_view Name(BiasShare value) {
  return NameOf(kShares, value);
}

absl::StatusOr<RelevanceRule> ParseRelevanceRule(std::string_view name) {
  return ParseName(kRules, "relevance rule", name);
}

absl::StatusOr<BiasShare> ParseBiasShare(std::string_view name) {
  return ParseName(kShares, "share of biases", name);
}

}  // namespace conec::simec
