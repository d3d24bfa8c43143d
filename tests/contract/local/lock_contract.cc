#include <chrono>
#include <cstdint>
#include <mutex>

#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalLockContract : public LocalFixture {
 protected:
  Lock lock;
};

class LocalLockInProcesses : public LocalContract {
 protected:
  Lock lock;
};
INSTANTIATE_TEST_SUITE_P(By, LocalLockInProcesses, testing::ValuesIn(all_ways()), name_of_param);

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

}  // namespace
}  // namespace mp::contract
