#include "corpora/content_type.h"

#include <algorithm>
#include <array>
#include <string>

namespace conec::corpora {
namespace {

struct Signature {
  ContentType type;
  std::string_view bytes;
  std::string_view endings;  // of file names, blanks between
  std::size_t shortest;      // the shortest file of this type, in bytes
};

using namespace std::string_view_literals;
constexpr std::array<Signature, 7> kSignatures{{
    {ContentType::kGzip, "\x1f\x8b\x08"sv, ".gz .tgz", 18},
    {ContentType::kZstd, "\x28\xb5\x2f\xfd"sv, ".zst .tzst", 9},
    {ContentType::kXz,
     "\xfd"
     "7zXZ\0"sv,
     ".xz .txz", 32},
    {ContentType::kBzip2, "BZh"sv, ".bz2 .tbz .tbz2", 14},
    {ContentType::kZip, "PK\x03\x04"sv, ".zip", 22},
    {ContentType::kZip, "PK\x05\x06"sv, ".zip", 22},  // without entries
    {ContentType::kTar, ""sv, ".tar", 512},           // recognised by its check sum
}};

// "BZh" alone could be a word: after the block size comes the magic number of a block, or of the end.
bool IsBzip2(std::string_view head) {
  if (head.size() < 10 || head[3] < '1' || head[3] > '9') return false;
  const std::string_view magic = head.substr(4, 6);
  return magic == "\x31\x41\x59\x26\x53\x59"sv || magic == "\x17\x72\x45\x38\x50\x90"sv;
}

// A frame to be skipped, which pzstd puts first.
bool IsSkippableZstdFrame(std::string_view head) {
  return head.size() >= 8 && (static_cast<unsigned char>(head[0]) & 0xF0) == 0x50 &&
         head.substr(1, 3) == "\x2a\x4d\x18"sv;
}

// A tar header holds its own sum, in octal, with the sum's eight characters counted as blanks. (Old archives have
// nothing else to be known by.)
bool IsTar(std::string_view head) {
  constexpr std::size_t kHeaderSize = 512, kSumBegin = 148, kSumEnd = 156;
  if (head.size() < kHeaderSize || head[0] == '\0') return false;
  unsigned sum = 0, stored = 0;
  for (std::size_t i = 0; i < kHeaderSize; ++i) {
    sum += i >= kSumBegin && i < kSumEnd ? unsigned{' '} : static_cast<unsigned char>(head[i]);
  }
  std::size_t i = kSumBegin;
  while (i < kSumEnd && head[i] == ' ') ++i;
  const std::size_t digits = i;
  for (; i < kSumEnd && head[i] >= '0' && head[i] <= '7'; ++i)
    stored = stored * 8 + static_cast<unsigned>(head[i] - '0');
  return i > digits && stored == sum;
}

bool HasEnding(std::string_view name, std::string_view endings) {
  while (!endings.empty()) {
    const std::string_view ending = endings.substr(0, endings.find(' '));
    if (name.ends_with(ending)) return true;
    endings.remove_prefix(std::min(endings.size(), ending.size() + 1));
  }
  return false;
}

// The length of a JSON header in eight bytes, which no text begins with, and the header.
bool IsSafetensors(std::string_view head) {
  return head.size() > 8 && head.substr(5, 4) == "\0\0\0{"sv;
}

absl::Status CheckNotCutOff(std::string_view head, std::string_view name) {
  for (const Signature& signature : kSignatures) {
    const std::size_t common = std::min(head.size(), signature.bytes.size());
    if (head.size() < signature.shortest && HasEnding(name, signature.endings) &&
        head.substr(0, common) == signature.bytes.substr(0, common)) {
      return DataLoss("truncated: {} bytes are too few for what its name says it is", head.size());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ContentType> RecogniseContent(std::string_view head, std::string_view name) {
  for (const Signature& signature : kSignatures) {
    if (signature.type == ContentType::kBzip2 || signature.type == ContentType::kTar) continue;
    if (head.starts_with(signature.bytes)) return signature.type;
  }
  if (IsBzip2(head)) return ContentType::kBzip2;
  if (IsSkippableZstdFrame(head)) return ContentType::kZstd;
  if (IsTar(head)) return ContentType::kTar;
  if (head.starts_with("\xFF\xFE\0\0"sv) || head.starts_with("\0\0\xFE\xFF"sv)) {
    return InvalidArgument("UTF-32 text; convert it first (iconv -f UTF-32 -t UTF-8)");
  }
  if (head.starts_with("\xFF\xFE"sv) || head.starts_with("\xFE\xFF"sv)) {
    return InvalidArgument("UTF-16 text; convert it first (iconv -f UTF-16 -t UTF-8)");
  }
  if (IsSafetensors(head)) {
    return InvalidArgument("a safetensors file, such as a model or an encoded corpus, where text is expected");
  }
  CONEC_RETURN_IF_ERROR(CheckNotCutOff(head, name));
  return ContentType::kText;
}

}  // namespace conec::corpora
