// The installed classifier: learns which of two words a token is.
#include <cstdio>

#include "ner/logistic_regression.h"

int main() {
  conec::ner::DesignMatrix x;
  x.rows = 4;
  x.sparse = {2, {0, 1, 2, 3, 4}, {0, 1, 0, 1}, {}};
  const std::uint32_t labels[] = {0, 1, 0, 1};
  const auto classifier = conec::ner::FitLogisticRegression(x, labels, {"first", "second"}, {}, {});
  const auto predicted = classifier.ok() ? conec::ner::PredictClasses(*classifier, x, 1) : classifier.status();
  if (!predicted.ok()) std::fprintf(stderr, "%s\n", predicted.status().ToString().c_str());
  return predicted.ok() && *predicted == std::vector<std::uint32_t>{0, 1, 0, 1} ? 0 : 1;
}
