// Word vectors and files for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/matrix.h"
#include "base/random.h"
#include "word2vec/word_vectors.h"

namespace conec::word2vec {

inline WordVectors MakeWordVectors(const std::vector<corpora::WordCount>& words, Matrix<float> matrix) {
  auto vocabulary = corpora::Vocabulary::Create(words);
  EXPECT_TRUE(vocabulary.ok()) << vocabulary.status();
  const auto owner = std::make_shared<const Matrix<float>>(std::move(matrix));
  return WordVectors{*std::move(vocabulary), owner->view(), owner};
}

inline WordVectors MakeWordVectors(const std::vector<std::pair<std::string, std::vector<float>>>& rows) {
  std::vector<corpora::WordCount> words;
  auto matrix = *Matrix<float>::Create(rows.size(), rows[0].second.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    words.push_back({rows[i].first, 0});
    std::ranges::copy(rows[i].second, matrix.row(i).begin());
  }
  return MakeWordVectors(words, std::move(matrix));
}

// Normally distributed (Box-Muller).
inline float Normal(PhiloxStream& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  return static_cast<float>(radius * std::cos(6.283185307179586 * random.Uniform()));
}

// Words "w0", "w1", ... with normally distributed vectors.
inline WordVectors RandomWordVectors(std::size_t words, std::size_t dim, std::uint64_t seed) {
  PhiloxStream random(seed);
  std::vector<corpora::WordCount> names;
  auto matrix = *Matrix<float>::Create(words, dim);
  for (std::size_t i = 0; i < words; ++i) {
    names.push_back({"w" + std::to_string(i), 0});
    for (float& value : matrix.row(i)) value = Normal(random);
  }
  return MakeWordVectors(names, std::move(matrix));
}

// A folder of its own for each test, removed with it.
class FolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "conec-word2vec-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, std::string_view contents) const {
    std::ofstream(Path(name), std::ios::binary) << contents;  // no fsync: tests write thousands of files
    return Path(name);
  }

 private:
  std::string folder_;
};

}  // namespace conec::word2vec
