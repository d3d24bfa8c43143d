#include <chrono>
#include <mutex>
#include <thread>

#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"
#include "mp/local/event.h"
#include "mp/local/lock.h"
#include "mp/local/rlock.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

class LocalLockContract : public LocalContract {
 protected:
  Lock lock;
};

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

TEST_F(LocalLockContract, IsReleasedByWhoever) {
  lock.acquire();
  std::jthread([&] { lock.release(); }).join();
  EXPECT_FALSE(lock.locked());
  lock.acquire();
  elsewhere([&] { lock.release(); });
  EXPECT_FALSE(lock.locked());
  EXPECT_TRUE(lock.acquire(false));
}

TEST_F(LocalLockContract, IsSeenAsLockedByAnotherProcess) {
  const Event held;
  const Event release;
  Parties owner(Spread::kProcessesAndThreads, 1, [&](int) {
    lock.acquire();
    held.set();
    demand(release.wait(kLong), "told to release");
    lock.release();
  });
  ASSERT_TRUE(held.wait(kLong));
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(lock.acquire(false));
  EXPECT_THAT(printed(lock), MatchesRegex("<Lock\\(owner=pid [0-9]+\\)>"));
  release.set();
  owner.join();
  EXPECT_FALSE(lock.locked());
}

TEST_F(LocalLockContract, KeepsACriticalSectionWholeAcrossProcesses) {
  const auto block = internal::Block::make(sizeof(int));
  auto& number = *reinterpret_cast<volatile int*>(block.data());
  all(6, [&](int) {
    for (int i = 0; i < 1000; ++i) {
      const std::scoped_lock guard(lock);
      const int seen = number;
      number = seen + 1;
    }
  });
  EXPECT_EQ(number, 6000);
}

TEST_F(LocalLockContract, GivesTokensThatGrow) {
  lock.acquire();
  const std::uint64_t first = lock.token();
  lock.release();
  EXPECT_EQ(lock.token(), 0U) << "it is not held";
  elsewhere([&] {
    demand(lock.token() == 0, "it is not held");
    lock.acquire();
    demand(lock.token() > first, "larger than the parent's");
    lock.release();
  });
  lock.acquire();
  EXPECT_GE(lock.token(), first + 2);
}

TEST_F(LocalLockContract, IsFreeOnceTheChildHasEndedThatHeldIt) {
  elsewhere([&] { lock.acquire(); });
  ASSERT_TRUE(lock.acquire(false));
  EXPECT_TRUE(lock.previous_owner_died());
  lock.release();
  EXPECT_THROW(lock.release(), ValueError) << "released already";
  lock.acquire();
  EXPECT_FALSE(lock.previous_owner_died());
}

TEST_F(LocalLockContract, PassesToTheNextWhenItsOwnerIsKilled) {
  const Event held;
  Process owner([&] {
    lock.acquire();
    held.set();
    Event().wait();
  });
  owner.start();
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

class LocalRLockContract : public LocalContract {
 protected:
  RLock lock;
};

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

TEST_F(LocalRLockContract, IsNotTheChildsThoughItsParentHoldsIt) {
  lock.acquire();
  elsewhere([&] {
    demand(!lock.acquire(false), "the parent's");
    bool is_refused = false;
    try {
      lock.release();
    } catch (const NotOwnerError&) {
      is_refused = true;
    }
    demand(is_refused, "not its owner");
  });
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
}

TEST_F(LocalRLockContract, IsSeenAsLockedByAnotherProcess) {
  const Event held;
  const Event release;
  Parties owner(Spread::kProcessesAndThreads, 1, [&](int) {
    lock.acquire();
    lock.acquire();
    held.set();
    demand(release.wait(kLong), "told to release");
    lock.release();
    lock.release();
  });
  ASSERT_TRUE(held.wait(kLong));
  EXPECT_TRUE(lock.locked());
  EXPECT_EQ(lock.count(), 2U);
  EXPECT_THAT(printed(lock), MatchesRegex("<RLock\\(pid [0-9]+, 2\\)>"));
  release.set();
  owner.join();
  EXPECT_FALSE(lock.locked());
}

TEST_F(LocalRLockContract, PassesOnWholeWhenAProcessEndsThatHoldsItSeveralTimes) {
  elsewhere([&] {
    lock.acquire();
    lock.acquire();
  });
  ASSERT_TRUE(lock.acquire(kLong));
  EXPECT_TRUE(lock.previous_owner_died());
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
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

TEST_F(LocalRLockContract, PrintsAsInPython) {
  EXPECT_EQ(printed(lock), "<RLock(None, 0)>");
  lock.acquire();
  lock.acquire();
  EXPECT_EQ(printed(lock), "<RLock(MainProcess, 2)>");
}

}  // namespace
}  // namespace mp::contract
