#include "corpora/input_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/corpora/input_fixture.h"

namespace conec::corpora {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class InputFilesTest : public InputFixture {
 protected:
  static absl::StatusOr<std::vector<std::string>> Expand(const std::vector<std::string>& inputs) {
    CONEC_ASSIGN_OR_RETURN(const std::vector<InputFile> files, ExpandInputs(inputs));
    std::vector<std::string> paths;
    for (const InputFile& file : files) paths.push_back(file.path);
    return paths;
  }
  static void ExpectError(const std::vector<std::string>& inputs, absl::StatusCode code, const std::string& part) {
    const absl::Status status = ExpandInputs(inputs).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(part));
  }
};

TEST_F(InputFilesTest, AFolderIsAllFilesBelowSortedByBytes) {
  for (const char* name : {"d/b.txt", "d/a/z.txt", "d/a.txt", "d/B.txt", "d/\xC3\xA9.txt", "d/a/y/x.txt"})
    Write(name, "x");
  EXPECT_THAT(*Expand({Path("d")}), ElementsAre(Path("d/B.txt"), Path("d/a.txt"), Path("d/a/y/x.txt"),
                                                Path("d/a/z.txt"), Path("d/b.txt"), Path("d/\xC3\xA9.txt")));
}

TEST_F(InputFilesTest, InputsKeepTheirOrderAndMayRepeat) {
  const std::string a = Write("a.txt", "x"), b = Write("b.txt", "x");
  EXPECT_THAT(*Expand({b, "-", a, b}), ElementsAre(b, "-", a, b));
}

TEST_F(InputFilesTest, SizesAreKnownForFilesOnly) {
  const std::string a = Write("a.txt", "12345");
  const auto files = ExpandInputs(std::vector<std::string>{a, "-", "/dev/null"});
  ASSERT_TRUE(files.ok());
  EXPECT_TRUE((*files)[0].size_known);
  EXPECT_EQ((*files)[0].size, 5u);
  EXPECT_FALSE((*files)[1].size_known);
  EXPECT_FALSE((*files)[2].size_known);
}

TEST_F(InputFilesTest, HiddenFilesCountOnlyWhenNamed) {
  const std::string hidden = Write("d/.hidden", "x"), deep = Write("d/.git/config", "x"), seen = Write("d/seen", "x");
  EXPECT_THAT(*Expand({Path("d")}), ElementsAre(seen));
  EXPECT_THAT(*Expand({Path("d/*")}), ElementsAre(seen));
  EXPECT_THAT(*Expand({hidden, Path("d/.git")}), ElementsAre(hidden, deep));
}

TEST_F(InputFilesTest, GlobsAreSortedByBytesAndTakeFolders) {
  const std::string b = Write("b1.txt", "x"), upper = Write("B2.txt", "x"), inside = Write("b0/c.txt", "x");
  EXPECT_THAT(*Expand({Path("[bB]*")}), ElementsAre(upper, inside, b));
  EXPECT_THAT(*Expand({Path("*/c.tx?")}), ElementsAre(inside));
}

TEST_F(InputFilesTest, AnExistingPathIsNoGlob) {
  const std::string odd = Write("a[1]*.txt", "x");
  Write("a1.txt", "x");
  EXPECT_THAT(*Expand({odd}), ElementsAre(odd));
}

TEST_F(InputFilesTest, LinksAreFollowedOnceAroundALoop) {
  const std::string a = Write("d/a.txt", "x");
  Write("e/b.txt", "x");
  std::filesystem::create_directory_symlink(Path("d"), Path("d/loop"));
  std::filesystem::create_directory_symlink(Path("e"), Path("d/other"));
  std::filesystem::create_symlink(a, Path("d/link.txt"));
  EXPECT_THAT(*Expand({Path("d")}), ElementsAre(a, Path("d/link.txt"), Path("d/other/b.txt")));
}

TEST_F(InputFilesTest, PipesInFoldersAreLeftOut) {
  const std::string a = Write("d/a.txt", "x");
  ASSERT_EQ(mkfifo(Path("d/pipe").c_str(), 0600), 0);
  EXPECT_THAT(*Expand({Path("d")}), ElementsAre(a));
  EXPECT_THAT(*Expand({Path("d/pipe")}), ElementsAre(Path("d/pipe")));
}

TEST_F(InputFilesTest, WhatCannotBeReadIsNamed) {
  ExpectError({Path("nothing")}, absl::StatusCode::kNotFound, Path("nothing"));
  ExpectError({Path("*.nothing")}, absl::StatusCode::kNotFound, Path("*.nothing"));
  ExpectError({Write("a.txt", "x") + "/b"}, absl::StatusCode::kNotFound, "a.txt/b");
  std::filesystem::create_directory(Path("empty"));
  ExpectError({Path("empty")}, absl::StatusCode::kNotFound, "has no files");
  Write("hidden/.a", "x");
  ExpectError({Path("hidden")}, absl::StatusCode::kNotFound, "begin with a dot");
  ExpectError({}, absl::StatusCode::kInvalidArgument, "no input");
  ExpectError({""}, absl::StatusCode::kInvalidArgument, "empty name");
  ExpectError({"-", "-"}, absl::StatusCode::kInvalidArgument, "only once");
}

TEST_F(InputFilesTest, BrokenLinksAreErrorsAlsoInFolders) {
  Write("d/a.txt", "x");
  std::filesystem::create_symlink(Path("gone"), Path("d/broken"));
  ExpectError({Path("d/broken")}, absl::StatusCode::kNotFound, "symbolic link");
  ExpectError({Path("d")}, absl::StatusCode::kNotFound, "d/broken");
}

TEST_F(InputFilesTest, UnreadableFilesAreFoundBeforeReadingBegins) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const std::string a = Write("d/a.txt", "x");
  ASSERT_EQ(chmod(a.c_str(), 0), 0);
  ExpectError({Path("d")}, absl::StatusCode::kPermissionDenied, a);
}

}  // namespace
}  // namespace conec::corpora
