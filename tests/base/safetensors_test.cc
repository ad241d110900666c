#include "base/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "tests/base/python.h"
#include "tests/base/scratch_folder.h"

namespace conec {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// A safetensors file with any header text and data.
std::string FileOf(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + data;
}

std::string Tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":{},"shape":{},"data_offsets":{}}})", name, dtype, shape, offsets);
}

// Headers are padded so that the data is aligned: only what a test is about is wrong.
std::string FileWith(std::string entries, const std::string& data) {
  std::string header = "{" + entries + "}";
  header.append((8 - header.size() % 8) % 8, ' ');
  return FileOf(header, data);
}

absl::Status OpenContents(const ScratchFolder& folder, const std::string& contents) {
  return SafetensorsFile::Open(folder.Write("x.safetensors", contents)).status();
}

void ExpectDataLoss(const ScratchFolder& folder, const std::string& contents, const std::string& reason = "") {
  const absl::Status status = OpenContents(folder, contents);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status << "\n" << contents.substr(0, 200);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr(folder.File("x.safetensors")));
  EXPECT_THAT(message, HasSubstr(reason));
}

// One tensor of every type, with awkward names and metadata.
absl::Status WriteSample(const std::string& path) {
  auto matrix = Matrix<float>::Create(2, 3);
  CONEC_RETURN_IF_ERROR(matrix);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) matrix->row(i)[j] = static_cast<float>(i * 3 + j) / 4;
  }
  SafetensorsWriter writer;
  writer.SetMetadata("format", "test");
  writer.SetMetadata("quote \" and \\", "line\nbreak, Gr\u00fc\u00dfe");
  writer.Declare("long", DType::kI64, {2});
  writer.Declare("double", DType::kF64, {1, 1, 2});
  writer.Declare("matrix", DType::kF32, {2, 3});
  writer.Declare("int", DType::kI32, {1});
  writer.Declare("empty", DType::kF32, {0, 3});
  writer.Declare("bytes", DType::kU8, {5});
  CONEC_RETURN_IF_ERROR(writer.Begin(path));
  const std::vector<std::int64_t> longs = {std::numeric_limits<std::int64_t>::min(), 7};
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const std::int64_t>(longs)));
  const std::vector<double> doubles = {0.1, -2.5};
  CONEC_RETURN_IF_ERROR(writer.Append(std::span<const double>(doubles)));
  CONEC_RETURN_IF_ERROR(writer.Append(matrix->view()));
  const std::int32_t number = -5;
  CONEC_RETURN_IF_ERROR(writer.Append(std::span(&number, 1)));
  const std::string_view bytes("a\0\xffzz", 5);
  CONEC_RETURN_IF_ERROR(writer.Append(std::as_bytes(std::span(bytes))));
  return writer.Commit();
}

TEST(Safetensors, OpenAfterCommitIsIdentity) {
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("x")), absl::OkStatus());
  const auto file = SafetensorsFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->path(), folder.File("x"));
  EXPECT_THAT(file->metadata(),
              ElementsAre(std::pair{"format", "test"}, std::pair{"quote \" and \\", "line\nbreak, Gr\u00fc\u00dfe"}));
  EXPECT_EQ(file->tensors().size(), 6u);
  EXPECT_THAT(*file->Vector<std::int64_t>("long"), ElementsAre(std::numeric_limits<std::int64_t>::min(), 7));
  EXPECT_THAT(*file->Vector<std::int32_t>("int"), ElementsAre(-5));
  EXPECT_THAT(*file->Vector<std::uint8_t>("bytes"), ElementsAre('a', 0, 0xff, 'z', 'z'));
  EXPECT_THAT(file->tensors().at("double").shape, ElementsAre(1, 1, 2));
  const auto matrix = file->Matrix<float>("matrix");
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_THAT(matrix->row(0), ElementsAre(0, 0.25f, 0.5f));
  EXPECT_THAT(matrix->row(1), ElementsAre(0.75f, 1, 1.25f));
  const auto empty = file->Matrix<float>("empty");
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->rows, 0u);
  EXPECT_EQ(empty->cols, 3u);
}

TEST(Safetensors, DataStartsAtACacheLine) {
  const ScratchFolder folder;
  for (std::size_t padding = 0; padding < 70; ++padding) {
    SafetensorsWriter writer;
    writer.SetMetadata("key", std::string(padding, 'x'));
    writer.Declare("t", DType::kF64, {1});
    ASSERT_TRUE(writer.Begin(folder.File("x")).ok());
    const double one = 1;
    ASSERT_TRUE(writer.Append(std::span(&one, 1)).ok());
    ASSERT_TRUE(writer.Commit().ok());
    const auto file = SafetensorsFile::Open(folder.File("x"));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->tensors().at("t").offset % 64, 0u);
  }
}

TEST(Safetensors, FileWithoutTensorsIsValid) {
  const ScratchFolder folder;
  SafetensorsWriter writer;
  ASSERT_TRUE(writer.Begin(folder.File("x")).ok());
  ASSERT_TRUE(writer.Commit().ok());
  const auto file = SafetensorsFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->tensors().empty());
  EXPECT_TRUE(file->metadata().empty());
}

TEST(Safetensors, MetadataThatIsNotUtf8IsRepaired) {
  const ScratchFolder folder;
  SafetensorsWriter writer;
  writer.SetMetadata("command", "input=\xff.txt");
  ASSERT_TRUE(writer.Begin(folder.File("x")).ok());
  ASSERT_TRUE(writer.Commit().ok());
  const auto file = SafetensorsFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->metadata().at("command"), "input=\uFFFD.txt");
}

TEST(Safetensors, PythonReadsWhatWeWrite) {
  if (!HaveNumpy()) GTEST_SKIP() << "python3 has no numpy";
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("x")), absl::OkStatus());
  const PythonResult described = RunPython({Script("safetensors_describe.py"), folder.File("x")});
  EXPECT_EQ(described.exit_code, 0);
  EXPECT_EQ(described.output, "metadata file_checksum " + SafetensorsFile::Open(folder.File("x"))->checksum() +
                                  "\n"
                                  "metadata format test\n"
                                  "metadata quote \" and \\ line\nbreak, Gr\u00fc\u00dfe\n"
                                  "long I64 [2] [-9223372036854775808, 7]\n"
                                  "double F64 [1, 1, 2] [0.1, -2.5]\n"
                                  "matrix F32 [2, 3] [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]\n"
                                  "int I32 [1] [-5]\n"
                                  "empty F32 [0, 3] []\n"
                                  "bytes U8 [5] [97, 0, 255, 122, 122]\n");
}

TEST(Safetensors, ReadsHeadersInAnyOrderAndLayout) {
  const ScratchFolder folder;
  const std::string entries = "\n " + Tensor("b", "\"U8\"", "[ 2 ]", "[4, 6]") + ",\n" +
                              Tensor("a", "\"I32\"", "[]", "[0,4]") + R"(, "__metadata__" : {})";
  const std::string data("\x01\x00\x00\x00hi", 6);
  EXPECT_EQ(OpenContents(folder, FileWith(entries, data)), absl::OkStatus());
}

TEST(Safetensors, AskingForAnotherTypeRankOrNameIsAnError) {
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("x")), absl::OkStatus());
  const auto file = SafetensorsFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->Contains("matrix"));
  EXPECT_FALSE(file->Contains("Matrix"));
  EXPECT_TRUE(absl::IsNotFound(file->Matrix<float>("Matrix").status()));
  EXPECT_TRUE(absl::IsDataLoss(file->Matrix<double>("matrix").status()));
  EXPECT_TRUE(absl::IsDataLoss(file->Vector<float>("matrix").status()));
  EXPECT_TRUE(absl::IsDataLoss(file->Matrix<double>("double").status()));
  EXPECT_TRUE(absl::IsDataLoss(file->Matrix<std::int64_t>("long").status()));
}

TEST(Safetensors, TruncatedAtAnyLengthOrContinuedIsDataLoss) {
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("whole")), absl::OkStatus());
  const std::string whole = *ReadFileToString(folder.File("whole"));
  for (std::size_t length = 0; length < whole.size(); ++length) ExpectDataLoss(folder, whole.substr(0, length));
  ExpectDataLoss(folder, whole + '\0', "1 bytes at its end");
}

// Whatever one byte becomes: an error, or a file whose tensors all lie within it.
TEST(Safetensors, OneWrongByteNeverCrashes) {
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("whole")), absl::OkStatus());
  const std::string whole = *ReadFileToString(folder.File("whole"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char byte : {'\0', '\xff', '"', '}', '9', '-'}) {
      std::string changed = whole;
      changed[i] = byte;
      const auto file = SafetensorsFile::Open(folder.Write("x", changed));
      if (!file.ok()) continue;
      for (const auto& [name, info] : file->tensors()) EXPECT_LE(info.offset + info.bytes, changed.size()) << name;
    }
  }
}

TEST(Safetensors, AnyBitThatChangesIsSeenByTheChecksum) {
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("whole")), absl::OkStatus());
  const std::string whole = *ReadFileToString(folder.File("whole"));
  EXPECT_EQ(SafetensorsFile::Open(folder.File("whole"))->VerifyChecksum(), absl::OkStatus());
  const std::size_t key = whole.find("file_checksum");
  ASSERT_NE(key, std::string::npos);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    // Whoever takes the entry's name away has a file without a checksum.
    if (i >= key && i < key + std::string_view("file_checksum").size()) continue;
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ (1 << i % 8));
    const auto file = SafetensorsFile::Open(folder.Write("x", changed));
    if (!file.ok()) continue;
    const absl::Status verified = file->VerifyChecksum();
    EXPECT_TRUE(absl::IsDataLoss(verified)) << "byte " << i;
    EXPECT_THAT(std::string(verified.message()), HasSubstr(folder.File("x") + "' is damaged"));
  }
}

// As anybody can compute it with other tools.
TEST(Safetensors, TheChecksumIsOfTheFileWithZerosInItsPlace) {
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("x")), absl::OkStatus());
  std::string bytes = *ReadFileToString(folder.File("x"));
  const std::string checksum = SafetensorsFile::Open(folder.File("x"))->checksum();
  ASSERT_EQ(checksum.size(), 32u);
  EXPECT_EQ(SafetensorsChecksum(bytes, checksum), checksum);
  bytes.replace(bytes.find(checksum), checksum.size(), checksum.size(), '0');
  Hasher hasher;
  hasher.Add(std::as_bytes(std::span(bytes)));
  EXPECT_EQ(hasher.Hex(), checksum);
}

TEST(Safetensors, FilesWithoutAChecksumAreTakenAsTheyAre) {
  const ScratchFolder folder;
  const auto file = SafetensorsFile::Open(folder.Write("x", FileWith(Tensor("a", "\"U8\"", "[2]", "[0,2]"), "hi")));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->checksum(), "");
  EXPECT_EQ(file->VerifyChecksum(), absl::OkStatus());
  EXPECT_EQ(SafetensorsChecksum("", ""), "");
  EXPECT_EQ(SafetensorsChecksum(*ReadFileToString(folder.File("x")), std::string(32, '0')), "");
}

TEST(Safetensors, WhatIsWrittenToADeviceHasNoChecksum) {
  const ScratchFolder folder;
  SafetensorsWriter writer;
  writer.SetMetadata("file_checksum", "of another file");
  writer.Declare("t", DType::kU8, {1});
  std::FILE* const out = std::fopen(folder.File("x").c_str(), "w");
  ASSERT_NE(out, nullptr);
  ASSERT_EQ(writer.Begin(fmt::format("/dev/fd/{}", fileno(out))), absl::OkStatus());
  ASSERT_EQ(writer.Append(std::as_bytes(std::span("x", 1))), absl::OkStatus());
  ASSERT_EQ(writer.Commit(), absl::OkStatus());
  std::fclose(out);
  const auto file = SafetensorsFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->checksum(), "");
}

TEST(Safetensors, HeaderLengthsBeyondTheFileAreDataLoss) {
  const ScratchFolder folder;
  std::string file = FileWith("", "");
  for (const std::uint64_t length :
       {std::uint64_t{9}, std::uint64_t{1} << 31, std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max(),
        std::numeric_limits<std::uint64_t>::max() - 7}) {
    std::memcpy(file.data(), &length, 8);
    ExpectDataLoss(folder, file, std::to_string(length));
  }
}

TEST(Safetensors, HeadersThatAreNoJsonObjectAreDataLoss) {
  const ScratchFolder folder;
  for (const char* header : {"", " ", "[]", "null", "{", "{}}", "{'a':1}", "{\"a\"}", "{\"\xff\":1}", "{\"a\":NaN}",
                             "{\"a\":Infinity}", "// comment\n{}", "\xef\xbb\xbf"}) {
    ExpectDataLoss(folder, FileOf(header, ""));
  }
}

TEST(Safetensors, WrongEntriesAreDataLoss) {
  const ScratchFolder folder;
  const std::string data(8, '\0');
  for (const char* entry :
       {R"("a":1)", R"("a":[])", R"("a":{})", R"("a":{"dtype":"F32","shape":[2]})",
        R"("a":{"dtype":"F32","data_offsets":[0,8]})", R"("__metadata__":3)", R"("__metadata__":{"k":1})"}) {
    ExpectDataLoss(folder, FileWith(entry, data));
  }
  for (const char* dtype : {"\"F33\"", "\"f32\"", "\"BF16\"", "\"\"", "32", "null", "[\"F32\"]"}) {
    ExpectDataLoss(folder, FileWith(Tensor("a", dtype, "[2]", "[0,8]"), data), "dtype");
  }
  for (const char* shape :
       {"2", "[-2]", "[2.0]", "[\"2\"]", "[3]", "[1]", "[2,2]", "null", "[1e0,2]", "[[2]]", "[99999999999999999999]"}) {
    ExpectDataLoss(folder, FileWith(Tensor("a", "\"F32\"", shape, "[0,8]"), data), "shape");
  }
  for (const char* offsets : {"8", "[8]", "[0,8,8]", "[0,-8]", "[0,8.0]", "[8,0]", "[0,9]", "[0,16]", "[8,16]",
                              "[18446744073709551608,18446744073709551616]", "[18446744073709551608,0]"}) {
    ExpectDataLoss(folder, FileWith(Tensor("a", "\"F32\"", "[2]", offsets), data), "'a'");
  }
}

TEST(Safetensors, ShapesWhoseProductOverflowsAreDataLoss) {
  const ScratchFolder folder;
  // Products that are 8 or 0 modulo 2^64.
  for (const char* shape : {"[4611686018427387906]", "[4294967296,4294967296]", "[9223372036854775808,2,1]",
                            "[18446744073709551615,18446744073709551615]"}) {
    ExpectDataLoss(folder, FileWith(Tensor("a", "\"F32\"", shape, "[0,8]"), std::string(8, '\0')), "overflows");
    ExpectDataLoss(folder, FileWith(Tensor("a", "\"F32\"", shape, "[0,0]"), ""), "overflows");
  }
}

TEST(Safetensors, OverlapsHolesAndRestsAreDataLoss) {
  const ScratchFolder folder;
  const auto pair = [](const char* first, const char* second) {
    return Tensor("a", "\"U8\"", "[4]", first) + "," + Tensor("b", "\"U8\"", "[4]", second);
  };
  const std::string data(8, '\0');
  EXPECT_EQ(OpenContents(folder, FileWith(pair("[0,4]", "[4,8]"), data)), absl::OkStatus());
  ExpectDataLoss(folder, FileWith(pair("[0,4]", "[3,7]"), data), "overlap");
  ExpectDataLoss(folder, FileWith(pair("[0,4]", "[0,4]"), data), "overlap");
  ExpectDataLoss(folder, FileWith(pair("[0,4]", "[5,9]"), data + '\0'), "1 bytes before");
  ExpectDataLoss(folder, FileWith(pair("[0,4]", "[4,8]"), data + '\0'), "1 bytes at its end");
}

TEST(Safetensors, MisalignedTensorsAreDataLoss) {
  const ScratchFolder folder;
  const std::string entries = Tensor("a", "\"U8\"", "[1]", "[0,1]") + "," + Tensor("b", "\"F32\"", "[1]", "[1,5]");
  ExpectDataLoss(folder, FileWith(entries, std::string(5, '\0')), "aligned");
  ExpectDataLoss(folder, FileOf("{" + Tensor("b", "\"F64\"", "[1]", "[0,8]") + "}     ", std::string(8, '\0')),
                 "aligned");
}

TEST(Safetensors, NamesThatOccurTwiceAreDataLoss) {
  const ScratchFolder folder;
  const std::string tensor = Tensor("a", "\"U8\"", "[1]", "[0,1]");
  ExpectDataLoss(folder, FileWith(tensor + "," + tensor, "x"), "twice");
  ExpectDataLoss(folder, FileWith(R"("__metadata__":{"k":"1","k":"2"})", ""), "twice");
  ExpectDataLoss(folder, FileWith(R"("__metadata__":{},"__metadata__":{})", ""), "twice");
  ExpectDataLoss(folder, FileWith(R"("a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]})", "x"), "twice");
}

TEST(Safetensors, DeeplyNestedHeadersAreDataLoss) {
  const ScratchFolder folder;
  constexpr std::size_t kDepth = 1'000'000;
  const std::string nested = std::string(kDepth, '[') + std::string(kDepth, ']');
  ExpectDataLoss(folder, FileWith("\"a\":" + nested, ""));
  ExpectDataLoss(folder, FileWith(Tensor("a", nested, "[1]", "[0,1]"), "x"));
  ExpectDataLoss(folder, FileWith(Tensor("a", "\"U8\"", nested, "[0,1]"), "x"));
  ExpectDataLoss(folder, FileWith(R"("__metadata__":{"k":)" + nested + "}", ""));
  ExpectDataLoss(folder, FileWith("\"a\":" + std::string(kDepth, '['), ""));
}

TEST(Safetensors, ManyTensorsDoNotTakeQuadraticTime) {
  const ScratchFolder folder;
  constexpr int kTensors = 50'000;
  std::string entries;
  for (int i = 0; i < kTensors; ++i) {
    entries +=
        (i == 0 ? "" : ",") + Tensor(fmt::format("tensor{}", i), "\"U8\"", "[1]", fmt::format("[{},{}]", i, i + 1));
  }
  EXPECT_EQ(OpenContents(folder, FileWith(entries, std::string(kTensors, 'x'))), absl::OkStatus());
}

TEST(SafetensorsWriter, CommitsOnlyWhatWasDeclared) {
  const ScratchFolder folder;
  const std::string bytes = "abcdef";
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{5}}) {
    SafetensorsWriter writer;
    writer.Declare("t", DType::kU8, {4});
    ASSERT_TRUE(writer.Begin(folder.File("x")).ok());
    ASSERT_TRUE(writer.Append(std::as_bytes(std::span(bytes)).first(size)).ok());
    EXPECT_TRUE(absl::IsInternal(writer.Commit()));
  }
  SafetensorsWriter not_begun;
  EXPECT_TRUE(absl::IsInternal(not_begun.Append(std::as_bytes(std::span(bytes)))));
  EXPECT_TRUE(absl::IsInternal(not_begun.Commit()));
  EXPECT_TRUE(folder.Names().empty());
}

TEST(SafetensorsWriter, MapIsTheFileWithoutAName) {
  const ScratchFolder folder;
  const std::vector<float> values = {1, 2, 3};
  for (const std::size_t size : {std::size_t{2}, std::size_t{3}}) {
    SafetensorsWriter writer;
    writer.SetMetadata("format", "test");
    writer.Declare("t", DType::kF32, {3});
    ASSERT_TRUE(writer.Begin(folder.File("x")).ok());
    ASSERT_TRUE(writer.Append(std::span<const float>(values).first(size)).ok());
    const auto file = writer.Map();
    EXPECT_TRUE(folder.Names().empty() || size < 3);
    if (size < 3) {
      EXPECT_TRUE(absl::IsInternal(file.status()));
      continue;
    }
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->metadata().at("format"), "test");
    EXPECT_NE(file->checksum(), "");
    EXPECT_EQ(file->VerifyChecksum(), absl::OkStatus());
    EXPECT_THAT(*file->Vector<float>("t"), ElementsAre(1, 2, 3));
  }
  EXPECT_TRUE(folder.Names().empty());
}

TEST(SafetensorsWriter, RefusesNamesThatCollideAndSizesThatOverflow) {
  const ScratchFolder folder;
  SafetensorsWriter twice;
  twice.Declare("t", DType::kU8, {1});
  twice.Declare("t", DType::kF32, {2});
  EXPECT_TRUE(absl::IsInternal(twice.Begin(folder.File("x"))));
  SafetensorsWriter reserved;
  reserved.Declare("__metadata__", DType::kU8, {1});
  EXPECT_TRUE(absl::IsInternal(reserved.Begin(folder.File("x"))));
  SafetensorsWriter large;
  large.Declare("t", DType::kF64, {std::uint64_t{1} << 62, 2});
  EXPECT_TRUE(absl::IsResourceExhausted(large.Begin(folder.File("x"))));
  EXPECT_TRUE(folder.Names().empty());
}

TEST(SafetensorsFile, MovedFileKeepsItsTensors) {
  const ScratchFolder folder;
  ASSERT_EQ(WriteSample(folder.File("x")), absl::OkStatus());
  auto file = SafetensorsFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  const std::span<const std::uint8_t> before = *file->Vector<std::uint8_t>("bytes");
  const SafetensorsFile moved = *std::move(file);
  EXPECT_EQ(moved.Vector<std::uint8_t>("bytes")->data(), before.data());
  EXPECT_THAT(before, ElementsAreArray({'a', '\0', '\xff', 'z', 'z'}));
}

}  // namespace
}  // namespace conec
