#include "simec_core/tensor_status.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string>

namespace conec::simec {

namespace {

bool TellsOfMemory(std::string_view message) {
  for (const std::string_view sign : {"allocate memory", "not enough memory", "out of memory"}) {
    if (message.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

// LibTorch's message names a file of its own, too, and on a GPU much else.
absl::Status OutOfMemory(std::string_view what, std::string_view message) {
  constexpr std::string_view kTried = "ried to allocate ";
  const std::size_t found = message.find(kTried);
  if (found == std::string_view::npos) return ResourceExhausted("{}: out of memory", what);
  const std::string_view size = message.substr(found + kTried.size());
  const std::size_t end = std::min({size.find(". "), size.find(" ("), size.find('\n'), size.size()});
  return ResourceExhausted("{}: out of memory: {} more were needed", what, size.substr(0, end));
}

}  // namespace

absl::Status CurrentExceptionStatus(std::string_view what) {
  try {
    throw;
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (TellsOfMemory(message)) return OutOfMemory(what, message);
    return Internal("{}: {}", what, message);
  } catch (const std::bad_alloc&) {
    return OutOfMemory(what, "");
  } catch (const std::exception& error) {
    return Internal("{}: {}", what, error.what());
  } catch (...) {
    return Internal("{}: an unknown exception", what);
  }
}

}  // namespace conec::simec
