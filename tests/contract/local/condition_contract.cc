#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"
#include "mp/local/condition.h"
#include "mp/local/semaphore.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalConditionContract : public LocalContract {
 protected:
  // Parties that wait for the condition; woken counts those that were notified, late those that
  // were not.
  std::unique_ptr<Parties> sleepers(int count, const Condition& c, TimeLimit timeout = kLong) {
    auto crowd =
        std::make_unique<Parties>(Spread::kProcessesAndThreads, count, [this, c, timeout](int) {
          c.acquire();
          sleeping.release();
          const bool notified = c.wait(timeout);
          (notified ? woken : late).release();
          c.release();
        });
    expect(sleeping, count);
    return crowd;  // who has the lock now knows that all of them wait
  }
  static std::size_t notify(const Condition& c, int waiters = 1) {
    const std::scoped_lock guard(c);
    return c.notify(waiters);
  }
  static void expect(const Semaphore& signal, int count) {
    for (int i = 0; i < count; ++i) EXPECT_TRUE(signal.acquire(kLong));
    EXPECT_EQ(signal.get_value(), 0U);
  }

  Condition condition;
  Semaphore sleeping = Semaphore(0);
  Semaphore woken = Semaphore(0);
  Semaphore late = Semaphore(0);
  internal::Block block = internal::Block::make(sizeof(std::atomic<int>));
  std::atomic<int>& state = internal::construct_in<std::atomic<int>>(block);
};

TEST_F(LocalConditionContract, WakesOneWaiterForEachNotify) {
  const auto crowd = sleepers(2, condition);
  EXPECT_EQ(woken.get_value(), 0U) << "nobody without a notify";
  EXPECT_EQ(notify(condition), 1U);
  expect(woken, 1);
  EXPECT_EQ(notify(condition), 1U);
  expect(woken, 1);
  EXPECT_EQ(notify(condition), 0U);
}

TEST_F(LocalConditionContract, WakesAllWithNotifyAll) {
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

TEST_F(LocalConditionContract, WakesAsManyAsItIsTold) {
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

TEST_F(LocalConditionContract, TellsWhetherAWaitWasNotified) {
  Parties notifier(Spread::kProcessesAndThreads, 1, [&](int) {
    sleeping.acquire();
    notify(condition);
  });
  const std::scoped_lock guard(condition);
  EXPECT_FALSE(condition.wait(0s));
  sleeping.release();
  EXPECT_TRUE(condition.wait(kLong));
}

TEST_F(LocalConditionContract, WaitsUntilAPredicateHoldsThatAnotherChanges) {
  state = -1;
  Parties other(Spread::kProcessesAndThreads, 1, [&](int) {
    const std::scoped_lock guard(condition);
    state = 0;
    condition.notify();
    demand(condition.wait_for([&] { return state == 4; }, kLong), "state 4 in time");
    demand(state == 4, "the predicate's last value");
  });
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

TEST_F(LocalConditionContract, GivesThePredicatesLastValueAfterTheTimeout) {
  Parties other(Spread::kProcessesAndThreads, 1, [&](int) {
    const std::scoped_lock guard(condition);
    sleeping.release();
    demand(!condition.wait_for([&] { return state == 4; }, 100ms), "never 4");
  });
  ASSERT_TRUE(sleeping.acquire(kLong));
  for (int i = 0; i < 3; ++i) {
    const std::scoped_lock guard(condition);
    ++state;
    condition.notify();
  }
  other.join();
  EXPECT_EQ(state, 3);
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

TEST_F(LocalConditionContract, LetsOthersHaveTheLockWhileItWaits) {
  const auto crowd = sleepers(1, condition);
  ASSERT_TRUE(condition.acquire(kLong));
  EXPECT_EQ(condition.notify(), 1U);
  EXPECT_EQ(woken.get_value(), 0U) << "the lock is not free yet";
  condition.release();
  expect(woken, 1);
}

TEST_F(LocalConditionContract, IsOverALockThatIsGiven) {
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

TEST_F(LocalConditionContract, IsOverAnRLockThatIsGiven) {
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

TEST_F(LocalConditionContract, SharesALockWithAnotherCondition) {
  const Lock lock;
  const Condition not_empty(lock);
  const Condition not_full(lock);
  Parties producer(Spread::kProcessesAndThreads, 1, [&](int) {
    for (int i = 0; i < 200; ++i) {
      const std::scoped_lock guard(lock);
      demand(not_full.wait_for([&] { return state < 2; }, kLong), "room in time");
      ++state;
      not_empty.notify();
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::scoped_lock guard(lock);
    ASSERT_TRUE(not_empty.wait_for([&] { return state > 0; }, kLong));
    --state;
    not_full.notify();
  }
}

TEST_F(LocalConditionContract, WakesNobodyWhoCameLater) {
  const auto crowd = sleepers(1, condition);
  {
    const std::scoped_lock guard(condition);
    EXPECT_EQ(condition.notify(), 1U);
    EXPECT_FALSE(condition.wait(20ms)) << "it was for the other";
  }
  expect(woken, 1);
}

TEST_F(LocalConditionContract, HasAWaiterThatIsKilledOutOfItsLine) {
  Process doomed([&] {
    condition.acquire();
    sleeping.release();
    condition.wait();
  });
  doomed.start();
  ASSERT_TRUE(sleeping.acquire(kLong));
  condition.acquire();  // it waits
  condition.release();
  const auto crowd = sleepers(1, condition);
  doomed.kill();
  doomed.join();
  EXPECT_EQ(notify(condition), 1U);
  expect(woken, 1);
}

TEST_F(LocalConditionContract, PassesItsLockOnWhenWhoNotifiedIsKilled) {
  const auto crowd = sleepers(1, condition);
  and_die([&] {
    condition.acquire();
    condition.notify();
  });
  expect(woken, 1);
}

TEST_F(LocalConditionContract, PrintsAsInPython) {
  EXPECT_EQ(printed(condition), "<Condition(<RLock(None, 0)>, 0)>");
  EXPECT_EQ(printed(Condition(Lock())), "<Condition(<Lock(owner=None)>, 0)>");
}

}  // namespace
}  // namespace mp::contract
