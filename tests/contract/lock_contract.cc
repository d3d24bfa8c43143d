#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;

class LockContract : public Managers {};
MP_CONTRACT(LockContract);

TEST_P(LockContract, IsAcquiredReleasedAndSeenAsLocked) {
  auto lock = manager().lock();
  EXPECT_FALSE(lock.locked());
  EXPECT_TRUE(lock.acquire());
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(lock.acquire(false));
  EXPECT_FALSE(lock.acquire(true, 1ms));
  EXPECT_FALSE(lock.acquire(-1s));
  lock.release();
  EXPECT_FALSE(lock.locked());
  EXPECT_THROW(lock.release(), ValueError) << "released too many times";
}

TEST_P(LockContract, MeetsTimedLockable) {
  auto lock = manager().lock();
  {
    const std::scoped_lock guard(lock);
    EXPECT_TRUE(lock.locked());
  }
  {
    std::unique_lock guard(lock, 1s);
    EXPECT_TRUE(guard.owns_lock());
  }
  EXPECT_FALSE(lock.locked());
}

TEST_P(LockContract, BelongsToTheThreadThatAcquiredIt) {
  auto lock = manager().lock();
  lock.acquire();
  std::jthread([&] {
    EXPECT_THROW(lock.release(), NotOwnerError);
    EXPECT_FALSE(lock.acquire(false));
  }).join();
  lock.release();
}

TEST_P(LockContract, IsNotTheChildsThoughItsParentHoldsIt) {
  MP_NEEDS_FORK();
  auto lock = manager().lock();
  lock.acquire();
  Process child([&] {
    try {
      lock.release();
    } catch (const NotOwnerError&) {
      exit(7);
    }
  });
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 7);
  lock.release();
}

TEST_P(LockContract, KeepsACriticalSectionWholeAcrossProcesses) {
  MP_NEEDS_FORK();
  auto lock = manager().lock();
  auto numbers = manager().dict<std::string, int>({{"n", 0}});
  std::vector<Process> children;
  for (int c = 0; c < 4; ++c) {
    children.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const std::scoped_lock guard(lock);
        const int n = numbers.at("n");
        numbers.set("n", n + 1);
      }
    });
  }
  for (auto& child : children) child.start();
  for (auto& child : children) child.join();
  EXPECT_EQ(numbers.at("n"), 200);
}

TEST_P(LockContract, GivesTokensThatGrowAndFencesWritesWithThem) {
  auto lock = manager().lock("deploy");
  auto d = manager().dict<std::string, int>();
  lock.acquire();
  const std::uint64_t first = lock.token();
  d.fenced_by(lock, first)["k"] = 1;
  lock.release();
  EXPECT_THROW(d.fenced_by(lock, first).set("k", 2), StaleTokenError);
  lock.acquire();
  EXPECT_GT(lock.token(), first);
  EXPECT_THROW(d.fenced_by(lock, first).set("k", 2), StaleTokenError);
  d.fenced_by(lock, lock.token())["k"] = 3;
  EXPECT_EQ(d.at("k"), 3);
}

TEST_P(LockContract, IsReleasedThoughNobodyWaitsForTheAnswer) {
  auto lock = manager().lock();
  lock.acquire();
  { auto dropped = lock.async().release(); }
  EXPECT_EQ(lock.token(), 0U);
  EXPECT_FALSE(lock.locked());
  EXPECT_FALSE(lock.lost()) << "it was released";
  auto acquired = lock.async().acquire();
  { auto dropped = lock.async().release(); }
  EXPECT_TRUE(acquired.get());
  EXPECT_EQ(lock.token(), 0U) << "released behind it";
  EXPECT_FALSE(lock.locked());
}

TEST_P(LockContract, IsKnownByItsTokenToTheThreadThatHoldsIt) {
  auto lock = manager().rlock();
  lock.acquire();
  lock.acquire();
  const std::uint64_t token = lock.token();
  std::jthread([&] {
    EXPECT_EQ(lock.token(), 0U);
    EXPECT_FALSE(lock.lost());
    EXPECT_THROW(lock.release(), NotOwnerError);
  }).join();
  lock.release();
  EXPECT_EQ(lock.token(), token);
  lock.release();
  EXPECT_EQ(lock.token(), 0U);
}

TEST_P(LockContract, IsLostWithItsLease) {
  auto lock = manager().lock();
  Manager other = another();
  auto named = manager().lock("leased");
  ASSERT_TRUE(named.acquire({.lease = 20ms}));
  auto waiting = other.lock("leased");
  EXPECT_TRUE(waiting.acquire(20s));
  EXPECT_TRUE(waiting.previous_owner_died());
  EXPECT_TRUE(named.lost());
  EXPECT_THROW(named.release(), NotOwnerError);
  EXPECT_THROW(static_cast<void>(lock.acquire({.lease = 0s})), ValueError);
}

TEST_P(LockContract, TellsWhoHoldsItWhenSomebodyElseReleasesIt) {
  auto mine = manager().lock("deploy");
  mine.acquire();
  Manager other = another();
  try {
    other.lock("deploy").release();
    FAIL() << "no error";
  } catch (const NotOwnerError& error) {
    EXPECT_THAT(error.what(), HasSubstr("lock 'deploy' release"));
  }
}

TEST_P(LockContract, IsSeenAsLockedByAnotherProcess) {
  auto lock = manager().lock();
  auto held = manager().event();
  auto release = manager().event();
  Crowd owner(GetParam(), 1, [&](int) {
    lock.acquire();
    held.set();
    demand(release.wait(kLong), "told to release");
    lock.release();
  });
  ASSERT_TRUE(held.wait(kLong));
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(lock.acquire(false));
  release.set();
  owner.join();
  EXPECT_FALSE(lock.locked());
}

TEST_P(LockContract, IsFreeOnceTheChildHasEndedThatHeldIt) {
  MP_NEEDS_FORK();
  auto lock = manager().lock();
  elsewhere(GetParam(), [&] { lock.acquire(); });
  ASSERT_TRUE(lock.acquire(kLong));
  EXPECT_TRUE(lock.previous_owner_died());
  lock.release();
  EXPECT_THROW(lock.release(), ValueError) << "released already";
}

TEST_P(LockContract, PassesToTheNextWhenItsOwnerIsKilled) {
  MP_NEEDS_FORK();
  auto lock = manager().lock();
  auto held = manager().event();
  Process owner([&] {
    lock.acquire();
    held.set();
    manager().event().wait();
  });
  owner.start();
  ASSERT_TRUE(held.wait(kLong));
  auto next = lock.async().acquire();
  EXPECT_FALSE(next.ready());
  owner.kill();
  EXPECT_TRUE(next.get(kLong));
  EXPECT_TRUE(lock.previous_owner_died());
  lock.release();
  lock.acquire();
  EXPECT_FALSE(lock.previous_owner_died());
}

TEST_P(LockContract, IsGrantedInOrderOfArrival) {
  auto mine = manager().lock("line");
  mine.acquire();
  Manager first = another();
  Manager second = another();
  auto a = first.lock("line");
  auto b = second.lock("line");
  auto granted_first = a.async().acquire();
  EXPECT_TRUE(a.locked());  // and so the one before is in line
  auto granted_second = b.async().acquire();
  EXPECT_TRUE(b.locked());
  mine.release();
  EXPECT_TRUE(granted_first.get(kLong));
  EXPECT_FALSE(granted_second.ready());
  std::jthread([&] { EXPECT_THROW(a.release(), NotOwnerError); }).join();
  a.release();
  EXPECT_TRUE(granted_second.get(kLong));
}

TEST_P(LockContract, PassesAGrantOnThatNobodyWaitsForAnyMore) {
  auto lock = manager().lock();
  lock.acquire();
  { auto dropped = lock.async().acquire(); }
  lock.release();
  EXPECT_FALSE(lock.locked());
}

TEST_P(LockContract, PrintsAsTheProxyThatItIs) {
  auto lock = manager().lock("deploy");
  EXPECT_THAT(repr(lock), MatchesRegex("<LockProxy object, typeid 'lock' at 0x[0-9a-f]+>"));
  EXPECT_THAT(manager().debug_info(), ContainsRegex("lock 'deploy' .*: length 0,"));
  lock.acquire();
  EXPECT_THAT(manager().debug_info(), ContainsRegex("lock 'deploy' .*: length 1,"));
}

TEST_P(LockContract, GoesInAContainer) {
  auto lock = manager().lock();
  auto locks = manager().dict<std::string, LockProxy>();
  locks["deploy"] = lock;
  auto found = locks.at("deploy");
  EXPECT_EQ(found, lock);
  found.acquire();
  EXPECT_TRUE(lock.locked());
  lock.release();
}

}  // namespace
}  // namespace mp::contract
