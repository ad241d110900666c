#include "conec/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/random.h"
#include "corpora/encode.h"
#include "tests/base/same_bits.h"
#include "tests/base/scratch_folder.h"
#include "tests/corpora/memory_reader.h"

namespace conec {
namespace {

using ::testing::HasSubstr;

constexpr char kText[] = "a b c a b d e a b c f g a c b d a b a";

class CheckpointTest : public ::testing::Test {
 protected:
  corpora::EncodedCorpus Encode(const std::string& text, std::uint64_t min_count = 1, bool fold_digits = false) {
    corpora::EncodeOptions options;
    options.tokenizer.kind = tokenize::TokenizerKind::kWhitespace;
    options.tokenizer.fold_digits = fold_digits;
    options.min_count = min_count;
    options.threads = 1;
    corpora::MemoryReader reader({text});
    return corpora::EncodeCorpus(options, reader, folder_.File("corpus")).value();
  }

  // Tables of arbitrary numbers, W1 with more rows than W2.
  static word2vec::EmbeddingTables Tables() {
    word2vec::EmbeddingTables tables;
    tables.input = Matrix<float>::Create(5, 3).value();
    tables.output = Matrix<float>::Create(4, 3).value();
    PhiloxStream random(1);
    for (Matrix<float>* table : {&tables.input, &tables.output}) {
      for (std::size_t i = 0; i < table->rows(); ++i) {
        for (float& value : table->row(i)) value = UniformFloat(random()) - 0.5f;
      }
    }
    return tables;
  }

  Checkpoint Some(const word2vec::EmbeddingTables& tables) {
    Checkpoint checkpoint;
    checkpoint.identity = IdentityOf({}, Encode(kText));
    checkpoint.position = {3, 17, {1.0 / 3, 12345}, std::uint64_t{1} << 40, 2.0 / 7, 1e-3};
    checkpoint.input = tables.input.view();
    checkpoint.output = tables.output.view();
    return checkpoint;
  }

  std::string Path() const { return folder_.File("checkpoint"); }
  std::string SavedBytes() {
    const word2vec::EmbeddingTables tables = Tables();
    EXPECT_TRUE(SaveCheckpoint(Path(), Some(tables)).ok());
    return ReadFileToString(Path()).value();
  }

  // Some file systems bring a file that is truncated and written again to the disk, which takes its time.
  void WriteAnew(const std::string& bytes) const {
    std::filesystem::remove(Path());
    folder_.Write("checkpoint", bytes);
  }

  ScratchFolder folder_;
};

bool SamePosition(const word2vec::TrainingPosition& a, const word2vec::TrainingPosition& b) {
  return a.epoch == b.epoch && a.block == b.block && a.of_epoch.loss_sum == b.of_epoch.loss_sum &&
         a.of_epoch.trained_words == b.of_epoch.trained_words && a.trained_words == b.trained_words &&
         a.loss == b.loss && a.seconds == b.seconds;
}

TEST_F(CheckpointTest, OpenAfterSaveIsIdentity) {
  const word2vec::EmbeddingTables tables = Tables();
  const Checkpoint saved = Some(tables);
  ASSERT_TRUE(SaveCheckpoint(Path(), saved).ok());
  const auto opened = OpenCheckpoint(Path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->identity, saved.identity);
  EXPECT_TRUE(SamePosition(opened->position, saved.position));
  word2vec::EmbeddingTables restored = Tables();
  restored.input.row(2)[1] = restored.output.row(0)[0] = 7;
  ASSERT_TRUE(RestoreTables(*opened, restored).ok());
  EXPECT_TRUE(SameBits(restored.input.view(), tables.input.view()));
  EXPECT_TRUE(SameBits(restored.output.view(), tables.output.view()));
  EXPECT_TRUE(IsCheckpoint(Path()));
}

TEST_F(CheckpointTest, TablesOfAnotherSizeAreNotRestored) {
  const word2vec::EmbeddingTables tables = Tables();
  word2vec::EmbeddingTables other = Tables();
  other.output = Matrix<float>::Create(5, 3).value();
  EXPECT_TRUE(absl::IsDataLoss(RestoreTables(Some(tables), other)));
}

TEST_F(CheckpointTest, AnyWrongByteIsDataLoss) {
  const std::string bytes = SavedBytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    WriteAnew(damaged);
    const auto opened = OpenCheckpoint(Path());
    EXPECT_FALSE(opened.ok()) << "byte " << i;
    EXPECT_THAT(std::string(opened.status().message()), HasSubstr(Path()));
  }
}

TEST_F(CheckpointTest, WithoutAChecksumOrWithNumbersThatNoTrainingSavesItIsDataLoss) {
  const std::string bytes = SavedBytes();
  std::string without = bytes;
  without.replace(without.find("file_checksum"), 4, "none");
  WriteAnew(without);
  EXPECT_THAT(std::string(OpenCheckpoint(Path()).status().message()), HasSubstr("it has no checksum"));

  std::string infinite = bytes;
  const float infinity = INFINITY;
  std::memcpy(infinite.data() + infinite.size() - sizeof(infinity), &infinity, sizeof(infinity));
  WriteAnew(infinite);
  const std::string checksum = SafetensorsFile::Open(Path()).value().checksum();
  ASSERT_FALSE(checksum.empty());
  EXPECT_THAT(std::string(OpenCheckpoint(Path()).status().message()), HasSubstr("checksum"));
  infinite.replace(infinite.find(checksum), checksum.size(), SafetensorsChecksum(infinite, checksum));
  WriteAnew(infinite);
  const absl::Status status = OpenCheckpoint(Path()).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("is not finite"));
}

TEST_F(CheckpointTest, TruncatedAtAnyLengthOrContinuedIsDataLoss) {
  const std::string bytes = SavedBytes();
  for (std::size_t size = 0; size < bytes.size(); size += 11) {
    WriteAnew(bytes.substr(0, size));
    EXPECT_TRUE(absl::IsDataLoss(OpenCheckpoint(Path()).status())) << size;
  }
  folder_.Write("checkpoint", bytes + "x");
  EXPECT_TRUE(absl::IsDataLoss(OpenCheckpoint(Path()).status()));
}

TEST_F(CheckpointTest, OtherFilesAreNoCheckpoints) {
  Encode(kText);
  folder_.Write("text", "this is not a checkpoint");
  for (const char* name : {"corpus", "text"}) {
    EXPECT_FALSE(IsCheckpoint(folder_.File(name))) << name;
    EXPECT_TRUE(absl::IsDataLoss(OpenCheckpoint(folder_.File(name)).status())) << name;
  }
  EXPECT_FALSE(IsCheckpoint(folder_.File("missing")));
  EXPECT_TRUE(absl::IsNotFound(OpenCheckpoint(folder_.File("missing")).status()));
}

TEST_F(CheckpointTest, AnotherFormatVersionIsRefusedByItsNumber) {
  std::string bytes = SavedBytes();
  const std::string version = "\"format_version\":\"1\"";
  const std::size_t found = bytes.find(version);
  ASSERT_NE(found, std::string::npos);
  bytes[found + version.size() - 2] = '9';
  folder_.Write("checkpoint", bytes);
  const absl::Status status = OpenCheckpoint(Path()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 9"));
}

TEST_F(CheckpointTest, WhatIsNotFiniteIsNotSavedAndTheOldOneIsKept) {
  const std::string before = SavedBytes();
  for (const float value : {NAN, INFINITY, -INFINITY}) {
    word2vec::EmbeddingTables tables = Tables();
    tables.output.row(3)[2] = value;
    const absl::Status status = SaveCheckpoint(Path(), Some(tables));
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_EQ(ReadFileToString(Path()).value(), before);
  }
}

class SameTraining : public CheckpointTest {
 protected:
  std::string Difference(const word2vec::TrainOptions& options, const corpora::EncodedCorpus& corpus) {
    const absl::Status status = CheckSameTraining(IdentityOf(options, corpus), saved_);
    EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status));
    // What can be told without the corpus is told in the same words.
    const absl::Status early = CheckSameOptions(options, saved_);
    EXPECT_EQ(early, early.ok() ? absl::OkStatus() : status);
    return std::string(status.message());
  }

  const corpora::EncodedCorpus same_ = Encode(kText);
  const TrainingIdentity saved_ = IdentityOf({}, same_);
};

TEST_F(SameTraining, TheSameOptionsAndTextGoOn) {
  EXPECT_EQ(Difference({}, same_), "");
  EXPECT_EQ(Difference({.threads = 3}, same_), "");
  EXPECT_EQ(Difference({.learning_rate = word2vec::DefaultLearningRate(word2vec::CbowUpdate::kWord2vec, 1)}, same_), "")
      << "0 stands for this rate";
}

TEST_F(SameTraining, TheVersionOfTheCorpusFormatDoesNotMatter) {
  const word2vec::EmbeddingTables tables = Tables();
  Checkpoint checkpoint = Some(tables);
  checkpoint.identity["corpus.format_version"] = "1";  // as it was saved once
  ASSERT_EQ(SaveCheckpoint(Path(), checkpoint), absl::OkStatus());
  const auto opened = OpenCheckpoint(Path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(CheckSameTraining(IdentityOf({}, same_), opened->identity), absl::OkStatus());
}

TEST_F(SameTraining, AnOptionThatDiffersIsNamedWithBothValues) {
  EXPECT_THAT(Difference({.dim = 100}, same_), HasSubstr("--dim is '100', there it was '200'"));
  EXPECT_THAT(Difference({.window = 9}, same_), HasSubstr("--window is '9', there it was '5'"));
  EXPECT_THAT(Difference({.negatives = 9}, same_), HasSubstr("--negatives"));
  EXPECT_THAT(Difference({.shared_negatives = 32}, same_), HasSubstr("--shared-negatives is '32'"));
  EXPECT_THAT(Difference({.epochs = 9}, same_), HasSubstr("--epochs"));
  EXPECT_THAT(Difference({.learning_rate = 0.1}, same_), HasSubstr("--lr is '0.1', there it was '0.06'"));
  EXPECT_THAT(Difference({.final_learning_rate = 0.1}, same_), HasSubstr("--final-lr"));
  EXPECT_THAT(Difference({.sample = 0.1}, same_), HasSubstr("--sample"));
  EXPECT_THAT(Difference({.noise_exponent = 0.5}, same_), HasSubstr("--noise-exponent"));
  EXPECT_THAT(Difference({.update = word2vec::CbowUpdate::kSum}, same_),
              HasSubstr("--cbow-update is 'sum', there it was 'word2vec'"));
  EXPECT_THAT(Difference({.extended_inputs = {.shape = true}}, same_),
              HasSubstr("--extended-inputs is 'shape', there it was 'none'"));
  EXPECT_THAT(Difference({.shuffle = false}, same_), HasSubstr("shuffle"));
  EXPECT_THAT(Difference({.deterministic = true}, same_), HasSubstr("--deterministic"));
  EXPECT_THAT(Difference({.seed = 9}, same_), HasSubstr("--seed"));
}

TEST_F(SameTraining, AnotherModelToGoOnFromIsNamedBeforeWhatFollowsFromIt) {
  const TrainingIdentity saved = IdentityOf({.dim = 16}, same_, {"model 1", "union"});
  const auto difference = [&](const word2vec::TrainOptions& options, const ContinuedModel& continued) {
    const absl::Status status = CheckSameTraining(IdentityOf(options, same_, continued), saved);
    EXPECT_EQ(CheckSameOptions(options, saved, continued), status) << "not told without the corpus";
    return std::string(status.message());
  };
  EXPECT_EQ(difference({.dim = 16}, {"model 1", "union"}), "");
  EXPECT_THAT(difference({}, {"model 2", "union"}), HasSubstr("--continue-from is 'model 2', there it was 'model 1'"));
  EXPECT_THAT(difference({}, {"model 1", "old"}), HasSubstr("--vocabulary-policy is 'old', there it was 'union'"));
  EXPECT_THAT(difference({}, {}), HasSubstr("--continue-from is not set, there it was 'model 1'"));
  EXPECT_THAT(std::string(CheckSameTraining(saved, saved_).message()),
              HasSubstr("--continue-from is 'model 1', there it was not set"));
}

// The reason, not what follows from it.
TEST_F(SameTraining, AnOptionOfEncodingThatDiffersIsNamedBeforeTheCorpus) {
  EXPECT_THAT(Difference({}, Encode(kText, 2)), HasSubstr("--min-count is '2', there it was '1'"));
  EXPECT_THAT(Difference({}, Encode(kText, 1, true)), HasSubstr("--fold-digits is 'true'"));
}

TEST_F(SameTraining, AnotherTextIsAnotherCorpus) {
  EXPECT_THAT(Difference({}, Encode(std::string(kText) + " a")), HasSubstr("another corpus: corpus.statistics."));
  // The same numbers of everything.
  std::string swapped = kText;
  std::swap(swapped[0], swapped[2]);
  EXPECT_THAT(Difference({}, Encode(swapped)), HasSubstr("another corpus: corpus.fingerprint.stream"));
  std::string renamed = kText;
  for (char& c : renamed) c = c == 'g' ? 'h' : c;
  EXPECT_THAT(Difference({}, Encode(renamed)), HasSubstr("another corpus: corpus.fingerprint.vocabulary"));
}

}  // namespace
}  // namespace conec
