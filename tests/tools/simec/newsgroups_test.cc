// Posts and bags of words as scikit-learn and the published experiments make them. Expected texts and the order were
// taken from scikit-learn 1.2.1 (strip_newsgroup_header() and the like, load_files()).
#include "tools/simec/experiments/newsgroups.h"

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "simec_core/eigen.h"
#include "tests/base/scratch_folder.h"
#include "tools/simec/experiments/grimm_nasa.h"
#include "tools/simec/experiments/python2_dict.h"
#include "tools/simec/experiments/text_features.h"

namespace conec::simec::experiments {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Newsgroups, PostsAreStrippedByScikitLearnsRules) {
  EXPECT_EQ(StripHeader("From: a\nSubject: b\n\nHello\n\nthere"), "Hello\n\nthere");
  EXPECT_EQ(StripHeader("no blank line"), "");
  EXPECT_EQ(StripHeader("\n\nx"), "x");
  EXPECT_EQ(StripFooter("body\nmore\n\nname\nphone"), "body\nmore");
  EXPECT_EQ(StripFooter("body\n--\nsig"), "body");
  EXPECT_EQ(StripFooter("body only"), "body only");
  EXPECT_EQ(StripFooter("body\n - \n ---- \nsig"), "body\n - ");
  EXPECT_EQ(StripFooter("\n\nbody\n"), "\n\nbody\n");
  EXPECT_EQ(StripFooter("--\nbody"), "--\nbody");
  EXPECT_EQ(StripFooter("a\n\nb\n----\nc\n"), "a\n\nb");
  EXPECT_EQ(StripQuotes("Joe writes:\n> old\nnew\n| bar\nIn article <1> said\n  > kept\n"), "new\n  > kept\n");
  EXPECT_EQ(StripQuotes("x wrote:"), "");
  EXPECT_EQ(StripQuotes("mail says: x\ny"), "y");
  EXPECT_EQ(StripQuotes("see In article\nend"), "see In article\nend");
}

TEST(Newsgroups, ComeInScikitLearnsOrderWithoutShortOnes) {
  const ScratchFolder folder;
  for (const char* part : {"20news-bydate-train", "20news-bydate-test"}) {
    for (const char* group : {"a.one", "b.two", "c.three"}) {
      std::filesystem::create_directories(folder.File(part) + "/" + group);
      for (const char* number : {"100", "20", "3", "41"}) {
        const std::string text = fmt::format("From: x\n\n{} post number {}\n", group, number);
        folder.Write(fmt::format("{}/{}/{}", part, group, number), text);
      }
    }
  }
  folder.Write("20news-bydate-test/a.one/3", "From: x\n\nonly three words\n");
  const auto news = LoadNewsgroups(folder.path(), {"a.one", "c.three"});
  ASSERT_TRUE(news.ok()) << news.status();
  std::vector<std::string> order;
  for (const std::string& text : news->train.texts) {
    order.push_back(text.substr(0, 1) + text.substr(text.rfind(' ') + 1, text.size() - text.rfind(' ') - 2));
  }
  EXPECT_THAT(order, ElementsAre("c3", "c20", "c41", "a100", "a3", "a20", "c100", "a41"));
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(news->train.labels[i], order[i][0] == 'a' ? 0 : 1);
  EXPECT_EQ(news->test.texts.size(), 7u);
  EXPECT_THAT(LoadNewsgroups(folder.path(), {"d.four"}).status().ToString(), HasSubstr("d.four"));
}

TEST(TextFeatures, LettersBecomeAsciiAndDigitsOnes) {
  EXPECT_EQ(NormalizeText("  Caf\xE9, Stra\xDF"
                          "e-42!\n(\xC6ON)\x85 x"),
            "cafe strasse-11 aeon x");
  EXPECT_EQ(NormalizeText("...\n"), "");
  EXPECT_EQ(NormalizeText("2\xBD cups"), "1 1 1 cups");
}

TEST(TextFeatures, LinksAreLeftOut) {
  EXPECT_EQ(NormalizeText("see http://a.b/c?d=1,\nand https://x y (http://z)."), "see and y");
  EXPECT_EQ(NormalizeText("httpx:// ftp://a http:/b"), "httpx ftp a http b");
}

TEST(TextFeatures, FrequentPairsCountAsOneTermOthersDoNot) {
  // "new york" three times among three "new" and four "york"; "a b" only twice.
  const std::vector<std::string> texts{"new york a b", "new york york", "new york a b c", "d"};
  const TextFeatures features = TextFeatures::Fit(texts);
  EXPECT_EQ(features.features(), 6);  // a, b, c, d, new york, york
  const auto x = features.Transform({"d c c zebra", "zebra", "new york"});
  ASSERT_TRUE(x.ok()) << x.status();
  const double* values = x->values().data_ptr<double>();
  const std::int64_t* columns = x->columns().data_ptr<std::int64_t>();
  ASSERT_EQ(x->entries(), 3);
  EXPECT_EQ(x->row_offsets().data_ptr<std::int64_t>()[2], 2);  // nothing of the second text is known
  EXPECT_EQ(columns[0], 2);
  EXPECT_EQ(values[0], 1);  // c twice, d once, both in one document of four: the largest becomes 1
  EXPECT_EQ(columns[1], 3);
  EXPECT_DOUBLE_EQ(values[1], 0.5);
  EXPECT_EQ(columns[2], 4);
}

TEST(Python2Dict, HashesAndOrdersAreThoseOfPython27) {
  EXPECT_EQ(Python2Hash(""), 0u);
  EXPECT_EQ(Python2Hash("a"), 12416037344u);
  EXPECT_EQ(Python2Hash("b"), 12544037731u);
  // {'a': 1, 'b': 2, 'c': 3} prints as {'a': 1, 'c': 3, 'b': 2}.
  EXPECT_THAT(Python2DictOrder({"a", "b", "c"}), ElementsAre(0, 2, 1));
  EXPECT_THAT(Python2DictOrder({"c", "b", "a"}), ElementsAre(2, 0, 1));
  EXPECT_THAT(Python2DictOrder({}), ElementsAre());
}

TEST(Python2Dict, EveryKeyComesOnceWhateverTheNumber) {
  for (const std::size_t count : {5, 6, 22, 200, 5000}) {
    std::vector<std::string> keys;
    for (std::size_t k = 0; k < count; ++k) keys.push_back(fmt::format("{} word", k * k));
    std::vector<std::size_t> order = Python2DictOrder(keys);
    std::sort(order.begin(), order.end());
    ASSERT_EQ(order.size(), count);
    for (std::size_t k = 0; k < count; ++k) EXPECT_EQ(order[k], k);
  }
}

// The features of a text by their numbers of entries; what texts are fitted on decides the bigrams.
std::vector<std::int64_t> Entries(const std::vector<std::string>& fitted, const std::vector<std::string>& texts) {
  const CsrMatrix x = *TextFeatures::Fit(fitted).Transform(texts);
  const std::int64_t* offsets = x.row_offsets().data_ptr<std::int64_t>();
  std::vector<std::int64_t> entries;
  for (std::size_t i = 0; i < texts.size(); ++i) entries.push_back(offsets[i + 1] - offsets[i]);
  return entries;
}

TEST(TextFeatures, BigramsAreReplacedAsTextFromTheFirstOn) {
  // "hot dog" is a bigram; it also joins what ends and begins like it, and so makes features of its own.
  const std::vector<std::string> dogs{"hot dog", "hot dog", "hot dog", "shot dogs", "x"};
  EXPECT_EQ(TextFeatures::Fit(dogs).features(), 3);  // hot_dog, shot_dogs, x
  EXPECT_THAT(Entries(dogs, {"shot dogs", "shot", "hot dog x"}), ElementsAre(1, 0, 2));
  // "a b" and "b c": three words become one term, whatever the order.
  const std::vector<std::string> rows{"a b c", "a b c", "a b c", "x"};
  EXPECT_EQ(TextFeatures::Fit(rows).features(), 2);
  EXPECT_THAT(Entries(rows, {"a b c x", "a b", "c b a"}), ElementsAre(2, 0, 0));
  // Occurrences of one bigram do not overlap: "1 1" joins two and two.
  const std::vector<std::string> digits{"5 5", "5 5", "5 5", "5 5 5", "x"};
  EXPECT_EQ(TextFeatures::Fit(digits).features(), 3);  // 1_1, 1, x
}

// The 100 words, once each, spread over 62 tales (one file) and 62 press releases.
void WriteTexts(const ScratchFolder& folder, const std::string& tale, const std::string& release) {
  std::string tales;
  for (int i = 0; i < 62; ++i) tales += (i > 0 ? "\n\n\n\n\n" : "") + tale;
  folder.Write("grimm_all.txt", "\xEF\xBB\xBF" + tales);
  std::filesystem::create_directories(folder.File("nasa"));
  for (int i = 0; i < 62; ++i) folder.Write(fmt::format("nasa/02-{:03}.txt", i), release);
}

TEST(GrimmNasa, WordsAreCountedByText) {
  const ScratchFolder folder;
  EXPECT_THAT(LoadGrimmNasa(folder.path()).status().ToString(), HasSubstr("no "));
  WriteTexts(folder, "The king,\r\nthe KING\xE2\x80\x99s wife", "Space 1-a");
  EXPECT_THAT(LoadGrimmNasa(folder.path()).status().ToString(), HasSubstr("'little' occurs in no text"));
  folder.Write("grimm_all.txt", "one tale");
  EXPECT_THAT(LoadGrimmNasa(folder.path()).status().ToString(), HasSubstr("there are 1 and 62"));
}

TEST(GrimmNasa, WordsAreAlikeByTheTextsThatTheyShare) {
  // Words in texts {0}, {0, 1} and {2}.
  const at::Tensor counts = at::tensor({0.5, 0., 0., 1., 0.25, 0., 0., 0., 1.}, at::kDouble).view({3, 3});
  const at::Tensor s = *SharedTextSimilarity(counts);
  const double none = std::log(std::ldexp(1.0, -52)), half = std::log(0.5) / -none;
  const double rows[] = {(half - 1) / 3, (half - 1) / 3, -2.0 / 3}, all = (rows[0] + rows[1] + rows[2]) / 3;
  EXPECT_NEAR(s[0][1].item<double>(), half - rows[0] - rows[1] + all, 1e-15);
  EXPECT_NEAR(s[0][2].item<double>(), -1 - rows[0] - rows[2] + all, 1e-15);
  EXPECT_NEAR(s[2][2].item<double>(), -2 * rows[2] + all, 1e-15);
  EXPECT_FALSE(SharedTextSimilarity(at::zeros({2, 2}, at::kDouble)).ok());
}

TEST(GrimmNasa, HasThePublishedSpectrum) {
  const char* data = std::getenv("CONEC_DATA");
  const std::string file = data == nullptr ? "" : std::string(data) + "/grimm_nasa/simec_words.tar.zst";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "CONEC_DATA names no folder with grimm_nasa/";
  const auto words = LoadGrimmNasa(file);
  ASSERT_TRUE(words.ok()) << words.status();
  ASSERT_EQ(words->words.size(), 100u);
  EXPECT_EQ(words->words[50], "space");
  const auto eigen = AllEigen(*SharedTextSimilarity(words->counts));
  ASSERT_TRUE(eigen.ok()) << eigen.status();
  constexpr double kFirst[] = {31.33604797, 4.95236018, 4.79711511, 4.05009333, 3.65669978};
  constexpr double kLast[] = {-3.31373975, -3.53055135, -4.10922523, -4.76011161, -7.40005291};
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(eigen->values[i].item<double>(), kFirst[i], 1e-8);
    EXPECT_NEAR(eigen->values[95 + i].item<double>(), kLast[i], 1e-8);
  }
}

}  // namespace
}  // namespace conec::simec::experiments
