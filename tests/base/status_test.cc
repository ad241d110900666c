#include "base/status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace conec {
namespace {

absl::StatusOr<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return InvalidArgument("expected an even number, got {}", number);
  return std::make_unique<int>(number / 2);
}

absl::StatusOr<int> Quarter(int number) {
  CONEC_ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(number));
  std::unique_ptr<int> quarter;
  CONEC_ASSIGN_OR_RETURN(quarter, Half(*half));
  return *quarter;
}

absl::Status CheckEven(int number, int& evaluations) {
  const auto count_and_halve = [&] {
    ++evaluations;
    return Half(number);
  };
  CONEC_RETURN_IF_ERROR(count_and_halve());
  CONEC_RETURN_IF_ERROR(absl::OkStatus());
  return absl::OkStatus();
}

TEST(AssignOrReturn, PassesMoveOnlyValuesAndReturnsTheFirstError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(7).status(), absl::InvalidArgumentError("expected an even number, got 7"));
  EXPECT_EQ(Quarter(6).status(), absl::InvalidArgumentError("expected an even number, got 3"));
}

TEST(ReturnIfError, TakesStatusAndStatusOrAndEvaluatesOnce) {
  int evaluations = 0;
  EXPECT_TRUE(CheckEven(2, evaluations).ok());
  EXPECT_EQ(evaluations, 1);
  EXPECT_EQ(CheckEven(3, evaluations).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(evaluations, 2);
}

TEST(ReturnIfError, IsOneStatementInAnUnbracedIf) {
  const auto check = [](bool wanted) -> absl::Status {
    if (wanted)
      CONEC_RETURN_IF_ERROR(NotFound("nothing"));
    else
      return DataLoss("the else branch");
    return absl::OkStatus();
  };
  EXPECT_EQ(check(true).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(check(false).code(), absl::StatusCode::kDataLoss);
}

TEST(Errors, CarryTheCodeTheirNameSays) {
  EXPECT_TRUE(absl::IsInvalidArgument(InvalidArgument("x")));
  EXPECT_TRUE(absl::IsNotFound(NotFound("x")));
  EXPECT_TRUE(absl::IsDataLoss(DataLoss("x")));
  EXPECT_TRUE(absl::IsFailedPrecondition(FailedPrecondition("x")));
  EXPECT_TRUE(absl::IsResourceExhausted(ResourceExhausted("x")));
  EXPECT_TRUE(absl::IsUnavailable(Unavailable("x")));
  EXPECT_TRUE(absl::IsCancelled(Cancelled("x")));
  EXPECT_TRUE(absl::IsInternal(Internal("x")));
}

TEST(ErrnoStatus, SaysWhatFailedAndWhyWithAFittingCode) {
  EXPECT_EQ(ErrnoStatus(ENOENT, "cannot open 'a'"), absl::NotFoundError("cannot open 'a': No such file or directory"));
  EXPECT_TRUE(absl::IsPermissionDenied(ErrnoStatus(EACCES, "a")));
  EXPECT_TRUE(absl::IsPermissionDenied(ErrnoStatus(EROFS, "a")));
  EXPECT_TRUE(absl::IsResourceExhausted(ErrnoStatus(ENOSPC, "a")));
  EXPECT_TRUE(absl::IsResourceExhausted(ErrnoStatus(EFBIG, "a")));
  EXPECT_TRUE(absl::IsUnavailable(ErrnoStatus(EIO, "a")));
}

TEST(Annotate, PrefixesErrorsAndKeepsTheirCode) {
  EXPECT_EQ(Annotate(DataLoss("bad magic"), "model.st"), absl::DataLossError("model.st: bad magic"));
}

TEST(Annotate, LeavesOkAsItIs) {
  EXPECT_TRUE(Annotate(absl::OkStatus(), "model.st").ok());
}

}  // namespace
}  // namespace conec
