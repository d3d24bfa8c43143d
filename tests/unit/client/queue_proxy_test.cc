#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mp/errors.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/queue.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class QueueProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("queue");
  QueueProxy<std::string> q{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

TEST_F(QueueProxyTest, PutsAndWaitsForEverUnlessTold) {
  q.put("job");
  EXPECT_EQ(sent(), R"(queue_put { value { str: "job" } })");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
  q.put("job", 250ms);
  EXPECT_EQ(sent(), R"(queue_put { value { str: "job" } timeout { nanos: 250000000 } })");
  EXPECT_EQ(fake->options().wait, 250ms);
  q.put("job", 1.5s);
  EXPECT_EQ(sent(),
            R"(queue_put { value { str: "job" } timeout { seconds: 1 nanos: 500000000 } })");
}

TEST_F(QueueProxyTest, NotWaitingIsATimeoutOfZero) {
  const std::string expected = R"(queue_put { value { str: "job" } timeout { } })";
  q.put_nowait("job");
  EXPECT_EQ(sent(), expected);
  q.put("job", -5s);
  EXPECT_EQ(sent(), expected);
  q.put("job", false, 5s);
  EXPECT_EQ(sent(), expected);
  q.put("job", true, 0ms);
  EXPECT_EQ(sent(), expected);
  static_cast<void>(q.try_put("job"));
  EXPECT_EQ(sent(), expected);
  EXPECT_EQ(fake->options().wait, 0ns);
}

TEST_F(QueueProxyTest, PutsWithADelay) {
  q.put("job", {.delay = 5s});
  EXPECT_EQ(sent(), R"(queue_put { value { str: "job" } delay { seconds: 5 } })");
  EXPECT_EQ(fake->options().wait, std::nullopt);
  q.put("job", {.delay = 5s, .timeout = 1s});
  EXPECT_EQ(sent(),
            R"(queue_put { value { str: "job" } timeout { seconds: 1 } delay { seconds: 5 } })");
  EXPECT_EQ(fake->options().wait, 1s);
  q.put("job", {.delay = 0s});
  EXPECT_EQ(sent(), R"(queue_put { value { str: "job" } })");
  q.put_many({"a"}, {.delay = 250ms});
  EXPECT_EQ(sent(), R"(queue_put_many { values { str: "a" } delay { nanos: 250000000 } })");
}

TEST_F(QueueProxyTest, IsFullOfWhatIsDelayedToo) {
  answer("queue_size { size: 1 maxsize: 3 delayed: 2 }");
  EXPECT_TRUE(q.full());
  answer("queue_size { size: 1 maxsize: 3 delayed: 1 }");
  EXPECT_FALSE(q.full());
}

TEST_F(QueueProxyTest, TellsHowItWasMadeAndWhatBecameOfItsItems) {
  answer("queue_size { order: PRIORITY }");
  EXPECT_EQ(q.order(), Order::kPriority);
  answer("queue_size { order: LIFO }");
  EXPECT_EQ(q.order(), Order::kLifo);
  answer("queue_size { max_deliveries: 5 }");
  EXPECT_EQ(q.max_deliveries(), 5U);
  answer("queue_size { dead_lettered: 2 }");
  EXPECT_EQ(q.dead_lettered(), 2U);
  answer("queue_size { dropped: 3 }");
  EXPECT_EQ(q.dropped(), 3U);
  answer("queue_size { delayed: 4 }");
  EXPECT_EQ(q.delayed(), 4U);
}

TEST_F(QueueProxyTest, FullThrowsOrIsFalse) {
  fake->fail(ErrorCode::kFull);
  EXPECT_THROW(q.put_nowait("job"), Full);
  fake->fail(ErrorCode::kFull);
  EXPECT_FALSE(q.try_put("job"));
  EXPECT_TRUE(q.try_put("job"));
  fake->fail(ErrorCode::kShutDown);
  EXPECT_THROW(static_cast<void>(q.try_put("job")), ShutDown);
}

TEST_F(QueueProxyTest, GetsAnItem) {
  answer(R"(queue_get { value { str: "job" } item: 3 })");
  EXPECT_EQ(q.get(), "job");
  EXPECT_EQ(sent(), "queue_get { }");
  answer(R"(queue_get { value { str: "job" } })");
  EXPECT_EQ(q.get(250ms), "job");
  EXPECT_EQ(sent(), "queue_get { timeout { nanos: 250000000 } }");
  answer(R"(queue_get { value { str: "job" } })");
  EXPECT_EQ(q.get(true, 1s), "job");
  EXPECT_EQ(sent(), "queue_get { timeout { seconds: 1 } }");
  answer(R"(queue_get { value { str: "job" } })");
  EXPECT_EQ(q.get_nowait(), "job");
  EXPECT_EQ(sent(), "queue_get { timeout { } }");
}

TEST_F(QueueProxyTest, EmptyThrowsOrIsNothing) {
  fake->fail(ErrorCode::kEmpty);
  EXPECT_THROW(q.get(1ms), Empty);
  fake->fail(ErrorCode::kEmpty);
  EXPECT_EQ(q.try_get(), std::nullopt);
  fake->fail(ErrorCode::kEmpty);
  EXPECT_EQ(q.try_get(1s), std::nullopt);
  answer(R"(queue_get { value { str: "job" } })");
  EXPECT_EQ(q.try_get(), "job");
  fake->fail(ErrorCode::kShutDown);
  EXPECT_THROW(q.try_get(), ShutDown);
}

TEST_F(QueueProxyTest, TellsItsSize) {
  answer("queue_size { size: 2 maxsize: 3 }");
  EXPECT_EQ(q.qsize(), 2U);
  EXPECT_EQ(sent(), "queue_size { }");
  EXPECT_TRUE(q.empty());
  answer("queue_size { size: 3 maxsize: 3 }");
  EXPECT_TRUE(q.full());
  answer("queue_size { size: 2 maxsize: 3 }");
  EXPECT_FALSE(q.full());
  answer("queue_size { size: 2 }");
  EXPECT_FALSE(q.full());
  answer("queue_size { size: 2 maxsize: 3 shut_down: true }");
  EXPECT_TRUE(q.is_shut_down());
  answer("queue_size { size: 2 maxsize: 3 }");
  EXPECT_EQ(q.maxsize(), 3U);
}

TEST_F(QueueProxyTest, PutsManyItemsAtOnce) {
  const std::string expected = R"(queue_put_many { values { str: "a" } values { str: "b" } })";
  q.put_many({"a", "b"});
  EXPECT_EQ(sent(), expected);
  EXPECT_TRUE(fake->options().may_wait);
  q.put_many(std::vector<const char*>{"a", "b"});
  EXPECT_EQ(sent(), expected);
  q.put_many({"a"}, 1s);
  EXPECT_EQ(sent(), R"(queue_put_many { values { str: "a" } timeout { seconds: 1 } })");
  EXPECT_EQ(fake->options().wait, 1s);
  fake->fail(ErrorCode::kFull);
  EXPECT_THROW(q.put_many({"a"}, 1s), Full);
  fake->fail(ErrorCode::kFull);
  EXPECT_FALSE(q.try_put_many({"a"}));
  EXPECT_TRUE(q.try_put_many(std::vector<std::string>{"a"}));
}

TEST_F(QueueProxyTest, GetsManyItemsAtOnce) {
  const std::string two = R"(queue_get_many { items { value { str: "a" } item: 1 deliveries: 1 } )"
                          R"(items { value { str: "b" } item: 2 deliveries: 3 } })";
  answer(two);
  EXPECT_THAT(q.get_many(10), ElementsAre("a", "b"));
  EXPECT_EQ(sent(), "queue_get_many { max: 10 }");
  EXPECT_EQ(fake->options().wait, std::nullopt);
  answer(two);
  EXPECT_THAT(q.get_many(10, 1s), ElementsAre("a", "b"));
  EXPECT_EQ(sent(), "queue_get_many { timeout { seconds: 1 } max: 10 }");
  answer(two);
  const auto items = q.receive_many(10, 1s);
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[1].value, "b");
  EXPECT_EQ(items[1].item, 2U);
  EXPECT_EQ(items[1].deliveries, 3U);
}

TEST_F(QueueProxyTest, GettingManyOfNoneIsAsGettingOne) {
  fake->fail(ErrorCode::kEmpty);
  EXPECT_THROW(q.get_many(10, 1ms), Empty);
  sent();
  fake->fail(ErrorCode::kEmpty);
  EXPECT_THAT(q.try_get_many(10), IsEmpty());
  EXPECT_EQ(sent(), "queue_get_many { timeout { } max: 10 }");
  fake->fail(ErrorCode::kShutDown);
  EXPECT_THROW(q.try_get_many(10), ShutDown);
}

TEST_F(QueueProxyTest, ReceivesWhatIsToBeConfirmed) {
  answer(R"(queue_get { value { str: "job" } item: 3 deliveries: 2 })");
  const Delivered<std::string> job = q.receive(1s);
  EXPECT_EQ(sent(), "queue_get { timeout { seconds: 1 } }");
  EXPECT_EQ(job.value, "job");
  EXPECT_EQ(job.item, 3U);
  EXPECT_EQ(job.deliveries, 2U);
  q.confirm(job);
  EXPECT_EQ(sent(), "queue_confirm { items: 3 }");
  q.confirm(std::vector{job, Delivered<std::string>{"next", 4, 1}});
  EXPECT_EQ(sent(), "queue_confirm { items: 3 items: 4 }");
  fake->fail(ErrorCode::kEmpty);
  EXPECT_EQ(q.try_receive(), std::nullopt);
  answer(R"(queue_get { value { str: "job" } item: 3 deliveries: 2 })");
  EXPECT_EQ(q.try_receive()->item, 3U);
  EXPECT_THROW(q.receive(), RemoteError);  // an answer without a value
}

TEST_F(QueueProxyTest, CountsTasks) {
  answer("queue_task_done { unfinished: 4 }");
  EXPECT_EQ(q.task_done(), 4U);
  EXPECT_EQ(sent(), "queue_task_done { }");
  EXPECT_EQ(q.task_done({"job", 3, 1}), 0U);
  EXPECT_EQ(sent(), "queue_task_done { item: 3 }");
  fake->fail(ErrorCode::kValueError);
  EXPECT_THROW(q.task_done(), ValueError);
}

TEST_F(QueueProxyTest, JoinsForEverUnlessTold) {
  answer("queue_join { finished: true }");
  EXPECT_TRUE(q.join());
  EXPECT_EQ(sent(), "queue_join { }");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
  EXPECT_FALSE(q.join(1s));
  EXPECT_EQ(sent(), "queue_join { timeout { seconds: 1 } }");
  EXPECT_EQ(fake->options().wait, 1s);
}

TEST_F(QueueProxyTest, TellsOfTasksAndDeliveries) {
  const std::string size = "queue_size { unfinished: 5 unconfirmed: 2 delivery: UNTIL_CONFIRMED }";
  answer(size);
  EXPECT_EQ(q.unfinished(), 5U);
  EXPECT_EQ(sent(), "queue_size { }");
  answer(size);
  EXPECT_EQ(q.unconfirmed(), 2U);
  answer(size);
  EXPECT_EQ(q.delivery(), Delivery::kUntilConfirmed);
  EXPECT_EQ(q.delivery(), Delivery::kAtMostOnce);
}

TEST_F(QueueProxyTest, ProducersComeAndGo) {
  q.enlist();
  EXPECT_EQ(sent(), "queue_enlist { }");
  q.leave();
  EXPECT_EQ(sent(), "queue_leave { }");
  q.close();
  EXPECT_EQ(sent(), "queue_leave { }");
}

TEST_F(QueueProxyTest, CanBeFencedByALock) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  q.fenced_by(lock, 5).task_done();
  EXPECT_EQ(fake->options().fence->lock, 99U);
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST_F(QueueProxyTest, ShutsDown) {
  q.shutdown();
  EXPECT_EQ(sent(), "queue_shutdown { }");
  q.shutdown({.immediate = true});
  EXPECT_EQ(sent(), "queue_shutdown { immediate: true }");
}

TEST_F(QueueProxyTest, DynamicQueuesTakeBraces) {
  QueueProxy<> any(fake);
  any.put({42, None, "hello"});
  EXPECT_EQ(sent(), R"(queue_put { value { list { items { int: 42 } items { none: NONE } )"
                    R"(items { str: "hello" } } } })");
}

TEST_F(QueueProxyTest, TheAsynchronousFormGivesFutures) {
  Future<std::string> job = q.async().get(5s);
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_FALSE(job.wait(1ms));
  EXPECT_THROW(job.get(0ms), TimeoutError);
  EXPECT_TRUE(job.valid());
  answer(R"(queue_get { value { str: "job" } })");
  EXPECT_EQ(job.get(1s), "job");
  EXPECT_THROW(job.get(), ValueError);
  Future<std::optional<std::string>> none = q.async().try_get();
  fake->fail(ErrorCode::kEmpty);
  EXPECT_EQ(none.get(), std::nullopt);
}

}  // namespace
}  // namespace mp
