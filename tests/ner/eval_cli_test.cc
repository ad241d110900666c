// conec-ner eval as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/run_program.h"

namespace conec {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing_tools::ReadAll;
using testing_tools::RunProgram;
using testing_tools::RunResult;
using testing_tools::TempFolder;
using testing_tools::WriteAll;

class NerEvalTest : public ::testing::Test {
 protected:
  RunResult Eval(const std::string& text, std::vector<std::string> options = {}) const {
    WriteAll(folder_ / "tagged", text);
    options.insert(options.begin(), {"conec-ner", "eval", folder_ / "tagged"});
    return RunProgram(options);
  }
  TempFolder folder_;
};

constexpr const char* kTagged = "a X B-PER B-PER\nb X I-PER I-PER\nc X O B-LOC\n\nd X B-LOC O\n";
constexpr const char* kReport =
    "processed 4 tokens with 2 phrases; found: 2 phrases; correct: 1.\n"
    "accuracy:  50.00%; precision:  50.00%; recall:  50.00%; FB1:  50.00\n"
    "              LOC: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n"
    "              PER: precision: 100.00%; recall: 100.00%; FB1: 100.00  1\n";

TEST_F(NerEvalTest, ReportsAsConllevalDoesFromFileAndStandardInput) {
  const RunResult from_file = Eval(kTagged);
  EXPECT_EQ(from_file.exit_code, 0) << from_file.error;
  EXPECT_EQ(from_file.out, kReport);
  EXPECT_EQ(from_file.error, "");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"conec-ner", "eval"}, std::vector<std::string>{"conec-ner", "eval", "-"}}) {
    EXPECT_EQ(RunProgram(command, {.input_file = folder_ / "tagged"}).out, kReport);
  }
}

TEST_F(NerEvalTest, JsonHoldsTheSameFigures) {
  const json result = json::parse(Eval(kTagged, {"--json"}).out);
  EXPECT_EQ(result["tokens"], 4);
  EXPECT_EQ(result["accuracy"], 50.0);
  EXPECT_EQ(result["f1"], 50.0);
  EXPECT_EQ(result["mode"], "conlleval");
  EXPECT_TRUE(result["scheme"].is_null());
  EXPECT_EQ(result["types"]["PER"]["correct"], 1);
  EXPECT_EQ(result["macro"]["f1"], 50.0);
}

TEST_F(NerEvalTest, TheOptionsOfConllevalDoTheSame) {
  EXPECT_EQ(Eval("a b\tX\tB-PER\tB-PER\n", {"-d", "\\t"}).out.substr(0, 24), "processed 1 tokens with ");
  EXPECT_THAT(Eval("a PER PER\nb PER -\nc - -\n", {"-r", "-o", "-"}).out,
              HasSubstr("with 2 phrases; found: 1 phrases"));
  EXPECT_THAT(Eval(kTagged, {"-l"}).out, HasSubstr("Overall &   50.00\\% &  50.00\\% &  50.00 \\\\\\hline\n"));
  EXPECT_EQ(Eval("").out, "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n");
}

TEST_F(NerEvalTest, TagsBeyondConllevalsRulesAreReadWithAScheme) {
  const std::string bioes = "a B-PER B-PER\nb E-PER E-PER\nc S-PER S-PER\nd S-PER O\n";
  const RunResult plain = Eval(bioes);
  EXPECT_THAT(plain.out, HasSubstr("with 1 phrases"));
  EXPECT_THAT(plain.error, HasSubstr("tagged:2: conlleval's rules do not know tags like 'E-PER'; --scheme bioes"));
  for (const char* scheme : {"bioes", "auto"}) {
    const RunResult read = Eval(bioes, {"--scheme", scheme});
    EXPECT_THAT(read.out, HasSubstr("with 3 phrases; found: 2 phrases; correct: 2.")) << scheme;
    EXPECT_EQ(read.error, "");
  }
  EXPECT_THAT(Eval("a PER PER\nb PER O\n").error, HasSubstr("--scheme type"));
  EXPECT_THAT(Eval("a PER PER\nb PER O\n", {"--scheme", "type"}).out, HasSubstr("with 1 phrases; found: 1 phrases"));
}

TEST_F(NerEvalTest, ZerosThatTellOfTheWrongFileAreExplained) {
  EXPECT_THAT(Eval("").error, HasSubstr("tagged: no tokens"));
  // As published, without a column of predictions: chunks would be scored against tags.
  const RunResult untagged = Eval("U.N. NNP I-NP I-ORG\nsaid VBD I-VP O\n");
  EXPECT_EQ(untagged.exit_code, 0);
  EXPECT_THAT(untagged.error, HasSubstr("gold tags (NP, VP) and predicted tags (ORG) have no entity type in common"));
  EXPECT_THAT(untagged.error, HasSubstr("--tagger FILE"));
  EXPECT_EQ(Eval("a B-PER O\n").error, "");
  EXPECT_EQ(Eval("a B-PER B-LOC\nb B-LOC O\n").error, "");
  EXPECT_EQ(Eval("a O O\n").error, "");
}

TEST_F(NerEvalTest, StrictCountsOnlyWhatObeysTheScheme) {
  const std::string tagged = "a B-PER B-PER\nb O I-LOC\nc B-LOC I-LOC\n";
  EXPECT_THAT(Eval(tagged).out, HasSubstr("with 2 phrases; found: 2 phrases; correct: 1."));
  const RunResult strict = Eval(tagged, {"--strict"});
  EXPECT_THAT(strict.out, HasSubstr("with 2 phrases; found: 1 phrases; correct: 1."));
  EXPECT_THAT(strict.out, HasSubstr("   macro average: precision:  50.00%; recall:  50.00%; FB1:  50.00\n"));
  const json result = json::parse(Eval(tagged, {"--strict", "--json"}).out);
  EXPECT_EQ(result["scheme"], "iob2");
  EXPECT_EQ(result["mode"], "strict");
}

TEST_F(NerEvalTest, WrongFilesAreErrorsWithTheirLine) {
  const RunResult columns = Eval("a X O O\nb X O\n");
  EXPECT_EQ(columns.exit_code, 1);
  EXPECT_EQ(columns.out, "");
  EXPECT_THAT(columns.error, HasSubstr("tagged:2: 3 columns, expected 4 as in line 1"));
  EXPECT_THAT(Eval("a\n").error, HasSubstr("tagged:1: 1 column, expected at least 2"));
  EXPECT_THAT(Eval("a B-X O\nb S-X O\nc I-X O\n", {"--strict"}).error, HasSubstr("tagged:2: the tag 'S-X'"));
  EXPECT_THAT(Eval("a B-X O\nb O S-X\n", {"--strict"}).error,
              HasSubstr("tagged:2: 'S-X' is no tag of the scheme iob2"));
  EXPECT_EQ(RunProgram({"conec-ner", "eval", folder_ / "none"}).exit_code, 1);
}

TEST_F(NerEvalTest, WrongUsageIsToldAsSuch) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--strict", "--raw"}, std::vector<std::string>{"--latex", "--json"},
        std::vector<std::string>{"--scheme", "bilou"}, std::vector<std::string>{"--delimiter", ""},
        std::vector<std::string>{"-o", "X"}, std::vector<std::string>{"--nonsense"}}) {
    const RunResult result = Eval(kTagged, options);
    EXPECT_EQ(result.exit_code, 2) << options[0];
    EXPECT_THAT(result.error, HasSubstr("conec-ner: error: "));
  }
  EXPECT_EQ(RunProgram({"conec-ner"}).exit_code, 2);
  EXPECT_THAT(RunProgram({"conec-ner", "eval", "--help"}).out, HasSubstr("--strict"));
}

TEST_F(NerEvalTest, BytesThatAreNoUtf8AreScoredToo) {
  EXPECT_THAT(Eval("Coru\xF1"
                   "a B-LOC B-LOC\n")
                  .out,
              HasSubstr("correct: 1."));
}

}  // namespace
}  // namespace conec
