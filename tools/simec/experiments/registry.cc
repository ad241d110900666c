// The list of experiments. Each line names a file of this folder, whose namespace of that name defines
//   Experiment Describe();
#include "tools/simec/experiments/experiment.h"

#define CONEC_EXPERIMENTS(X) \
  X(e1_flowerpots)           \
  X(e2_factorization)        \
  X(e3_small_data)           \
  X(e4_kernels)              \
  X(e5_newsgroups)           \
  X(e6_class_labels)         \
  X(e7_rbf)                  \
  X(e8_noise)                \
  X(e9_nonmetric)            \
  X(e9_words)                \
  X(e10_manifolds)           \
  X(e13_relevance)

namespace conec::simec::experiments {

#define CONEC_DECLARE(file) \
  namespace file {          \
  Experiment Describe();    \
  }
CONEC_EXPERIMENTS(CONEC_DECLARE)
#undef CONEC_DECLARE

const std::vector<Experiment>& AllExperiments() {
#define CONEC_CALL(file) file::Describe(),
  static const std::vector<Experiment> all = {CONEC_EXPERIMENTS(CONEC_CALL)};
#undef CONEC_CALL
  return all;
}

}  // namespace conec::simec::experiments
