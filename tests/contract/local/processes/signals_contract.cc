#include <unistd.h>

#include <csignal>
#include <mutex>
#include <string>
#include <utility>

#include "tests/contract/local/sleepers.h"

// Signals end no wait.

namespace mp::contract {
namespace {

class LocalConditionUnderSignals : public WithSleepers<LocalContract> {};
INSTANTIATE_TEST_SUITE_P(By, LocalConditionUnderSignals, testing::ValuesIn(all_ways()),
                         name_of_param);

void wait_under_signals(const Condition& c, const Semaphore& sleeping) {
  std::signal(SIGUSR1, [](int) {});
  const std::scoped_lock guard(c);
  sleeping.release();
  demand(c.wait(kLong), "notified, and nothing else");
}

TEST_P(LocalConditionUnderSignals, GoesOnWaitingAfterASignal) {
  Process waiter = started(wait_under_signals, condition, signals.sleeping);
  ASSERT_TRUE(signals.sleeping.acquire(kLong));
  condition.acquire();  // it waits
  for (int i = 0; i < 10; ++i) ::kill(waiter.pid().value(), SIGUSR1);
  EXPECT_EQ(condition.notify(), 1U);
  condition.release();
  expect_success(waiter);
}

class LocalPollUnderSignals : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalPollUnderSignals, testing::ValuesIn(all_ways()), name_of_param);

// A handler that does nothing, and lets system calls fail with EINTR.
void be_interruptible() {
  struct sigaction nothing = {};
  nothing.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &nothing, nullptr);
}

void echo_under_signals(const Connection& connection) {
  be_interruptible();
  connection.send("ready");
  connection.send(connection.recv<int>());
  connection.send_bytes(std::string(std::size_t{4} * 1024 * 1024, 'x'));
}

void disturb_parent(const Event& begin, int parent) {
  begin.wait(kLong);
  for (int i = 0; i < 100; ++i) ::kill(parent, SIGUSR1);
}

TEST_P(LocalPollUnderSignals, GoesOnAfterASignalAsSendAndReceiveDo) {
  auto [mine, theirs] = Pipe();
  Process child = started(echo_under_signals, std::move(theirs));
  EXPECT_EQ(mine.recv<std::string>(), "ready");
  const auto disturb = [&child] {
    for (int i = 0; i < 100; ++i) ::kill(child.pid().value(), SIGUSR1);
  };
  disturb();
  mine.send(1234);
  EXPECT_EQ(mine.recv<int>(), 1234);
  EXPECT_TRUE(mine.poll(kLong));
  disturb();
  EXPECT_EQ(mine.recv_bytes().size(), std::size_t{4} * 1024 * 1024);
  expect_success(child);
}

TEST_P(LocalPollUnderSignals, GoesOnInAJoinThatASignalInterrupts) {
  const auto join_under_signals = [](Way way) {
    be_interruptible();
    const Event begin;
    Process child = process_by(way, disturb_parent, begin, ::getpid());
    child.start();
    begin.set();
    demand(child.join(kLong), "it ends");
    demand(child.exitcode() == 0, "as it should");
  };
  elsewhere(join_under_signals, GetParam());
}

}  // namespace
}  // namespace mp::contract
