#include "client_lib/local/start/forkserver.h"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "client_lib/local/os/pidfd.h"
#include "tests/fork/start_fixture.h"

namespace mp::test {
namespace {

class Forkserver : public ProcessTest {
 protected:
  template <class... Given>
  static Process process(Given&&... given) {
    return get_context(StartMethod::kForkserver).process(std::forward<Given>(given)...);
  }

  // The process id of the one in use, which is started if there is none.
  static int pid() {
    SharedPipe answer;
    Process child =
        process([](const SharedPipe& out) { out->write(std::to_string(::getppid())); }, answer);
    child.start();
    const std::string text = answer->read_all();
    child.join();
    return std::stoi(text);
  }

  static void kill_it() {
    const internal::Descriptor pidfd = internal::open_pidfd(pid());
    internal::send_signal(pidfd, SIGKILL);
    internal::wait_ended(pidfd, std::nullopt);
  }
};

void nothing() {}
void wait_at(const SharedPipe& gate) { gate.wait(); }

TEST_F(Forkserver, IsOneForAllChildrenAndTheirs) {
  const int first = pid();
  EXPECT_EQ(pid(), first);
  SharedPipe answer;
  Process child = process(
      [](const SharedPipe& out) {
        Process inner(
            {.start_method = StartMethod::kForkserver},
            [](const SharedPipe& to) { to->write(std::to_string(::getppid())); }, out);
        inner.start();
        inner.join();
      },
      answer);
  child.start();
  EXPECT_EQ(answer->read_all(), std::to_string(first));
  child.join();
  EXPECT_EQ(in_child([] { return std::to_string(pid()); }), std::to_string(first));
}

TEST_F(Forkserver, IsNoChildOfThisProcess) {
  pid();
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Forkserver, EndsWhenNobodyCanAskItAnyMore) {
  const int server = std::stoi(in_child([] { return std::to_string(pid()); }));
  const internal::Descriptor pidfd = internal::open_pidfd(server);
  if (pidfd.is_open()) {
    EXPECT_TRUE(internal::wait_ended(pidfd, std::nullopt));
  }
}

TEST_F(Forkserver, MindsNoInterruptAndItsChildrenDo) {
  const int server = pid();
  ::kill(server, SIGINT);
  EXPECT_EQ(pid(), server);
  const SharedPipe gate;
  Process child = process(wait_at, gate);
  child.start();
  child.interrupt();
  child.join();
  EXPECT_EQ(child.exitcode(), -SIGINT);
}

TEST_F(Forkserver, KnowsExitCodesAlsoWhereTheSystemReapsForItsUser) {
  EXPECT_EQ(in_child([] {
              std::signal(SIGCHLD, SIG_IGN);
              Process child = process([] { mp::exit(3); });
              child.start();
              child.join();
              return std::to_string(child.exitcode().value());
            }),
            "3");
}

TEST_F(Forkserver, ThatWasKilledIsReplacedAtTheNextStart) {
  const int first = pid();
  kill_it();
  EXPECT_NE(pid(), first);
}

TEST_F(Forkserver, ThatDiesDoesNotEndItsChildren) {
  const SharedPipe gate;
  Process child = process(
      [](const SharedPipe& in) {
        in.wait();
        mp::exit(3);
      },
      gate);
  child.start();
  kill_it();
  EXPECT_TRUE(child.is_alive());
  EXPECT_EQ(child.exitcode(), std::nullopt);
  gate.open();
  child.join();
  EXPECT_EQ(child.exitcode(), 3) << "a child that ends by itself says how";
}

TEST_F(Forkserver, ThatDiesTakesAlongWhichSignalEndedAChild) {
  const SharedPipe gate;
  Process child = process(wait_at, gate);
  child.start();
  kill_it();
  child.kill();
  child.join();
  EXPECT_EQ(child.exitcode(), 255);
  pollfd entry{.fd = child.sentinel(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 1);
}

TEST_F(Forkserver, ThatIsKilledAtAnyMomentKeepsNobodyWaiting) {
  for (int round = 0; round < 30; ++round) {
    const internal::Descriptor server = internal::open_pidfd(pid());
    Process killer({}, [&] { internal::send_signal(server, SIGKILL); });
    killer.start();
    for (int i = 0; i < 5; ++i) {
      Process child = process(nothing);
      child.start();
      child.join();
      EXPECT_THAT(child.exitcode(), testing::AnyOf(0, 255));
    }
    killer.join();
    internal::wait_ended(server, std::nullopt);
  }
}

}  // namespace
}  // namespace mp::test
