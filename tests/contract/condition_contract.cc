#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class ConditionContract : public Managers {
 protected:
  // Parties that wait for the condition; wakes_ counts those that were notified, late_ those that
  // were not.
  std::unique_ptr<Crowd> sleepers(int count, const ConditionProxy& c, TimeLimit timeout = kLong) {
    auto crowd = std::make_unique<Crowd>(GetParam(), count, [this, c, timeout](int) {
      c.acquire();
      sleeping_.release();
      const bool notified = c.wait(timeout);
      (notified ? woken_ : late_).release();
      c.release();
    });
    for (int i = 0; i < count; ++i) EXPECT_TRUE(sleeping_.acquire(kLong));
    return crowd;  // who has the lock now knows that all of them wait
  }
  static std::size_t notify(const ConditionProxy& c, int waiters = 1) {
    const std::scoped_lock guard(c);
    return c.notify(waiters);
  }
  static void expect(const SemaphoreProxy& signal, int count) {
    for (int i = 0; i < count; ++i) EXPECT_TRUE(signal.acquire(kLong));
    EXPECT_EQ(signal.get_value(), 0U);
  }
  SemaphoreProxy signal() { return manager().semaphore("", {.value = 0, .signal = true}); }

  ConditionProxy condition = manager().condition();
  SemaphoreProxy sleeping_ = signal();
  SemaphoreProxy woken_ = signal();
  SemaphoreProxy late_ = signal();
};
MP_CONTRACT(ConditionContract);

TEST_P(ConditionContract, WakesOneWaiterForEachNotify) {
  const auto crowd = sleepers(2, condition);
  EXPECT_EQ(woken_.get_value(), 0U) << "nobody without a notify";
  EXPECT_EQ(notify(condition), 1U);
  expect(woken_, 1);
  EXPECT_EQ(notify(condition), 1U);
  expect(woken_, 1);
  EXPECT_EQ(notify(condition), 0U);
}

TEST_P(ConditionContract, WakesAllWithNotifyAll) {
  sleepers(6, condition, 10ms)->join();
  expect(late_, 6);
  expect(woken_, 0);
  const auto crowd = sleepers(6, condition);
  {
    const std::scoped_lock guard(condition);
    EXPECT_EQ(condition.notify_all(), 6U);
    EXPECT_EQ(condition.notify_all(), 0U);
  }
  expect(woken_, 6);
}

TEST_P(ConditionContract, WakesAsManyAsItIsTold) {
  const auto crowd = sleepers(6, condition);
  EXPECT_EQ(notify(condition, 2), 2U);
  expect(woken_, 2);
  EXPECT_EQ(notify(condition, 5), 4U) << "no more wait";
  expect(woken_, 4);
  EXPECT_EQ(notify(condition, 3), 0U);
}

TEST_P(ConditionContract, HoldsTheLockAgainAfterTheTimeout) {
  condition.acquire();
  EXPECT_FALSE(condition.wait(0s));
  EXPECT_FALSE(condition.wait(10ms));
  EXPECT_FALSE(condition.wait(-1s));
  EXPECT_TRUE(condition.locked());
  condition.release();
  EXPECT_FALSE(condition.locked());
}

TEST_P(ConditionContract, TellsWhetherAWaitWasNotified) {
  const std::scoped_lock guard(condition);
  EXPECT_FALSE(condition.wait(0s));
  Crowd notifier(GetParam(), 1, [&](int) { notify(condition); });
  EXPECT_TRUE(condition.wait(kLong));
}

TEST_P(ConditionContract, EndsAWaitThatIsGivenUp) {
  condition.acquire();
  { auto dropped = condition.async().wait(); }
  elsewhere(GetParam(), [&] {
    const std::scoped_lock guard(condition);
    demand(condition.notify() == 0, "nobody waits");
  });
  EXPECT_FALSE(condition.locked());
}

TEST_P(ConditionContract, WaitsUntilAPredicateHoldsThatAnotherChanges) {
  auto state = manager().value<int>(-1);
  Crowd other(GetParam(), 1, [&](int) {
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

TEST_P(ConditionContract, GivesThePredicatesLastValueAfterTheTimeout) {
  auto state = manager().value<int>(0);
  Crowd other(GetParam(), 1, [&](int) {
    const std::scoped_lock guard(condition);
    sleeping_.release();
    demand(!condition.wait_for([&] { return state == 4; }, 100ms), "never 4");
  });
  ASSERT_TRUE(sleeping_.acquire(kLong));
  for (int i = 0; i < 3; ++i) {
    const std::scoped_lock guard(condition);
    ++state;
    condition.notify();
  }
  other.join();
  EXPECT_EQ(state, 3);
}

TEST_P(ConditionContract, IsAcquiredAndReleasedByAChild) {
  elsewhere(GetParam(), [&] {
    condition.acquire();
    condition.release();
  });
  EXPECT_FALSE(condition.locked());
}

TEST_P(ConditionContract, NeedsItsLockToBeHeldByTheCaller) {
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

TEST_P(ConditionContract, GivesTheLockBackAsOftenAsItWasHeld) {
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

TEST_P(ConditionContract, LetsOthersHaveTheLockWhileItWaits) {
  const auto crowd = sleepers(1, condition);
  ASSERT_TRUE(condition.acquire(kLong));
  EXPECT_EQ(condition.notify(), 1U);
  EXPECT_EQ(woken_.get_value(), 0U) << "the lock is not free yet";
  condition.release();
  expect(woken_, 1);
}

TEST_P(ConditionContract, IsOverALockThatIsGiven) {
  auto lock = manager().lock("mine");
  auto c = manager().condition(lock);
  EXPECT_EQ(c.get_lock(), lock);
  const auto crowd = sleepers(2, c);
  lock.acquire();
  EXPECT_TRUE(c.locked());
  EXPECT_NE(c.token(), 0U) << "the condition knows of the lock's grant";
  EXPECT_EQ(c.notify_all(), 2U);
  lock.release();
  expect(woken_, 2);
}

TEST_P(ConditionContract, IsOverAnRLockThatIsGiven) {
  auto lock = manager().rlock();
  auto c = manager().condition(lock);
  const auto crowd = sleepers(2, c);
  lock.acquire();
  lock.acquire();
  EXPECT_EQ(c.notify_all(), 2U);
  lock.release();
  EXPECT_EQ(woken_.get_value(), 0U);
  lock.release();
  expect(woken_, 2);
}

TEST_P(ConditionContract, SharesALockWithAnotherCondition) {
  auto lock = manager().lock();
  auto not_empty = manager().condition(lock);
  auto not_full = manager().condition(lock);
  auto box = manager().list<int>();
  Crowd producer(GetParam(), 1, [&](int) {
    for (int i = 0; i < 20; ++i) {
      const std::scoped_lock guard(lock);
      demand(not_full.wait_for([&] { return box.size() < 2; }, kLong), "room in time");
      box.append(i);
      not_empty.notify();
    }
  });
  for (int i = 0; i < 20; ++i) {
    const std::scoped_lock guard(lock);
    ASSERT_TRUE(not_empty.wait_for([&] { return !box.empty(); }, kLong));
    EXPECT_EQ(box.pop(0), i);
    not_full.notify();
  }
}

TEST_P(ConditionContract, IsFoundByItsNameWithItsLock) {
  auto lock = manager().lock("l");
  auto over_lock = manager().condition("c", lock);
  auto own = manager().condition("own");
  Manager other = another();
  auto found = other.condition("c");
  EXPECT_EQ(found.get_lock(), lock);
  found.acquire();
  EXPECT_TRUE(lock.locked());
  EXPECT_THROW(lock.release(), NotOwnerError);
  found.release();
  EXPECT_EQ(other.condition("c", other.lock("l")), over_lock);
  EXPECT_EQ(other.condition("own"), own);
  EXPECT_THROW(other.condition("c", other.lock("another")), WrongKind);
  EXPECT_THROW(other.condition("own", other.lock("l")), WrongKind);
  EXPECT_THROW(other.condition("l"), WrongKind);
}

TEST_P(ConditionContract, NotifiesAcrossClientsThatFoundItByName) {
  auto mine = manager().condition("changed");
  const auto crowd = sleepers(1, mine);
  Manager other = another();
  EXPECT_EQ(notify(other.condition("changed")), 1U);
  expect(woken_, 1);
}

TEST_P(ConditionContract, HasAWaiterThatIsKilledOutOfItsLine) {
  MP_NEEDS_FORK();
  auto seat = manager().lock();
  Process doomed([&] {
    seat.acquire();
    condition.acquire();
    sleeping_.release();
    condition.wait();
  });
  doomed.start();
  ASSERT_TRUE(sleeping_.acquire(kLong));
  condition.acquire();  // it waits
  condition.release();
  const auto crowd = sleepers(1, condition);
  doomed.kill();
  ASSERT_TRUE(seat.acquire(kLong));  // its session is at its end
  EXPECT_EQ(notify(condition), 1U);
  expect(woken_, 1);
}

TEST_P(ConditionContract, PassesItsLockOnWhenWhoNotifiedIsKilled) {
  MP_NEEDS_FORK();
  const auto crowd = sleepers(1, condition);
  Process notifier([&] {
    condition.acquire();
    condition.notify();
    sleeping_.release();
    manager().event().wait();
  });
  notifier.start();
  ASSERT_TRUE(sleeping_.acquire(kLong));
  EXPECT_EQ(woken_.get_value(), 0U) << "the lock is held";
  notifier.kill();
  expect(woken_, 1);
}

}  // namespace
}  // namespace mp::contract
