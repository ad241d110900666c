#include "tools/cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace conec::cli {

std::string WithThousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t position = text.size(); position > 3;) {
    position -= 3;
    text.insert(position, 1, ',');
  }
  return text;
}

std::string Count(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", WithThousands(number), noun, number == 1 ? "" : "s");
}

std::string Compact(double number) {
  constexpr std::array<const char*, 5> kUnits = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  // 999.5 would be printed as 1e+03.
  while (std::abs(number) >= 999.5 && unit + 1 < kUnits.size()) {
    number /= 1000;
    ++unit;
  }
  return fmt::format("{:.3g}{}", number, kUnits[unit]);
}

std::string Duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto total = static_cast<std::uint64_t>(std::llround(seconds));
  const std::uint64_t hours = total / 3600, minutes = total / 60 % 60, rest = total % 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, rest);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, rest);
}

std::string ShellQuote(std::string_view argument) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string_view::npos) return std::string(argument);
  std::string quoted = "'";
  for (const char letter : argument) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

std::string CommandLine(std::span<const char* const> arguments) {
  std::string line;
  for (const char* argument : arguments) {
    if (!line.empty()) line += ' ';
    line += ShellQuote(argument);
  }
  return line;
}

namespace {

// Appends one line of input (without line break), wrapped.
void WrapLine(std::string_view line, std::size_t width, std::size_t indent, std::string& out) {
  std::size_t column = 0;
  bool first = true;
  while (!line.empty()) {
    const std::size_t length = std::min(line.find(' '), line.size());
    if (!first && column + 1 + length > width) {
      out += '\n' + std::string(indent, ' ');
      column = 0;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += line.substr(0, length);
    column += length;
    first = false;
    line.remove_prefix(std::min(length + 1, line.size()));
  }
}

}  // namespace

std::string Wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    WrapLine(text.substr(0, end), width, indent, out);
    if (end == text.size()) return out;
    out += '\n' + std::string(indent, ' ');
    text.remove_prefix(end + 1);
  }
}

}  // namespace conec::cli
