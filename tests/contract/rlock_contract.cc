#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::MatchesRegex;

class RLockContract : public Managers {
 protected:
  RLockProxy lock = manager().rlock();
};
MP_CONTRACT(RLockContract);

TEST_P(RLockContract, IsAcquiredAndReleasedAsOftenAsItsOwnerLikes) {
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

TEST_P(RLockContract, MeetsTimedLockableWithinItself) {
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

TEST_P(RLockContract, BelongsToTheThreadThatAcquiredIt) {
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

TEST_P(RLockContract, IsSeenAsLockedByAnotherProcess) {
  auto held = manager().event();
  auto release = manager().event();
  Crowd owner(GetParam(), 1, [&](int) {
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
  release.set();
  owner.join();
  EXPECT_FALSE(lock.locked());
}

TEST_P(RLockContract, IsNotTheChildsThoughItsParentHoldsIt) {
  MP_NEEDS_FORK();
  lock.acquire();
  Process child([&] {
    demand(!lock.acquire(false), "the parent's");
    try {
      lock.release();
    } catch (const NotOwnerError&) {
      exit(7);
    }
  });
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 7);
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
}

TEST_P(RLockContract, IsAcquiredAndReleasedByAChild) {
  elsewhere(GetParam(), [&] {
    lock.acquire();
    lock.release();
  });
  EXPECT_FALSE(lock.locked());
}

TEST_P(RLockContract, PassesOnWholeWhenAProcessEndsThatHoldsItSeveralTimes) {
  MP_NEEDS_FORK();
  Process child([&] {
    lock.acquire();
    lock.acquire();
  });
  child.start();
  child.join();
  ASSERT_EQ(child.exitcode(), 0);
  ASSERT_TRUE(lock.acquire(kLong));
  EXPECT_TRUE(lock.previous_owner_died());
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
}

TEST_P(RLockContract, PassesToTheNextWhenItsOwnerIsKilled) {
  MP_NEEDS_FORK();
  auto held = manager().event();
  Process owner([&] {
    for (int i = 0; i < 3; ++i) lock.acquire();
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
  EXPECT_EQ(lock.count(), 1U);
  lock.release();
  EXPECT_FALSE(lock.locked());
}

TEST_P(RLockContract, KeepsItsTokenUntilTheLastRelease) {
  auto d = manager().dict<std::string, int>();
  lock.acquire();
  const std::uint64_t token = lock.token();
  EXPECT_NE(token, 0U);
  lock.acquire();
  EXPECT_EQ(lock.token(), token);
  lock.release();
  d.fenced_by(lock, token)["k"] = 1;
  lock.release();
  EXPECT_EQ(lock.token(), 0U);
  EXPECT_THROW(d.fenced_by(lock, token).set("k", 2), StaleTokenError);
  lock.acquire();
  EXPECT_GT(lock.token(), token);
  EXPECT_EQ(d.at("k"), 1);
}

TEST_P(RLockContract, IsLostWithTheLeaseOfItsFirstAcquisition) {
  auto mine = manager().rlock("leased");
  Batch both = manager().batch();  // before the lease can be over
  Future<bool> first = both.on(mine).acquire({.lease = 20ms});
  Future<bool> second = both.on(mine).acquire({.lease = 1h});
  ASSERT_TRUE(both.commit() && first.get() && second.get());
  Manager other = another();
  auto theirs = other.rlock("leased");
  EXPECT_TRUE(theirs.acquire(kLong));
  EXPECT_TRUE(theirs.previous_owner_died());
  EXPECT_TRUE(mine.lost());
  EXPECT_THROW(mine.release(), NotOwnerError);
}

TEST_P(RLockContract, IsRefusedWithALeaseOfNothing) {
  EXPECT_THROW(static_cast<void>(lock.acquire({.lease = 0s})), ValueError);
  EXPECT_THROW(static_cast<void>(lock.acquire({.lease = -1s})), ValueError);
  EXPECT_FALSE(lock.locked());
}

TEST_P(RLockContract, IsAnotherKindThanALock) {
  const auto one = manager().rlock("mine");
  EXPECT_THROW(manager().lock("mine"), WrongKind);
  const auto plain = manager().lock("plain");
  EXPECT_THROW(manager().rlock("plain"), WrongKind);
}

TEST_P(RLockContract, PrintsAsTheProxyThatItIs) {
  EXPECT_THAT(repr(lock), MatchesRegex("<RlockProxy object, typeid 'rlock' at 0x[0-9a-f]+>"));
  auto named = manager().rlock("tree");
  named.acquire();
  EXPECT_THAT(manager().debug_info(), ContainsRegex("rlock 'tree' .*: length 1,"));
}

TEST_P(RLockContract, GoesInAContainer) {
  auto locks = manager().dict<std::string, RLockProxy>();
  locks["tree"] = lock;
  auto found = locks.at("tree");
  found.acquire();
  EXPECT_TRUE(lock.locked());
  lock.release();
  EXPECT_FALSE(found.locked());
}

}  // namespace
}  // namespace mp::contract
