#include "simec_core/tensor_status.h"

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>

namespace conec::simec {

absl::Status CurrentExceptionStatus(std::string_view what) {
  try {
    throw;
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (message.find("memory") != std::string::npos) return ResourceExhausted("{}: {}", what, message);
    return Internal("{}: {}", what, message);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("{}: no memory left", what);
  } catch (const std::exception& error) {
    return Internal("{}: {}", what, error.what());
  } catch (...) {
    return Internal("{}: an unknown exception", what);
  }
}

}  // namespace conec::simec
