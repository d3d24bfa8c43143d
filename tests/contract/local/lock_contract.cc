#include <chrono>
#include <mutex>
#include <thread>

#include "mp/errors.h"
#include "mp/local/event.h"
#include "mp/local/lock.h"
#include "mp/local/value.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

class LocalLockContract : public test::ProcessTest {
 protected:
  Lock lock;
};

class LocalLockInProcesses : public LocalContract {
 protected:
  Lock lock;
};
INSTANTIATE_TEST_SUITE_P(By, LocalLockInProcesses, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

void acquire(const Lock& lock) { lock.acquire(); }
void release(const Lock& lock) { lock.release(); }

TEST_F(LocalLockContract, IsAcquiredReleasedAndSeenAsLocked) {
  EXPECT_FALSE(lock.locked());
  EXPECT_TRUE(lock.acquire());
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(lock.acquire(false));
  EXPECT_FALSE(lock.acquire(false, 1h)) << "the time does not count";
  EXPECT_FALSE(lock.acquire(true, 1ms));
  EXPECT_FALSE(lock.acquire(-1s));
  lock.release();
  EXPECT_FALSE(lock.locked());
  EXPECT_THROW(lock.release(), ValueError) << "released too many times";
}

TEST_F(LocalLockContract, MeetsTimedLockable) {
  {
    const std::scoped_lock guard(lock);
    EXPECT_TRUE(lock.locked());
  }
  {
    const std::unique_lock guard(lock, 1s);
    EXPECT_TRUE(guard.owns_lock());
  }
  EXPECT_FALSE(lock.locked());
}

TEST_F(LocalLockContract, IsReleasedByAnyThread) {
  lock.acquire();
  std::jthread([&] { lock.release(); }).join();
  EXPECT_FALSE(lock.locked());
}

TEST_P(LocalLockInProcesses, IsReleasedByAnyProcess) {
  lock.acquire();
  elsewhere(release, lock);
  EXPECT_FALSE(lock.locked());
  EXPECT_TRUE(lock.acquire(false));
}

void hold(int /*party*/, const Lock& lock, const Event& held, const Event& enough) {
  lock.acquire();
  held.set();
  demand(enough.wait(kLong), "told to release");
  lock.release();
}

TEST_P(LocalLockInProcesses, IsSeenAsLockedByAnotherProcess) {
  const Event held;
  const Event enough;
  Parties owner = parties(1, hold, lock, held, enough);
  ASSERT_TRUE(held.wait(kLong));
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(lock.acquire(false));
  EXPECT_THAT(printed(lock), MatchesRegex("<Lock\\(owner=pid [0-9]+\\)>"));
  enough.set();
  owner.join();
  EXPECT_FALSE(lock.locked());
}

TEST_P(LocalLockInProcesses, KeepsACriticalSectionWhole) {
  const RawValue<int> number(0);
  const auto count_up = [](int, const Lock& its, const RawValue<int>& counted) {
    volatile int& place = counted.get_obj();
    for (int i = 0; i < 1000; ++i) {
      const std::scoped_lock guard(its);
      const int seen = place;
      place = seen + 1;
    }
  };
  all(6, count_up, lock, number);
  EXPECT_EQ(number.get(), 6000);
}

TEST_P(LocalLockInProcesses, GivesTokensThatGrow) {
  lock.acquire();
  const std::uint64_t first = lock.token();
  lock.release();
  EXPECT_EQ(lock.token(), 0U) << "it is not held";
  const auto take_one = [](const Lock& its, std::uint64_t parents) {
    demand(its.token() == 0, "it is not held");
    its.acquire();
    demand(its.token() > parents, "larger than the parent's");
    its.release();
  };
  elsewhere(take_one, lock, first);
  lock.acquire();
  EXPECT_GE(lock.token(), first + 2);
}

TEST_P(LocalLockInProcesses, IsFreeOnceTheChildHasEndedThatHeldIt) {
  elsewhere(acquire, lock);
  ASSERT_TRUE(lock.acquire(false));
  EXPECT_TRUE(lock.previous_owner_died());
  lock.release();
  EXPECT_THROW(lock.release(), ValueError) << "released already";
  lock.acquire();
  EXPECT_FALSE(lock.previous_owner_died());
}

TEST_P(LocalLockInProcesses, PassesToTheNextWhenItsOwnerIsKilled) {
  const Event held;
  Process owner = started(hold, 0, lock, held, Event());
  ASSERT_TRUE(held.wait(kLong));
  std::jthread next([&] {
    EXPECT_TRUE(lock.acquire(kLong));
    EXPECT_TRUE(lock.previous_owner_died());
  });
  owner.kill();
  next.join();
  owner.join();
}

TEST_F(LocalLockContract, PrintsAsInPython) {
  EXPECT_EQ(printed(lock), "<Lock(owner=None)>");
  lock.acquire();
  EXPECT_EQ(printed(lock), "<Lock(owner=MainProcess)>");
}

}  // namespace
}  // namespace mp::contract
