// The list of experiments. Each line names a function that a file of this folder defines.
#include "tools/simec/experiments/experiment.h"

#define CONEC_EXPERIMENTS(X)           \
  X(FlowerpotsExperiment)    /* E1 */  \
  X(FactorizationExperiment) /* E2 */  \
  X(SmallDataExperiment)     /* E3 */  \
  X(KernelsExperiment)       /* E4 */  \
  X(NewsgroupsExperiment)    /* E5 */  \
  X(ClassLabelsExperiment)   /* E6 */  \
  X(RbfExperiment)           /* E7 */  \
  X(NoiseExperiment)         /* E8 */  \
  X(NonmetricExperiment)     /* E9 */  \
  X(WordsExperiment)         /* E9b */ \
  X(ManifoldsExperiment)     /* E10 */ \
  X(RelevanceExperiment)     /* E13, linear */

namespace conec::simec::experiments {

#define CONEC_DECLARE(function) Experiment function();
CONEC_EXPERIMENTS(CONEC_DECLARE)
#undef CONEC_DECLARE

const std::vector<Experiment>& AllExperiments() {
#define CONEC_CALL(function) function(),
  static const std::vector<Experiment> all = {CONEC_EXPERIMENTS(CONEC_CALL)};
#undef CONEC_CALL
  return all;
}

}  // namespace conec::simec::experiments
