#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "mp/errors.h"
#include "mp/proxy/condition.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/rlock.h"
#include "tests/unit/client/fake_remote_object.h"

// What a thread knows of what it was granted: until when, and through which proxies.

namespace mp {
namespace {

using namespace std::chrono_literals;

class GrantTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("rlock");
  RLockProxy lock{fake};

  void grant(std::uint64_t token) {
    fake->answer("rlock_acquire { acquired: true token: " + std::to_string(token) + " }");
  }
  void acquire(std::uint64_t token) {
    grant(token);
    lock.acquire();
  }
};

TEST_F(GrantTest, IsKnownThroughEveryProxyOfTheLock) {
  acquire(5);
  const RLockProxy another(fake);
  EXPECT_EQ(another.token(), 5U);
  another.release();
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(GrantTest, IsNotThatOfAnotherLockOrOfAnotherSession) {
  acquire(5);
  EXPECT_EQ(RLockProxy(std::make_shared<FakeRemoteObject>("rlock", 8)).token(), 0U);
  EXPECT_EQ(RLockProxy(std::make_shared<FakeRemoteObject>("rlock")).token(), 0U);
}

TEST_F(GrantTest, IsKnownToTheThreadThatHoldsTheLockAndToNoOther) {
  acquire(5);
  acquire(5);
  std::jthread([&] {
    EXPECT_EQ(lock.token(), 0U);
    acquire(6);
    EXPECT_EQ(lock.token(), 6U);
    acquire(6);
    lock.release();
    EXPECT_EQ(lock.token(), 6U);
  }).join();
  EXPECT_EQ(lock.token(), 5U);
  lock.release();
  EXPECT_EQ(lock.token(), 5U) << "it was acquired twice";
  lock.release();
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(GrantTest, EndsWithAReleaseWhoseFutureIsDropped) {
  acquire(5);
  { auto dropped = lock.async().release(); }
  EXPECT_EQ(lock.token(), 0U);
  EXPECT_FALSE(lock.lost());
}

TEST_F(GrantTest, EndsOnceForEachRelease) {
  acquire(5);
  acquire(5);
  acquire(5);
  { auto dropped = lock.async().release(); }
  EXPECT_EQ(lock.token(), 5U);
  auto kept = lock.async().release();
  lock.release();
  EXPECT_EQ(lock.token(), 5U) << "nothing is known yet of the one whose future is kept";
  kept.get();
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(GrantTest, StaysWhenAReleaseFails) {
  acquire(5);
  auto released = lock.async().release();
  fake->fail(ErrorCode::kStaleToken);
  EXPECT_THROW(released.get(), StaleTokenError);
  EXPECT_EQ(lock.token(), 5U);
}

TEST_F(GrantTest, IsOverBeforeItIsKnownIfItsReleaseWasStartedBehindIt) {
  auto acquired = lock.async().acquire();
  { auto dropped = lock.async().release(); }
  grant(5);
  EXPECT_TRUE(acquired.get());
  EXPECT_EQ(lock.token(), 0U);
  acquire(6);
  EXPECT_EQ(lock.token(), 6U) << "which that release does not mean";
  auto again = lock.async().acquire();
  lock.release();
  lock.release();
  grant(7);
  EXPECT_TRUE(again.get());
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(GrantTest, IsLeftAloneByTheReleaseOfWhatWasNotGranted) {
  auto refused = lock.async().acquire({.timeout = 0s});
  auto released = lock.async().release();
  EXPECT_FALSE(refused.get());
  fake->fail(ErrorCode::kNotOwner);
  EXPECT_THROW(released.get(), NotOwnerError);
  acquire(6);
  EXPECT_EQ(lock.token(), 6U);
}

TEST_F(GrantTest, EndsWithAWaitWhoseFutureIsDropped) {
  const ConditionProxy condition(std::make_shared<FakeRemoteObject>("condition", 9), lock);
  acquire(5);
  acquire(5);
  { auto dropped = condition.async().wait(); }
  EXPECT_EQ(lock.token(), 0U);
  EXPECT_FALSE(lock.lost());
}

TEST_F(GrantTest, OfAnotherLockIsDemandedOfEveryOperation) {
  const LockProxy fence(std::make_shared<FakeRemoteObject>("lock", 99));
  const RLockProxy fenced = lock.fenced_by(fence, 5);
  grant(6);
  fenced.acquire();
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->lock, 99U);
  EXPECT_EQ(fake->options().fence->token, 5U);
  fenced.async().release().get();
  EXPECT_TRUE(fake->options().fence.has_value());
  lock.locked();
  EXPECT_FALSE(fake->options().fence.has_value());
}

TEST_F(GrantTest, OfAnotherLockIsDemandedOfTheLockOfACondition) {
  const LockProxy fence(std::make_shared<FakeRemoteObject>("lock", 99));
  auto object = std::make_shared<FakeRemoteObject>("condition", 9);
  const ConditionProxy fenced = ConditionProxy(object, lock).fenced_by(fence, 5);
  fenced.notify();
  EXPECT_TRUE(object->options().fence.has_value());
  fenced.release();
  EXPECT_TRUE(fake->options().fence.has_value());
  EXPECT_TRUE(fenced.get_lock().fence().has_value());
}

TEST_F(GrantTest, IsWaitedForWithEmptyBraces) {
  grant(5);
  EXPECT_TRUE(lock.acquire({}));
  EXPECT_EQ(fake->sent(), "rlock_acquire { }");
}

}  // namespace
}  // namespace mp
