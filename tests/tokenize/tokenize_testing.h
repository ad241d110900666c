// What the tests of the tokenizers share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenize/tokenizer.h"

namespace conec::tokenize {

inline std::unique_ptr<Tokenizer> MakeTokenizer(const TokenizerOptions& options) {
  auto tokenizer = Tokenizer::Create(options);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return tokenizer.ok() ? *std::move(tokenizer) : nullptr;
}

using Segments = std::vector<std::vector<std::string>>;

// The tokens of a whole document, by segment.
inline Segments SegmentsOf(Tokenizer& tokenizer, std::string_view text) {
  TokenBuffer buffer;
  const absl::Status status = tokenizer.Tokenize(text, true, buffer);
  EXPECT_TRUE(status.ok()) << status;
  Segments segments;
  std::size_t begin = 0;
  for (const std::uint32_t end : buffer.segment_ends) {
    auto& segment = segments.emplace_back();
    for (; begin < end; ++begin) segment.emplace_back(buffer.tokens[begin].text);
  }
  EXPECT_EQ(begin, buffer.tokens.size()) << "the last segment of a document must end";
  return segments;
}

inline Segments SegmentsOf(const TokenizerOptions& options, std::string_view text) {
  const auto tokenizer = MakeTokenizer(options);
  return SegmentsOf(*tokenizer, text);
}

inline std::vector<std::string> TokensOf(const TokenizerOptions& options, std::string_view text) {
  std::vector<std::string> tokens;
  for (const auto& segment : SegmentsOf(options, text)) tokens.insert(tokens.end(), segment.begin(), segment.end());
  return tokens;
}

// The same from pieces: what somebody who stores segments makes of several buffers in a row.
inline Segments SegmentsOfPieces(Tokenizer& tokenizer, const std::vector<std::string_view>& pieces) {
  Segments segments;
  bool is_open = false;
  TokenBuffer buffer;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    const absl::Status status = tokenizer.Tokenize(pieces[p], p + 1 == pieces.size(), buffer);
    EXPECT_TRUE(status.ok()) << status;
    if (buffer.starts_with_boundary) is_open = false;
    std::size_t next_end = 0;
    for (std::size_t i = 0; i < buffer.tokens.size(); ++i) {
      if (!is_open) segments.emplace_back();
      segments.back().emplace_back(buffer.tokens[i].text);
      is_open = next_end == buffer.segment_ends.size() || buffer.segment_ends[next_end] != i + 1;
      if (!is_open) ++next_end;
    }
    EXPECT_EQ(next_end, buffer.segment_ends.size()) << "an empty segment, or one past the tokens";
  }
  return segments;
}

// `text` cut after each of its line feeds.
inline std::vector<std::string_view> CutAfterLineFeeds(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    pieces.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  pieces.push_back(text);
  return pieces;
}

}  // namespace conec::tokenize
