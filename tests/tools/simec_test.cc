// simec fit, embed, predict, evaluate and explain, as a user runs them on small matrices.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_program.h"
#include "tests/tools/simec_program.h"

namespace conec::testing_tools {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

TEST_F(SimecProgram, EmbeddingsOfAClassLieTogetherAndPredictionsSayWhichItIs) {
  FitLabels();
  const RunResult embed = Simec({"embed", "--model", "my.simec", "--input", "x.csv"});
  ASSERT_EQ(embed.exit_code, 0) << embed.error;
  const Rows y = FromCsv(embed.out);
  ASSERT_EQ(y.size(), static_cast<std::size_t>(kPoints));
  ASSERT_EQ(y[0].size(), 2U);
  for (std::size_t i = 3; i < y.size(); ++i) {
    EXPECT_GT(Product(y[i], y[i - 3]), 0.3) << i;  // one class: 1 - 1/3, centred
    EXPECT_LT(Product(y[i], y[i - 1]), 0) << i;    // two: -1/3
  }
  const RunResult predict = Simec({"predict", "--model", "my.simec", "--input", "x.csv"});
  ASSERT_EQ(predict.exit_code, 0) << predict.error;
  const Rows s = FromCsv(predict.out);
  ASSERT_EQ(s[0].size(), static_cast<std::size_t>(kPoints));
  EXPECT_NEAR(s[0][3], 2.0 / 3, 0.1);
  EXPECT_NEAR(s[0][1], -1.0 / 3, 0.1);
}

TEST_F(SimecProgram, EvaluateMeasuresWhatEmbedAndPredictGive) {
  FitLabels();
  const RunResult result = Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--similarity", "labels",
                                  "--labels", "y.csv", "--compare", "both", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  const Rows y = FromCsv(Simec({"embed", "--model", "my.simec", "--input", "x.csv"}).out);
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    for (std::size_t j = 0; j < y.size(); ++j) {
      const double error = Product(y[i], y[j]) - (i % 3 == j % 3 ? 2.0 / 3 : -1.0 / 3);
      sum += error * error;
    }
  }
  EXPECT_NEAR(json["embeddings"]["mse"].get<double>(), sum / (kPoints * kPoints), 1e-6);
  EXPECT_LT(json["predictions"]["mse"].get<double>(), 0.01);
  EXPECT_GT(json["predictions"]["r2"].get<double>(), 0.9);
  EXPECT_GT(json["predictions"]["spearman"].get<double>(), 0.7);
}

TEST_F(SimecProgram, ModelsOfNormalizedTargetsPredictInTheOriginalUnit) {
  Rows s(kPoints, std::vector<double>(kPoints));
  for (std::size_t i = 0; i < s.size(); ++i) {
    for (std::size_t j = 0; j < s.size(); ++j) s[i][j] = i % 3 == j % 3 ? 500 : -250;
  }
  WriteAll(folder_ / "s.csv", Csv(s));
  const RunResult fit = Fit({"--target", "s.csv", "--lr", "0.05", "--epochs", "60", "--s-ll-weight", "1", "--json"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  EXPECT_EQ(Json::parse(fit.out)["targets"], kPoints);
  const RunResult evaluate =
      Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--target", "s.csv", "--json"});
  const Json json = Json::parse(evaluate.out);
  EXPECT_LT(json["predictions"]["mse"].get<double>(), 0.02 * 125000);  // of the mean square
  EXPECT_LT(json["embeddings"]["mse"].get<double>(), 0.02 * 125000);
}

TEST_F(SimecProgram, PointsWithoutFeaturesAreFactorizedDespiteMissingEntries) {
  Rows a(20, std::vector<double>(15));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) {
      a[i][j] = std::sin(0.3 * static_cast<double>(i)) * std::cos(0.4 * static_cast<double>(j));
    }
  }
  WriteAll(folder_ / "whole.csv", Csv(a));
  for (std::size_t i = 0; i < a.size(); ++i) a[i][(i * 7) % 15] = std::nan("");
  WriteAll(folder_ / "part.csv", Csv(a));
  const RunResult fit =
      Simec({"fit",     "--input", "identity", "--target",  "part.csv", "--output",   "my.simec", "--dim",
             "1",       "--lr",    "0.05",     "--epochs",  "300",      "--batch",    "5",        "--dtype",
             "float64", "--l2",    "0",        "--threads", "1",        "--progress", "none"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  const RunResult result =
      Simec({"evaluate", "--model", "my.simec", "--input", "identity", "--target", "whole.csv", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_LT(Json::parse(result.out)["predictions"]["mse"].get<double>(), 1e-3);  // also where entries were missing
}

// Without --s-ll-weight Y Y' means nothing; --balance repairs that in closed form and leaves predictions alone.
TEST_F(SimecProgram, BalancedEmbeddingsApproximateTheTargetAndPredictionsStay) {
  const auto fit = [this](const std::vector<std::string>& more) {
    std::vector<std::string> all = {"--similarity", "linear", "--dim", "2",       "--lr",    "0.05",      "--epochs",
                                    "60",           "--l2",   "0",     "--dtype", "float64", "--targets", "40"};
    all.insert(all.end(), more.begin(), more.end());
    const RunResult result = Fit(all);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    const Json json = Json::parse(Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--similarity",
                                         "linear", "--compare", "both", "--json"})
                                      .out);
    return std::pair(json["embeddings"]["mse"].get<double>(), json["predictions"]["mse"].get<double>());
  };
  const auto [loose, predicted] = fit({});
  const auto [balanced, predicted_after] = fit({"--balance"});
  EXPECT_LT(predicted, 3e-3);
  EXPECT_NEAR(predicted_after, predicted, 1e-9);
  EXPECT_GT(loose, 0.02);
  EXPECT_LT(balanced, 5e-3);
}

TEST_F(SimecProgram, SparseRelationsAreObservedWhereTheyHaveEntries) {
  std::string mtx = "%%MatrixMarket matrix coordinate real general\n60 4 60\n";
  for (int i = 1; i <= kPoints; ++i) mtx += std::to_string(i) + " " + std::to_string((i - 1) % 3 + 1) + " 2\n";
  WriteAll(folder_ / "r.mtx", mtx);
  const RunResult fit = Fit({"--target", "r.mtx", "--lr", "0.05", "--epochs", "60"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  const Rows s = FromCsv(Simec({"predict", "--model", "my.simec", "--input", "x.csv"}).out);
  ASSERT_EQ(s[0].size(), 4U);
  double sum = 0;
  for (std::size_t i = 0; i < s.size(); ++i) sum += (s[i][i % 3] - 2) * (s[i][i % 3] - 2);
  EXPECT_LT(sum / kPoints, 0.1);
  const RunResult evaluate =
      Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--target", "r.mtx", "--json"});
  ASSERT_EQ(evaluate.exit_code, 0) << evaluate.error;
  EXPECT_NEAR(Json::parse(evaluate.out)["predictions"]["mse"].get<double>(), sum / kPoints, 1e-6);
}

TEST_F(SimecProgram, SeveralRelationsArePredictedByOneEmbedding) {
  WriteAll(folder_ / "a.csv", Csv(Rows(kPoints, {1, 2})));
  WriteAll(folder_ / "b.csv", Csv(Rows(kPoints, {-3, 4})));
  ASSERT_EQ(Fit({"--target", "a.csv", "--target", "b.csv", "--lr", "0.05", "--epochs", "100"}).exit_code, 0);
  const Rows b = FromCsv(Simec({"predict", "--model", "my.simec", "--input", "x.csv", "--relation", "2"}).out);
  EXPECT_NEAR(b[5][0], -3, 0.3);
  EXPECT_NEAR(b[5][1], 4, 0.3);
  ExpectError(Simec({"predict", "--model", "my.simec", "--input", "x.csv", "--relation", "3"}), 1, {"from 1 to 2"});
}

TEST_F(SimecProgram, RelationsOfAnyUnitAreLearntAlike) {
  Rows small(kPoints), large(kPoints);
  for (std::size_t i = 0; i < small.size(); ++i) {
    small[i] = {i % 3 == 0 ? 1e-3 : -1e-3, i % 3 == 1 ? 1e-3 : 0};
    large[i] = {i % 3 == 2 ? 1e3 : 0, i % 3 == 0 ? -1e3 : 1e3};
  }
  WriteAll(folder_ / "small.csv", Csv(small));
  WriteAll(folder_ / "large.csv", Csv(large));
  const RunResult fit = Fit({"--target", "small.csv", "--target", "large.csv", "--lr", "0.05", "--epochs", "60"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  const Json json = Json::parse(Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--target", "small.csv",
                                       "--target", "large.csv", "--json"})
                                    .out);
  EXPECT_LT(json["predictions 1"]["mse"].get<double>(), 0.05 * 1e-6);
  EXPECT_LT(json["predictions 2"]["mse"].get<double>(), 0.05 * 1e6);
  ExpectError(Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--target", "small.csv"}), 1,
              {"2 relations", "the target 1"});
}

// 10 times as large, and entries missing in one: the mean by the largest entry is the common pattern all the same.
TEST_F(SimecProgram, TheMeanOfSeveralRelationsIsLearntAsOne) {
  Rows one(kPoints, std::vector<double>(kPoints)), other = one, mean = one;
  for (std::size_t i = 0; i < one.size(); ++i) {
    for (std::size_t j = 0; j < one.size(); ++j) {
      mean[i][j] = i % 3 == j % 3 ? 1 : -0.5;
      one[i][j] = 4 * mean[i][j];
      other[i][j] = i + j < 30 ? std::nan("") : 40 * mean[i][j];
    }
  }
  WriteAll(folder_ / "one.csv", Csv(one));
  WriteAll(folder_ / "other.csv", Csv(other));
  WriteAll(folder_ / "mean.csv", Csv(mean));
  const std::vector<std::string> both = {"--target", "one.csv", "--target", "other.csv"};
  const auto with = [&both](std::vector<std::string> more) {
    more.insert(more.begin(), both.begin(), both.end());
    return more;
  };
  const RunResult fit = Fit(with({"--mean", "max", "--lr", "0.05", "--epochs", "60", "--s-ll-weight", "1", "--json"}));
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  EXPECT_EQ(Json::parse(fit.out)["similarities"], 1);
  const std::vector<std::string> evaluate = {"evaluate", "--model", "my.simec", "--input", "x.csv", "--json"};
  const Json json = Json::parse(Simec(evaluate, {"--target", "mean.csv"}).out);
  EXPECT_LT(json["predictions"]["mse"].get<double>(), 0.02);
  EXPECT_LT(json["embeddings"]["mse"].get<double>(), 0.02);
  EXPECT_EQ(Simec(evaluate, with({"--mean", "max", "--mean-weights", "3,1"})).out,
            Simec(evaluate, {"--target", "mean.csv"}).out);
  ExpectError(Fit(with({"--mean", "eigenvalue"})), 1, {"one.csv", "other.csv", "similarity 2", "nan", "--mean max"});
  ExpectError(Fit({"--target", "one.csv", "--mean", "max"}), 2, {"--mean needs several"});
  ExpectError(Fit(with({"--mean", "max", "--mean-weights", "1"})), 2, {"1 numbers for 2 relations"});
  ExpectError(Fit(with({"--mean-weights", "1,2"})), 2, {"--mean-weights needs --mean"});
}

TEST_F(SimecProgram, TheMeanOfFeaturesAndLabelsSeparatesBoth) {
  const std::vector<std::string> mean = {"--similarity", "linear", "--similarity", "labels",
                                         "--labels",     "y.csv",  "--mean",       "eigenvalue"};
  std::vector<std::string> options = mean;
  options.insert(options.end(), {"--s-ll-weight", "1", "--lr", "0.05", "--epochs", "40"});
  const RunResult fit = Fit(options);
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  const RunResult result = Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--json"}, mean);
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_GT(Json::parse(result.out)["embeddings"]["r2"].get<double>(), 0.95);
}

// x'y of the first features less x'y of the last: negative eigenvalues, which Y Y' cannot have.
TEST_F(SimecProgram, TheTwoPartsOfANonmetricSimilarityArePredictedByOneEmbedding) {
  const Rows x = Clusters(kPoints);
  Rows s(kPoints, std::vector<double>(kPoints));
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      s[i][j] = x[i][0] * x[j][0] + x[i][1] * x[j][1] - x[i][4] * x[j][4] - x[i][5] * x[j][5];
    }
  }
  WriteAll(folder_ / "s.csv", Csv(s));
  const RunResult fit = Fit({"--target", "s.csv", "--split", "--dim", "4", "--lr", "0.05", "--epochs", "60"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  const std::vector<std::string> predict = {"predict", "--model", "my.simec", "--input", "x.csv"};
  const Rows first = FromCsv(Simec(predict, {"--relation", "1"}).out),
             second = FromCsv(Simec(predict, {"--relation", "2"}).out);
  const Rows difference = FromCsv(Simec(predict, {"--difference"}).out);
  EXPECT_NEAR(difference[4][9], first[4][9] - second[4][9], 1e-6);
  EXPECT_GT(first[0][0], 1);  // positive parts of one cluster each
  EXPECT_GT(second[2][2], 1);
  const RunResult result =
      Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--target", "s.csv", "--split", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_GT(json["predictions 1"]["r2"].get<double>(), 0.95);
  EXPECT_GT(json["predictions 2"]["r2"].get<double>(), 0.95);
  EXPECT_GT(json["difference"]["r2"].get<double>(), 0.95);
  s[1][2] = 9;
  WriteAll(folder_ / "s.csv", Csv(s));
  ExpectError(Fit({"--target", "s.csv", "--split"}), 1, {"s.csv", "--split needs a symmetric", "row 2, column 3 is 9"});
  ExpectError(Fit({"--target", "s.csv", "--similarity", "linear", "--split"}), 2, {"--split is for one relation"});
  FitLabels();
  ExpectError(Simec(predict, {"--difference"}), 1, {"models of two relations", "this one has 1"});
}

// Else --normalize would make a relation of rounding errors, as large as the other, and the loss tell of that.
TEST_F(SimecProgram, TheSecondPartOfAPositiveSemidefiniteSimilarityIsZeroAndStaysSo) {
  for (const std::string normalize : {"max", "eigenvalue"}) {
    const RunResult fit = Fit({"--similarity", "linear", "--split", "--normalize", normalize, "--dim", "4", "--lr",
                               "0.05", "--epochs", "60", "--json"});
    ASSERT_EQ(fit.exit_code, 0) << fit.error;
    EXPECT_LT(Json::parse(fit.out)["loss"].get<double>(), 1e-3) << normalize;
    const RunResult result =
        Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--similarity", "linear", "--split", "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.error;
    const Json json = Json::parse(result.out);
    EXPECT_GT(json["predictions 1"]["r2"].get<double>(), 0.99) << normalize;
    EXPECT_LT(json["predictions 2"]["mse"].get<double>(), 1e-4) << normalize;
    EXPECT_GT(json["difference"]["r2"].get<double>(), 0.99) << normalize;
  }
  WriteAll(folder_ / "zero.csv", Csv(Rows(kPoints, std::vector<double>(kPoints))));
  ExpectError(Fit({"--target", "zero.csv", "--split"}), 1, {"zero.csv", "from 0 to 0"});
}

// With W_l from the eigenvectors of few targets, embeddings need no --s-ll-weight.
TEST_F(SimecProgram, ALastLayerFromEigenvectorsMakesEmbeddingsApproximateTheTarget) {
  const std::vector<std::string> evaluate = {"evaluate", "--model",      "my.simec", "--input",
                                             "x.csv",    "--similarity", "linear",   "--json"};
  const auto error = [&](const std::vector<std::string>& more) {
    std::vector<std::string> options = {"--similarity", "linear", "--targets", "20", "--lr", "0.05", "--epochs", "40"};
    options.insert(options.end(), more.begin(), more.end());
    const RunResult fit = Fit(options);
    EXPECT_EQ(fit.exit_code, 0) << fit.error;
    return Json::parse(Simec(evaluate).out)["embeddings"]["mse"].get<double>();
  };
  EXPECT_GT(error({}), 0.03);
  EXPECT_LT(error({"--last-layer", "eigen", "--freeze-last-layer"}), 0.02);
  ExpectError(Fit({"--similarity", "linear", "--targets", "3", "--dim", "4", "--last-layer", "eigen"}), 1,
              {"--dim 4 is more than 3 targets", "--last-layer eigen"});
  WriteAll(folder_ / "wide.csv", Csv(Rows(kPoints, {1, 2})));
  ExpectError(Fit({"--target", "wide.csv", "--last-layer", "eigen"}), 1, {"square", "60 x 2", "wide.csv"});
}

// The second network of a pair: columns of a relation embedded among its rows (thesis 2.2).
TEST_F(SimecProgram, AFrozenLastLayerStaysInItsUnitWhateverThatOfTheTarget) {
  Rows r(kPoints, std::vector<double>(9)), columns(9, std::vector<double>(kPoints));
  for (std::size_t i = 0; i < r.size(); ++i) {
    for (std::size_t j = 0; j < 9; ++j) columns[j][i] = r[i][j] = i % 3 == j % 3 ? 300 : -150;
  }
  WriteAll(folder_ / "r.csv", Csv(r));
  WriteAll(folder_ / "columns.csv", Csv(columns));
  ASSERT_EQ(Fit({"--target", "r.csv", "--lr", "0.05", "--epochs", "60"}).exit_code, 0);
  const Rows y1 = FromCsv(Simec({"embed", "--model", "my.simec", "--input", "x.csv"}).out);
  Rows w(2, std::vector<double>(kPoints));
  for (std::size_t i = 0; i < y1.size(); ++i) {
    for (std::size_t k = 0; k < 2; ++k) w[k][i] = y1[i][k];
  }
  WriteAll(folder_ / "w.csv", Csv(w));
  const RunResult fit = Simec({"fit",         "--input",
                               "identity",    "--target",
                               "columns.csv", "--last-layer",
                               "w.csv",       "--freeze-last-layer",
                               "--lr",        "0.05",
                               "--epochs",    "200",
                               "--batch",     "3",
                               "--output",    "second.simec",
                               "--threads",   "1",
                               "--progress",  "none"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  const Rows y2 = FromCsv(Simec({"embed", "--model", "second.simec", "--input", "identity"}).out);
  for (std::size_t j = 0; j < 9; ++j) EXPECT_NEAR(Product(y1[j], y2[j]), 300, 60) << j;
  WriteAll(folder_ / "w.csv", "1,2\n");
  ExpectError(Fit({"--target", "r.csv", "--last-layer", "w.csv"}), 1, {"w.csv", "1 x 2", "W_l must be 2 x 9"});
}

TEST_F(SimecProgram, ADecoderLeadsEmbeddingsBackToPoints) {
  const RunResult fit =
      Fit({"--similarity", "linear", "--decoder", "--hidden", "8:tanh", "--lr", "0.02", "--epochs", "80"});
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  ASSERT_EQ(Simec({"embed", "--model", "my.simec", "--input", "x.csv", "--output", "e.npy"}).exit_code, 0);
  const RunResult decode = Simec({"decode", "--model", "my.simec", "--input", "e.npy"});
  ASSERT_EQ(decode.exit_code, 0) << decode.error;
  const Rows x = Clusters(kPoints), decoded = FromCsv(decode.out);
  ASSERT_EQ(decoded.size(), x.size());
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < 6; ++j) sum += (x[i][j] - decoded[i][j]) * (x[i][j] - decoded[i][j]);
  }
  EXPECT_LT(sum / (6 * kPoints), 0.02);  // the variance is 0.23, that of noise within clusters 0.003
  const Json json = Json::parse(
      Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--similarity", "linear", "--json"}).out);
  EXPECT_NEAR(json["pre-images"]["mse"].get<double>(), sum / (6 * kPoints), 1e-5);
  ExpectError(Simec({"decode", "--model", "my.simec", "--input", "x.csv"}), 1, {"x.csv", "60 x 6", "m x 2"});
  ExpectError(Fit({"--similarity", "linear", "--reconstruction", "2"}), 2, {"--reconstruction needs --decoder"});
  FitLabels();
  ExpectError(Simec({"decode", "--model", "my.simec", "--input", "e.npy"}), 1, {"no decoder", "--decoder"});
}

// Of the mean square: what is left of `s` after `predicted`.
double Unexplained(const Rows& s, const Rows& predicted) {
  double error = 0, all = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    for (std::size_t j = 0; j < s.size(); ++j) {
      error += (s[i][j] - predicted[i][j]) * (s[i][j] - predicted[i][j]);
      all += s[i][j] * s[i][j];
    }
  }
  return error / all;
}

using Formula = std::function<double(const std::vector<double>&, const std::vector<double>&)>;

// Similarities of `x` by its formula, with means of rows and columns taken away.
Rows Centred(const Rows& x, const Formula& formula) {
  const std::size_t n = x.size();
  Rows s(n, std::vector<double>(n));
  std::vector<double> means(n);
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) s[i][j] = formula(x[i], x[j]);
    means[i] = Product(s[i], std::vector<double>(n, 1.0 / static_cast<double>(n)));
    mean += means[i] / static_cast<double>(n);
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) s[i][j] += mean - means[i] - means[j];
  }
  return s;
}

double SquaredDistance(const std::vector<double>& x, const std::vector<double>& y) {
  return Product(x, x) + Product(y, y) - 2 * Product(x, y);
}

// Predictions are nearer to the similarity that was asked for than to any other.
TEST_F(SimecProgram, EverySimilarityOfNumbersIsLearntAsItIsDefined) {
  Rows x = Clusters(kPoints);
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (double& number : x[i]) number *= 1 + static_cast<double>(i % 4);  // of different lengths
  }
  WriteAll(folder_ / "x.csv", Csv(x));
  const std::map<std::string, Formula> formulas = {
      {"linear", Product},
      {"rbf", [](const auto& a, const auto& b) { return std::exp(-0.1 * SquaredDistance(a, b)); }},
      {"cosine", [](const auto& a, const auto& b) { return Product(a, b) / std::sqrt(Product(a, a) * Product(b, b)); }},
      // Where all points are neighbours this is the linear one.
      {"geodesic", [](const auto& a, const auto& b) { return -SquaredDistance(a, b) / 2; }}};
  for (const auto& [name, formula] : formulas) {
    std::vector<std::string> options = {"--similarity", name,   "--dim",    "6",   "--hidden", "20:tanh",
                                        "--lr",         "0.02", "--epochs", "100", "--batch",  "10"};
    if (name == "rbf") options.insert(options.end(), {"--gamma", "0.1"});
    if (name == "geodesic") options.insert(options.end(), {"--neighbours", "59"});
    const RunResult fit = Fit(options);
    ASSERT_EQ(fit.exit_code, 0) << name << fit.error;
    const Rows predicted = FromCsv(Simec({"predict", "--model", "my.simec", "--input", "x.csv"}).out);
    EXPECT_LT(Unexplained(Centred(x, formula), predicted), 0.05) << name;
    for (const auto& [other, wrong] : formulas) {
      const bool same =
          other == name || (other == "linear" && name == "geodesic") || (other == "geodesic" && name == "linear");
      EXPECT_TRUE(same || Unexplained(Centred(x, wrong), predicted) > 0.2) << name << " and " << other;
    }
  }
}

TEST_F(SimecProgram, EverySimilarityOfSetsIsLearntAsItIsDefined) {
  PhiloxStream random(11, 5);
  Rows x(kPoints, std::vector<double>(8));
  for (std::vector<double>& row : x) {
    for (double& number : row) number = random.Below(2) == 1 ? 0.7 : 0.3;
    row[random.Below(8)] = 0.9;  // no set is empty
  }
  WriteAll(folder_ / "x.csv", Csv(x));
  for (std::vector<double>& row : x) {
    for (double& number : row) number = number >= 0.5 ? 1 : 0;
  }
  const auto ones = [](const std::vector<double>& row) { return Product(row, row); };
  const std::map<std::string, Formula> formulas = {
      {"simpson", [&](const auto& a, const auto& b) { return Product(a, b) / std::min(ones(a), ones(b)); }},
      {"jaccard", [&](const auto& a, const auto& b) { return Product(a, b) / (ones(a) + ones(b) - Product(a, b)); }},
      {"rogot-goldberg",
       [&](const auto& a, const auto& b) {
         const double both = Product(a, b), one = ones(a) + ones(b) - 2 * both, none = 8 - both - one;
         return both == 8 ? 1 : both / (2 * both + one) + none / (2 * none + one);
       }},
      {"mcconnaughey",
       [&](const auto& a, const auto& b) {
         const double both = Product(a, b);
         return (both * both - (ones(a) - both) * (ones(b) - both)) / (ones(a) * ones(b));
       }},
      {"sokal", [&](const auto& a, const auto& b) {
         const double both = Product(a, b);
         return both / (both + 2 * (ones(a) + ones(b) - 2 * both));
       }}};
  for (const auto& [name, formula] : formulas) {
    const RunResult fit =
        Simec({"fit",        "--input",  "identity",   "--features", "x.csv", "--similarity", name,
               "--binarize", "0.5",      "--dim",      "40",         "--lr",  "0.05",         "--l2",
               "0",          "--epochs", "100",        "--batch",    "10",    "--output",     "my.simec",
               "--threads",  "1",        "--progress", "none"});
    ASSERT_EQ(fit.exit_code, 0) << name << fit.error;
    const Rows predicted = FromCsv(Simec({"predict", "--model", "my.simec", "--input", "identity"}).out);
    EXPECT_LT(Unexplained(Centred(x, formula), predicted), 0.015) << name;
    for (const auto& [other, wrong] : formulas) {
      EXPECT_TRUE(other == name || Unexplained(Centred(x, wrong), predicted) > 0.03) << name << " and " << other;
    }
  }
}

TEST_F(SimecProgram, AConfigurationFileHoldsOptionsAndTheCommandLineHasTheLastWord) {
  WriteAll(folder_ / "my.toml", "dim = 3\nsimilarity = \"linear\"\nepochs = 4\nhidden = \"5:relu\"\n");
  const RunResult result = Fit({"--config", "my.toml", "--epochs", "2", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["dim"], 3);
  EXPECT_EQ(json["epochs"], 2);
  // A value with a comma or blank, in quotes or not, is what it is on the command line.
  WriteAll(folder_ / "my, y.csv", Csv(Classes(kPoints)));
  const std::vector<std::string> embed = {"embed", "--model", "my.simec", "--input", "x.csv"};
  ASSERT_EQ(
      Fit({"--similarity", "labels", "--labels", "my, y.csv", "--hidden", "20,10:relu", "--epochs", "2"}).exit_code, 0);
  const std::string y = Simec(embed).out;
  for (const std::string quote : {"", "\"", "'"}) {
    WriteAll(folder_ / "my.toml", fmt::format("hidden = {0}20,10:relu{0}\r\nlabels={0}my, y.csv{0} # ours\nepochs = 2\n"
                                              "similarity = \"labels\"\n",
                                              quote));
    std::filesystem::remove(folder_ / "my.simec");
    const RunResult fit = Fit({"--config", "my.toml"});
    ASSERT_EQ(fit.exit_code, 0) << fit.error;
    EXPECT_EQ(Simec(embed).out, y);
  }
  WriteAll(folder_ / "my.toml", "similarity = linear, labels\nlabels = y.csv\nmean = max\nmean-weights = 3, 1\n");
  EXPECT_EQ(Fit({"--config", "my.toml", "--epochs", "1"}).exit_code, 0);  // options of several values
  WriteAll(folder_ / "bad.toml", "dimm = 3\n");
  ExpectError(Fit({"--similarity", "linear", "--config", "bad.toml"}), 2, {"dimm"});
}

double LargestDifference(const Rows& a, const Rows& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) largest = std::max(largest, std::abs(a[i][j] - b[i][j]));
  }
  return largest;
}

TEST_F(SimecProgram, OptionsThatAPresetSetsHaveTheLastWordWhereverTheyStand) {
  const auto embedded = [this](std::vector<std::string> more) {
    more.insert(more.begin(), {"--similarity", "linear", "--hidden", "8:tanh", "--epochs", "20", "--lr", "0.01"});
    const RunResult fit = Fit(more);
    EXPECT_EQ(fit.exit_code, 0) << fit.error;
    return FromCsv(Simec({"embed", "--model", "my.simec", "--input", "x.csv"}).out);
  };
  const std::vector<std::string> as_keras = {"--optimizer", "adamax", "--init",      "glorot", "--schedule", "constant",
                                             "--l2",        "1e-5",   "--l2-hidden", "1e-8",   "--keep-last"};
  const std::vector<std::string> as_torch = {"--optimizer", "adam", "--init",      "kaiming", "--schedule", "plateau",
                                             "--l2",        "0",    "--l2-hidden", "0",       "--keep-best"};
  const Rows keras = embedded({"--preset", "keras"}), torch = embedded({"--preset", "torch"});
  EXPECT_EQ(keras, embedded({}));
  EXPECT_GT(LargestDifference(keras, torch), 0.1);
  // But for the optimizers' epsilon, for which there is no option.
  EXPECT_LT(LargestDifference(torch, embedded(as_torch)), 1e-4);
  std::vector<std::string> before = as_keras, behind = {"--preset", "torch"};
  before.insert(before.end(), {"--preset", "torch"});
  behind.insert(behind.end(), as_keras.begin(), as_keras.end());
  EXPECT_LT(LargestDifference(keras, embedded(before)), 1e-4);
  EXPECT_LT(LargestDifference(keras, embedded(behind)), 1e-4);
  ExpectError(Fit({"--similarity", "linear", "--preset", "jax"}), 2, {"jax", "keras"});
}

TEST_F(SimecProgram, EqualSeedsGiveEqualModels) {
  const auto embed = [this](const std::string& seed) {
    Fit({"--similarity", "linear", "--seed", seed, "--epochs", "3"});
    return Simec({"embed", "--model", "my.simec", "--input", "x.csv"}).out;
  };
  const std::string one = embed("4");
  EXPECT_EQ(embed("4"), one);
  EXPECT_NE(embed("5"), one);
}

TEST_F(SimecProgram, NumbersHaveTheDigitsThatFloatsNeed) {
  FitLabels();
  const RunResult result = Simec({"embed", "--model", "my.simec", "--input", "x.csv", "--output", "y.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  std::string text = ReadAll(folder_ / "y.csv");
  EXPECT_EQ(Simec({"embed", "--model", "my.simec", "--input", "x.csv"}).out, text);
  std::replace(text.begin(), text.end(), '\n', ',');
  std::istringstream fields(text);
  for (std::string field; std::getline(fields, field, ',');) EXPECT_LE(field.size(), 15U) << field;  // -1.2345678e-05
}

TEST_F(SimecProgram, JsonOnStandardOutputHoldsTheNumbers) {
  FitLabels();
  const std::vector<std::string> embed = {"embed", "--model", "my.simec", "--input", "x.csv"};
  const Json rows = Json::parse(Simec(embed, {"--json"}).out);
  EXPECT_EQ(rows.get<Rows>(), FromCsv(Simec(embed).out));
  WriteAll(folder_ / "named.csv", ",a,b,c,d,e,f\n7,1,0,0,0,0,1\n\"o, p\",0,1,0,0,0,0\n");
  const Json named = Json::parse(Simec({"predict", "--model", "my.simec", "--input", "named.csv", "--json"}).out);
  ASSERT_EQ(named.size(), 2U);
  EXPECT_EQ(named[1]["name"], "o, p");
  EXPECT_EQ(named[1]["values"].size(), static_cast<std::size_t>(kPoints));
}

TEST_F(SimecProgram, OutputFilesHaveTheFormatOfTheirNames) {
  FitLabels();
  for (const std::string name : {"y.npy", "y.csv2.csv", "y.tsv"}) {
    const RunResult result = Simec({"embed", "--model", "my.simec", "--input", "x.csv", "--output", name, "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.error;
    EXPECT_EQ(Json::parse(result.out)["rows"], kPoints);
  }
  EXPECT_EQ(ReadAll(folder_ / "y.npy").substr(1, 5), "NUMPY");
  EXPECT_THAT(ReadAll(folder_ / "y.tsv"), HasSubstr("\t"));
  EXPECT_EQ(Simec({"embed", "--model", "my.simec", "--input", "x.csv", "--output", "y.doc"}).exit_code, 1);
}

TEST_F(SimecProgram, ExplanationsOfALinearEncoderSumUpToWhatTheyExplain) {
  FitLabels();
  const std::vector<std::string> explain = {"explain", "--model", "my.simec", "--input", "x.csv"};
  for (const std::vector<std::string>& what :
       {std::vector<std::string>{"--target", "2"}, std::vector<std::string>{"--similar-to", "x.csv"},
        std::vector<std::string>{"--similar-to", "x.csv", "--similar-to-row", "4"}}) {
    const RunResult result = Simec(explain, what);
    ASSERT_EQ(result.exit_code, 0) << result.error;
    EXPECT_EQ(FromCsv(result.out).size(), static_cast<std::size_t>(kPoints));
    EXPECT_EQ(FromCsv(result.out)[0].size(), 6U);
    std::vector<std::string> spread = what;
    spread.insert(spread.end(), {"--bias", "spread", "--epsilon", "0", "--json"});
    const Json points = Json::parse(Simec(explain, spread).out);
    for (const Json& point : points) {
      EXPECT_NEAR(point["relevance"].get<double>(), point["output"].get<double>(), 1e-4);
      const auto parts = point["parts"].get<std::vector<double>>();
      ASSERT_EQ(parts.size(), 6U);
      EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0), point["relevance"].get<double>(), 1e-5);
    }
  }
  const Rows y = FromCsv(Simec({"embed", "--model", "my.simec", "--input", "x.csv"}).out);
  const RunResult file = Simec(explain, {"--target", "2", "--output", "r.npy"});
  EXPECT_THAT(file.error, HasSubstr("r.npy: 60 x 6"));
  const Json alike = Json::parse(Simec(explain, {"--similar-to", "x.csv", "--similar-to-row", "4", "--json"}).out);
  EXPECT_NEAR(alike[7]["output"].get<double>(), Product(y[7], y[3]), 1e-5);
  ExpectError(Simec(explain), 2, {"--target", "--similar-to"});
  ExpectError(Simec(explain, {"--target", "0"}), 2, {"--target", "at least 1", "got 0"});
  ExpectError(Simec(explain, {"--similar-to", "x.csv", "--similar-to-row", "0"}), 2, {"--similar-to-row", "got 0"});
  ExpectError(Simec(explain, {"--target", "1", "--similar-to-row", "1"}), 2, {"--similar-to-row", "--similar-to FILE"});
  ExpectError(Simec(explain, {"--similar-to", "y.csv"}), 1, {"y.csv", "has 1 features", "takes 6"});
  ExpectError(Simec({"explain", "--model", "my.simec", "--input", "y.csv", "--target", "1"}), 1, {"y.csv", "takes 6"});
  ExpectError(Simec(explain, {"--target", "61"}), 1, {"60 targets"});
  ExpectError(Simec(explain, {"--similar-to", "x.csv", "--similar-to-row", "61"}), 1, {"no row 61"});
  ExpectError(Simec(explain, {"--target", "1", "--flat-preset", "--epsilon", "1"}), 2, {"--epsilon", "--flat-preset"});
}

}  // namespace
}  // namespace conec::testing_tools
