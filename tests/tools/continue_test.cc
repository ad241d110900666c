// conec-train --continue-from: a model that exists goes on with new text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conec/continuation.h"
#include "conec/model.h"
#include "tests/tools/sample_fixture.h"

namespace conec::testing_tools {
namespace {

using corpora::WordId;
using ::testing::HasSubstr;
using Strings = std::vector<std::string>;

class Continue : public SampleTest {
 protected:
  Continue() {
    std::string text;
    for (int i = 0; i < 30; ++i) text += "the zorblax and the house saw the old frumious zorblax\n";
    WriteAll(NewText(), text + "a town with neverbefore\n");
  }
  std::string NewText() const { return folder_ / "new.txt"; }

  Strings Command(const std::string& policy, const Strings& more) const {
    Strings command = {"conec-train",
                       "--continue-from",
                       SampleTest::Model(),
                       "--vocabulary-policy",
                       policy,
                       "--output",
                       folder_ / "m",
                       "--min-count",
                       "2",
                       "--progress",
                       "none"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  // The same from another model, on the new text: [2] the model, [6] the output, [8] the input.
  Strings Continuing(const std::string& base, const std::string& policy, const Strings& more) const {
    Strings command = {"conec-train", "--continue-from", base,      "--vocabulary-policy", policy, "--output",
                       folder_ / "m", "--input",         NewText(), "--progress",          "none"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  conec::Model Continued(const std::string& policy, const Strings& more) const {
    const RunResult result = RunProgram(Command(policy, more));
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return *conec::Model::Open(folder_ / "m");
  }
  conec::Model Old() const { return *conec::Model::Open(SampleTest::Model()); }
  void ExpectRefused(const Strings& command, const std::string& reason) const {
    const RunResult result = RunProgram(command);
    EXPECT_NE(result.exit_code, 0);
    EXPECT_THAT(result.error, HasSubstr(reason));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "m"));
  }
};

std::size_t IdOf(const conec::Model& model, std::string_view word) {
  const auto id = model.vocabulary.Find(word);
  EXPECT_TRUE(id.has_value()) << word;
  return id ? corpora::Index(*id) : 0;
}

std::set<std::string> Words(const conec::Model& model) {
  std::set<std::string> words;
  for (std::uint32_t i = 0; i < model.size(); ++i) words.emplace(model.vocabulary.word(WordId{i}));
  return words;
}

bool SameRow(MatrixView<const float> a, std::size_t i, MatrixView<const float> b, std::size_t j) {
  return std::memcmp(a.row(i).data(), b.row(j).data(), a.cols * sizeof(float)) == 0;
}

// Of W1 and W2.
bool SameVectors(const conec::Model& a, const conec::Model& b, const std::string& word) {
  const std::size_t i = IdOf(a, word), j = IdOf(b, word);
  return SameRow(a.input, i, b.input, j) && SameRow(a.output, i, b.output, j);
}

std::uint64_t CountOf(const conec::Model& model, std::string_view word) {
  return model.vocabulary.count(WordId{static_cast<std::uint32_t>(IdOf(model, word))});
}

TEST_F(Continue, OldWordsWithoutEpochsHaveTheirVectorsBitByBit) {
  const conec::Model old = Old(), now = Continued("old", {"--input", NewText(), "--epochs", "0"});
  EXPECT_EQ(Words(now), Words(old));
  for (const std::string& word : Words(old)) EXPECT_TRUE(SameVectors(old, now, word)) << word;
  EXPECT_EQ(CountOf(now, "the"), CountOf(old, "the") + 90);
  EXPECT_EQ(CountOf(now, "town"), CountOf(old, "town") + 1) << "known words are kept whatever --min-count";
  EXPECT_GT(now.info.corpus.tokens, old.info.corpus.tokens);
}

TEST_F(Continue, WordsThatTheNewTextLacksStayAsTheyAre) {
  for (const std::string threads : {"1", "2"}) {
    const conec::Model old = Old();
    const conec::Model now = Continued("union", {"--input", NewText(), "--epochs", "3", "--threads", threads});
    const std::set<std::string> in_text = {"the", "and", "house", "saw", "old", "a", "town", "with"};
    for (const std::string& word : Words(old)) {
      EXPECT_EQ(SameVectors(old, now, word), !in_text.contains(word)) << word;
      if (in_text.contains(word)) continue;
      EXPECT_TRUE(SameRow(old.global_context, IdOf(old, word), now.global_context, IdOf(now, word))) << word;
    }
  }
}

TEST_F(Continue, UnionHasAllWordsByBothCounts) {
  const conec::Model old = Old(), now = Continued("union", {"--input", NewText(), "--epochs", "1"});
  std::set<std::string> expected = Words(old);
  expected.insert({"zorblax", "frumious"});
  EXPECT_EQ(Words(now), expected) << "new words are subject to --min-count";
  for (std::uint32_t i = 1; i < now.size(); ++i) {
    EXPECT_GE(now.vocabulary.count(WordId{i - 1}), now.vocabulary.count(WordId{i}));
  }
  EXPECT_EQ(CountOf(now, "zorblax"), 60u);
  float length = 0;
  for (const float value : now.global_context.row(IdOf(now, "zorblax"))) length += value * value;
  EXPECT_GT(length, 0);
}

TEST_F(Continue, NewHasTheWordsOfTheTextBeginningAsTheModels) {
  const conec::Model old = Old(), now = Continued("new", {"--input", NewText(), "--epochs", "0"});
  EXPECT_EQ(Words(now), (std::set<std::string>{"the", "zorblax", "and", "house", "saw", "old", "frumious"}));
  for (const std::string word : {"the", "and", "house", "saw", "old"}) EXPECT_TRUE(SameVectors(old, now, word));
  EXPECT_EQ(CountOf(now, "the"), 90u);
}

TEST_F(Continue, TheSameTextOnceMoreIsTheSameAverageOfContexts) {
  const conec::Model old = Old(), now = Continued("union", {"--input", Text(), "--epochs", "0"});
  ASSERT_EQ(Words(now), Words(old));
  for (const std::string& word : Words(old)) {
    const auto a = old.global_context.row(IdOf(old, word)), b = now.global_context.row(IdOf(now, word));
    for (std::size_t j = 0; j < a.size(); ++j) ASSERT_NEAR(a[j], b[j], 1e-5) << word;
    EXPECT_EQ(CountOf(now, word), 2 * CountOf(old, word));
  }
}

TEST_F(Continue, RowsOfExtendedInputsGoOnToo) {
  ASSERT_EQ(RunProgram(Train(folder_ / "base", {"--extended-inputs", "direction,shape,context-shapes"})).exit_code, 0);
  Strings command = Command("union", {"--input", NewText(), "--epochs", "0"});
  command[2] = folder_ / "base";
  ASSERT_EQ(RunProgram(command).exit_code, 0);
  const auto old = *conec::Model::Open(folder_ / "base"), now = *conec::Model::Open(folder_ / "m");
  ASSERT_TRUE(now.layout.inputs == old.layout.inputs);
  const InputTable before = old.inputs(), after = now.inputs();
  const std::size_t shapes = before.rows() - word2vec::FirstContextShapeRow(old.layout);
  for (std::size_t i = 1; i <= shapes; ++i) {
    const auto a = before.row(before.rows() - i), b = after.row(after.rows() - i);
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0) << i;
  }
  for (const std::string& word : Words(old)) {
    const auto a = before.row(old.size() + IdOf(old, word)), b = after.row(now.size() + IdOf(now, word));
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0) << "right of the target: " << word;
  }
}

TEST_F(Continue, KilledItGoesOnBitByBit) {
  const Strings more = {"--input", Text(), "--epochs", "40", "--threads", "1", "--checkpoint-every", "1e-9"};
  const Strings command = Command("union", more);
  const RunResult killed =
      RunProgram(command, {.signal_number = SIGKILL, .signal_when_exists = folder_ / "m.checkpoint"});
  ASSERT_EQ(killed.exit_code, -1) << killed.error;
  Strings resumed = command;
  resumed.push_back("--resume");
  const RunResult result = RunProgram(resumed);
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("resuming "));
  const conec::Model now = *conec::Model::Open(folder_ / "m");
  Strings whole = command;
  whole[6] = folder_ / "whole";
  ASSERT_EQ(RunProgram(whole).exit_code, 0);
  const conec::Model expected = *conec::Model::Open(folder_ / "whole");
  for (const std::string& word : Words(expected)) EXPECT_TRUE(SameVectors(expected, now, word)) << word;
}

TEST_F(Continue, OnlyTheSameModelAndPolicyAreResumed) {
  WriteAll(folder_ / "base", ReadAll(SampleTest::Model()));
  ASSERT_EQ(RunProgram(Train(folder_ / "other", {"--seed", "2"})).exit_code, 0);
  ASSERT_EQ(RunProgram(Continuing(folder_ / "base", "union", {"--epochs", "0", "--corpus", folder_ / "ids"})).exit_code,
            0);
  std::filesystem::remove(folder_ / "m");
  const auto command = [&](const std::string& base, const std::string& policy, const Strings& options) {
    Strings with_corpus = Continuing(base, policy, options);
    with_corpus[8] = folder_ / "ids";
    return with_corpus;
  };
  const Strings more = {"--epochs", "400", "--threads", "1", "--checkpoint-every", "1e-9"};
  ASSERT_EQ(RunProgram(command(folder_ / "base", "union", more),
                       {.signal_number = SIGKILL, .signal_when_exists = folder_ / "m.checkpoint"})
                .exit_code,
            -1);
  const Strings resume = {"--epochs", "400", "--threads", "1", "--resume"};
  const std::string words = std::to_string(Old().size());
  const std::string is_other = "other options: --continue-from is 'a model of " + words + " words, checksum ";
  ExpectRefused(command(folder_ / "other", "union", resume), is_other);
  ExpectRefused(command(folder_ / "base", "old", resume), "--vocabulary-policy is 'old', there it was 'union'");
  Strings anew = command(folder_ / "base", "union", resume);
  anew.erase(anew.begin() + 1, anew.begin() + 5);
  ExpectRefused(anew, "--continue-from is not set, there it was 'a model of " + words + " words");
  std::filesystem::rename(folder_ / "base", folder_ / "moved");  // the same model under another name is the same model
  EXPECT_THAT(RunProgram(command(folder_ / "moved", "union", resume)).error, HasSubstr("resuming "));
}

TEST_F(Continue, TheModelIsNeverOverwritten) {
  const std::string base = folder_ / "x.checkpoint";  // where --output x would keep an interrupted training
  const std::string bytes = ReadAll(SampleTest::Model());
  WriteAll(base, bytes);
  std::filesystem::create_symlink(base, folder_ / "link");
  const Strings command = Continuing(base, "union", {"--epochs", "0"});
  const auto expect_kept = [&](Strings writing) {
    ExpectRefused(writing, "would overwrite --continue-from '" + base);
    EXPECT_TRUE(ReadAll(base) == bytes);
  };
  for (const std::string& output : {base, folder_ / "link", folder_ / "x"}) {
    Strings writing = command;
    writing[6] = output;
    expect_kept(writing);
  }
  for (const char* option : {"--corpus", "--context-matrix"}) {
    Strings writing = command;
    writing.insert(writing.end(), {option, base});
    expect_kept(writing);
  }
  EXPECT_EQ(RunProgram(command).exit_code, 0);
}

TEST_F(Continue, TheWindowIsTheModelsUnlessGiven) {
  ASSERT_EQ(RunProgram(Train(folder_ / "base", {"--window", "3"})).exit_code, 0);
  for (const Strings& given : {Strings{}, Strings{"--window", "7"}}) {
    Strings command = Continuing(folder_ / "base", "union", {"--epochs", "0"});
    command.insert(command.end(), given.begin(), given.end());
    ASSERT_EQ(RunProgram(command).exit_code, 0);
    const conec::Model now = *conec::Model::Open(folder_ / "m");
    EXPECT_EQ(now.info.training->window, given.empty() ? 3 : 7);
    EXPECT_EQ(now.info.context.window, 3) << "contexts are averaged with the model's";
  }
}

TEST_F(Continue, AnEncodedCorpusMustHaveTheWordsInTheOrderOfTheirCountsInTheModel) {
  const auto use_corpus = [&](const std::string& policy) {
    Strings command = Continuing(SampleTest::Model(), policy, {"--epochs", "0"});
    command[8] = folder_ / "ids";
    return command;
  };
  ASSERT_EQ(
      RunProgram(Continuing(SampleTest::Model(), "union", {"--epochs", "0", "--corpus", folder_ / "ids"})).exit_code,
      0);
  std::filesystem::remove(folder_ / "m");
  ExpectRefused(use_corpus("new"), "have another order than that of the counts");
  EXPECT_EQ(RunProgram(use_corpus("union")).exit_code, 0);
  // A text with all words of the model, in which another one is the most frequent; not so in both together.
  std::string text = ReadAll(Text());
  for (std::uint64_t n = CountOf(Old(), "town"); n <= Old().vocabulary.count(WordId{0}); ++n) text += " town";
  WriteAll(folder_ / "town.txt", text + "\n");
  Strings train = Train(folder_ / "x", {"--corpus", folder_ / "ids"});
  train[2] = folder_ / "town.txt";
  ASSERT_EQ(RunProgram(train).exit_code, 0);
  std::filesystem::remove(folder_ / "m");
  ExpectRefused(use_corpus("union"),
                "have another order than that of the counts that the model would have ('town' with");
  EXPECT_EQ(RunProgram(use_corpus("new")).exit_code, 0);
}

TEST_F(Continue, ModelsHaveTheSameFingerprintOnlyIfNothingDiffers) {
  const std::string same = FingerprintOf(Old());
  EXPECT_EQ(FingerprintOf(Old()), same);
  conec::Model model = Old();
  model.info.corpus.tokens += 1;
  EXPECT_NE(FingerprintOf(model), same);
  model = Old();
  model.info.command_line = "something else";
  EXPECT_EQ(FingerprintOf(model), same) << "nothing follows from how a model was made";
  for (auto table : {&conec::Model::input, &conec::Model::output, &conec::Model::global_context}) {
    model = Old();
    auto changed = *Matrix<float>::Create((model.*table).rows, (model.*table).cols);
    for (std::size_t i = 0; i < changed.rows(); ++i) std::ranges::copy((model.*table).row(i), changed.row(i).begin());
    changed.row(changed.rows() - 1)[3] += 1;
    model.*table = std::as_const(changed).view();
    EXPECT_NE(FingerprintOf(model), same);
  }
  model = Old();
  model.vocabulary = *WithCountsOf(model, model.vocabulary);
  EXPECT_NE(FingerprintOf(model), same) << "counts";
}

TEST_F(Continue, WhatDoesNotFitIsRefused) {
  const Strings input = {"--input", NewText()};
  ExpectRefused(Command("both", input), "--vocabulary-policy");
  ExpectRefused(Command("union", {"--input", NewText(), "--dim", "20"}), "--dim cannot be given with --continue-from");
  ExpectRefused(Train(folder_ / "m", {"--vocabulary-policy", "old"}), "--vocabulary-policy needs --continue-from");
  WriteAll(folder_ / "strange.txt", "zorblax frumious\n");
  ExpectRefused(Command("old", {"--input", folder_ / "strange.txt"}), "none of the 2 distinct words");
  ASSERT_EQ(RunProgram(Train(folder_ / "x", {"--corpus", folder_ / "corpus", "--max-vocab", "50"})).exit_code, 0);
  Strings command = Command("union", {"--input", folder_ / "corpus"});
  command.erase(command.begin() + 7, command.begin() + 9);  // --min-count
  ExpectRefused(command, "has another vocabulary than --vocabulary-policy union asks for");
}

// Its successor's self-test would take the damage for right.
TEST_F(Continue, ADamagedModelIsRefused) {
  const conec::Model old = Old();
  std::string bytes = ReadAll(SampleTest::Model());
  const auto row = std::as_bytes(old.input.row(old.size() / 2));
  const std::size_t at = bytes.find(std::string_view(reinterpret_cast<const char*>(row.data()), row.size()));
  ASSERT_NE(at, std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  WriteAll(folder_ / "damaged", bytes);
  const Strings command = Continuing(folder_ / "damaged", "union", {"--epochs", "0"});
  ExpectRefused(command,
                "the model fails its self-test: table 'input_embedding' is not as it was written; conec-convert "
                "--no-verify --to model saves what is left of it");
  EXPECT_EQ(RunProgram(command).exit_code, 1);
  ASSERT_EQ(RunProgram({"conec-convert", "--no-verify", "--model", folder_ / "damaged", "--to", "model", "--output",
                        folder_ / "saved"})
                .exit_code,
            0);
  EXPECT_EQ(RunProgram(Continuing(folder_ / "saved", "union", {"--epochs", "0"})).exit_code, 0);
}

// Which is no sign of damage.
TEST_F(Continue, ASelfTestOfANewerVersionIsToldAndTheModelTaken) {
  std::string bytes = ReadAll(SampleTest::Model());
  const std::string key = R"("other.self_test.version":")";
  const std::size_t at = bytes.find(key);
  ASSERT_NE(at, std::string::npos);
  bytes[at + key.size()] = '2';
  WriteAll(folder_ / "newer", bytes);
  const RunResult result = RunProgram(Continuing(folder_ / "newer", "union", {"--epochs", "0"}));
  EXPECT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("note: '" + folder_ / "newer" + "': the model's self-test has version 2"));
  EXPECT_EQ(RunProgram({"conec-nn", "--verify", "--model", folder_ / "m", "the"}).exit_code, 0);
}

// Asked for rightly, as with every other program: exit code 1.
TEST_F(Continue, AModelThatCannotBeReadIsNoWrongUsage) {
  WriteAll(folder_ / "text", "no model\n");
  for (const char* name : {"missing", "text"}) {
    const RunResult result = RunProgram(Continuing(folder_ / name, "union", {}));
    EXPECT_EQ(result.exit_code, 1) << result.error;
    EXPECT_THAT(result.error, HasSubstr(folder_ / name));
  }
}

TEST_F(Continue, OnlyModelsOfConecTrainCanBeContinued) {
  conec::Model model = Old();
  model.output = {};
  ASSERT_TRUE(SaveModel(folder_ / "plain", model).ok());
  Strings command = Command("union", {"--input", NewText()});
  command[2] = folder_ / "plain";
  ExpectRefused(command, "has no output table");
  ASSERT_EQ(RunProgram(Train(folder_ / "max", {"--context-scaling", "max"})).exit_code, 0);
  command[2] = folder_ / "max";
  ExpectRefused(command, "--context-scaling max");
  auto tables = word2vec::InitializeTables(Old().size(), 20, 1);
  const word2vec::InputLayout layout = {static_cast<std::uint32_t>(Old().size()), 5, {}};
  const absl::Status other = ContinueTables(Old(), Old().vocabulary, layout, *tables);
  EXPECT_TRUE(absl::IsFailedPrecondition(other));
  EXPECT_THAT(std::string(other.message()), HasSubstr("the model has 16 dimensions, the training 20 dimensions"));
}

}  // namespace
}  // namespace conec::testing_tools
