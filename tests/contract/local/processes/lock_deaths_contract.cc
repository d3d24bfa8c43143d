#include <chrono>
#include <thread>

#include "mp/errors.h"
#include "tests/contract/local/processes/deadly_contract.h"
#include "tests/fork/asleep.h"

// Processes that end while they hold a lock, or permits.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalLockDeaths : public DeadlyContract {
 protected:
  Lock lock;
};
INSTANTIATE_TEST_SUITE_P(By, LocalLockDeaths, testing::ValuesIn(all_ways()), name_of_param);

void acquire(const Lock& lock) { lock.acquire(); }

TEST_P(LocalLockDeaths, IsFreeOnceTheChildHasEndedThatHeldIt) {
  elsewhere(acquire, lock);
  ASSERT_TRUE(lock.acquire(false));
  EXPECT_TRUE(lock.previous_owner_died());
  lock.release();
  EXPECT_THROW(lock.release(), ValueError) << "released already";
  lock.acquire();
  EXPECT_FALSE(lock.previous_owner_died());
}

void hold(const Lock& lock, const Event& held) {
  lock.acquire();
  held.set();
  Event().wait();
}

TEST_P(LocalLockDeaths, PassesToTheNextWhenItsOwnerIsKilled) {
  const Event held;
  Process owner = started(hold, lock, held);
  ASSERT_TRUE(held.wait(kLong));
  std::jthread next([&] {
    EXPECT_TRUE(lock.acquire(kLong));
    EXPECT_TRUE(lock.previous_owner_died());
  });
  owner.kill();
  next.join();
  owner.join();
}

class LocalRLockDeaths : public DeadlyContract {
 protected:
  RLock lock;
};
INSTANTIATE_TEST_SUITE_P(By, LocalRLockDeaths, testing::ValuesIn(all_ways()), name_of_param);

TEST_P(LocalRLockDeaths, PassesOnWholeWhenAProcessEndsThatHoldsItSeveralTimes) {
  const auto acquire_twice = [](const RLock& its) {
    its.acquire();
    its.acquire();
  };
  elsewhere(acquire_twice, lock);
  ASSERT_TRUE(lock.acquire(kLong));
  EXPECT_TRUE(lock.previous_owner_died());
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
  EXPECT_FALSE(lock.locked());
}

class LocalSemaphoreDeaths : public DeadlyContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalSemaphoreDeaths, testing::ValuesIn(all_ways()), name_of_param);

template <class S>
void acquire_one(const S& s) {
  s.acquire();
}

void acquire_and_stay(const BoundedSemaphore& s, const Event& acquired) {
  s.acquire();
  acquired.set();
  Event().wait();
}

void release_one(const BoundedSemaphore& s) { s.release(); }

// Ends with a permit, and had another's released, by the process that it starts.
void have_anothers_released(const BoundedSemaphore& s, Way way) {
  s.acquire();
  s.release();
  s.acquire();
  Process other = process_by(way, release_one, s);
  other.start();
  other.join();
  demand(other.exitcode() == 0, "it releases");
}

TEST_P(LocalSemaphoreDeaths, TakesNothingBackFromTheDeadIfItIsNotBounded) {
  const Semaphore s(1);
  and_die(acquire_one<Semaphore>, s);
  EXPECT_EQ(s.get_value(), 0U);
  EXPECT_FALSE(s.acquire(1ms));
}

TEST_P(LocalSemaphoreDeaths, HasThePermitOfAChildThatEndedWithItBackIfItIsBounded) {
  const BoundedSemaphore s;
  elsewhere(acquire_one<BoundedSemaphore>, s);
  EXPECT_EQ(s.get_value(), 1U);
  ASSERT_TRUE(s.acquire(false));
  EXPECT_TRUE(s.previous_owner_died());
  s.release();
  EXPECT_EQ(s.get_value(), 1U);
  EXPECT_THROW(s.release(), ValueError);
  s.acquire();
  EXPECT_FALSE(s.previous_owner_died());
}

TEST_P(LocalSemaphoreDeaths, HasAllPermitsOfAProcessThatWasKilledBackIfItIsBounded) {
  const BoundedSemaphore s(3);
  const auto acquire_two = [](const BoundedSemaphore& its) {
    its.acquire();
    its.acquire();
  };
  and_die(acquire_two, s);
  test::WaitingThread all_three([&] {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(s.acquire(kLong));
  });
  all_three.join();
  EXPECT_EQ(s.get_value(), 0U);
  s.release(3);
  EXPECT_FALSE(s.is_signal());
}

TEST_P(LocalSemaphoreDeaths, GivesAPermitOfTheDeadToWhoWaitsForOne) {
  const BoundedSemaphore s(1);
  const Event acquired;
  Process owner = started(acquire_and_stay, s, acquired);
  ASSERT_TRUE(acquired.wait(kLong));
  test::WaitingThread next([&] { EXPECT_TRUE(s.acquire(kLong)); });
  owner.kill();
  next.join();
  owner.join();
  EXPECT_TRUE(s.previous_owner_died());
}

TEST_P(LocalSemaphoreDeaths, IsNotASignalAnyLessForADeathAfterwards) {
  const BoundedSemaphore s(2);
  and_die(have_anothers_released, s, GetParam());
  EXPECT_TRUE(s.is_signal());
  EXPECT_EQ(s.get_value(), 2U);
}

}  // namespace
}  // namespace mp::contract
