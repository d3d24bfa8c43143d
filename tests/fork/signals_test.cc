#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "mp/process.h"
#include "tests/fork/start_fixture.h"

// What children find of their parent's signals.

namespace mp::test {
namespace {

// As it was, at the end of the scope.
class Disposition {
 public:
  Disposition(int signal, void (*handler)(int)) : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigaction(signal_, &action, &before_);
  }
  ~Disposition() { ::sigaction(signal_, &before_, nullptr); }
  Disposition(const Disposition&) = delete;
  Disposition& operator=(const Disposition&) = delete;

 private:
  const int signal_;
  struct sigaction before_ {};
};

class Blocked {
 public:
  explicit Blocked(int signal) {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, signal);
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~Blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

 private:
  sigset_t before_{};
};

void handle(int) {}

std::string disposition_of(int signal) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_DFL) return "default";
  return action.sa_handler == SIG_IGN ? "ignored" : "handled";
}

void tell(const SharedPipe& out) {
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  std::string found = disposition_of(SIGUSR1) + ' ' + disposition_of(SIGUSR2) + ' ';
  found += ::sigismember(&blocked, SIGTERM) == 1 ? "blocked" : "free";
  out->write(found);
}

void pause_for_ever() {
  for (;;) ::pause();
}

class Signals : public EveryMethod {
 protected:
  // Before the forkserver starts.
  const Disposition handled_{SIGUSR1, handle};
  const Disposition ignored_{SIGUSR2, SIG_IGN};
  const Blocked blocked_{SIGTERM};
};

using SignalsOfOneThatBeginsAnew = Signals;
INSTANTIATE_TEST_SUITE_P(By, SignalsOfOneThatBeginsAnew,
                         testing::Values(StartMethod::kSpawn, StartMethod::kForkserver),
                         name_of_param);

TEST_P(SignalsOfOneThatBeginsAnew, AreNotBlockedNorHandledAndIgnoredOnesStaySo) {
  EXPECT_EQ(answer_of(tell), "default ignored free");
}

TEST_P(SignalsOfOneThatBeginsAnew, LetItBeTerminated) {
  Process child = process(pause_for_ever);
  child.start();
  child.terminate();
  child.join();
  EXPECT_EQ(child.exitcode(), -SIGTERM);
}

using SignalsOfAForkedOne = Signals;
INSTANTIATE_TEST_SUITE_P(By, SignalsOfAForkedOne, testing::Values(StartMethod::kFork),
                         name_of_param);

TEST_P(SignalsOfAForkedOne, AreAsTheyWereInItsParent) {
  EXPECT_EQ(answer_of(tell), "handled ignored blocked");
}

}  // namespace
}  // namespace mp::test
