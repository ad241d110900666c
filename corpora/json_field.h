// One string out of a JSON object, without building the object.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace conec::corpora {

// The string under the key `field` of the JSON object `json` (RFC 8259; of equal keys the last one counts). Bytes in
// strings that are not UTF-8 stay as they are (unless the line also holds one of U+10FF80 to U+10FFFF, which no text
// does: then it is not valid JSON). kDataLoss if it is not valid JSON, kInvalidArgument if it is no object or the field
// is missing or no string; messages say what is there instead and that --json-field chooses.
absl::StatusOr<std::string> JsonStringField(std::string_view json, std::string_view field);

}  // namespace conec::corpora
