#include <chrono>
#include <csignal>
#include <functional>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

// What the end of a party does to a barrier.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class BarrierPartyContract : public Managers {
 protected:
  // A child that does this with the barrier, holds seat_ meanwhile, and then waits for its death
  // where it does not return.
  Process party(const std::function<void()>& function) {
    return Process([this, function] {
      seat_.acquire();
      function();
      told_.set();
      if (stays_) manager().event().wait();
    });
  }
  void start(Process& child) {
    child.start();
    ASSERT_TRUE(told_.wait(kLong));
  }
  void kill(Process& child) {
    child.kill();
    child.join();
  }
  // Waits until the manager has seen the end of who held the seat.
  void await_end() {
    ASSERT_TRUE(seat_.acquire(kLong));
    seat_.release();
  }

  bool stays_ = true;
  EventProxy told_ = manager().event();
  LockProxy seat_ = manager().lock();
  BarrierProxy barrier = manager().barrier(2);
};
MP_CONTRACT(BarrierPartyContract);

TEST_P(BarrierPartyContract, IsBrokenByTheDeathOfOneThatWaitedBefore) {
  MP_NEEDS_FORK();
  Process child = party([&] { barrier.wait(kLong); });
  child.start();
  barrier.wait(kLong);
  ASSERT_TRUE(told_.wait(kLong));
  auto waiting = barrier.async().wait();
  EXPECT_FALSE(waiting.ready());
  kill(child);
  EXPECT_THROW(waiting.get(kLong), BrokenBarrierError);
  EXPECT_TRUE(barrier.broken());
  EXPECT_THROW(barrier.wait(kLong), BrokenBarrierError) << "until it is reset";
  barrier.reset();
  EXPECT_FALSE(barrier.broken());
}

TEST_P(BarrierPartyContract, IsBrokenByTheDeathOfOneThatEnlisted) {
  MP_NEEDS_FORK();
  Process child = party([&] { barrier.enlist(); });
  start(child);
  auto waiting = barrier.async().wait();
  EXPECT_FALSE(waiting.ready());
  kill(child);
  EXPECT_THROW(waiting.get(kLong), BrokenBarrierError);
}

TEST_P(BarrierPartyContract, IsBrokenForWhoComesAfterTheDeathToo) {
  MP_NEEDS_FORK();
  Process child = party([&] { barrier.enlist(); });
  start(child);
  barrier.enlist();
  kill(child);
  EXPECT_THROW(barrier.wait(kLong), BrokenBarrierError);
}

TEST_P(BarrierPartyContract, IsBrokenByTheDeathOfOneThatWaits) {
  MP_NEEDS_FORK();
  auto three = manager().barrier(3);
  Process child = party([&] {
    auto wait = three.async().wait();
    told_.set();  // the wait is before it in line
    wait.get();
  });
  start(child);
  auto waiting = three.async().wait();
  EXPECT_FALSE(waiting.ready());
  kill(child);
  EXPECT_THROW(waiting.get(kLong), BrokenBarrierError);
}

TEST_P(BarrierPartyContract, IsNotBrokenByTheDeathOfAStranger) {
  MP_NEEDS_FORK();
  Process child = party([&] { demand(barrier.parties() == 2, "it knows the barrier"); });
  start(child);
  auto waiting = barrier.async().wait();
  EXPECT_FALSE(waiting.ready());
  kill(child);
  await_end();
  EXPECT_FALSE(barrier.broken());
  EXPECT_EQ(barrier.wait(kLong), 1U);
  EXPECT_EQ(waiting.get(kLong), 0U);
}

TEST_P(BarrierPartyContract, IsNotBrokenByOneThatEndsInOrderBetweenTwoRounds) {
  MP_NEEDS_FORK();
  stays_ = false;
  Process child = party([&] { barrier.wait(kLong); });
  child.start();
  barrier.wait(kLong);
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
  await_end();
  EXPECT_FALSE(barrier.broken());
  auto first = barrier.async().wait();
  EXPECT_EQ(barrier.wait(kLong), 1U);
  EXPECT_EQ(first.get(kLong), 0U);
}

TEST_P(BarrierPartyContract, IsBrokenByTheDeathOfWhoRunsItsAction) {
  MP_NEEDS_FORK();
  auto acting = manager().barrier("lap", 2, [this] {
    told_.set();
    manager().event().wait();
  });
  Process child = party([&] { acting.wait(kLong); });
  auto waiting = manager().barrier("lap", 2).async().wait();
  EXPECT_FALSE(waiting.ready());
  start(child);
  EXPECT_FALSE(waiting.ready()) << "nobody goes on before the action is done";
  kill(child);
  EXPECT_THROW(waiting.get(kLong), BrokenBarrierError);
}

TEST_P(BarrierPartyContract, IsWholeAgainOnceAllWhoKnewTheDeadAreGone) {
  MP_NEEDS_FORK();
  auto acting = manager().barrier(2);
  Crowd pair(GetParam(), 1, [&](int) {
    Process doomed([&] {
      acting.wait(kLong);
      raise(SIGKILL);
    });
    doomed.start();
    acting.wait(kLong);
    doomed.join();
    bool broke = false;
    try {
      acting.wait(kLong);
    } catch (const BrokenBarrierError&) {
      broke = true;
    }
    demand(broke, "the party that is left learns of the death");
  });
  pair.join();
  ASSERT_TRUE(test::eventually([&] { return !acting.broken(); }));
  auto first = acting.async().wait();
  EXPECT_EQ(acting.wait(kLong), 1U);
  EXPECT_EQ(first.get(kLong), 0U);
}

}  // namespace
}  // namespace mp::contract
