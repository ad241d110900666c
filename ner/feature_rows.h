// Rows of named features while they are collected: names get numbers as they come. Internal to the room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace conec::ner {

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

// Numbers for strings, in the order in which they come.
class StringNumbers {
 public:
  StringNumbers() = default;
  StringNumbers(StringNumbers&&) = default;
  StringNumbers& operator=(StringNumbers&&) = default;
  StringNumbers(const StringNumbers&) = delete;  // strings_ points into numbers_
  StringNumbers& operator=(const StringNumbers&) = delete;

  std::uint32_t Number(std::string_view text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<std::uint32_t>(numbers_.size());
    strings_.push_back(&numbers_.emplace(text, number).first->first);
    return number;
  }
  std::size_t size() const { return strings_.size(); }
  const std::string& string(std::uint32_t number) const { return *strings_[number]; }

 private:
  std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>> numbers_;
  std::vector<const std::string*> strings_;  // keys of the map, which stay where they are
};

class FeatureRows {
 public:
  // The number of the feature whose name the parts make up.
  std::uint32_t Feature(std::initializer_list<std::string_view> parts) {
    name_.clear();
    for (const std::string_view part : parts) name_ += part;
    return names_.Number(name_);
  }

  // To the current row. A feature counts once per row.
  void Add(std::uint32_t feature, float value = 1) { row_.emplace_back(feature, value); }
  void Add(std::initializer_list<std::string_view> parts) { Add(Feature(parts)); }

  void EndRow() {
    std::sort(row_.begin(), row_.end());
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    row_.erase(std::unique(row_.begin(), row_.end(), same), row_.end());
    for (const auto& [feature, value] : row_) {
      features_.push_back(feature);
      values_.push_back(value);
    }
    row_.clear();
    begins_.push_back(features_.size());
  }

  std::size_t rows() const { return begins_.size() - 1; }
  const StringNumbers& names() const { return names_; }
  const std::vector<std::uint64_t>& begins() const { return begins_; }  // rows + 1 values
  const std::vector<std::uint32_t>& features() const { return features_; }
  const std::vector<float>& values() const { return values_; }

 private:
  StringNumbers names_;
  std::string name_;
  std::vector<std::pair<std::uint32_t, float>> row_;
  std::vector<std::uint64_t> begins_ = {0};
  std::vector<std::uint32_t> features_;
  std::vector<float> values_;
};

}  // namespace conec::ner
