// The programs with models whose context vectors hold more than words.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "conec/context_matrix.h"
#include "conec/model.h"
#include "tests/tools/sample_fixture.h"

namespace conec::testing_tools {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pointwise;

class ExtendedInputs : public SampleTest {
 protected:
  // A model with these inputs.
  std::string Trained(const std::string& inputs, const std::vector<std::string>& more = {}) {
    const std::string path = folder_ / ("model." + inputs);
    std::vector<std::string> options{"--extended-inputs", inputs};
    options.insert(options.end(), more.begin(), more.end());
    const RunResult result = RunProgram(Train(path, options));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return path;
  }

  // The vectors of the tokens of a text.
  std::vector<std::vector<double>> Tokens(const std::string& model, const std::string& text,
                                          const std::vector<std::string>& more = {}) {
    WriteAll(folder_ / "document", text);
    std::vector<std::string> command{"conec-embed",        "--model", model,  "--input",
                                     folder_ / "document", "--per",   "token"};
    command.insert(command.end(), more.begin(), more.end());
    const RunResult result = RunProgram(command);
    EXPECT_EQ(result.exit_code, 0) << result.error;
    std::vector<std::vector<double>> vectors;
    const nlohmann::json document = nlohmann::json::parse(result.out);
    for (const auto& word : document["tokens"]) vectors.push_back(word["vector"].get<std::vector<double>>());
    return vectors;
  }
};

TEST_F(ExtendedInputs, AreRowsOfTheModelThatTheSummaryCounts) {
  const RunResult result =
      RunProgram(Train(folder_ / "m", {"--extended-inputs", "direction,shape,context-shapes", "--feature-weight", "0.5",
                                       "--context-matrix", folder_ / "matrix", "--json"}));
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const auto model = conec::Model::Open(folder_ / "m");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->inputs().rows(), 2 * model->size() + 2 * 5 * 16 + 16);
  EXPECT_EQ(model->info.context.feature_weight, 0.5);
  const nlohmann::json summary = nlohmann::json::parse(result.out);
  EXPECT_EQ(summary["extended_inputs"], "direction,shape,context-shapes");
  EXPECT_EQ(summary["input_rows"], model->inputs().rows());
  const auto matrix = ContextMatrix::Open(folder_ / "matrix");
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_TRUE(SameRows(matrix->layout(), model->layout));
  EXPECT_TRUE(matrix->Multiply(model->inputs(), true).ok());
}

TEST_F(ExtendedInputs, TellWordsApartThatDifferInCaseOnly) {
  const std::string shape = Trained("shape");
  for (const std::string& word : {std::string("zorblax"), std::string("bank")}) {
    std::string capitalised = word;
    capitalised[0] = static_cast<char>(capitalised[0] - 'a' + 'A');
    const std::string lower = "we saw the " + word + " today", upper = "we saw the " + capitalised + " today";
    EXPECT_EQ(Tokens(Model(), lower)[3], Tokens(Model(), upper)[3]) << word;
    EXPECT_NE(Tokens(shape, lower)[3], Tokens(shape, upper)[3]) << word;
    EXPECT_EQ(Tokens(shape, lower, {"--feature-weight", "0"})[3], Tokens(shape, upper, {"--feature-weight", "0"})[3]);
  }
}

TEST_F(ExtendedInputs, LetConecNnFindOtherNeighboursForAnotherCase) {
  const std::string model = Trained("shape");
  const auto neighbours = [&](const std::string& text) {
    WriteAll(folder_ / "document", text);
    const RunResult result = RunProgram({"conec-nn", "--model", model, "--document", folder_ / "document", "zorblax"});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return result.out;
  };
  EXPECT_NE(neighbours("Anna saw Zorblax in the morning."), neighbours("Anna saw zorblax in the morning."));
  EXPECT_EQ(RunProgram({"conec-nn", "--model", model, "the"}).exit_code, 0);
}

TEST_F(ExtendedInputs, AreLeftOutOfOtherFormatsWhichIsSaid) {
  const std::string model = Trained("direction,shape");
  const RunResult result =
      RunProgram({"conec-convert", "--model", model, "--to", "word2vec-text", "--output", folder_ / "vectors"});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("the mean of the word's two rows"));
  EXPECT_THAT(result.error, HasSubstr("the rows for shapes are left out"));
  const std::string head = std::to_string(conec::Model::Open(model)->size()) + " 16\n";
  EXPECT_EQ(ReadAll(folder_ / "vectors").substr(0, head.size()), head);
}

TEST_F(ExtendedInputs, OfShapesNeedACorpusThatKnowsThem) {
  ASSERT_EQ(RunProgram(Train(folder_ / "plain", {"--corpus", folder_ / "corpus"})).exit_code, 0);
  const auto retrain = [&](const std::string& inputs) {
    return RunProgram({"conec-train", "--input", folder_ / "corpus", "--output", folder_ / "m", "--dim", "16",
                       "--epochs", "1", "--threads", "1", "--progress", "none", "--extended-inputs", inputs});
  };
  EXPECT_EQ(retrain("direction").exit_code, 0);
  const RunResult refused = retrain("direction,shape");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.error, HasSubstr("encoded without the shapes of words, which --extended-inputs needs"));
}

TEST_F(ExtendedInputs, AreWhatFeatureWeightIsFor) {
  const RunResult train = RunProgram(Train(folder_ / "m", {"--feature-weight", "2"}));
  EXPECT_EQ(train.exit_code, 2);
  EXPECT_THAT(train.error, HasSubstr("--feature-weight needs --extended-inputs"));
  WriteAll(folder_ / "document", "the end");
  const RunResult embed =
      RunProgram({"conec-embed", "--model", Model(), "--input", folder_ / "document", "--feature-weight", "2"});
  EXPECT_EQ(embed.exit_code, 1);
  EXPECT_THAT(embed.error, HasSubstr("has no shapes among its inputs"));
  EXPECT_EQ(RunProgram(Train(folder_ / "m", {"--extended-inputs", "shape", "--feature-weight", "-1"})).exit_code, 2);
}

TEST_F(ExtendedInputs, NoneWritesTheSameModelAsWithoutTheOption) {
  const std::string with = Trained("none");
  const auto a = conec::Model::Open(with), b = conec::Model::Open(Model());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_FALSE(a->has_extended_inputs());
  for (std::size_t i = 0; i < a->size(); ++i) {
    ASSERT_TRUE(std::equal(a->input.row(i).begin(), a->input.row(i).end(), b->input.row(i).begin()));
    ASSERT_TRUE(
        std::equal(a->global_context.row(i).begin(), a->global_context.row(i).end(), b->global_context.row(i).begin()));
  }
}

TEST_F(ExtendedInputs, AndOtherWaysToMixAreCheckedAndKept) {
  EXPECT_EQ(RunProgram(Train(folder_ / "m", {"--context-sif", "-1"})).exit_code, 2);
  ASSERT_EQ(RunProgram(Train(folder_ / "m", {"--context-sif", "1e-3"})).exit_code, 0);
  EXPECT_EQ(conec::Model::Open(folder_ / "m")->info.context.sif, 1e-3);
  const auto plain = Tokens(folder_ / "m", "she played the zorblax and the piano");
  const auto mixed = Tokens(folder_ / "m", "she played the zorblax and the piano", {"--unit-parts"});
  EXPECT_NE(plain[0], mixed[0]);
  EXPECT_THAT(mixed[3], Pointwise(FloatNear(1e-5f), plain[3]));  // an unknown word is not a mix
  const auto with_output = Tokens(folder_ / "m", "she played the zorblax and the piano", {"--output-weight", "0.5"});
  EXPECT_NE(plain[0], with_output[0]);
  EXPECT_THAT(with_output[3], Pointwise(FloatNear(1e-5f), plain[3]));
  const RunResult nn =
      RunProgram({"conec-nn", "--model", folder_ / "m", "--vectors", "word2vec", "--unit-parts", "the"});
  EXPECT_EQ(nn.exit_code, 2);
  EXPECT_THAT(nn.error, HasSubstr("--unit-parts is for --vectors conec"));
}

}  // namespace
}  // namespace conec::testing_tools
