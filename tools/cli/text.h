// Numbers, durations and command lines as people read them. ASCII only: terminals and logs of any locale show them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace conec::cli {

// "16,936,381".
std::string WithThousands(std::uint64_t number);

// "1 document", "2,500 documents".
std::string Count(std::uint64_t number, std::string_view noun);

// Three significant digits with a unit: 950 -> "950", 1234567 -> "1.23M".
std::string Compact(double number);

// "0.4 s", "42.0 s", "3:07", "2:03:07".
std::string Duration(double seconds);

// `argument` so that a POSIX shell reads it back as one word: unchanged if nothing in it is special, else in quotes.
std::string ShellQuote(std::string_view argument);

// The whole command line, every argument quoted.
std::string CommandLine(std::span<const char* const> arguments);

// Breaks `text` at blanks into lines of at most `width` characters; lines after the first begin with `indent` blanks.
// Line breaks of `text` stay. A word longer than the width stands alone.
std::string Wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace conec::cli
