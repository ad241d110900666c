// The fasttext program as the judge of .vec files.
#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/word2vec/word_vectors_testing.h"
#include "word2vec/vector_file.h"

namespace conec::word2vec {
namespace {

class FastTextTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    if (std::system("command -v fasttext > /dev/null") != 0) GTEST_SKIP() << "fasttext is not installed";
  }
  int FastText(const std::string& arguments) const {
    return std::system(fmt::format("fasttext {} > '{}' 2> '{}'", arguments, Path("out"), Path("log")).c_str());
  }
};

TEST_F(FastTextTest, VectorsThatFastTextTrainsAreReadAsFastTextPrintsThem) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "the straße of 東京 is long\nthe cat is 1.5 m long\n";
  ASSERT_EQ(FastText(fmt::format("skipgram -input '{}' -output '{}' -dim 6 -minCount 1 -epoch 1 -thread 1 -bucket 100",
                                 Write("text", text), Path("model"))),
            0);
  const auto loaded = LoadWordVectors(Path("model.vec"));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_EQ(loaded->vocabulary.size(), 10u);  // 9 words and </s>
  std::string words;
  for (std::uint32_t i = 0; i < 10; ++i) words += std::string(loaded->vocabulary.word(corpora::WordId{i})) + "\n";
  ASSERT_EQ(FastText(fmt::format("print-word-vectors '{}' < '{}'", Path("model.bin"), Write("words", words))), 0);
  std::ifstream printed(Path("out"));
  for (std::uint32_t i = 0; i < 10; ++i) {
    std::string word;
    printed >> word;
    EXPECT_EQ(word, loaded->vocabulary.word(corpora::WordId{i}));
    for (const float value : loaded->vectors.row(i)) {
      float expected = 0;
      ASSERT_TRUE(printed >> expected);
      EXPECT_EQ(value, expected) << word;
    }
  }
}

TEST_F(FastTextTest, FastTextStartsFromVectorsThatWeWrite) {
  const WordVectors vectors = MakeWordVectors({{"the", {0.25f, -1.5f, 3}}, {"東京", {1e-3f, 2, -0.125f}}});
  ASSERT_TRUE(SaveWordVectors(vectors, Path("ours.vec"), VectorFormat::kFastText).ok());
  const std::string text = Write("text", "__label__a the 東京\n__label__b 東京 the\n");
  // A learning rate of 0 keeps the vectors as they were read.
  ASSERT_EQ(FastText(fmt::format("supervised -input '{}' -output '{}' -pretrainedVectors '{}' -dim 3 -epoch 1 -lr 0 "
                                 "-minCount 1 -maxn 0 -thread 1",
                                 text, Path("model"), Path("ours.vec"))),
            0);
  ASSERT_EQ(FastText(fmt::format("print-word-vectors '{}' < '{}'", Path("model.bin"), Write("words", "the\n東京\n"))),
            0);
  EXPECT_EQ(*ReadFileToString(Path("out")), "the 0.25 -1.5 3 \n東京 0.001 2 -0.125 \n");
}

}  // namespace
}  // namespace conec::word2vec
