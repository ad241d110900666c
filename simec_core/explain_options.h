// What can be chosen about explanations (explain.h). Nothing here needs LibTorch.
//
// Relevance of a neuron j is handed down to its inputs i in proportion to z_ij = x_i w_ij, with z_j = sum_i z_ij + b_j.
#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"

namespace conec::simec {

// kEpsilon:    R_i = sum_j z_ij R_j / (z_j + epsilon sign(z_j)), sign(0) = 1
//              (Bach et al. 2015, "On pixel-wise explanations for non-linear classifier decisions", eq. 58)
// kAlphaBeta:  R_i = sum_j (alpha z_ij+ / z_j+ - beta z_ij- / z_j-) R_j, where + and - are the positive and
//              the negative z_ij and their sums (eq. 60). A neuron whose z_ij are all of one sign hands R_j down along
//              these, where the published rule would make alpha R_j or -beta R_j of it.
// kFlat:       R_i = sum_j R_j / (number of inputs of j): for the first layer, when the inputs' values are no
//              measure of their part, such as the brightness of pixels. Where all inputs reach all neurons, as in a
//              fully connected layer, every feature gets the same.
enum class RelevanceRule { kEpsilon, kAlphaBeta, kFlat };

// Whose the part of b_j in z_j is.
// kKept:     the bias is an input of its own and keeps its part, which no feature gets. A linear encoder's features
//            then get x o (W1 W_l[:, j]): all of the prediction but the bias's b W_l[:, j].
// kSpread:   the part is shared out evenly among the inputs of j that are not zero, so that nothing is lost; this is
//            the correction of the bias, + (1 / #features - 1) b for each feature, of the linear case (thesis,
//            chapter 5).
// kIgnored:  z_j without b_j: all relevance goes to the inputs.
// kKeptWhole: kKept, but the whole bias counts among the positive and among the negative parts of kAlphaBeta, instead
//            of where its sign belongs: what iNNvestigate does.
// With kSpread or kIgnored and epsilon 0 the relevances of all features sum up to the output that is explained, with
// any rule, as long as no neuron's z_j or all its inputs are exactly 0. Without biases they always do.
enum class BiasShare { kKept, kSpread, kIgnored, kKeptWhole };

struct ExplainOptions {
  RelevanceRule dense = RelevanceRule::kEpsilon;   // fully connected layers, the embedding layer and W_l
  RelevanceRule conv = RelevanceRule::kAlphaBeta;  // convolutions
  std::optional<RelevanceRule> first = {};         // of the first layer with weights; unset: by its kind as above
  double epsilon = 1e-7;
  double alpha = 2, beta = 1;  // alpha - beta = 1, beta >= 0
  BiasShare bias = BiasShare::kKept;
};

// iNNvestigate's lrp.sequential_preset_a_flat, which the thesis explains images with: fully connected layers with
// epsilon 0.1, convolutions with alpha 1 and beta 0, the first layer flat, biases as kKeptWhole.
ExplainOptions SequentialPresetAFlat();

// kInvalidArgument naming the option: epsilon negative or not finite, alpha - beta other than 1, beta < 0.
absl::Status CheckExplainOptions(const ExplainOptions& options);

// Names as the command line spells them: "epsilon", "alpha-beta", "flat"; "kept", "spread", "ignored", "kept-whole".
// Parsing gives kInvalidArgument that lists what is known.
std::string_view Name(RelevanceRule value);
std::string_view Name(BiasShare value);
absl::StatusOr<RelevanceRule> ParseRelevanceRule(std::string_view name);
absl::StatusOr<BiasShare> ParseBiasShare(std::string_view name);

}  // namespace conec::simec
