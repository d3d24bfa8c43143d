#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "mp/errors.h"
#include "mp/proxy/rlock.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class RLockProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("rlock");
  RLockProxy lock{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void grant(std::uint64_t token, std::uint64_t count = 1) {
    answer("rlock_acquire { acquired: true token: " + std::to_string(token) +
           " count: " + std::to_string(count) + " }");
  }
};

TEST_F(RLockProxyTest, RunsTheOperationsOfAnRLock) {
  grant(5);
  EXPECT_TRUE(lock.acquire({.timeout = 1s, .lease = 30s}));
  EXPECT_EQ(sent(), "rlock_acquire { timeout { seconds: 1 } lease { seconds: 30 } }");
  EXPECT_EQ(fake->options().wait, 1s);
  lock.release();
  EXPECT_EQ(sent(), "rlock_release { }");
  answer("rlock_locked { locked: true token: 5 count: 1 }");
  EXPECT_TRUE(lock.locked());
  EXPECT_EQ(sent(), "rlock_locked { }");
}

TEST_F(RLockProxyTest, KeepsItsTokenUntilReleasedAsOftenAsAcquired) {
  grant(5, 1);
  lock.acquire();
  grant(5, 2);
  lock.acquire();
  EXPECT_EQ(lock.token(), 5U);
  lock.release();
  EXPECT_EQ(lock.token(), 5U);
  lock.release();
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(RLockProxyTest, ANewGrantIsCountedAnew) {
  grant(5, 1);
  lock.acquire();
  grant(5, 2);
  lock.acquire();
  grant(6, 1);  // the first one was lost
  lock.acquire();
  EXPECT_EQ(lock.token(), 6U);
  lock.release();
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(RLockProxyTest, ReEntryDoesNotHideThatThePreviousOwnerDied) {
  answer("rlock_acquire { acquired: true token: 6 previous_owner_died: true count: 1 }");
  lock.acquire();
  grant(6, 2);
  lock.acquire();
  EXPECT_TRUE(lock.previous_owner_died());
  grant(7, 1);
  lock.acquire();
  EXPECT_FALSE(lock.previous_owner_died());
}

TEST_F(RLockProxyTest, TellsHowOftenItsOwnerHoldsIt) {
  answer("rlock_locked { locked: true token: 5 count: 3 }");
  EXPECT_EQ(lock.count(), 3U);
  EXPECT_EQ(sent(), "rlock_locked { }");
  EXPECT_EQ(lock.count(), 0U);
}

TEST_F(RLockProxyTest, IsLostWithItsSessionOrItsLease) {
  grant(5);
  lock.acquire();
  answer("rlock_locked { locked: true token: 5 count: 1 }");
  EXPECT_FALSE(lock.lost());
  answer("rlock_locked { locked: true token: 6 count: 1 }");
  EXPECT_TRUE(lock.lost());
  fake->set_incarnation(2);
  EXPECT_TRUE(lock.lost());
}

TEST_F(RLockProxyTest, MeetsTheStandardsRequirements) {
  grant(5, 1);
  grant(5, 2);
  {
    std::scoped_lock outer(lock);
    std::unique_lock inner(lock, 250ms);
    EXPECT_TRUE(inner.owns_lock());
  }
  EXPECT_THAT(fake->all_sent(),
              ElementsAre("rlock_acquire { }", "rlock_acquire { timeout { nanos: 250000000 } }",
                          "rlock_release { }", "rlock_release { }"));
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(RLockProxyTest, MayBeTheLockOfAnObjectOfAnotherKind) {
  auto condition = std::make_shared<FakeRemoteObject>("condition", 9);
  const RLockProxy own(condition);
  own.acquire(false);
  EXPECT_EQ(condition->sent(), "rlock_acquire { timeout { } }");
  EXPECT_EQ(own.id(), 9U);
}

TEST_F(RLockProxyTest, TheAsynchronousFormGivesFutures) {
  Future<bool> first = lock.async().acquire();
  Future<bool> second = lock.async().acquire();
  Future<void> released = lock.async().release();
  EXPECT_THAT(fake->all_sent(),
              ElementsAre("rlock_acquire { }", "rlock_acquire { }", "rlock_release { }"));
  grant(5, 1);
  EXPECT_TRUE(first.get());
  grant(5, 2);
  EXPECT_TRUE(second.get());
  released.get();
  EXPECT_EQ(lock.token(), 5U);
  lock.release();
  EXPECT_EQ(lock.token(), 0U);
}

}  // namespace
}  // namespace mp
