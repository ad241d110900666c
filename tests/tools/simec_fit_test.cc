// What simec fit does beside training: checkpoints, balancing, and what it tells; and that the examples of simec's help
// run.
#include <absl/strings/str_split.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/npy.h"
#include "base/random.h"
#include "tests/tools/run_program.h"
#include "tests/tools/simec_program.h"

namespace conec::testing_tools {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

// Features of rank 2 for 4 dimensions: that shows only after training.
TEST_F(SimecProgram, AModelThatCannotBeBalancedIsWrittenAsItIs) {
  Rows x = Clusters(kPoints);
  for (std::vector<double>& row : x) row = {row[0], row[1], row[0] + row[1], row[0] - row[1], 2 * row[0], 3 * row[1]};
  WriteAll(folder_ / "x.csv", Csv(x));
  const std::vector<std::string> options = {"--similarity", "linear", "--dim", "4", "--dtype", "float64", "--json"};
  ASSERT_EQ(Fit(options).exit_code, 0);
  const std::string predict = Simec({"predict", "--model", "my.simec", "--input", "x.csv"}).out;
  std::filesystem::remove(folder_ / "my.simec");
  std::vector<std::string> balance = options;
  balance.push_back("--balance");
  const RunResult fit = Fit(balance);
  ASSERT_EQ(fit.exit_code, 0) << fit.error;
  for (const std::string word : {"--balance failed", "not rank 4", "--dim", "--s-ll-weight"}) {
    EXPECT_THAT(fit.error, HasSubstr(word));
  }
  EXPECT_EQ(Json::parse(fit.out)["balanced"], false);
  EXPECT_EQ(Simec({"predict", "--model", "my.simec", "--input", "x.csv"}).out, predict);
  std::filesystem::remove(folder_ / "my.simec");
  ExpectError(Fit({"--similarity", "linear", "--dim", "12", "--balance"}), 1,
              {"--balance", "6 features", "--dim 12", "--dim 6", "--hidden"});
  ExpectError(Fit({"--similarity", "linear", "--hidden", "3", "--dim", "12", "--balance"}), 1, {"3 hidden units"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "my.simec"));
}

TEST_F(SimecProgram, MoreEpochsFromACheckpointGiveTheModelOfAsManyInOneGo) {
  const std::vector<std::string> same = {"--similarity", "rbf", "--dim", "2", "--lr", "0.05", "--checkpoint", "c"};
  const auto fit = [&](std::vector<std::string> more) {
    more.insert(more.begin(), same.begin(), same.end());
    return Fit(more);
  };
  ASSERT_EQ(fit({"--epochs", "10"}).exit_code, 0);
  const std::string expected = ReadAll(folder_ / "my.simec");
  const RunResult anew = fit({"--epochs", "5"});
  EXPECT_EQ(anew.exit_code, 0) << anew.error;
  EXPECT_THAT(anew.error, HasSubstr("'c' is there already"));
  EXPECT_NE(ReadAll(folder_ / "my.simec"), expected);
  const RunResult resumed = fit({"--epochs", "10", "--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error;
  EXPECT_THAT(resumed.error, HasSubstr("resumed: 'c', after 5 epochs"));
  EXPECT_EQ(ReadAll(folder_ / "my.simec"), expected);
  const RunResult again = fit({"--epochs", "10", "--resume"});
  EXPECT_THAT(again.error, HasSubstr("nothing was left to do"));
  EXPECT_EQ(ReadAll(folder_ / "my.simec"), expected);
  std::filesystem::remove(folder_ / "c");
  EXPECT_THAT(fit({"--epochs", "1", "--resume"}).error, HasSubstr("there is no 'c' to resume"));
}

TEST_F(SimecProgram, ACheckpointOfAnotherTrainingIsRefusedAndNothingChanges) {
  Rows s(kPoints, std::vector<double>(kPoints, 1)), w = {std::vector<double>(kPoints, 1), std::vector<double>(kPoints)};
  for (std::size_t i = 0; i < s.size(); ++i) s[i][i] = 3;
  WriteAll(folder_ / "s.csv", Csv(s));
  s[7][7] = 4;
  WriteAll(folder_ / "t.csv", Csv(s));
  WriteAll(folder_ / "w.csv", Csv(w));
  Rows x = Clusters(kPoints);
  x[59][5] += 1e-6;
  WriteAll(folder_ / "other.csv", Csv(x));
  ASSERT_EQ(Fit({"--target", "s.csv", "--epochs", "4", "--checkpoint", "c"}).exit_code, 0);
  const std::string checkpoint = ReadAll(folder_ / "c"), model = ReadAll(folder_ / "my.simec");
  const auto refused = [&](const std::vector<std::string>& options, std::vector<std::string> words) {
    std::vector<std::string> all = {"--epochs", "8", "--checkpoint", "c", "--resume"};
    all.insert(all.end(), options.begin(), options.end());
    words.insert(words.end(), {"checkpoint 'c'", "without resume"});
    ExpectError(Fit(all), 1, words);
    EXPECT_EQ(ReadAll(folder_ / "c"), checkpoint);
    EXPECT_EQ(ReadAll(folder_ / "my.simec"), model);
  };
  refused({"--similarity", "rbf"},
          {"targets is a matrix of 60 x 60", "here it is rbf, gamma 0.5 / median^2 of 60 x 6"});
  refused({"--target", "t.csv"}, {"targets is a matrix of 60 x 60"});
  refused({"--target", "s.csv", "--center", "on"}, {"centring auto", "centring on"});
  refused({"--target", "s.csv", "--normalize", "none"}, {"normalised by max", "normalised by none"});
  refused({"--target", "s.csv", "--last-layer", "w.csv"}, {"last layer is nothing", "2 x 60"});
  refused({"--target", "s.csv", "--lr", "0.1"}, {"learning_rate is 0.0005, here it is 0.1"});
  refused({"--target", "s.csv", "--s-ll-weight", "1"}, {"s_ll is 0, here it is 1"});
  ExpectError(Simec({"fit", "--input", "other.csv", "--target", "s.csv", "--output", "my.simec", "--threads", "1",
                     "--epochs", "8", "--checkpoint", "c", "--resume"}),
              1, {"inputs is 60 x 6, "});
  ExpectError(Fit({"--target", "s.csv", "--epochs", "2", "--checkpoint", "c", "--resume"}), 1,
              {"holds 4 epochs, more than the 2", "4 or more"});
  EXPECT_EQ(ReadAll(folder_ / "c"), checkpoint);
  EXPECT_EQ(ReadAll(folder_ / "my.simec"), model);
  ExpectError(Fit({"--target", "s.csv", "--checkpoint", "s.csv"}), 2, {"s.csv", "would overwrite", "--checkpoint"});
  ExpectError(Fit({"--target", "s.csv", "--epochs", "0"}), 2, {"--epochs must be at least 1"});
}

// Nothing was written: neither a model nor a checkpoint.
TEST_F(SimecProgram, TrainingThatOverflowsPromisesNothingThatIsNotThere) {
  const RunResult result = Fit({"--similarity", "linear", "--optimizer", "sgd", "--lr", "1e30", "--checkpoint", "c"});
  ExpectError(result, 1, {"not finite in epoch 1", "learning rate"});
  EXPECT_EQ(result.error.find("weights of"), std::string::npos);
  EXPECT_EQ(result.error.find("checkpoint"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "my.simec"));
}

TEST_F(SimecProgram, HowFarProductsOfEmbeddingsAreIsToldAfterTrainingAndANoteSaysWhatHelps) {
  const RunResult far = Fit({"--similarity", "linear", "--s-ll-weight", "1", "--epochs", "2", "--json"});
  ASSERT_EQ(far.exit_code, 0) << far.error;
  EXPECT_GT(Json::parse(far.out)["embeddings_mse"].get<double>(), Json::parse(far.out)["target_mean_square"]);
  for (const std::string word : {"embeddings are far", "--epochs", "--lr", "--s-ll-weight", "--balance"}) {
    EXPECT_THAT(far.error, HasSubstr(word));
  }
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--similarity", "linear", "--balance"},
        std::vector<std::string>{"--similarity", "linear", "--targets", "20", "--s-ll-weight", "1"},
        std::vector<std::string>{"--similarity", "rbf", "--targets", "20", "--last-layer", "eigen",
                                 "--freeze-last-layer"}}) {
    std::vector<std::string> all = options;
    all.insert(all.end(), {"--lr", "0.05", "--epochs", "60", "--json"});
    const RunResult near = Fit(all);
    ASSERT_EQ(near.exit_code, 0) << near.error;
    EXPECT_THAT(near.error, HasSubstr("mean squares: "));
    EXPECT_EQ(near.error.find("embeddings are far"), std::string::npos) << near.error;
    const Json json = Json::parse(near.out);
    EXPECT_LT(json["embeddings_mse"].get<double>(), 0.1 * json["target_mean_square"].get<double>());
    if (options.size() > 3) continue;  // all points are targets, as evaluate has it
    const Json evaluated = Json::parse(Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--similarity",
                                              "linear", "--compare", "both", "--json"})
                                           .out);
    EXPECT_NEAR(json["embeddings_mse"].get<double>(), evaluated["embeddings"]["mse"].get<double>(), 1e-6);
    EXPECT_NEAR(json["predictions_mse"].get<double>(), evaluated["predictions"]["mse"].get<double>(), 1e-6);
  }
}

// The relation of all points to the first of them, in the unit of the file and with entries missing.
TEST_F(SimecProgram, AMatrixWhoseFirstRowsAreThoseOfItsTargetsServesAsASquareOneDoes) {
  Rows s(kPoints, std::vector<double>(9));
  for (std::size_t i = 0; i < s.size(); ++i) {
    for (std::size_t j = 0; j < 9; ++j) s[i][j] = i % 3 == j % 3 ? 500 : -250;
  }
  s[40][4] = std::nan("");
  WriteAll(folder_ / "s.csv", Csv(s));
  for (const std::vector<std::string>& option : {std::vector<std::string>{"--s-ll-weight", "1"}, {"--balance"}}) {
    std::vector<std::string> all = option;
    all.insert(all.end(), {"--target", "s.csv", "--lr", "0.05", "--epochs", "60", "--json"});
    const RunResult fit = Fit(all);
    ASSERT_EQ(fit.exit_code, 0) << fit.error;
    EXPECT_THAT(fit.error, HasSubstr("the first 9 points are taken for the 9 targets"));
    EXPECT_NEAR(Json::parse(fit.out)["target_mean_square"].get<double>(), 125000, 1000);
    EXPECT_LT(Json::parse(fit.out)["embeddings_mse"].get<double>(), 0.02 * 125000);
  }
  s[3][8] = 7;
  WriteAll(folder_ / "s.csv", Csv(s));
  ExpectError(Fit({"--target", "s.csv", "--balance"}), 1, {"60 x 9", "first rows", "row 4, column 9 is 7"});
}

// The median rule would find another gamma among fewer points.
TEST_F(SimecProgram, TheGammaOfTheMedianRuleIsToldSoThatOtherPointsCanBeJudgedByIt) {
  const RunResult fit = Fit({"--similarity", "rbf", "--lr", "0.05"});
  const std::size_t begin = fit.error.find("--gamma ") + 8;
  const std::string gamma = fit.error.substr(begin, fit.error.find(')', begin) - begin);
  const auto evaluate = [this](const std::vector<std::string>& more) {
    return Simec({"evaluate", "--model", "my.simec", "--input", "x.csv", "--similarity", "rbf", "--json"}, more).out;
  };
  EXPECT_EQ(evaluate({"--gamma", gamma}), evaluate({}));
  EXPECT_NE(evaluate({"--gamma", "2" + gamma}), evaluate({}));
}

TEST_F(SimecProgram, PartsOfTheGraphOfNeighboursThatAreJoinedAreTold) {
  const RunResult joined = Fit({"--similarity", "geodesic", "--neighbours", "3", "--epochs", "1"});
  EXPECT_EQ(joined.exit_code, 0) << joined.error;
  EXPECT_THAT(joined.error, HasSubstr("has 3 parts"));
  EXPECT_THAT(joined.error, HasSubstr("--neighbours"));
  const RunResult whole = Fit({"--similarity", "geodesic", "--neighbours", "25", "--epochs", "1"});
  EXPECT_EQ(whole.error.find("parts"), std::string::npos) << whole.error;
}

// The lines of the example in the help of `command`, as words.
std::vector<std::vector<std::string>> Examples(const std::string& help) {
  std::vector<std::vector<std::string>> examples;
  std::istringstream lines(help.substr(std::min(help.find("\nExample:\n"), help.size())));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  simec ")) examples.push_back(absl::StrSplit(line, ' ', absl::SkipEmpty()));
  }
  return examples;
}

TEST_F(SimecProgram, TheExamplesOfTheHelpRun) {
  PhiloxStream random(4, 2);
  constexpr std::size_t kRows = 120, kFeatures = 12, kClasses = 10;
  auto x = Matrix<double>::Create(kRows, kFeatures).value();
  std::string labels, ratings = "%%MatrixMarket matrix coordinate real general\n30 25 60\n";
  for (std::size_t i = 0; i < kRows; ++i) {
    for (double& value : x.row(i)) value = random.Below(1000) / 2000.0;
    x.row(i)[i % kClasses] += 1;
    labels += std::to_string(i % kClasses) + "\n";
  }
  for (int k = 0; k < 60; ++k) ratings += fmt::format("{} {} {}\n", k % 30 + 1, k * 7 % 25 + 1, k % 5 + 1);
  WriteAll(folder_ / "y.csv", labels);
  WriteAll(folder_ / "ratings.mtx", ratings);
  for (const char* name : {"x.npy", "new.npy"}) ASSERT_TRUE(WriteNpy(folder_ / name, x.view()).ok());

  for (const std::string command : {"fit", "embed", "predict", "explain", "evaluate", "decode"}) {
    if (command == "decode") {  // its help says so
      const RunResult fit = Simec({"fit", "--input", "x.npy", "--similarity", "rbf", "--dim", "10", "--hidden", "20",
                                   "--decoder", "--epochs", "1", "--output", "my.simec"});
      ASSERT_EQ(fit.exit_code, 0) << fit.error;
    }
    const auto examples = Examples(Simec({command, "--help"}).out);
    EXPECT_FALSE(examples.empty()) << command;
    for (const std::vector<std::string>& example : examples) {
      ASSERT_EQ(example[1], command);
      const std::size_t output = static_cast<std::size_t>(std::ranges::find(example, "--output") - example.begin()) + 1;
      if (output < example.size()) std::filesystem::remove(folder_ / example[output]);
      const std::vector<std::string> arguments(example.begin() + 1, example.end());
      const RunResult run = command == "fit" ? Simec(arguments, {"--epochs", "1"}) : Simec(arguments);
      EXPECT_EQ(run.exit_code, 0) << fmt::format("{}", fmt::join(example, " ")) << "\n" << run.error;
      if (output < example.size()) {
        EXPECT_GT(ReadAll(folder_ / example[output]).size(), 0u) << example[output];
      }
    }
  }
}

}  // namespace
}  // namespace conec::testing_tools
