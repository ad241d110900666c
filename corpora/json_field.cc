#include "corpora/json_field.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

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

}  // namespace

absl::StatusOr<std::string> JsonStringField(std::string_view json, std::string_view field) {
  try {
    FieldFinder finder(field);
    Json::sax_parse(json.begin(), json.end(), &finder);
    return finder.Result();
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for a JSON object of {} bytes", json.size());
  }
}

}  // namespace conec::corpora
