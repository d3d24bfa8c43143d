#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "client_lib/local/shared/identity.h"
#include "client_lib/local/shared/memory.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using internal::is_running;
using internal::ProcessIdentity;
using internal::this_process;
using internal::this_thread;

class SharedIdentity : public ProcessTest {
 protected:
  // Of a child that is still there to be reaped, or not.
  static ProcessIdentity of_a_child(Pipe& answer, pid_t& pid) {
    pid = ::fork();
    if (pid == 0) {
      const auto word = this_process().word;
      ::_exit(::write(answer.write_end(), &word, sizeof word) == sizeof word ? 0 : 1);
    }
    ProcessIdentity child;
    EXPECT_EQ(::read(answer.read_end(), &child.word, sizeof child.word), sizeof child.word);
    return child;
  }

  Pipe answer;
  pid_t pid = 0;
};

TEST_F(SharedIdentity, IsOfThisProcess) {
  EXPECT_EQ(this_process().pid(), ::getpid());
  EXPECT_EQ(this_process(), this_process());
  EXPECT_TRUE(is_running(this_process()));
}

TEST_F(SharedIdentity, OfAChildIsAnother) {
  const ProcessIdentity child = of_a_child(answer, pid);
  EXPECT_EQ(child.pid(), pid);
  EXPECT_NE(child, this_process());
  ::waitpid(pid, nullptr, 0);
}

TEST_F(SharedIdentity, OfTheParentRuns) {
  const ProcessIdentity parent = this_process();
  EXPECT_EQ(in_child([&] { return is_running(parent) ? "runs" : "ended"; }), "runs");
}

TEST_F(SharedIdentity, OfAZombieDoesNotRun) {
  const ProcessIdentity child = of_a_child(answer, pid);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
  EXPECT_FALSE(is_running(child));
  ::waitpid(pid, nullptr, 0);
  EXPECT_FALSE(is_running(child));
}

TEST_F(SharedIdentity, OfAStoppedProcessRuns) {
  Pipe stopped;
  pid = ::fork();
  if (pid == 0) {
    const auto word = this_process().word;
    static_cast<void>(::write(stopped.write_end(), &word, sizeof word));
    for (;;) ::pause();
  }
  ProcessIdentity child;
  ASSERT_EQ(::read(stopped.read_end(), &child.word, sizeof child.word), sizeof child.word);
  ::kill(pid, SIGSTOP);
  ::waitpid(pid, nullptr, WUNTRACED);
  EXPECT_TRUE(is_running(child));
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

TEST_F(SharedIdentity, OfAProcessIdInUseAgainDoesNotRun) {
  const ProcessIdentity earlier{this_process().word ^ (std::uint64_t{1} << 40U)};
  EXPECT_EQ(earlier.pid(), ::getpid());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(is_running(earlier) ? 1 : 0);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(SharedIdentity, OfAProcessIdThatIsAThreadsNowDoesNotRun) {
  std::atomic<pid_t> task = 0;
  std::atomic<bool> is_over = false;
  std::jthread thread([&] {
    task = ::gettid();
    task.notify_one();
    is_over.wait(false);
  });
  task.wait(0);
  const auto start = this_process().word & ~static_cast<std::uint64_t>(::getpid());
  EXPECT_FALSE(is_running({start | static_cast<std::uint64_t>(task.load())}));
  is_over = true;
  is_over.notify_one();
}

TEST_F(SharedIdentity, OfAThreadIsNoOtherThreads) {
  const std::uint64_t mine = this_thread();
  EXPECT_EQ(this_thread(), mine);
  std::jthread([&] { EXPECT_NE(this_thread(), mine); }).join();
  EXPECT_EQ(in_child([&] { return this_thread() == mine ? "the same" : "another"; }), "another");
}

}  // namespace
}  // namespace mp::test
