// Names in the files of encoded corpora.
#pragma once

namespace conec::corpora {

inline constexpr char kFormatKey[] = "format";
inline constexpr char kCorpusFormat[] = "conec-corpus";
inline constexpr char kFormatVersionKey[] = "format_version";
inline constexpr char kCorpusFormatVersion[] = "2";
inline constexpr char kShapesTensor[] = "shapes";
inline constexpr char kMinCountKey[] = "min_count";
inline constexpr char kMaxVocabularyKey[] = "max_vocabulary";
inline constexpr char kSegmentLengthKey[] = "segment_length";
inline constexpr char kKeepGapsKey[] = "keep_gaps";

}  // namespace conec::corpora
