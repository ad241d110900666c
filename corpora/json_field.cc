#include "corpora/json_field.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "tokenize/utf8.h"

namespace conec::corpora {
namespace {

using Json = nlohmann::json;

// Follows the parser's events and keeps the field.
class FieldFinder : public nlohmann::json_sax<Json> {
 public:
  explicit FieldFinder(std::string_view field) : field_(field) {}

  bool null() override { return Other("null"); }
  bool boolean(bool /*value*/) override { return Other("a boolean"); }
  bool number_integer(std::int64_t /*value*/) override { return Other("a number"); }
  bool number_unsigned(std::uint64_t /*value*/) override { return Other("a number"); }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return Other("a number"); }
  bool binary(Json::binary_t& /*value*/) override { return Other("binary data"); }
  bool string(std::string& value) override {
    if (!AtField()) return Other("a string");
    text_ = std::move(value);
    type_ = "a string";
    at_field_ = false;
    return true;
  }
  bool start_object(std::size_t /*size*/) override {
    Other("an object");
    ++depth_;
    return true;
  }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t /*size*/) override {
    Other("an array");
    ++depth_;
    return true;
  }
  bool end_array() override { return Leave(); }
  bool key(std::string& name) override {
    if (depth_ != 1) return true;
    at_field_ = name == field_;
    if (!at_field_ && keys_.size() < kMostKeysListed) keys_ += fmt::format("{}'{}'", keys_.empty() ? "" : ", ", name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& error) override {
    error_ = DataLoss("not valid JSON at byte {} of the line ({})", position, error.what());
    return false;
  }

  absl::StatusOr<std::string> Result() {
    CONEC_RETURN_IF_ERROR(error_);
    if (top_ != "an object") return InvalidArgument("expected a JSON object, found {}", top_);
    if (type_.empty()) {
      return InvalidArgument(
          "the JSON object has no field '{}' (it has: {}); --json-field names the field with the text", field_,
          keys_.empty() ? "none" : keys_);
    }
    if (type_ != "a string") {
      return InvalidArgument("the field '{}' is {}, expected a string; --json-field names the field with the text",
                             field_, type_);
    }
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kMostKeysListed = 200;  // bytes

  bool AtField() const { return depth_ == 1 && at_field_; }
  bool Other(std::string_view type) {
    if (depth_ == 0) top_ = type;
    if (AtField()) type_ = type;
    if (depth_ == 1) at_field_ = false;
    return true;
  }
  bool Leave() {
    --depth_;
    return true;
  }

  std::string_view field_;
  std::size_t depth_ = 0;
  bool at_field_ = false;
  std::string_view top_;   // what the line holds
  std::string_view type_;  // what the field holds; empty: not seen
  std::string text_;
  std::string keys_;
  absl::Status error_;
};

// The parser refuses bytes that are not UTF-8, but what becomes of them in a text is for others to decide. So each such
// byte goes through the parser as a character that no text uses: bytes 80 to FF are U+10FF80 to U+10FFFF.
constexpr std::string_view kMarkBegin = "\xF4\x8F";  // third byte BE or BF

void AppendMark(char byte, std::string& marked) {
  marked += kMarkBegin;
  marked += (byte & 0x40) == 0 ? '\xBE' : '\xBF';
  marked += static_cast<char>(0x80 | (byte & 0x3F));
}

// Whether `json` may hold such characters itself, as they are or escaped (\uDBFF begins a surrogate pair).
bool MayHoldMarks(std::string_view json) {
  if (json.find("\xF4\x8F\xBE") != std::string_view::npos || json.find("\xF4\x8F\xBF") != std::string_view::npos) {
    return true;
  }
  for (std::size_t at = json.find("\\u"); at != std::string_view::npos; at = json.find("\\u", at + 1)) {
    const std::string_view digits = json.substr(at + 2, 4);
    const auto is_one_of = [&](std::size_t i, std::string_view letters) {
      return i < digits.size() && letters.find(digits[i]) != std::string_view::npos;
    };
    if (is_one_of(0, "dD") && is_one_of(1, "bB") && is_one_of(2, "fF") && is_one_of(3, "fF")) return true;
  }
  return false;
}

std::string MarkInvalidBytes(std::string_view json) {
  std::string marked;
  while (const std::optional<std::size_t> invalid = tokenize::FindInvalidUtf8(json)) {
    marked += json.substr(0, *invalid);
    AppendMark(json[*invalid], marked);
    json.remove_prefix(*invalid + 1);
  }
  return marked += json;
}

std::string RestoreInvalidBytes(std::string_view marked) {
  std::string text;
  for (std::size_t at = 0; at < marked.size();) {
    const char third = marked.substr(at).starts_with(kMarkBegin) ? marked[at + 2] : '\0';
    const bool is_mark = third == '\xBE' || third == '\xBF';
    text += is_mark ? static_cast<char>((third == '\xBE' ? 0x80 : 0xC0) | (marked[at + 3] & 0x3F)) : marked[at];
    at += is_mark ? 4 : 1;
  }
  return text;
}

absl::StatusOr<std::string> ParseField(std::string_view json, std::string_view field) {
  FieldFinder finder(field);
  Json::sax_parse(json.begin(), json.end(), &finder);
  return finder.Result();
}

}  // namespace

absl::StatusOr<std::string> JsonStringField(std::string_view json, std::string_view field) {
  try {
    if (!tokenize::FindInvalidUtf8(json) || MayHoldMarks(json)) return ParseField(json, field);
    absl::StatusOr<std::string> marked = ParseField(MarkInvalidBytes(json), field);
    if (absl::IsDataLoss(marked.status())) return ParseField(json, field);  // for the position in the line as it is
    CONEC_RETURN_IF_ERROR(marked);
    return RestoreInvalidBytes(*marked);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for a JSON object of {} bytes", json.size());
  }
}

}  // namespace conec::corpora
