// Posts and bags of words as scikit-learn and the published experiments make them. Expected texts and the order were
// taken from scikit-learn 1.2.1 (strip_newsgroup_header() and the like, load_files()).
#include "tools/simec/experiments/newsgroups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "tests/base/scratch_folder.h"
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

}  // namespace
}  // namespace conec::simec::experiments
