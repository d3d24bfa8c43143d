#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "mp/errors.h"
#include "mp/proxy/lock.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class LockProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("lock");
  LockProxy lock{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void grant(std::uint64_t token) {
    answer("lock_acquire { acquired: true token: " + std::to_string(token) + " }");
  }
};

TEST_F(LockProxyTest, AcquiresAndReleases) {
  grant(5);
  EXPECT_TRUE(lock.acquire());
  EXPECT_EQ(sent(), "lock_acquire { }");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
  EXPECT_EQ(lock.token(), 5U);
  EXPECT_FALSE(lock.previous_owner_died());
  lock.release();
  EXPECT_EQ(sent(), "lock_release { }");
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(LockProxyTest, TimeoutsAreThoseOfPython) {
  EXPECT_FALSE(lock.acquire(true, 1s));
  EXPECT_EQ(sent(), "lock_acquire { timeout { seconds: 1 } }");
  EXPECT_FALSE(lock.acquire(false));
  EXPECT_EQ(sent(), "lock_acquire { timeout { } }");
  EXPECT_FALSE(lock.acquire(false, 5s));
  EXPECT_EQ(sent(), "lock_acquire { timeout { } }");
  EXPECT_FALSE(lock.acquire(-1s));
  EXPECT_EQ(sent(), "lock_acquire { timeout { } }");
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(LockProxyTest, OnlyAThreadThatWaitsWithoutATimeoutIsSaidToBeBlocked) {
  grant(5);
  lock.acquire();
  EXPECT_TRUE(fake->options().caller_blocks);
  lock.release();
  EXPECT_FALSE(fake->options().caller_blocks);
  lock.acquire(true, 1s);
  EXPECT_FALSE(fake->options().caller_blocks);
  lock.acquire(false);
  EXPECT_FALSE(fake->options().caller_blocks);
  static_cast<void>(lock.async().acquire());
  EXPECT_FALSE(fake->options().caller_blocks);
}

TEST_F(LockProxyTest, LeasesAreSentAndChecked) {
  grant(5);
  EXPECT_TRUE(lock.acquire({.timeout = 1s, .lease = 30s}));
  EXPECT_EQ(sent(), "lock_acquire { timeout { seconds: 1 } lease { seconds: 30 } }");
  EXPECT_THROW(lock.acquire({.lease = 0s}), ValueError);
  EXPECT_THROW(lock.acquire({.lease = -1s}), ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(LockProxyTest, MeetsTheStandardsRequirements) {
  grant(5);
  {
    std::scoped_lock guard(lock);
    EXPECT_EQ(lock.token(), 5U);
  }
  EXPECT_THAT(fake->all_sent(), ElementsAre("lock_acquire { }", "lock_release { }"));
  grant(6);
  {
    std::unique_lock guard(lock, 250ms);
    EXPECT_TRUE(guard.owns_lock());
  }
  EXPECT_THAT(fake->all_sent(),
              ElementsAre("lock_acquire { timeout { nanos: 250000000 } }", "lock_release { }"));
  {
    std::unique_lock guard(lock, std::try_to_lock);
    EXPECT_FALSE(guard.owns_lock());
  }
  EXPECT_EQ(sent(), "lock_acquire { timeout { } }");
  EXPECT_FALSE(lock.try_lock_until(std::chrono::steady_clock::now() - 1s));
  EXPECT_EQ(sent(), "lock_acquire { timeout { } }");
  const LockProxy constant = lock;
  std::lock_guard guard(constant);
}

TEST_F(LockProxyTest, ReleaseThrowsWhatUnlockKeeps) {
  fake->fail(ErrorCode::kNotOwner);
  EXPECT_THROW(lock.release(), NotOwnerError);
  EXPECT_EQ(lock.last_error(), "");
  fake->fail(ErrorCode::kNotOwner);
  testing::internal::CaptureStderr();
  lock.unlock();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("told to fail"));
  EXPECT_THAT(lock.last_error(), HasSubstr("told to fail"));
  EXPECT_EQ(LockProxy(std::make_shared<FakeRemoteObject>("lock", 8)).last_error(), "");
  lock.unlock();
  EXPECT_EQ(lock.last_error(), "");
}

TEST_F(LockProxyTest, TellsThatThePreviousOwnerDied) {
  answer("lock_acquire { acquired: true token: 6 previous_owner_died: true }");
  lock.acquire();
  EXPECT_TRUE(lock.previous_owner_died());
  lock.release();
  grant(7);
  lock.acquire();
  EXPECT_FALSE(lock.previous_owner_died());
}

TEST_F(LockProxyTest, IsLostWithItsSession) {
  EXPECT_FALSE(lock.lost());  // it was never held
  grant(5);
  lock.acquire();
  fake->all_sent();
  answer("lock_locked { locked: true token: 5 }");
  EXPECT_FALSE(lock.lost());
  EXPECT_EQ(sent(), "lock_locked { }");
  fake->set_incarnation(2);
  EXPECT_TRUE(lock.lost());
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(LockProxyTest, IsLostWithItsLeaseOrItsManager) {
  grant(5);
  lock.acquire();
  answer("lock_locked { locked: true token: 6 }");
  EXPECT_TRUE(lock.lost());
  answer("lock_locked { }");
  EXPECT_TRUE(lock.lost());
  fake->fail(ErrorCode::kNoSuchObject);
  EXPECT_TRUE(lock.lost());
  fake->fail(ErrorCode::kSessionExpired);
  EXPECT_TRUE(lock.lost());
  EXPECT_EQ(lock.token(), 5U);  // for those who ask what it was
}

TEST_F(LockProxyTest, CopiesKnowOfTheGrant) {
  const LockProxy copy = lock;
  grant(5);
  lock.acquire();
  EXPECT_EQ(copy.token(), 5U);
  copy.release();
  EXPECT_EQ(lock.token(), 0U);
}

TEST_F(LockProxyTest, ALateReleaseLeavesTheNextGrantAlone) {
  grant(5);
  lock.acquire();
  Future<void> released = lock.async().release();
  grant(6);
  lock.acquire();  // before this thread has heard of its release
  released.get();
  EXPECT_EQ(lock.token(), 6U);
}

TEST_F(LockProxyTest, TellsWhetherAnybodyHoldsIt) {
  answer("lock_locked { locked: true token: 6 }");
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(lock.locked());
}

TEST_F(LockProxyTest, TheAsynchronousFormGivesFutures) {
  Future<bool> acquired = lock.async().acquire({.timeout = 1s});
  EXPECT_EQ(sent(), "lock_acquire { timeout { seconds: 1 } }");
  grant(5);
  EXPECT_EQ(lock.token(), 0U);
  EXPECT_TRUE(acquired.get());
  EXPECT_EQ(lock.token(), 5U);
  Future<void> released = lock.async().release();
  released.get();
  EXPECT_EQ(lock.token(), 0U);
}

}  // namespace
}  // namespace mp
