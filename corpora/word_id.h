// Word ids and what stands between them in an encoded corpus. Plain C++ without std types besides cstdint: shared with
// the device.
#pragma once

#include <cstdint>

namespace conec::corpora {

// A word of a vocabulary: its rank by decreasing count. A type of its own, so that it cannot be mixed up with a
// position.
enum class WordId : std::uint32_t {};

// Marks in the id stream, above every word id (vocabularies have fewer than 2^31 words). Stored as int32 they are -1,
// -2 and -3.
inline constexpr WordId kEndOfDocument{0xFFFFFFFFu};  // ends the segment, too
inline constexpr WordId kEndOfSegment{0xFFFFFFFEu};
inline constexpr WordId kGap{0xFFFFFFFDu};  // a word outside the vocabulary that keeps its place in windows
inline constexpr std::uint32_t kMaxVocabulary = 0x7FFFFFFFu;

constexpr std::uint32_t Index(WordId id) {
  return static_cast<std::uint32_t>(id);
}
constexpr bool IsWord(WordId id) {
  return Index(id) < kMaxVocabulary;
}
constexpr bool EndsSegment(WordId id) {
  return Index(id) >= Index(kEndOfSegment);
}

// An id or shape of a stream that is mapped, read once: another program may write to the file meanwhile, and what was
// checked must be what is used.
template <typename T>
T ReadOnce(const T& value) {
  return *const_cast<const volatile T*>(&value);
}

}  // namespace conec::corpora
