#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "base/waiting.h"
#include "tests/base/scratch_folder.h"

namespace conec {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

std::string Contents(const std::string& path) {
  const auto contents = ReadFileToString(path);
  EXPECT_TRUE(contents.ok()) << contents.status();
  return contents.ok() ? *contents : "";
}

// Files of this process cannot grow beyond `bytes`: what a full disk looks like, without one.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    rlimit limit = old_limit_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int);
};

// Permissions do not bind root, so a test about them runs as nobody.
class Unprivileged {
 public:
  Unprivileged() {
    if (was_root_ && seteuid(65534) != 0) ADD_FAILURE() << "cannot drop privileges";
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() {
    if (was_root_ && seteuid(0) != 0) ADD_FAILURE() << "cannot regain privileges";
  }

 private:
  bool was_root_ = geteuid() == 0;
};

TEST(WriteFile, IsWhatReadFileToStringReads) {
  const ScratchFolder folder;
  const std::string path = folder.File("x");
  for (const std::string& contents : {std::string(), std::string("a\0b\n", 4), std::string(3 * kMegabyte + 1, 'z')}) {
    ASSERT_TRUE(WriteFile(path, contents).ok());
    EXPECT_EQ(Contents(path), contents);
    EXPECT_EQ(folder.Names(), std::set<std::string>{"x"});
  }
}

TEST(AtomicFile, IsTheConcatenationOfItsWrites) {
  const ScratchFolder folder;
  auto file = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  std::string expected;
  // Around the buffer's size (1 MB): below, exactly, above, and after each other.
  for (const std::size_t size : {std::size_t{1}, kMegabyte - 1, kMegabyte, std::size_t{5}, kMegabyte + 1,
                                 std::size_t{0}, 3 * kMegabyte, kMegabyte / 2, kMegabyte / 2, std::size_t{7}}) {
    const std::string part(size, static_cast<char>('a' + expected.size() % 26));
    ASSERT_TRUE(file->Write(part).ok());
    expected += part;
    EXPECT_EQ(file->bytes_written(), expected.size());
  }
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(Contents(folder.File("x")), expected);
}

TEST(AtomicFile, WithoutCommitLeavesTheOldFileAndNothingElse) {
  const ScratchFolder folder;
  ASSERT_TRUE(WriteFile(folder.File("x"), "old").ok());
  {
    auto file = AtomicFile::Create(folder.File("x"));
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(file->Write(std::string(2 * kMegabyte, 'n')).ok());
    EXPECT_EQ(Contents(folder.File("x")), "old");
  }
  EXPECT_EQ(folder.Names(), std::set<std::string>{"x"});
  EXPECT_EQ(Contents(folder.File("x")), "old");
}

TEST(AtomicFile, OfAKilledProcessLeavesTheOldFileAndNothingElse) {
  const ScratchFolder folder;
  const int probe = open(folder.path().c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (probe < 0) GTEST_SKIP() << "files without a name are not supported in " << folder.path();
  close(probe);
  ASSERT_TRUE(WriteFile(folder.File("x"), "old").ok());
  const pid_t child = fork();
  if (child == 0) {
    auto file = AtomicFile::Create(folder.File("x"));
    const bool written = file.ok() && file->Write(std::string(2 * kMegabyte, 'n')).ok() && file->Persist().ok();
    if (written) (void)kill(getpid(), SIGKILL);
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  EXPECT_EQ(folder.Names(), std::set<std::string>{"x"});
  EXPECT_EQ(Contents(folder.File("x")), "old");
}

TEST(AtomicFile, PersistBringsBytesToTheDiskButNotUnderTheName) {
  const ScratchFolder folder;
  ASSERT_TRUE(WriteFile(folder.File("x"), "old").ok());
  auto file = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write("new").ok());
  ASSERT_TRUE(file->Persist().ok());
  EXPECT_EQ(Contents(folder.File("x")), "old");
  {
    const FileSizeLimit limit(1);  // no room is needed any more
    EXPECT_TRUE(file->Commit().ok());
  }
  EXPECT_EQ(Contents(folder.File("x")), "new");
  EXPECT_TRUE(absl::IsInternal(file->Persist()));
}

TEST(AtomicFile, OverwriteReplacesWhatWasWrittenAndNothingElse) {
  const ScratchFolder folder;
  auto file = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->can_overwrite());
  ASSERT_TRUE(file->Write("0000 and more").ok());
  ASSERT_TRUE(file->Overwrite(1, "12").ok());
  ASSERT_TRUE(file->Write(", and more").ok());
  ASSERT_TRUE(file->Overwrite(0, "9").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(file->Overwrite(20, "past the end")));
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(ReadFileToString(folder.File("x")).value(), "9120 and more, and more");
}

TEST(AtomicFile, OverwritesNothingInADevice) {
  auto file = AtomicFile::Create("/dev/null");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write("0000").ok());
  EXPECT_FALSE(file->can_overwrite());
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Overwrite(0, "1")));
}

TEST(AtomicFile, ANameThatIsTooLongIsRefusedAtOnce) {
  const ScratchFolder folder;
  const auto file = AtomicFile::Create(folder.File(std::string(300, 'x')));
  EXPECT_FALSE(file.ok());
  EXPECT_THAT(Message(file.status()), HasSubstr("File name too long"));
}

TEST(AtomicFile, MovedFileIsTheSameFile) {
  const ScratchFolder folder;
  auto first = AtomicFile::Create(folder.File("first"));
  auto second = AtomicFile::Create(folder.File("second"));
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(first->Write("one").ok());
  AtomicFile moved = *std::move(first);
  ASSERT_TRUE(moved.Write(" two").ok());
  *second = std::move(moved);  // gives up what `second` was writing
  ASSERT_TRUE(second->Commit().ok());
  EXPECT_EQ(folder.Names(), std::set<std::string>{"first"});
  EXPECT_EQ(Contents(folder.File("first")), "one two");
}

TEST(AtomicFile, TwoWritersOfOnePathDoNotMix) {
  const ScratchFolder folder;
  auto first = AtomicFile::Create(folder.File("x"));
  auto second = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(first->Write("first").ok());
  ASSERT_TRUE(second->Write("second").ok());
  ASSERT_TRUE(second->Commit().ok());
  ASSERT_TRUE(first->Commit().ok());
  EXPECT_EQ(Contents(folder.File("x")), "first");
  EXPECT_EQ(folder.Names(), std::set<std::string>{"x"});
}

// A program that was killed leaves its temporary file; another with the same process number must not stumble over it.
TEST(AtomicFile, PassesByTemporaryNamesThatAreTaken) {
  int names = 500;
  for (const bool before_creation : {true, false}) {
    const ScratchFolder folder;
    std::set<std::string> left;
    names *= 3;  // more than were used before
    for (int i = 0; i < names; ++i) left.insert(fmt::format("x.tmp-{}-{}", getpid(), i));
    const auto leave = [&] {
      for (const std::string& name : left) folder.Write(name, "left behind");
    };
    if (before_creation) leave();
    auto file = AtomicFile::Create(folder.File("x"));
    ASSERT_TRUE(file.ok()) << file.status();
    if (!before_creation && folder.Names().empty()) leave();  // else the file system gives no files without a name
    ASSERT_TRUE(file->Write("new").ok());
    EXPECT_TRUE(file->Commit().ok());
    EXPECT_EQ(Contents(folder.File("x")), "new");
    for (const std::string& name : folder.Names()) EXPECT_TRUE(name == "x" || left.contains(name)) << name;
  }
}

TEST(AtomicFile, CreateRemovesWhatKilledWritersOfThePathLeft) {
  const ScratchFolder folder;
  const std::set<std::string> others = {"x",        "x.tmp-",    "x.tmp-1",    "x.tmp-1-",  "x.tmp--1", "x.tmp-1-1b",
                                        "x.tmp1-1", "y.tmp-1-1", "xx.tmp-1-1", "x.tmp-a-1", "x.tmp-2-2"};
  for (const std::string& name : others) folder.Write(name, "of somebody else");
  folder.Write("x.tmp-1-1", "left behind");
  folder.Write("x.tmp-12345-678", "left behind");
  const int alive = open(folder.File("x.tmp-2-2").c_str(), O_RDWR);
  ASSERT_EQ(flock(alive, LOCK_EX), 0);  // as writers do
  ASSERT_TRUE(AtomicFile::Create(folder.File("x")).ok());
  EXPECT_EQ(folder.Names(), others);
  close(alive);
}

TEST(AtomicFile, OfALivingWriterIsNotTakenForAbandoned) {
  const ScratchFolder folder;
  auto file = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write("first").ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(WriteFile(folder.File("x"), "second").ok());
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(Contents(folder.File("x")), "first");
}

TEST(AtomicFile, MapHoldsWhatWasWrittenWithoutAName) {
  const ScratchFolder folder;
  const std::string text(3 * kMegabyte + 5, 't');
  auto file = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write(text).ok());
  const auto mapped = file->Map();
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_EQ(folder.Names(), std::set<std::string>{});
  EXPECT_TRUE(mapped->text() == text);
  EXPECT_TRUE(absl::IsInternal(file->Write("late")));
  EXPECT_TRUE(absl::IsInternal(file->Map().status()));
}

TEST(AtomicFile, MapsNoDevice) {
  auto file = AtomicFile::Create("/dev/null");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Map().status()));
}

TEST(AtomicFile, InAFolderThatCannotBeReadIsWritten) {
  const ScratchFolder folder;
  ASSERT_EQ(chmod(folder.path().c_str(), 0333), 0);
  absl::Status status;
  {
    const Unprivileged unprivileged;
    status = WriteFile(folder.File("x"), "new");
  }
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Contents(folder.File("x")), "new");
}

TEST(AtomicFile, CommittedFileTakesNoMoreWritesOrCommits) {
  const ScratchFolder folder;
  auto file = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_TRUE(absl::IsInternal(file->Write("late")));
  EXPECT_TRUE(absl::IsInternal(file->Commit()));
}

TEST(AtomicFile, AFileThatMissedAWriteIsNeverCommitted) {
  const ScratchFolder folder;
  auto file = AtomicFile::Create(folder.File("x"));
  ASSERT_TRUE(file.ok());
  {
    const FileSizeLimit limit(4096);
    EXPECT_FALSE(file->Write(std::string(2 * kMegabyte, 'n')).ok());
  }
  EXPECT_TRUE(file->Write("there is room again").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(file->Commit()));
  EXPECT_FALSE(std::filesystem::exists(folder.File("x")));
}

TEST(AtomicFile, OnAFullDiskFailsNamingThePathAndKeepsTheOldFile) {
  const ScratchFolder folder;
  const std::string path = folder.File("x");
  ASSERT_TRUE(WriteFile(path, "old").ok());
  absl::Status large, small;
  {
    const FileSizeLimit limit(4096);
    large = WriteFile(path, std::string(2 * kMegabyte, 'n'));
    small = WriteFile(path, std::string(8192, 'n'));  // stays in the buffer until Commit()
  }
  for (const absl::Status& status : {large, small}) {
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_THAT(Message(status), HasSubstr(path));
  }
  EXPECT_EQ(folder.Names(), std::set<std::string>{"x"});
  EXPECT_EQ(Contents(path), "old");
}

TEST(AtomicFile, InAFolderThatCannotBeWrittenIsPermissionDenied) {
  const ScratchFolder folder;
  const std::string path = folder.File("x");
  ASSERT_EQ(chmod(folder.path().c_str(), 0555), 0);
  absl::Status status;
  {
    const Unprivileged unprivileged;
    status = AtomicFile::Create(path).status();
  }
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr(path));
  EXPECT_TRUE(folder.Names().empty());
}

TEST(AtomicFile, RefusesAtOnceWhatCannotBecomeAFile) {
  const ScratchFolder folder;
  EXPECT_TRUE(absl::IsInvalidArgument(AtomicFile::Create(folder.path()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(AtomicFile::Create("").status()));
  EXPECT_TRUE(absl::IsNotFound(AtomicFile::Create(folder.File("missing/x")).status()));
  EXPECT_FALSE(AtomicFile::Create(folder.File("missing/")).ok());
  EXPECT_TRUE(folder.Names().empty());
}

TEST(AtomicFile, NewFilesFollowTheUmaskAndReplacedFilesKeepTheirMode) {
  const ScratchFolder folder;
  const mode_t old_umask = umask(027);
  ASSERT_TRUE(WriteFile(folder.File("new"), "x").ok());
  umask(old_umask);
  struct stat info {};
  ASSERT_EQ(stat(folder.File("new").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
  ASSERT_EQ(chmod(folder.File("new").c_str(), 0600), 0);
  ASSERT_TRUE(WriteFile(folder.File("new"), "y").ok());
  ASSERT_EQ(stat(folder.File("new").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(AtomicFile, ThroughASymbolicLinkReplacesWhatTheLinkNames) {
  const ScratchFolder folder;
  ASSERT_TRUE(WriteFile(folder.File("target"), "old").ok());
  ASSERT_EQ(symlink("target", folder.File("link").c_str()), 0);
  ASSERT_TRUE(WriteFile(folder.File("link"), "new").ok());
  EXPECT_EQ(Contents(folder.File("target")), "new");
  struct stat info {};
  ASSERT_EQ(lstat(folder.File("link").c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  EXPECT_EQ(folder.Names(), (std::set<std::string>{"link", "target"}));
}

TEST(AtomicFile, WritesStraightToDevices) {
  EXPECT_TRUE(WriteFile("/dev/null", std::string(2 * kMegabyte, 'x')).ok());
  const absl::Status full = WriteFile("/dev/full", "x");
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(Message(full), HasSubstr("/dev/full"));
  struct stat info {};
  ASSERT_EQ(stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST(AtomicFile, WritesStraightToPipes) {
  const ScratchFolder folder;
  const std::string path = folder.File("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = Contents(path); });
  const std::string contents(3 * kMegabyte, 'p');
  const absl::Status status = WriteFile(path, contents);
  reader.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(read, contents);
  EXPECT_EQ(folder.Names(), std::set<std::string>{"pipe"});
}

// `program --output /dev/stdout > file`: /dev/stdout then is a link to a regular file, which must not be renamed over,
// and what the program printed before must stay.
TEST(AtomicFile, WritesStraightToOpenDescriptors) {
  const ScratchFolder folder;
  const int descriptor = open(folder.File("x").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(descriptor, 0);
  ASSERT_EQ(write(descriptor, "before ", 7), 7);
  EXPECT_TRUE(WriteFile(fmt::format("/dev/fd/{}", descriptor), "first ").ok());
  EXPECT_TRUE(WriteFile(fmt::format("/proc/self/fd/{}", descriptor), "second").ok());
  EXPECT_EQ(write(descriptor, " after", 6), 6);
  close(descriptor);
  EXPECT_EQ(Contents(folder.File("x")), "before first second after");
  EXPECT_EQ(folder.Names(), std::set<std::string>{"x"});
}

TEST(MappedFile, HoldsTheFile) {
  const ScratchFolder folder;
  const std::string contents("map\0ped", 7);
  ASSERT_TRUE(WriteFile(folder.File("x"), contents).ok());
  auto file = MappedFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  const MappedFile moved = *std::move(file);
  EXPECT_EQ(moved.text(), contents);
  EXPECT_EQ(moved.bytes().size(), contents.size());
}

TEST(MappedFile, KeepsTheContentsOfAFileThatIsReplaced) {
  const ScratchFolder folder;
  ASSERT_TRUE(WriteFile(folder.File("x"), "old").ok());
  const auto file = MappedFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(WriteFile(folder.File("x"), "new and longer").ok());
  EXPECT_EQ(file->text(), "old");
}

TEST(MappedFile, OfAnEmptyFileIsEmpty) {
  const ScratchFolder folder;
  ASSERT_TRUE(WriteFile(folder.File("x"), "").ok());
  const auto file = MappedFile::Open(folder.File("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->bytes().empty());
  EXPECT_TRUE(file->text().empty());
}

TEST(MappedFile, RefusesWhatIsNoRegularFileWithoutWaiting) {
  const ScratchFolder folder;
  const std::string pipe = folder.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);  // nobody writes: opening it for reading alone would wait for ever
  EXPECT_TRUE(absl::IsInvalidArgument(MappedFile::Open(pipe).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MappedFile::Open(folder.path()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MappedFile::Open("/dev/null").status()));
}

TEST(MappedFile, ThatIsMissingOrForbiddenSaysSo) {
  const ScratchFolder folder;
  const absl::Status missing = MappedFile::Open(folder.File("x")).status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_THAT(Message(missing), HasSubstr(folder.File("x")));
  ASSERT_TRUE(WriteFile(folder.File("secret"), "x").ok());
  ASSERT_EQ(chmod(folder.File("secret").c_str(), 0), 0);
  const Unprivileged unprivileged;
  EXPECT_TRUE(absl::IsPermissionDenied(MappedFile::Open(folder.File("secret")).status()));
}

TEST(ReadFileToString, ErrorsNameThePath) {
  const ScratchFolder folder;
  const absl::Status missing = ReadFileToString(folder.File("x")).status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_THAT(Message(missing), HasSubstr(folder.File("x")));
  const absl::Status is_folder = ReadFileToString(folder.path()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(is_folder)) << is_folder;
  EXPECT_THAT(Message(is_folder), HasSubstr(folder.path()));
}

TEST(ReadFileToString, APipeIsReadToItsEndOrUntilAStop) {
  const ScratchFolder folder;
  const std::string pipe = folder.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string text(200'000, 'x');  // more than a pipe holds
  std::thread writer([&] { std::ofstream(pipe) << text; });
  const auto contents = ReadFileToString(pipe);
  writer.join();
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_TRUE(*contents == text);

  const int stop = eventfd(0, EFD_CLOEXEC);
  SetStopDescriptor(stop);
  std::thread stopper([&] { EXPECT_EQ(eventfd_write(stop, 1), 0); });
  const absl::Status stopped = ReadFileToString(pipe).status();  // nobody writes
  stopper.join();
  SetStopDescriptor(-1);
  close(stop);
  EXPECT_TRUE(absl::IsCancelled(stopped)) << stopped;
}

TEST(TemporaryFile, HasNoName) {
  const ScratchFolder folder;
  const auto file = TemporaryFile::Create(folder.path());
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->WriteAt(0, std::as_bytes(std::span("abc", 3))).ok());
  EXPECT_TRUE(folder.Names().empty());
}

TEST(TemporaryFile, ReadsAtAnyOffsetWhatWasWrittenThere) {
  const ScratchFolder folder;
  auto file = TemporaryFile::Create(folder.path());
  ASSERT_TRUE(file.ok()) << file.status();
  const TemporaryFile moved = *std::move(file);
  ASSERT_TRUE(moved.WriteAt(5, std::as_bytes(std::span("fghij", 5))).ok());
  ASSERT_TRUE(moved.WriteAt(0, std::as_bytes(std::span("abcde", 5))).ok());
  std::string read(4, ' ');
  ASSERT_TRUE(moved.ReadAt(3, std::as_writable_bytes(std::span(read))).ok());
  EXPECT_EQ(read, "defg");
}

TEST(TemporaryFile, ReadingPastTheEndIsDataLoss) {
  const ScratchFolder folder;
  const auto file = TemporaryFile::Create(folder.path());
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->WriteAt(0, std::as_bytes(std::span("abc", 3))).ok());
  std::string read(4, ' ');
  EXPECT_TRUE(absl::IsDataLoss(file->ReadAt(0, std::as_writable_bytes(std::span(read)))));
}

TEST(TemporaryFile, ErrorsNameTheFolder) {
  const ScratchFolder folder;
  const absl::Status missing = TemporaryFile::Create(folder.File("missing")).status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_THAT(Message(missing), HasSubstr(folder.File("missing")));
  const auto file = TemporaryFile::Create(folder.path());
  ASSERT_TRUE(file.ok()) << file.status();
  const FileSizeLimit limit(4096);
  const std::string large(8192, 'x');
  const absl::Status full = file->WriteAt(0, std::as_bytes(std::span(large)));
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(Message(full), HasSubstr(folder.path()));
}

TEST(FolderOf, IsWhereTheFileLies) {
  EXPECT_EQ(FolderOf("x"), ".");
  EXPECT_EQ(FolderOf("/x"), "/");
  EXPECT_EQ(FolderOf("a/b/x"), "a/b");
  EXPECT_EQ(FolderOf("/a/x"), "/a");
}

}  // namespace
}  // namespace conec
