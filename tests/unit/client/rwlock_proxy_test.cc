#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "mp/errors.h"
#include "mp/proxy/dict.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/rwlock.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class RWLockProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("rwlock");
  RWLockProxy lock{fake};
  ReadLockProxy reading = lock.read_lock();
  WriteLockProxy writing = lock.write_lock();

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void read(std::uint64_t token) {
    answer("rwlock_acquire_read { acquired: true token: " + std::to_string(token) + " }");
    reading.acquire();
  }
  void write(std::uint64_t token) {
    answer("rwlock_acquire_write { acquired: true token: " + std::to_string(token) + " }");
    writing.acquire();
  }
};

TEST_F(RWLockProxyTest, MeetsTheStandardsRequirementsOfBothSides) {
  answer("rwlock_acquire_read { acquired: true token: 5 }");
  { std::shared_lock guard(lock, 250ms); }
  EXPECT_THAT(fake->all_sent(), ElementsAre("rwlock_acquire_read { timeout { nanos: 250000000 } }",
                                            "rwlock_release_read { }"));
  { std::unique_lock guard(lock); }
  EXPECT_THAT(fake->all_sent(),
              ElementsAre("rwlock_acquire_write { }", "rwlock_release_write { }"));
  {
    std::shared_lock guard(lock, std::try_to_lock);
    EXPECT_FALSE(guard.owns_lock());
  }
  EXPECT_EQ(sent(), "rwlock_acquire_read { timeout { } }");
  EXPECT_FALSE(lock.try_lock_until(std::chrono::steady_clock::now() - 1s));
  EXPECT_EQ(sent(), "rwlock_acquire_write { timeout { } }");
  EXPECT_FALSE(lock.try_lock_shared_until(std::chrono::steady_clock::now() - 1s));
  EXPECT_EQ(sent(), "rwlock_acquire_read { timeout { } }");
  const RWLockProxy constant = lock;
  const std::shared_lock guard(constant);
}

TEST_F(RWLockProxyTest, TakesLeases) {
  reading.acquire({.timeout = 1s, .lease = 30s});
  EXPECT_EQ(sent(), "rwlock_acquire_read { timeout { seconds: 1 } lease { seconds: 30 } }");
  EXPECT_THROW(writing.acquire({.lease = 0s}), ValueError);
}

TEST_F(RWLockProxyTest, KnowsTheTokenOfEachSide) {
  write(5);
  read(6);
  EXPECT_EQ(writing.token(), 5U);
  EXPECT_EQ(reading.token(), 6U);
  EXPECT_EQ(lock.read_lock().token(), 6U) << "through every proxy of it";
  writing.release();
  EXPECT_EQ(writing.token(), 0U);
  EXPECT_EQ(reading.token(), 6U);
  reading.release();
  EXPECT_EQ(reading.token(), 0U);
}

TEST_F(RWLockProxyTest, AReleaseThatIsStartedIsOfItsOwnSide) {
  read(6);
  auto acquired = writing.async().acquire();
  { auto dropped = reading.async().release(); }
  EXPECT_EQ(reading.token(), 0U);
  answer("rwlock_acquire_write { acquired: true token: 7 }");
  EXPECT_TRUE(acquired.get());
  EXPECT_EQ(writing.token(), 7U);
}

TEST_F(RWLockProxyTest, ASideIsLostByItself) {
  write(5);
  read(6);
  fake->all_sent();
  answer("rwlock_write_locked { locked: true token: 8 }");
  EXPECT_TRUE(writing.lost());
  EXPECT_EQ(sent(), "rwlock_write_locked { }");
  answer("rwlock_read_locked { locked: true token: 6 readers: 2 }");
  EXPECT_FALSE(reading.lost());
  EXPECT_EQ(sent(), "rwlock_read_locked { }");
}

TEST_F(RWLockProxyTest, TellsThatTheWriterBeforeDied) {
  answer("rwlock_acquire_read { acquired: true token: 6 previous_owner_died: true }");
  lock.lock_shared();
  EXPECT_TRUE(reading.previous_owner_died());
  EXPECT_FALSE(writing.previous_owner_died());
}

TEST_F(RWLockProxyTest, TellsHowManyRead) {
  answer("rwlock_read_locked { locked: true readers: 3 }");
  EXPECT_EQ(lock.readers(), 3U);
  answer("rwlock_read_locked { locked: true readers: 3 }");
  EXPECT_TRUE(reading.locked());
  EXPECT_FALSE(writing.locked());
}

TEST_F(RWLockProxyTest, RefusesWhatWouldWaitForItself) {
  fake->fail(ErrorCode::kDeadlock);
  EXPECT_THROW(lock.lock(), DeadlockError);
  fake->fail(ErrorCode::kDeadlock);
  EXPECT_THROW(static_cast<void>(lock.try_lock()), DeadlockError);
}

TEST_F(RWLockProxyTest, AnUnlockThatFailsIsKept) {
  fake->fail(ErrorCode::kNotOwner);
  testing::internal::CaptureStderr();
  lock.unlock_shared();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("told to fail"));
  EXPECT_THAT(lock.last_error(), HasSubstr("told to fail"));
}

TEST_F(RWLockProxyTest, FencesAndIsFenced) {
  write(5);
  const auto dict = std::make_shared<FakeRemoteObject>("dict", 9);
  DictProxy<std::string, int>(dict).fenced_by(lock, writing.token()).set("k", 1);
  EXPECT_EQ(dict->options().fence->lock, lock.id());
  EXPECT_EQ(dict->options().fence->token, 5U);
  const LockProxy other(std::make_shared<FakeRemoteObject>("lock", 99));
  lock.fenced_by(other, 4).lock_shared();
  ASSERT_TRUE(fake->options().fence.has_value());
  EXPECT_EQ(fake->options().fence->lock, 99U);
}

}  // namespace
}  // namespace mp
