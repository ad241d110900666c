#include "tools/cli/numbers.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/string_view.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/cli/files.h"

namespace conec::cli {
namespace {

bool IsText(const CLI::Option& option) {
  constexpr std::array<std::string_view, 5> kTexts = {"WORD", "TEXT", "TOKEN", "TAG", "NAME"};
  const std::string type = option.get_type_name();
  return std::ranges::any_of(kTexts, [&type](std::string_view text) { return type.find(text) != std::string::npos; });
}

// What is expected instead of `value`; "" if nothing is wrong with it, also if it is no number.
std::string_view Expected(const std::string& value) {
  if (value.empty()) return "a value";                                   // CLI11 would take 0
  const absl::string_view stripped = absl::StripAsciiWhitespace(value);  // CLI11 skips blanks
  const std::string_view text(stripped.data(), stripped.size());
  double real = 0;  // infinite for what is too large
  if (!absl::SimpleAtod(stripped, &real)) return "";
  if (!std::isfinite(real)) return "a finite number";
  const std::string_view digits = text.substr(text.starts_with('+') || text.starts_with('-') ? 1 : 0);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return "";
  if (digits.size() > 1 && digits.starts_with('0')) return "a decimal number without leading zeros";  // CLI11: octal
  std::uint64_t integer = 0;
  const bool fits = std::from_chars(digits.data(), digits.data() + digits.size(), integer).ec == std::errc();
  return fits ? "" : "an integer below 2^64";
}

absl::Status CheckOptions(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || IsText(*option)) continue;
    const bool names_files = NamesFiles(*option);
    for (const std::string& text : option->results()) {
      const std::string_view expected = !names_files ? Expected(text) : text.empty() ? "the name of a file" : "";
      if (expected.empty()) continue;
      return InvalidArgument("{} is {}: expected {}", option->get_name(), text.empty() ? "empty" : text, expected);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckNumbers(const CLI::App& app) {
  CONEC_RETURN_IF_ERROR(CheckOptions(app));
  for (const CLI::App* subcommand : app.get_subcommands()) CONEC_RETURN_IF_ERROR(CheckOptions(*subcommand));
  return absl::OkStatus();
}

}  // namespace conec::cli
