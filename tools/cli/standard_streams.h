// Standard input, output and error that the caller closed (`<&-`, `>&-`).
//
// The next file that is opened would get their numbers: a descriptor of the program itself would be read as the input,
// or results would be written into a model. So each of them that is closed is occupied, before anything else is opened
// (also by the libraries' own constructors), with what fails whoever uses it: /dev/null, open the wrong way round.
#pragma once

#include "base/status.h"

namespace conec::cli {

// kFailedPrecondition if it is closed; for input that is not read through corpora::ByteStream.
absl::Status CheckStandardInput();
absl::Status CheckStandardOutput();

}  // namespace conec::cli
