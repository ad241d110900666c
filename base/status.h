// Errors: every fallible function of every room returns absl::Status or absl::StatusOr; nothing throws across a room.
// A message says what was read, where, what was expected, and which option changes it.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace conec {

// InvalidArgument("--dim must be at least 1, got {}", dim) and the like: a status with a formatted message.
#define CONEC_DEFINE_ERROR(Name)                                                                      \
  template <typename... Args>                                                                         \
  absl::Status Name(fmt::format_string<Args...> format, Args&&... args) {                             \
    return absl::Status(absl::StatusCode::k##Name, fmt::format(format, std::forward<Args>(args)...)); \
  }
CONEC_DEFINE_ERROR(InvalidArgument)     // the caller or the user asked for something that cannot be
CONEC_DEFINE_ERROR(NotFound)            // a file, word or tensor that does not exist
CONEC_DEFINE_ERROR(DataLoss)            // a file that is truncated, corrupt or not of the expected format
CONEC_DEFINE_ERROR(FailedPrecondition)  // things that do not fit together (model against corpus)
CONEC_DEFINE_ERROR(ResourceExhausted)   // memory, disk, or a stated limit
CONEC_DEFINE_ERROR(Unavailable)         // a device or a facility that this machine or build lacks
CONEC_DEFINE_ERROR(Cancelled)           // stopped on request
CONEC_DEFINE_ERROR(Internal)            // our own bug
#undef CONEC_DEFINE_ERROR

// Status for a failed system call: "WHAT: No such file or directory". The code follows errno (ENOENT -> kNotFound,
// ENOSPC -> kResourceExhausted, ...).
absl::Status ErrnoStatus(int error_number, std::string_view what);

// The same status with `prefix` and ": " before its message; OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view prefix);

namespace status_internal {
inline const absl::Status& GetStatus(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}
}  // namespace status_internal
}  // namespace conec

#define CONEC_STATUS_CONCAT_INNER(a, b) a##b
#define CONEC_STATUS_CONCAT(a, b) CONEC_STATUS_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expression` (a Status or StatusOr) is not OK.
#define CONEC_RETURN_IF_ERROR(expression)                                             \
  do {                                                                                \
    const auto& conec_status = (expression);                                          \
    if (!conec_status.ok()) return ::conec::status_internal::GetStatus(conec_status); \
  } while (false)

// CONEC_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path)); a declaration or an existing variable on the left.
#define CONEC_ASSIGN_OR_RETURN(left, expression) \
  CONEC_ASSIGN_OR_RETURN_INNER(CONEC_STATUS_CONCAT(conec_status_or_, __LINE__), left, expression)
#define CONEC_ASSIGN_OR_RETURN_INNER(status_or, left, expression) \
  auto status_or = (expression);                                  \
  if (!status_or.ok()) return std::move(status_or).status();      \
  left = *std::move(status_or)
