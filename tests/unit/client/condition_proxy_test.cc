#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "mp/errors.h"
#include "mp/proxy/condition.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/rlock.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Resolves every reference to this object.
class ResolverTo final : public wire::RefResolver {
 public:
  explicit ResolverTo(std::shared_ptr<const internal::RemoteObject> object)
      : object_(std::move(object)) {}

  std::shared_ptr<const internal::RemoteObject> resolve(std::uint64_t id,
                                                        std::string_view kind) const override {
    EXPECT_EQ(id, object_->id());
    EXPECT_EQ(kind, object_->kind());
    return object_;
  }

 private:
  const std::shared_ptr<const internal::RemoteObject> object_;
};

class ConditionProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("condition");
  RLockProxy own{fake};
  ConditionProxy condition{fake, own};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void grant(std::uint64_t token) {
    answer("rlock_acquire { acquired: true token: " + std::to_string(token) + " }");
  }
  void wake(std::uint64_t token) {
    answer("condition_wait { notified: true token: " + std::to_string(token) + " }");
  }
};

TEST_F(ConditionProxyTest, IsAcquiredAsItsLock) {
  grant(5);
  {
    std::scoped_lock guard(condition);
    EXPECT_EQ(condition.token(), 5U);
    EXPECT_EQ(own.token(), 5U);
  }
  EXPECT_THAT(fake->all_sent(), ElementsAre("rlock_acquire { }", "rlock_release { }"));
  EXPECT_FALSE(condition.acquire(false));
  EXPECT_EQ(sent(), "rlock_acquire { timeout { } }");
  answer("rlock_locked { locked: true }");
  EXPECT_TRUE(condition.locked());
}

TEST_F(ConditionProxyTest, MayBeOverAnothersLock) {
  auto shared = std::make_shared<FakeRemoteObject>("lock", 9);
  const LockProxy lock(shared);
  const ConditionProxy over(fake, lock);
  shared->answer("lock_acquire { acquired: true token: 5 }");
  over.acquire();
  EXPECT_EQ(shared->sent(), "lock_acquire { }");
  wake(6);
  over.wait();
  EXPECT_EQ(lock.token(), 6U);
}

TEST_F(ConditionProxyTest, AsksOnceWhichLockItIsOver) {
  auto shared = std::make_shared<FakeRemoteObject>("lock", 9);
  fake->resolve_with(std::make_shared<ResolverTo>(shared));
  const ConditionProxy found(fake);
  const ConditionProxy copy = found;
  answer("condition_lock { lock { id: 9 kind: 'lock' } }");
  found.acquire(false);
  EXPECT_EQ(sent(), "condition_lock { }");
  EXPECT_EQ(shared->sent(), "lock_acquire { timeout { } }");
  EXPECT_EQ(copy.get_lock().id(), 9U);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(ConditionProxyTest, FindsALockOfItsOwn) {
  auto rlock = std::make_shared<FakeRemoteObject>("rlock", 7);
  fake->resolve_with(std::make_shared<ResolverTo>(rlock));
  const ConditionProxy found(fake);
  answer("condition_lock { lock { id: 7 kind: 'rlock' } }");
  found.release();
  EXPECT_EQ(rlock->sent(), "rlock_release { }");
}

TEST_F(ConditionProxyTest, RefusesALockOfAnUnknownKind) {
  const ConditionProxy found(fake);
  answer("condition_lock { lock { id: 9 kind: 'lock' } }");
  EXPECT_THROW(found.acquire(), RemoteError);  // nothing resolves it
  fake->resolve_with(std::make_shared<ResolverTo>(std::make_shared<FakeRemoteObject>("dict", 9)));
  answer("condition_lock { lock { id: 9 kind: 'dict' } }");
  EXPECT_THROW(found.acquire(), RemoteError);
}

TEST_F(ConditionProxyTest, WaitsForEverUnlessTold) {
  wake(6);
  EXPECT_TRUE(condition.wait());
  EXPECT_EQ(sent(), "condition_wait { }");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
  EXPECT_FALSE(condition.wait(250ms));
  EXPECT_EQ(sent(), "condition_wait { timeout { nanos: 250000000 } }");
  EXPECT_FALSE(condition.wait(-1s));
  EXPECT_EQ(sent(), "condition_wait { timeout { } }");
}

TEST_F(ConditionProxyTest, TheLockIsHeldUnderANewTokenAfterAWait) {
  grant(5);
  condition.acquire();
  grant(5);
  condition.acquire();
  wake(6);
  condition.wait();
  EXPECT_EQ(condition.token(), 6U);
  condition.release();
  EXPECT_EQ(condition.token(), 6U);  // it was held twice, and is again
  condition.release();
  EXPECT_EQ(condition.token(), 0U);
}

TEST_F(ConditionProxyTest, TheLockIsHeldAfterTheTimeoutToo) {
  grant(5);
  condition.acquire();
  answer("condition_wait { token: 8 previous_owner_died: true }");
  EXPECT_FALSE(condition.wait(1s));
  EXPECT_EQ(condition.token(), 8U);
  EXPECT_TRUE(condition.previous_owner_died());
}

TEST_F(ConditionProxyTest, AWaitWithoutTheLockChangesNothing) {
  grant(5);
  condition.acquire();
  fake->fail(ErrorCode::kNotOwner);
  EXPECT_THROW(condition.wait(), NotOwnerError);
  EXPECT_EQ(condition.token(), 5U);
}

TEST_F(ConditionProxyTest, WaitsForNothingIfThePredicateHolds) {
  EXPECT_EQ(condition.wait_for([] { return 3; }), 3);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(ConditionProxyTest, WaitsUntilThePredicateHolds) {
  wake(6);
  wake(7);
  int calls = 0;
  EXPECT_EQ(condition.wait_for([&] { return calls++; }), 1);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(sent(), "condition_wait { }");
}

TEST_F(ConditionProxyTest, EachWaitForThePredicateHasTheTimeThatIsLeft) {
  wake(6);
  wake(7);
  int calls = 0;
  EXPECT_TRUE(condition.wait_for([&] { return ++calls == 3; }, 1h));
  const std::vector<std::string> requests = fake->all_sent();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].find("seconds: 3600"), std::string::npos) << requests[1];
  EXPECT_FALSE(fake->options().wait) << "after its time it waits for the lock, however long";
}

TEST_F(ConditionProxyTest, ThePredicatesLastValueTellsOfTheTimeout) {
  int calls = 0;
  EXPECT_FALSE(condition.wait_for([&] { return ++calls > 9; }, 0s));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(ConditionProxyTest, NotifiesOneOrSomeOrAll) {
  answer("condition_notify { woken: 1 }");
  EXPECT_EQ(condition.notify(), 1U);
  EXPECT_EQ(sent(), "condition_notify { }");
  answer("condition_notify { woken: 2 }");
  EXPECT_EQ(condition.notify(3), 2U);
  EXPECT_EQ(sent(), "condition_notify { count: 3 }");
  EXPECT_EQ(condition.notify_all(), 0U);
  EXPECT_EQ(sent(), "condition_notify { all: true }");
  EXPECT_THROW(condition.notify(0), ValueError);
  EXPECT_THROW(condition.notify(-1), ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(ConditionProxyTest, TheAsynchronousFormGivesFutures) {
  grant(5);
  condition.acquire();
  sent();
  Future<bool> notified = condition.async().wait(1s);
  EXPECT_EQ(sent(), "condition_wait { timeout { seconds: 1 } }");
  wake(6);
  EXPECT_TRUE(notified.get());
  EXPECT_EQ(condition.token(), 6U);
  answer("condition_notify { woken: 1 }");
  EXPECT_EQ(condition.async().notify(2).get(), 1U);
  EXPECT_EQ(sent(), "condition_notify { count: 2 }");
  condition.async().notify_all().get();
  EXPECT_EQ(sent(), "condition_notify { all: true }");
}

}  // namespace
}  // namespace mp
