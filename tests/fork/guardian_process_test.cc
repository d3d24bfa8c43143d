#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "client_lib/local/guardian/guardian.h"
#include "client_lib/local/guardian/guardian_launch.h"
#include "client_lib/local/guardian/guardian_main.h"
#include "client_lib/local/os/pidfd.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"

// What kind of process a guardian is: one that nobody notices, and that no program becomes unasked.

namespace mp::test {
namespace {

namespace fs = std::filesystem;
using internal::guardian_pid;
using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

class GuardianProcess : public ProcessTest {
 protected:
  GuardianProcess() { daemon_.start(); }
  void TearDown() override {
    daemon_.kill();
    daemon_.join();
    daemon_.close();
    ProcessTest::TearDown();
  }

  static fs::path folder() { return fs::path("/proc") / std::to_string(*guardian_pid()); }

  Process daemon_{ProcessOptions{.daemon = true}, [] { ::pause(); }};
};

TEST_F(GuardianProcess, HoldsNothingOfItsParents) {
  Pipe pipe;  // of before: it is made anew below
  daemon_.kill();
  daemon_.join();
  ASSERT_EQ(::fcntl(pipe.write_end(), F_SETFD, 0), 0) << "one that a program inherits";
  daemon_ = Process({.daemon = true}, [] { ::pause(); });
  daemon_.start();
  std::set<std::string> targets;
  for (const auto& entry : fs::directory_iterator(folder() / "fd")) {
    const std::string target = fs::read_symlink(entry);
    targets.insert(target.starts_with("socket:") ? "socket" : target);
  }
  EXPECT_THAT(targets, testing::UnorderedElementsAre("/dev/null", "socket", "anon_inode:[pidfd]",
                                                     "anon_inode:[eventpoll]"));
  EXPECT_EQ(fs::read_symlink(folder() / "cwd"), "/");
}

TEST_F(GuardianProcess, IsNoChildOfItsParent) {
  siginfo_t info{};
  daemon_.kill();
  ASSERT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | __WALL), 0);
  EXPECT_EQ(info.si_pid, daemon_.pid());
  daemon_.join();
  EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL), -1);
}

std::atomic<int> signals = 0;

TEST_F(GuardianProcess, IsStartedWithoutASignalToItsParent) {
  daemon_.kill();
  daemon_.join();
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { ++signals; };
  ::sigaction(SIGCHLD, &action, &before);
  daemon_ = Process({.daemon = true}, [] { ::pause(); });
  daemon_.start();
  ::sigaction(SIGCHLD, &before, nullptr);
  EXPECT_EQ(signals, 0);
}

TEST_F(GuardianProcess, IsOutOfReachOfTheSignalsOfATerminalOrAGroup) {
  const int guardian = *guardian_pid();
  EXPECT_EQ(::getsid(guardian), guardian);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGPIPE}) {
    ::kill(guardian, signal);
  }
  EXPECT_EQ(guardian_pid(), guardian);
}

TEST_F(GuardianProcess, ServesAnAdoptingProcessWithoutLeavingItAZombie) {
  EXPECT_EQ(in_child([] {
              ::prctl(PR_SET_CHILD_SUBREAPER, 1);
              Process daemon({.daemon = true}, [] { ::pause(); });
              daemon.start();
              ::kill(*guardian_pid(), SIGKILL);
              daemon.kill();
              daemon.join();
              siginfo_t info{};
              const bool any = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
              return any ? "a child is left" : "none";
            }),
            "none");
}

TEST_F(GuardianProcess, ThatCannotBeStartedFailsTheStartOfTheDaemonWhichCanBeRepeated) {
  EXPECT_EQ(in_child([] {
              Process inner({.name = "inner", .daemon = true}, [] {});
              const auto before = open_descriptors();
              rlimit limit{};
              ::getrlimit(RLIMIT_NOFILE, &limit);
              const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
              ::setrlimit(RLIMIT_NOFILE, &none);
              std::string text;
              try {
                inner.start();
              } catch (const ProcessError& error) {
                ::setrlimit(RLIMIT_NOFILE, &limit);  // first: UBSan needs some to look at the error
                text = error.what();
              }
              EXPECT_EQ(open_descriptors(), before);
              inner.start();
              inner.join();
              return text;
            }),
            "cannot start process 'inner': no guardian for a daemon: no socket to it: Too many "
            "open files");
}

// What this program says when it is started so, with `socket` as descriptor 3, and told to run no
// test; nothing if it is a guardian instead.
std::string started_as(std::vector<std::string> arguments, int socket) {
  Pipe output;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output.write_end(), STDOUT_FILENO);
  if (socket >= 0) ::posix_spawn_file_actions_adddup2(&actions, socket, 3);
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  std::string listing = "GTEST_FILTER=none";
  std::array<char*, 2> environment = {listing.data(), nullptr};
  pid_t pid = -1;
  EXPECT_EQ(
      ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, pointers.data(), environment.data()),
      0);
  ::posix_spawn_file_actions_destroy(&actions);
  std::string text = output.read_all();
  ::waitpid(pid, nullptr, 0);
  return text;
}

// A socket with a guardian's greeting in it, whose own end is closed.
class Greeted {
 public:
  Greeted() {
    std::array<int, 2> ends{};
    ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data());
    const internal::Descriptor ours(ends[0]);
    its_ = internal::Descriptor(ends[1]);
    const internal::Descriptor self = internal::open_pidfd(::getpid());
    const std::array<int, 1> pidfd = {self.get()};
    internal::send_to_guardian(
        ours, {internal::kGuardianGreeting.data(), internal::kGuardianGreeting.size()}, pidfd);
  }
  int get() const { return its_.get(); }

 private:
  internal::Descriptor its_;
};

class GuardianMarker : public ProcessTest {};

TEST_F(GuardianMarker, IsTheNameTogetherWithTheGreeting) {
  EXPECT_EQ(started_as({internal::kGuardianName}, Greeted().get()), "");
}

TEST_F(GuardianMarker, IsNotTheNameAlone) {
  EXPECT_THAT(started_as({internal::kGuardianName}, -1), HasSubstr("0 tests"));
}

TEST_F(GuardianMarker, IsNoSocketWithoutTheGreeting) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  const internal::Descriptor ours(ends[0]);
  const internal::Descriptor its(ends[1]);
  EXPECT_THAT(started_as({internal::kGuardianName}, its.get()), HasSubstr("0 tests"));
}

TEST_F(GuardianMarker, IsNoArgumentOfAUsers) {
  EXPECT_THAT(started_as({"program", internal::kGuardianName}, Greeted().get()),
              HasSubstr("0 tests"));
  EXPECT_THAT(started_as({internal::kGuardianName, "argument"}, Greeted().get()),
              HasSubstr("0 tests"));
}

}  // namespace
}  // namespace mp::test
