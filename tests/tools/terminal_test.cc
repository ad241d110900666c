// What people see at a terminal: programs run on a pseudo-terminal of 100 columns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "tests/tools/sample_fixture.h"

namespace conec::testing_tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kColumns = 100;

class Terminal : public SampleTest {
 protected:
  void SetUp() override {
    int ours = -1, theirs = -1;
    if (openpty(&ours, &theirs, nullptr, nullptr, nullptr) != 0) {
      GTEST_SKIP() << "this machine gives no pseudo-terminals (is /dev/pts mounted?): " << std::strerror(errno);
    }
    close(ours);
    close(theirs);
  }
};

struct Session {
  int exit_code = -1;
  std::string shown;  // everything, with what was typed
};

void Type(int terminal, const std::string& text) {
  EXPECT_EQ(write(terminal, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

// Types `typed` once `after` was shown, and then only reads until the program has ended.
Session RunOnTerminal(const std::vector<std::string>& command, const std::string& typed, const std::string& after) {
  const std::string program = std::string(CONEC_BIN) + "/" + command[0];
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  winsize size{};
  size.ws_row = 24;
  size.ws_col = kColumns;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child < 0) {
    ADD_FAILURE() << "forkpty: " << std::strerror(errno);
    return {};
  }
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
  Session session;
  bool has_typed = false;
  char buffer[4096];
  for (ssize_t count; (count = read(terminal, buffer, sizeof(buffer))) > 0;) {
    session.shown.append(buffer, static_cast<std::size_t>(count));
    if (has_typed || session.shown.find(after) == std::string::npos) continue;
    has_typed = true;
    Type(terminal, typed);
  }
  close(terminal);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) session.exit_code = WEXITSTATUS(status);
  return session;
}

// What stands between two movements to the first column.
std::size_t LongestLine(const std::string& shown) {
  std::size_t longest = 0, length = 0;
  for (const char c : shown) {
    length = c == '\r' || c == '\n' ? 0 : length + 1;
    longest = std::max(longest, length);
  }
  return longest;
}

TEST_F(Terminal, WordsTypedAreAnsweredUntilAnEmptyLineOrTheEnd) {
  for (const char* end : {"\n", "\x04"}) {
    const Session session =
        RunOnTerminal({"conec-nn", "--model", Model(), "-k", "2"}, std::string("the\nzorblax\n") + end, "Type a word");
    EXPECT_EQ(session.exit_code, 0) << session.shown;  // an unknown word is said, and no failure when a person asks
    EXPECT_THAT(session.shown, HasSubstr("\nthe\t"));
    EXPECT_THAT(session.shown, HasSubstr("'zorblax' is not in the vocabulary"));
  }
}

TEST_F(Terminal, TheBarIsDrawnOverItselfAndEndsBeforeTheMessageOfCtrlC) {
  const Session session = RunOnTerminal(
      {"conec-train", "--input", Text(), "--output", folder_ / "m", "--epochs", "1000000", "--device", "cpu"}, "\x03",
      "words/s  loss ");
  EXPECT_EQ(session.exit_code, 130) << session.shown;
  EXPECT_THAT(session.shown, HasSubstr("\rtrain "));
  EXPECT_THAT(session.shown, HasSubstr("\nconec-train: stopped by SIGINT"));
  const std::size_t message = session.shown.find("\ncheckpoint: ");
  ASSERT_NE(message, std::string::npos) << session.shown;
  // The last column stays free; "^C" is the terminal's.
  EXPECT_LT(LongestLine(session.shown.substr(0, message)), kColumns + 2);
  EXPECT_THAT(folder_.Names(), ElementsAre("m.checkpoint"));
}

TEST_F(Terminal, ProgressNoneShowsTheSummaryOnly) {
  const Session session = RunOnTerminal(Train(folder_ / "m"), "", "");
  EXPECT_EQ(session.exit_code, 0);
  EXPECT_THAT(session.shown, ::testing::Not(HasSubstr("%")));  // --progress none
  EXPECT_THAT(session.shown, HasSubstr("model: "));
}

}  // namespace
}  // namespace conec::testing_tools
