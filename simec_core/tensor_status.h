// The edge of the room towards LibTorch: its exceptions become statuses here.
#pragma once

#include <string_view>
#include <utility>

#include "base/status.h"

namespace conec::simec {

// The status of the exception being handled, "WHAT: message" without LibTorch's stack frames: kResourceExhausted,
// "WHAT: out of memory...", for memory that ran out, kInternal else. To be called in a catch block only.
absl::Status CurrentExceptionStatus(std::string_view what);

// Calls `function`, which returns a Status or a StatusOr and may call LibTorch; what it throws becomes its result.
template <typename Function>
auto CatchTorch(std::string_view what, Function&& function) -> decltype(function()) {
  try {
    return std::forward<Function>(function)();
  } catch (...) {
    return CurrentExceptionStatus(what);
  }
}

}  // namespace conec::simec
