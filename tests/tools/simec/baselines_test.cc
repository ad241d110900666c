// The figures that the published notebooks print of their deterministic baselines, computed from the original data.
// Needs CONEC_DATA with mnist/ and flowerpots/; the figures of E4, E7 and E9 take minutes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tools/simec/experiments/baselines_mnist.h"
#include "tools/simec/experiments/factorization.h"
#include "tools/simec/experiments/flowerpots.h"

namespace conec::simec::experiments {
namespace {

void ExpectMet(const absl::StatusOr<std::vector<Figure>>& figures) {
  ASSERT_TRUE(figures.ok()) << figures.status();
  EXPECT_FALSE(figures->empty());
  for (const Figure& figure : *figures) {
    EXPECT_TRUE(figure.met()) << fmt::format("{}: {:.17g}, published {:.17g}", figure.name, figure.ours,
                                             figure.reference.value_or(0));
  }
}

// Empty without CONEC_DATA or the folder in it.
std::string DataFolder(const std::string& name) {
  const char* data = std::getenv("CONEC_DATA");
  const std::string folder = data == nullptr ? "" : std::string(data) + "/" + name;
  return std::filesystem::exists(folder) ? folder : "";
}

class MnistFigures : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = DataFolder("mnist");
    if (folder.empty()) GTEST_SKIP() << "CONEC_DATA names no folder with mnist/";
    auto mnist = LoadMnist(folder);
    ASSERT_TRUE(mnist.ok()) << mnist.status();
    mnist_ = *std::move(mnist);
  }

  LabelledPoints mnist_;
};

TEST_F(MnistFigures, TheSubsetHasThePublishedClassCounts) {
  const Split split = *MnistSubset(mnist_);
  constexpr std::int64_t kTrain[] = {810, 895, 810, 785, 726, 720, 829, 871, 788, 766};
  constexpr std::int64_t kTest[] = {172, 229, 189, 223, 202, 199, 203, 198, 198, 187};
  for (std::int64_t label = 0; label < 10; ++label) {
    EXPECT_EQ(split.train.labels.eq(label).sum().item<std::int64_t>(), kTrain[label]);
    EXPECT_EQ(split.test.labels.eq(label).sum().item<std::int64_t>(), kTest[label]);
  }
}

TEST_F(MnistFigures, OfTheLinearKernelAreMet) {
  ExpectMet(LinearKernelBaselines(mnist_));
}

TEST_F(MnistFigures, OfTheRbfKernelAreMet) {
  ExpectMet(RbfKernelBaselines(mnist_));
}

TEST_F(MnistFigures, OfClassLabelsAreMet) {
  ExpectMet(ClassLabelBaselines(mnist_));
}

TEST_F(MnistFigures, OfMissingValuesAreMet) {
  ExpectMet(MissingValueBaselines(mnist_));
}

TEST_F(MnistFigures, OfTheSimpsonSimilarityAreMet) {
  const auto s = SimpsonSimilarity(mnist_);
  ASSERT_TRUE(s.ok()) << s.status();
  const auto parts = SplitSimilarity(*s);
  ASSERT_TRUE(parts.ok()) << parts.status();
  ExpectMet(NonmetricBaselines(*parts));
}

TEST(Figures, OfFlowerpotsAreMet) {
  const std::string folder = DataFolder("flowerpots");
  if (folder.empty()) GTEST_SKIP() << "CONEC_DATA names no folder with flowerpots/";
  ExpectMet(FlowerpotBaselines(folder));
}

TEST(Figures, OfMatrixFactorizationAreMet) {
  ExpectMet(FactorizationBaselines());
}

}  // namespace
}  // namespace conec::simec::experiments
