#include <chrono>
#include <mutex>
#include <thread>

#include "mp/errors.h"
#include "tests/contract/local/sleepers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalConditionContract : public LocalFixture {
 protected:
  Condition condition;
};

class LocalConditionInProcesses : public WithSleepers<LocalContract> {};
INSTANTIATE_TEST_SUITE_P(By, LocalConditionInProcesses, testing::ValuesIn(all_ways()),
                         name_of_param);

TEST_P(LocalConditionInProcesses, WakesOneWaiterForEachNotify) {
  const auto crowd = sleepers(2, condition);
  EXPECT_EQ(woken.get_value(), 0U) << "nobody without a notify";
  EXPECT_EQ(notify(condition), 1U);
  expect(woken, 1);
  EXPECT_EQ(notify(condition), 1U);
  expect(woken, 1);
  EXPECT_EQ(notify(condition), 0U);
}

TEST_P(LocalConditionInProcesses, WakesAllWithNotifyAll) {
  sleepers(6, condition, 10ms)->join();
  expect(late, 6);
  expect(woken, 0);
  const auto crowd = sleepers(6, condition);
  {
    const std::scoped_lock guard(condition);
    EXPECT_EQ(condition.notify_all(), 6U);
    EXPECT_EQ(condition.notify_all(), 0U);
  }
  expect(woken, 6);
}

TEST_P(LocalConditionInProcesses, WakesAsManyAsItIsTold) {
  const auto crowd = sleepers(6, condition);
  EXPECT_EQ(notify(condition, 2), 2U);
  expect(woken, 2);
  EXPECT_EQ(notify(condition, 5), 4U) << "no more wait";
  expect(woken, 4);
  EXPECT_EQ(notify(condition, 3), 0U);
}

TEST_F(LocalConditionContract, HoldsTheLockAgainAfterTheTimeout) {
  condition.acquire();
  EXPECT_FALSE(condition.wait(0s));
  EXPECT_FALSE(condition.wait(10ms));
  EXPECT_FALSE(condition.wait(-1s));
  EXPECT_TRUE(condition.locked());
  condition.release();
  EXPECT_FALSE(condition.locked());
}

void notify_when_told(int /*party*/, const Condition& c, const Semaphore& told) {
  told.acquire();
  notify(c);
}

TEST_P(LocalConditionInProcesses, TellsWhetherAWaitWasNotified) {
  Parties notifier = parties(1, notify_when_told, condition, signals.sleeping);
  const std::scoped_lock guard(condition);
  EXPECT_FALSE(condition.wait(0s));
  signals.sleeping.release();
  EXPECT_TRUE(condition.wait(kLong));
}

void begin_and_await_four(int /*party*/, const Condition& c, const Value<int>& state) {
  const std::scoped_lock guard(c);
  state = 0;
  c.notify();
  demand(c.wait_for([&] { return state == 4; }, kLong), "state 4 in time");
  demand(state == 4, "the predicate's last value");
}

TEST_P(LocalConditionInProcesses, WaitsUntilAPredicateHoldsThatAnotherChanges) {
  state = -1;
  Parties other = parties(1, begin_and_await_four, condition, state);
  {
    const std::scoped_lock guard(condition);
    EXPECT_TRUE(condition.wait_for([&] { return state == 0; }, kLong));
  }
  for (int i = 0; i < 4; ++i) {
    const std::scoped_lock guard(condition);
    ++state;
    condition.notify();
  }
  other.join();
}

void await_four_in_vain(int /*party*/, const Condition& c, const Semaphore& sleeping,
                        const Value<int>& state) {
  const std::scoped_lock guard(c);
  sleeping.release();
  demand(!c.wait_for([&] { return state == 4; }, 100ms), "never 4");
}

TEST_P(LocalConditionInProcesses, GivesThePredicatesLastValueAfterTheTimeout) {
  Parties other = parties(1, await_four_in_vain, condition, signals.sleeping, state);
  ASSERT_TRUE(signals.sleeping.acquire(kLong));
  for (int i = 0; i < 3; ++i) {
    const std::scoped_lock guard(condition);
    ++state;
    condition.notify();
  }
  other.join();
  EXPECT_EQ(state.get(), 3);
}

TEST_F(LocalConditionContract, NeedsItsLockToBeHeldByTheCaller) {
  EXPECT_THROW(condition.wait(0s), NotOwnerError);
  EXPECT_THROW(condition.notify(), NotOwnerError);
  EXPECT_THROW(condition.notify_all(), NotOwnerError);
  EXPECT_THROW(condition.release(), NotOwnerError);
  condition.acquire();
  std::jthread([&] {
    EXPECT_THROW(condition.wait(0s), NotOwnerError);
    EXPECT_THROW(condition.notify(), NotOwnerError);
  }).join();
  EXPECT_THROW(condition.notify(0), ValueError);
  EXPECT_THROW(condition.notify(-1), ValueError);
  condition.release();
}

TEST_F(LocalConditionContract, GivesTheLockBackAsOftenAsItWasHeld) {
  condition.acquire();
  condition.acquire();
  const std::uint64_t token = condition.token();
  EXPECT_FALSE(condition.wait(0s));
  EXPECT_GT(condition.token(), token) << "it was released in between";
  condition.release();
  EXPECT_TRUE(condition.locked());
  condition.release();
  EXPECT_FALSE(condition.locked());
}

TEST_P(LocalConditionInProcesses, LetsOthersHaveTheLockWhileItWaits) {
  const auto crowd = sleepers(1, condition);
  ASSERT_TRUE(condition.acquire(kLong));
  EXPECT_EQ(condition.notify(), 1U);
  EXPECT_EQ(woken.get_value(), 0U) << "the lock is not free yet";
  condition.release();
  expect(woken, 1);
}

TEST_P(LocalConditionInProcesses, IsOverALockThatIsGiven) {
  const Lock lock;
  const Condition c(lock);
  const auto crowd = sleepers(2, c);
  lock.acquire();
  EXPECT_TRUE(c.locked());
  EXPECT_EQ(c.token(), lock.token());
  EXPECT_EQ(c.notify_all(), 2U);
  lock.release();
  expect(woken, 2);
}

TEST_P(LocalConditionInProcesses, IsOverAnRLockThatIsGiven) {
  const RLock lock;
  const Condition c(lock);
  const auto crowd = sleepers(2, c);
  lock.acquire();
  lock.acquire();
  EXPECT_EQ(c.notify_all(), 2U);
  lock.release();
  EXPECT_EQ(woken.get_value(), 0U);
  lock.release();
  expect(woken, 2);
}

void fill(int /*party*/, const Lock& lock, const Condition& not_empty, const Condition& not_full,
          const Value<int>& items) {
  for (int i = 0; i < 200; ++i) {
    const std::scoped_lock guard(lock);
    demand(not_full.wait_for([&] { return items < 2; }, kLong), "room in time");
    ++items;
    not_empty.notify();
  }
}

TEST_P(LocalConditionInProcesses, SharesALockWithAnotherCondition) {
  const Lock lock;
  const Condition not_empty(lock);
  const Condition not_full(lock);
  Parties producer = parties(1, fill, lock, not_empty, not_full, state);
  for (int i = 0; i < 200; ++i) {
    const std::scoped_lock guard(lock);
    ASSERT_TRUE(not_empty.wait_for([&] { return state > 0; }, kLong));
    --state;
    not_full.notify();
  }
}

TEST_P(LocalConditionInProcesses, WakesNobodyWhoCameLater) {
  const auto crowd = sleepers(1, condition);
  {
    const std::scoped_lock guard(condition);
    EXPECT_EQ(condition.notify(), 1U);
    EXPECT_FALSE(condition.wait(20ms)) << "it was for the other";
  }
  expect(woken, 1);
}

}  // namespace
}  // namespace mp::contract
