// Messages where nothing but system calls will do: in signal handlers, without any memory, before the C library begins.
#pragma once

#include <unistd.h>

#include <string_view>

namespace conec::cli {

// To standard error, as it is. Where it cannot be written nothing can be done about it.
inline void TellRaw(std::string_view text) {
  (void)!write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace conec::cli
