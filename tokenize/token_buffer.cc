#include <algorithm>

#include "tokenize/tokenizer.h"

namespace conec::tokenize {
namespace {
constexpr std::size_t kBlockSize = std::size_t{1} << 16;
}  // namespace

void TokenBuffer::Clear() {
  tokens.clear();
  segment_ends.clear();
  starts_with_boundary = false;
  block_ = 0;
  used_ = 0;
  large_.clear();
}

std::string_view TokenBuffer::Keep(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() > kBlockSize) {
    large_.push_back(std::make_unique<char[]>(text.size()));
    std::copy(text.begin(), text.end(), large_.back().get());
    return {large_.back().get(), text.size()};
  }
  if (used_ + text.size() > kBlockSize) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) blocks_.push_back(std::make_unique<char[]>(kBlockSize));
  char* const kept = blocks_[block_].get() + used_;
  std::copy(text.begin(), text.end(), kept);
  used_ += text.size();
  return {kept, text.size()};
}

}  // namespace conec::tokenize
