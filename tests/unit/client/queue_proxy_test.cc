#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "mp/errors.h"
#include "mp/proxy/queue.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;

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
  q.try_put("job");
  EXPECT_EQ(sent(), expected);
  EXPECT_EQ(fake->options().wait, 0ns);
}

TEST_F(QueueProxyTest, FullThrowsOrIsFalse) {
  fake->fail(ErrorCode::kFull);
  EXPECT_THROW(q.put_nowait("job"), Full);
  fake->fail(ErrorCode::kFull);
  EXPECT_FALSE(q.try_put("job"));
  EXPECT_TRUE(q.try_put("job"));
  fake->fail(ErrorCode::kShutDown);
  EXPECT_THROW(q.try_put("job"), ShutDown);
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
