// Posts and bags of words as scikit-learn and the published experiments make them. Expected texts and the order were
// taken from scikit-learn 1.2.1 (strip_newsgroup_header() and the like, load_files()).
#include "tools/simec/experiments/newsgroups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "tests/base/scratch_folder.h"
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

}  // namespace
}  // namespace conec::simec::experiments
