// A folder of its own for every test, and what the reader tests put there.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/random.h"

namespace conec::corpora {

class InputFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "/conec_input_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string Path(std::string_view name) const { return (folder_ / name).string(); }
  std::string Write(std::string_view name, std::string_view contents) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(contents.data(), static_cast<std::streamsize>(contents.size()));
    return path.string();
  }
  static std::string ReadBack(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // `size` bytes or a few more of words of one to four byte characters, with line breaks of both kinds.
  static std::string SomeText(std::size_t size, std::uint64_t seed = 1) {
    static constexpr std::string_view kParts[] = {
        "a", "word", "\xC3\xA9t\xC3\xA9", "\xE6\x96\x87\xE5\xAD\x97", "\xF0\x9F\x99\x82", " ", " ", " ", "\n", "\r\n"};
    PhiloxStream random(seed);
    std::string text;
    while (text.size() < size) text += kParts[random.Below(std::size(kParts))];
    return text;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace conec::corpora
