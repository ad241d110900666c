// The generated and the small data of the experiments against numpy and scikit-learn (experiment_data_golden.py), and
// readers of files against files that are not what they should be.
#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/scratch_folder.h"
#include "tests/simec_core/golden_tensor.h"
#include "tools/simec/experiments/digits.h"
#include "tools/simec/experiments/movielens.h"
#include "tools/simec/experiments/noise.h"
#include "tools/simec/experiments/point_clouds.h"
#include "tools/simec/experiments/random_embeddings.h"

namespace conec::simec::experiments {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const GoldenTensors& Golden() {
  static const GoldenTensors& golden = *new GoldenTensors("experiment_data_golden.txt");
  return golden;
}

void ExpectCloud(const PointCloud& cloud, const std::string& name) {
  EXPECT_TRUE(cloud.x.allclose(Golden()[name], 1e-14, 1e-14)) << name << cloud.x;
  EXPECT_TRUE(cloud.colour.allclose(Golden()[name + "_colour"][0], 1e-14, 1e-14)) << name;
}

TEST(PointClouds, AreThoseOfScikitLearnAndNumpy) {
  ExpectCloud(SCurve(7, 0), "s_curve");
  ExpectCloud(CutSphere(11, 1), "sphere");
  ExpectCloud(ThreeCircles(6, 3), "circles_6");
  ExpectCloud(ThreeCircles(7, 3), "circles_7");  // an odd number: one more point inside than outside
}

TEST(PointClouds, OfTheSphereLieOnTheCutSphere) {
  const PointCloud cloud = CutSphere(500, 4);
  ASSERT_EQ(cloud.x.size(0), 500);
  EXPECT_TRUE(cloud.x.square().sum(1).allclose(at::ones({500}, at::kDouble)));
  EXPECT_LT(cloud.x.select(1, 2).abs().max().item<double>(), std::cos(0.31));
  EXPECT_LT(cloud.colour.max().item<double>(), 5.79);
}

TEST(Noise, IsNumpysAndHasTheDeviationAskedFor) {
  EXPECT_TRUE(IndependentNoise(5, 3, 0.25, 15).allclose(Golden()["independent_noise"], 1e-13, 1e-14));
  const auto correlated = CorrelatedNoise(6, 9, 4, 0.25, 15);
  ASSERT_TRUE(correlated.ok()) << correlated.status();
  EXPECT_TRUE(correlated->allclose(Golden()["correlated_noise"], 1e-8, 1e-9)) << *correlated;
  EXPECT_NEAR(correlated->std(false).item<double>(), 0.25, 1e-14);
}

TEST(SparseProjection, IsDrawnAsByScikitLearn) {
  const at::Tensor directions = SparseProjection(at::eye(25, at::kDouble), 6, 42).t();
  EXPECT_TRUE(directions.allclose(Golden()["projection"], 1e-14, 1e-14)) << directions;
}

TEST(Noise, OfMoreDirectionsThanFeaturesIsRefused) {
  EXPECT_THAT(CorrelatedNoise(6, 9, 10, 1, 15).status().ToString(), HasSubstr("1 to 9"));
  EXPECT_THAT(CorrelatedNoise(6, 9, 9, 1, 15).status().ToString(), HasSubstr("eigenvalues are positive"));
}

std::string DigitLine(const std::string& level, const std::string& label) {
  std::string line;
  for (int i = 0; i < 64; ++i) line += level + ",";
  return line + label + "\n";
}

TEST(Digits, AreCentredGreyLevelsAndLabels) {
  const ScratchFolder folder;
  const std::string path = folder.Write("digits.csv", DigitLine("8.0", "3.0") + DigitLine("0.0", "9.0"));
  const auto digits = LoadDigits(path);
  ASSERT_TRUE(digits.ok()) << digits.status();
  EXPECT_TRUE(digits->x[0].eq(0.5).all().item<bool>());
  EXPECT_TRUE(digits->x[1].eq(-0.5).all().item<bool>());
  EXPECT_EQ(digits->labels[0].item<std::int64_t>(), 3);
  EXPECT_EQ(digits->labels[1].item<std::int64_t>(), 9);
}

TEST(Digits, OfAnotherFormatAreRefused) {
  const ScratchFolder folder;
  const auto message = [&](const std::string& text) {
    return LoadDigits(folder.Write("digits.csv", text)).status().ToString();
  };
  EXPECT_THAT(message("1,2,3\n"), HasSubstr("3 columns, expected 65"));
  EXPECT_THAT(message(DigitLine("17", "1")), HasSubstr("grey levels from 0 to 16"));
  EXPECT_THAT(message(DigitLine("nan", "1")), HasSubstr("grey levels from 0 to 16"));
  EXPECT_THAT(message(DigitLine("1", "1.5")), HasSubstr("grey levels from 0 to 16"));
  EXPECT_THAT(message("\x1f\x8b\x08 broken"), HasSubstr("corrupt"));
  EXPECT_THAT(LoadDigits(folder.path() + "/none").status().ToString(), HasSubstr("No such file"));
}

TEST(Digits, AreLookedForInTheDataFolderFirst) {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.File("digits"));
  folder.Write("digits/digits.csv.gz", DigitLine("1", "1"));
  EXPECT_EQ(*FindDigits(folder.path()), folder.File("digits/digits.csv.gz"));
  folder.Write("digits.csv.gz", DigitLine("1", "1"));
  EXPECT_EQ(*FindDigits(folder.path()), folder.File("digits.csv.gz"));
}

class MovieLensFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.Write("u.genre", "unknown|0\nDrama|1\n\n");
    folder_.Write("u.item", "1|A (1995)|01-Jan-1995||http|0|1\n2|B|||http|1|0\n3|C (1987)|03-Feb-1987||http|0|1\r\n");
    folder_.Write("u.data", "1\t1\t5\t0\n1\t3\t1\t0\n2\t1\t4\t0\n4\t2\t2\t0\n");
  }

  std::string Message(const std::string& name, const std::string& text) {
    folder_.Write(name, text);
    return LoadMovieLens(folder_.path()).status().ToString();
  }

  ScratchFolder folder_;
};

TEST_F(MovieLensFiles, GiveGenresDecadesAndRatings) {
  const auto data = LoadMovieLens(folder_.path());
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->feature_names, ElementsAre("unknown", "Drama", "1980s", "1990s"));
  EXPECT_THAT(data->titles, ElementsAre("A (1995)", "B", "C (1987)"));
  EXPECT_TRUE(
      data->features.equal(at::tensor({0., 1., 0., 1., 1., 0., 0., 0., 0., 1., 1., 0.}, at::kDouble).view({3, 4})));
  EXPECT_EQ(data->user_count, 4);
}

TEST_F(MovieLensFiles, LeaveWhatMeansDoNotExplain) {
  const at::Tensor left = RatingResiduals(*LoadMovieLens(folder_.path()));
  // The mean is 3; film A is 1.5 above it, C 2 below, B 1 below; user 1 is at it, user 2 is 1 above, user 4 1 below.
  ASSERT_EQ(left.sizes(), at::IntArrayRef({3, 4}));
  EXPECT_DOUBLE_EQ(left[0][0].item<double>(), 0.5);
  EXPECT_DOUBLE_EQ(left[2][0].item<double>(), 0);
  EXPECT_DOUBLE_EQ(left[0][1].item<double>(), -1.5);
  EXPECT_DOUBLE_EQ(left[1][3].item<double>(), 1);
  EXPECT_EQ(left.ne(0).sum().item<std::int64_t>(), 3);
}

TEST_F(MovieLensFiles, OfAnotherFormatAreRefusedWithTheirLine) {
  EXPECT_THAT(Message("u.data", "1\t1\t5\t0\n1\t4\t5\t0\n"), HasSubstr("u.data:2: '4' is not a number from 1 to 3"));
  EXPECT_THAT(Message("u.data", "1\t1\t6\t0\n"), HasSubstr("'6' is not a number from 1 to 5"));
  EXPECT_THAT(Message("u.data", "1 1 5 0\n"), HasSubstr("u.data:1: 1 fields"));
  EXPECT_THAT(Message("u.data", ""), HasSubstr("no rating"));
  EXPECT_THAT(Message("u.item", "1|A|||http|0|1\n3|B|||http|1|0\n"), HasSubstr("u.item:2: '3' is not a number from 2"));
  EXPECT_THAT(Message("u.item", "1|A|||http|0|2\n"), HasSubstr("'2' is not a number from 0 to 1"));
  EXPECT_THAT(Message("u.item", "1|A|||http|0\n"), HasSubstr("6 fields, expected 7"));
}

}  // namespace
}  // namespace conec::simec::experiments
