#include "base/status.h"

#include <cerrno>
#include <system_error>

namespace conec {

absl::Status ErrnoStatus(int error_number, std::string_view what) {
  const std::string message = fmt::format("{}: {}", what, std::generic_category().message(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return absl::Status(absl::StatusCode::kNotFound, message);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::Status(absl::StatusCode::kPermissionDenied, message);
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return absl::Status(absl::StatusCode::kInvalidArgument, message);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
    case EMFILE:
      return absl::Status(absl::StatusCode::kResourceExhausted, message);
    default:
      return absl::Status(absl::StatusCode::kUnavailable, message);
  }
}

absl::Status Annotate(const absl::Status& status, std::string_view prefix) {
  if (status.ok()) return status;
  return absl::Status(
      status.code(), fmt::format("{}: {}", prefix, std::string_view(status.message().data(), status.message().size())));
}

}  // namespace conec
