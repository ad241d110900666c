#include "tools/simec/match.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "simec_core/blocks.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

// Sums over observed entries.
class MatchSums {
 public:
  void Add(const at::Tensor& s, const at::Tensor& observed, const at::Tensor& predicted, const at::Tensor& products) {
    const auto sum = [&observed](const at::Tensor& x) {
      const at::Tensor square = x.square();
      return (observed.defined() ? square.mul(observed) : square).sum(at::kDouble).item<double>();
    };
    sums_.target += sum(s);
    sums_.predictions += sum(predicted - s);
    sums_.embeddings += sum(products - s);
    count_ += observed.defined() ? observed.sum(at::kDouble).item<double>() : static_cast<double>(s.numel());
  }
  TargetMatch Means() const {
    const double n = std::max(1.0, count_);
    return {sums_.target / n, sums_.predictions / n, sums_.embeddings / n};
  }

 private:
  TargetMatch sums_;
  double count_ = 0;
};

}  // namespace

bool TargetMatch::embeddings_are_far() const {
  return embeddings > 0.1 * target && (embeddings > 2 * predictions || embeddings > target);
}

absl::StatusOr<TargetMatch> MatchTarget(const SimEc& model, const InputRows& inputs, const TargetRows& targets,
                                        double scale) {
  CONEC_ASSIGN_OR_RETURN(const at::Tensor y, model.Embed(inputs));
  return CatchTorch("comparing", [&]() -> absl::StatusOr<TargetMatch> {
    const std::int64_t m = targets.rows(), n = targets.targets(), step = RowsOfBlock(n);
    const at::Tensor of_targets = y.narrow(0, 0, n).t();
    const TargetRows converted = targets.To(model.device(), model.dtype());
    MatchSums sums;
    for (std::int64_t i = 0; i < m; i += step) {
      const std::int64_t end = std::min(m, i + step);
      CONEC_ASSIGN_OR_RETURN(const TargetBlock block, converted.Block(at::arange(i, end, at::kLong)));
      const at::Tensor part = y.narrow(0, i, end - i);
      CONEC_ASSIGN_OR_RETURN(const at::Tensor predicted, model.PredictFromEmbedding(part));
      sums.Add(block.values * scale, block.observed, predicted, part.mm(of_targets));
    }
    return sums.Means();
  });
}

void TellMatch(const cli::Program& program, const TargetMatch& match) {
  program.Tell(
      "mean squares: {:.4g} of the target, {:.4g} of its difference to predictions, {:.4g} to products of "
      "embeddings",
      match.target, match.predictions, match.embeddings);
  if (!match.embeddings_are_far()) return;
  program.Tell(
      "note: products of embeddings are far from the target: by more than a tenth of its mean square, and by more "
      "than zeros or twice as far as predictions. More --epochs, another --lr (0.05) or --s-ll-weight, or "
      "--balance may help");
}

void AddMatch(const TargetMatch& match, cli::Json& json) {
  json["target_mean_square"] = match.target;
  json["predictions_mse"] = match.predictions;
  json["embeddings_mse"] = match.embeddings;
}

}  // namespace conec::simec
