#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "mp/errors.h"
#include "mp/proxy/queue.h"
#include "mp/proxy/semaphore.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class SemaphoreProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("semaphore");
  SemaphoreProxy semaphore{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void grant(std::uint64_t token) {
    answer("semaphore_acquire { acquired: true token: " + std::to_string(token) + " }");
  }
};

TEST_F(SemaphoreProxyTest, AcquiresAndReleases) {
  grant(5);
  EXPECT_TRUE(semaphore.acquire());
  EXPECT_EQ(sent(), "semaphore_acquire { }");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
  semaphore.release();
  EXPECT_EQ(sent(), "semaphore_release { token: 5 }");
  semaphore.release();
  EXPECT_EQ(sent(), "semaphore_release { }");
  semaphore.release(3);
  EXPECT_EQ(sent(), "semaphore_release { count: 3 }");
}

TEST_F(SemaphoreProxyTest, TimeoutsAndLeasesAreThoseOfLocks) {
  EXPECT_FALSE(semaphore.acquire(false, 5s));
  EXPECT_EQ(sent(), "semaphore_acquire { timeout { } }");
  EXPECT_FALSE(semaphore.acquire(-1s));
  EXPECT_EQ(sent(), "semaphore_acquire { timeout { } }");
  EXPECT_FALSE(semaphore.acquire({.timeout = 1s, .lease = 30s}));
  EXPECT_EQ(sent(), "semaphore_acquire { timeout { seconds: 1 } lease { seconds: 30 } }");
  EXPECT_THROW(semaphore.acquire({.lease = 0s}), ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(SemaphoreProxyTest, HasTheMethodsOfACountingSemaphore) {
  EXPECT_FALSE(semaphore.try_acquire());
  EXPECT_EQ(sent(), "semaphore_acquire { timeout { } }");
  EXPECT_FALSE(semaphore.try_acquire_for(1s));
  EXPECT_EQ(sent(), "semaphore_acquire { timeout { seconds: 1 } }");
  EXPECT_FALSE(semaphore.try_acquire_until(std::chrono::steady_clock::now() - 1s));
  EXPECT_EQ(sent(), "semaphore_acquire { timeout { } }");
}

TEST_F(SemaphoreProxyTest, ReleasesAtLeastOnePermit) {
  EXPECT_THROW(semaphore.release(0), ValueError);
  EXPECT_THROW(semaphore.release(-1), ValueError);
  EXPECT_THROW(semaphore.async().release(0), ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(SemaphoreProxyTest, APermitThatWasLostIsNotGivenBack) {
  grant(5);
  semaphore.acquire();
  sent();
  fake->fail(ErrorCode::kNotOwner);
  EXPECT_THROW(semaphore.release(), NotOwnerError);
  EXPECT_EQ(sent(), "semaphore_release { token: 5 }");
  semaphore.release();  // one that was acquired before it
  EXPECT_EQ(sent(), "semaphore_release { }");
}

TEST_F(SemaphoreProxyTest, TellsWhetherItIsASignal) {
  answer("semaphore_get_value { signal: true }");
  EXPECT_TRUE(semaphore.is_signal());
  EXPECT_FALSE(semaphore.is_signal());
}

TEST_F(SemaphoreProxyTest, TellsHowManyPermitsAreLeft) {
  answer("semaphore_get_value { value: 2 }");
  EXPECT_EQ(semaphore.get_value(), 2U);
  EXPECT_EQ(sent(), "semaphore_get_value { }");
  answer("semaphore_get_value { value: 2 }");
  EXPECT_FALSE(semaphore.locked());
  EXPECT_TRUE(semaphore.locked());
}

TEST_F(SemaphoreProxyTest, KnowsTheTokenOfThisThreadsLastPermit) {
  const SemaphoreProxy copy = semaphore;
  EXPECT_EQ(semaphore.token(), 0U);
  grant(5);
  semaphore.acquire();
  grant(6);
  copy.acquire();
  EXPECT_EQ(semaphore.token(), 6U);
  EXPECT_EQ(copy.token(), 6U);
  std::jthread([&] { EXPECT_EQ(semaphore.token(), 0U); }).join();
  semaphore.release();
  EXPECT_EQ(copy.token(), 5U);
  copy.release();
  EXPECT_EQ(semaphore.token(), 0U);
}

TEST_F(SemaphoreProxyTest, KnowsNothingOfAnotherSemaphoresPermits) {
  const SemaphoreProxy other(std::make_shared<FakeRemoteObject>("semaphore", 8));
  grant(5);
  semaphore.acquire();
  EXPECT_EQ(other.token(), 0U);
  other.release();
  EXPECT_EQ(semaphore.token(), 5U);
}

TEST_F(SemaphoreProxyTest, APermitOfASignalHasNoToken) {
  grant(5);
  semaphore.acquire();
  answer("semaphore_acquire { acquired: true }");
  EXPECT_TRUE(semaphore.acquire());
  EXPECT_EQ(semaphore.token(), 0U);
}

TEST_F(SemaphoreProxyTest, TellsThatThePreviousOwnerDied) {
  answer("semaphore_acquire { acquired: true token: 6 previous_owner_died: true }");
  semaphore.acquire();
  EXPECT_TRUE(semaphore.previous_owner_died());
  grant(7);
  semaphore.acquire();
  EXPECT_FALSE(semaphore.previous_owner_died());
}

TEST_F(SemaphoreProxyTest, AGuardReleasesItsPermit) {
  grant(5);
  { std::scoped_lock guard(semaphore); }
  EXPECT_THAT(fake->all_sent(),
              ElementsAre("semaphore_acquire { }", "semaphore_release { token: 5 }"));
  fake->fail(ErrorCode::kValueError);
  testing::internal::CaptureStderr();
  semaphore.unlock();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("told to fail"));
  EXPECT_THAT(semaphore.last_error(), HasSubstr("told to fail"));
}

TEST_F(SemaphoreProxyTest, OthersOperationsCanBeFencedByAPermit) {
  auto queue = std::make_shared<FakeRemoteObject>("queue", 9);
  grant(5);
  semaphore.acquire();
  QueueProxy<int>(queue).fenced_by(semaphore, semaphore.token()).put(1);
  EXPECT_EQ(queue->options().fence->lock, semaphore.id());
  EXPECT_EQ(queue->options().fence->token, 5U);
}

TEST_F(SemaphoreProxyTest, TheAsynchronousFormGivesFutures) {
  Future<bool> acquired = semaphore.async().acquire({.timeout = 1s});
  EXPECT_EQ(sent(), "semaphore_acquire { timeout { seconds: 1 } }");
  grant(5);
  EXPECT_TRUE(acquired.get());
  EXPECT_EQ(semaphore.token(), 5U);
  Future<void> released = semaphore.async().release(2);
  EXPECT_EQ(sent(), "semaphore_release { count: 2 }");
  released.get();
  EXPECT_EQ(semaphore.token(), 0U);
  answer("semaphore_get_value { value: 2 }");
  EXPECT_EQ(semaphore.async().get_value().get(), 2U);
}

}  // namespace
}  // namespace mp
