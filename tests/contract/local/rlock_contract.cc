#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalRLockContract : public LocalFixture {
 protected:
  RLock lock;
};

class LocalRLockInProcesses : public LocalContract {
 protected:
  RLock lock;
};
INSTANTIATE_TEST_SUITE_P(By, LocalRLockInProcesses, testing::ValuesIn(all_ways()), name_of_param);

TEST_F(LocalRLockContract, IsAcquiredAndReleasedAsOftenAsItsOwnerLikes) {
  EXPECT_TRUE(lock.acquire());
  EXPECT_TRUE(lock.acquire(false));
  EXPECT_TRUE(lock.acquire(1s));
  EXPECT_EQ(lock.count(), 3U);
  lock.release();
  lock.release();
  EXPECT_TRUE(lock.locked());
  lock.release();
  EXPECT_FALSE(lock.locked());
  EXPECT_EQ(lock.count(), 0U);
  EXPECT_THROW(lock.release(), NotOwnerError) << "released too many times";
}

TEST_F(LocalRLockContract, MeetsTimedLockableWithinItself) {
  {
    const std::scoped_lock outer(lock);
    {
      const std::unique_lock inner(lock, 1s);
      EXPECT_TRUE(inner.owns_lock());
      EXPECT_EQ(lock.count(), 2U);
    }
    EXPECT_TRUE(lock.locked());
  }
  EXPECT_FALSE(lock.locked());
}

TEST_F(LocalRLockContract, BelongsToTheThreadThatAcquiredIt) {
  lock.acquire();
  std::jthread([&] {
    EXPECT_FALSE(lock.acquire(false));
    EXPECT_FALSE(lock.acquire(1ms));
    EXPECT_FALSE(lock.acquire(-1s));
    EXPECT_THROW(lock.release(), NotOwnerError);
  }).join();
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
}

void try_in_vain(const RLock& lock) {
  demand(!lock.acquire(false), "the parent's");
  bool is_refused = false;
  try {
    lock.release();
  } catch (const NotOwnerError&) {
    is_refused = true;
  }
  demand(is_refused, "not its owner");
}

TEST_P(LocalRLockInProcesses, IsNotTheChildsThoughItsParentHoldsIt) {
  lock.acquire();
  elsewhere(try_in_vain, lock);
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
}

void hold_twice(int /*party*/, const RLock& lock, const Event& held, const Event& enough) {
  lock.acquire();
  lock.acquire();
  held.set();
  demand(enough.wait(kLong), "told to release");
  lock.release();
  lock.release();
}

TEST_P(LocalRLockInProcesses, IsSeenAsLockedByAnotherProcess) {
  const Event held;
  const Event enough;
  Parties owner = parties(1, hold_twice, lock, held, enough);
  ASSERT_TRUE(held.wait(kLong));
  EXPECT_TRUE(lock.locked());
  EXPECT_EQ(lock.count(), 2U);
  enough.set();
  owner.join();
  EXPECT_FALSE(lock.locked());
}

TEST_F(LocalRLockContract, KeepsItsTokenUntilTheLastRelease) {
  lock.acquire();
  const std::uint64_t token = lock.token();
  EXPECT_NE(token, 0U);
  lock.acquire();
  EXPECT_EQ(lock.token(), token);
  lock.release();
  lock.release();
  lock.acquire();
  EXPECT_GT(lock.token(), token);
}

}  // namespace
}  // namespace mp::contract
