#include <thread>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

// A local Lock is released by anybody, as in Python; a manager's by its owner alone.

namespace mp::contract {
namespace {

class LocalUnownedLock : public LocalFixture {
 protected:
  Lock lock;
};

class LocalUnownedLockInProcesses : public LocalContract {
 protected:
  Lock lock;
};
INSTANTIATE_TEST_SUITE_P(By, LocalUnownedLockInProcesses, testing::ValuesIn(all_ways()),
                         name_of_param);

TEST_F(LocalUnownedLock, IsNotReleasedMoreOftenThanItWasAcquired) {
  lock.acquire();
  lock.release();
  EXPECT_THROW(lock.release(), ValueError);
}

TEST_F(LocalUnownedLock, IsReleasedByAnyThread) {
  lock.acquire();
  std::jthread([&] { lock.release(); }).join();
  EXPECT_FALSE(lock.locked());
}

void release(const Lock& lock) { lock.release(); }

TEST_P(LocalUnownedLockInProcesses, IsReleasedByAnyProcess) {
  lock.acquire();
  elsewhere(release, lock);
  EXPECT_FALSE(lock.locked());
  EXPECT_TRUE(lock.acquire(false));
}

}  // namespace
}  // namespace mp::contract
