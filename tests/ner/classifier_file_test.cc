// What is stored is read back, and no file makes trouble.
#include "ner/classifier_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include "base/file.h"
#include "base/safetensors.h"
#include "tests/base/scratch_folder.h"

namespace conec::ner {
namespace {

using testing::HasSubstr;

StoredClassifier Example(bool standardizer = true) {
  StoredClassifier stored;
  stored.classifier = {{"O", "", "PER\nSON"}, *Matrix<double>::Create(3, 5), {0.5, -1, 1e-300}, MultiClass::kOneVsRest};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t j = 0; j < 5; ++j) stored.classifier.weights.row(c)[j] = std::sin(static_cast<double>(c * 5 + j));
  }
  if (standardizer) stored.standardizer = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}};
  stored.other = {{"window", "5"}, {"format", "mine"}, {"", "\xC3\xA4"}};
  return stored;
}

std::string Bytes(const std::string& path) {
  const auto file = MappedFile::Open(path);
  return file.ok() ? std::string(file->text()) : file.status().ToString();
}

// Without the fsync of WriteFile().
void WriteQuickly(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

class ClassifierFile : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  ScratchFolder folder_;
};

TEST_F(ClassifierFile, LoadAfterSaveIsIdentity) {
  for (const bool standardizer : {true, false}) {
    const StoredClassifier stored = Example(standardizer);
    ASSERT_TRUE(SaveClassifier(Path("a"), stored).ok());
    const auto loaded = LoadClassifier(Path("a"));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->classifier.classes, stored.classifier.classes);
    EXPECT_EQ(loaded->classifier.intercepts, stored.classifier.intercepts);
    EXPECT_EQ(loaded->classifier.multi_class, stored.classifier.multi_class);
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_THAT(loaded->classifier.weights.row(c), testing::ElementsAreArray(stored.classifier.weights.row(c)));
    }
    EXPECT_EQ(loaded->other, stored.other);
    ASSERT_EQ(loaded->standardizer.has_value(), standardizer);
    if (!standardizer) continue;
    EXPECT_EQ(loaded->standardizer->means, stored.standardizer->means);
    EXPECT_EQ(loaded->standardizer->scales, stored.standardizer->scales);
  }
}

TEST_F(ClassifierFile, EqualClassifiersGiveEqualBytes) {
  ASSERT_TRUE(SaveClassifier(Path("a"), Example()).ok());
  ASSERT_TRUE(SaveClassifier(Path("b"), Example()).ok());
  EXPECT_EQ(Bytes(Path("a")), Bytes(Path("b")));
}

TEST_F(ClassifierFile, WhatDoesNotFitTogetherIsNotSaved) {
  const std::vector<std::function<void(StoredClassifier&)>> spoils = {
      [](StoredClassifier& stored) { stored.classifier.classes.pop_back(); },
      [](StoredClassifier& stored) { stored.classifier.classes[1] = "O"; },
      [](StoredClassifier& stored) { stored.classifier.intercepts.pop_back(); },
      [](StoredClassifier& stored) { stored.classifier.intercepts[2] = std::nan(""); },
      [](StoredClassifier& stored) { stored.classifier.weights.row(1)[4] = std::nan(""); },
      [](StoredClassifier& stored) { stored.standardizer->means.pop_back(); },
      [](StoredClassifier& stored) { stored.standardizer->scales[0] = 0; },
      [](StoredClassifier& stored) { stored.classifier = {}; },
  };
  for (const auto& spoil : spoils) {
    StoredClassifier stored = Example();
    spoil(stored);
    EXPECT_EQ(SaveClassifier(Path("a"), stored).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(LoadClassifier(Path("a")).ok());
  }
}

TEST_F(ClassifierFile, EveryTruncationIsRefused) {
  ASSERT_TRUE(SaveClassifier(Path("a"), Example()).ok());
  const std::string bytes = Bytes(Path("a"));
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    WriteQuickly(Path("b"), bytes.substr(0, size));
    EXPECT_EQ(LoadClassifier(Path("b")).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

// Whatever a byte is changed to, the file is refused or something comes out that fits together.
TEST_F(ClassifierFile, NoChangedByteMakesTrouble) {
  ASSERT_TRUE(SaveClassifier(Path("a"), Example()).ok());
  const std::string bytes = Bytes(Path("a"));
  int refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x7F);
    WriteQuickly(Path("b"), changed);
    const auto loaded = LoadClassifier(Path("b"));
    refused += loaded.ok() ? 0 : 1;
    if (!loaded.ok()) continue;
    EXPECT_EQ(loaded->classifier.weights.rows(), loaded->classifier.classes.size()) << i;
    EXPECT_EQ(loaded->classifier.intercepts.size(), loaded->classifier.classes.size()) << i;
    EXPECT_TRUE(!loaded->standardizer || CheckStandardizer(*loaded->standardizer, 5).ok()) << i;
  }
  EXPECT_GT(refused, 400);
}

// A classifier of two classes and one column, and the changes that make it hostile.
struct Tensors {
  std::map<std::string, std::string> metadata = {
      {"format", "conec-classifier"}, {"format_version", "1"}, {"multi_class", "multinomial"}};
  std::vector<std::uint64_t> weights_shape = {2, 1};
  std::vector<double> weights = {1, 2}, intercepts = {3, 4};
  std::vector<std::int64_t> ends = {1, 2};
  std::string names = "ab";
};

absl::Status Write(const Tensors& tensors, const std::string& path) {
  SafetensorsWriter writer;
  for (const auto& [key, value] : tensors.metadata) writer.SetMetadata(key, value);
  writer.Declare("weights", DType::kF64, tensors.weights_shape);
  writer.Declare("intercepts", DType::kF64, {tensors.intercepts.size()});
  writer.Declare("class_name_ends", DType::kI64, {tensors.ends.size()});
  writer.Declare("class_name_bytes", DType::kU8, {tensors.names.size()});
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const double>(tensors.weights)));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const double>(tensors.intercepts)));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int64_t>(tensors.ends)));
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const char>(tensors.names)));
  return writer.Commit();
}

TEST_F(ClassifierFile, ContentsThatContradictThemselvesAreRefused) {
  struct Case {
    std::function<void(Tensors&)> spoil;
    const char* why;
  };
  const std::vector<Case> cases = {
      {[](Tensors& t) {
         t.ends = {2, 1};
       },
       "ends at 1"},
      {[](Tensors& t) {
         t.ends = {-1, 2};
       },
       "ends at -1"},
      {[](Tensors& t) {
         t.ends = {1, 3};
       },
       "ends at 3"},
      {[](Tensors& t) {
         t.ends = {0, 1};
       },
       "after the last class name"},
      {[](Tensors& t) { t.ends = {2}; }, "1 classes"},
      {[](Tensors& t) { t.names = "aa"; }, "twice"},
      {[](Tensors& t) {
         t.weights_shape = {1, 2};
       },
       "weights of 1"},
      {[](Tensors& t) { t.weights_shape = {2}; }, "weights"},
      {[](Tensors& t) { t.intercepts = {1}; }, "intercepts of 1"},
      {[](Tensors& t) { t.weights[0] = std::nan(""); }, "not finite"},
      {[](Tensors& t) { t.metadata["multi_class"] = "none"; }, "multinomial or ovr"},
      {[](Tensors& t) { t.metadata.erase("multi_class"); }, "no multi_class"},
      {[](Tensors& t) { t.metadata["format"] = "conec-model"; }, "another format"},
      {[](Tensors& t) { t.metadata.erase("format_version"); }, "no format_version"},
  };
  ASSERT_TRUE(Write({}, Path("a")).ok());
  ASSERT_TRUE(LoadClassifier(Path("a")).ok()) << LoadClassifier(Path("a")).status();
  for (const Case& spoiled : cases) {
    Tensors tensors;
    spoiled.spoil(tensors);
    ASSERT_TRUE(Write(tensors, Path("a")).ok());
    const absl::Status status = LoadClassifier(Path("a")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(spoiled.why));
    EXPECT_THAT(std::string(status.message()), HasSubstr("is not a classifier"));
  }
}

TEST_F(ClassifierFile, OtherFilesAndVersionsAreNamed) {
  ASSERT_TRUE(WriteFile(Path("a"), "the black cat drinks milk\n").ok());
  EXPECT_EQ(LoadClassifier(Path("a")).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LoadClassifier(Path("none")).status().code(), absl::StatusCode::kNotFound);
  Tensors tensors;
  tensors.metadata["format_version"] = "2";
  ASSERT_TRUE(Write(tensors, Path("a")).ok());
  EXPECT_EQ(LoadClassifier(Path("a")).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace conec::ner
