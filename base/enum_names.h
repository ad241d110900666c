// Names of enumeration values, one table for both directions.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace conec {

template <typename Enum, std::size_t N>
using EnumNames = std::array<std::pair<Enum, std::string_view>, N>;

// "" for a value that is not in the table.
template <typename Enum, std::size_t N>
std::string_view NameOf(const EnumNames<Enum, N>& names, Enum value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  return "";
}

// kInvalidArgument: "unknown WHAT 'NAME': expected a, b or c".
template <typename Enum, std::size_t N>
absl::StatusOr<Enum> ParseName(const EnumNames<Enum, N>& names, std::string_view what, std::string_view name) {
  std::string expected;
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i].second == name) return names[i].first;
    expected += i == 0 ? "" : i + 1 == N ? " or " : ", ";
    expected += names[i].second;
  }
  return InvalidArgument("unknown {} '{}': expected {}", what, name, expected);
}

}  // namespace conec
