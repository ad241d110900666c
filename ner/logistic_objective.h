// The objective of logistic regression and its gradient, in closed form. Not for other rooms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ner/design_product.h"
#include "ner/logistic_regression.h"

namespace conec::ner::regression_internal {

// What is minimised, scaled so that its size does not depend on the number of examples (line searches start with
// steps of about 1):
//   f(theta) = ( 1/2 ||W||^2 [+ 1/2 ||b||^2] + C sum of losses ) / (C sum of weights)
// theta: W transposed (p x M), in terms of standardised columns, then the M intercepts if there are any. M: K, or 1 for
// one-vs-rest with two classes.
struct LogisticProblem {
  DesignMatrix x;                     // checked
  std::vector<std::uint32_t> labels;  // one per row of x
  std::vector<double> weights;        // of the rows, > 0
  std::vector<double> class_weights;  // K
  LogisticRegressionOptions options;

  std::size_t classes() const { return class_weights.size(); }
  std::size_t outputs() const {
    return options.multi_class == MultiClass::kOneVsRest && classes() == 2 ? 1 : classes();
  }
  std::size_t parameters() const { return (x.cols() + (options.intercept ? 1 : 0)) * outputs(); }
  double Scale() const;  // 1 / (C sum of weights)
};

template <typename Real>
class LogisticObjective {
 public:
  explicit LogisticObjective(const LogisticProblem& problem);  // which must outlive this object

  // f(theta), and its gradient into `gradient`; both of parameters() values.
  double Evaluate(const Real* theta, Real* gradient);

 private:
  // What a part of the rows adds.
  struct Part {
    double loss = 0;
    std::vector<double> residuals;  // M sums: the gradient by the intercepts
  };

  const Real* RawWeights(const Real* theta);
  double LossAndResiduals(const Real* intercepts);
  void LossOfPart(std::size_t part, const Real* intercepts);
  double MultinomialLoss(std::size_t row, Real* z) const;
  double OneVsRestLoss(std::size_t row, Real* z) const;
  double Penalty(const Real* theta, Real* gradient) const;

  const LogisticProblem& problem_;
  DesignProduct<Real> product_;
  std::size_t outputs_;
  double scale_, loss_scale_;  // of the penalty, of the losses
  std::vector<Real> scores_;   // rows x M: z, then the gradient of the losses by z
  std::vector<Real> raw_weights_, intercepts_;
  std::vector<double> residuals_;  // M
  std::vector<Part> parts_;
};

extern template class LogisticObjective<float>;
extern template class LogisticObjective<double>;

}  // namespace conec::ner::regression_internal
