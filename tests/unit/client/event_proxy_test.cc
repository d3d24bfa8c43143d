#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>

#include "mp/errors.h"
#include "mp/proxy/event.h"
#include "mp/proxy/lock.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;

class EventProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("event", 0x2a);
  EventProxy event{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

TEST_F(EventProxyTest, IsSetAndCleared) {
  event.set();
  EXPECT_EQ(sent(), "event_set { }");
  event.clear();
  EXPECT_EQ(sent(), "event_clear { }");
  answer("event_is_set { set: true }");
  EXPECT_TRUE(event.is_set());
  EXPECT_EQ(sent(), "event_is_set { }");
  EXPECT_FALSE(event.is_set());
}

TEST_F(EventProxyTest, WaitsForEverUnlessTold) {
  answer("event_wait { set: true }");
  EXPECT_TRUE(event.wait());
  EXPECT_EQ(sent(), "event_wait { }");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
  EXPECT_FALSE(event.wait(250ms));
  EXPECT_EQ(sent(), "event_wait { timeout { nanos: 250000000 } }");
  EXPECT_EQ(fake->options().wait, 250ms);
  EXPECT_FALSE(event.wait(-1s));
  EXPECT_EQ(sent(), "event_wait { timeout { } }");
}

TEST_F(EventProxyTest, PrintsItsState) {
  answer("event_is_set { set: true }");
  EXPECT_EQ(str(event), "<Event at 0x2a set>");
  std::ostringstream out;
  out << event;
  EXPECT_EQ(out.str(), "<Event at 0x2a unset>");
}

TEST_F(EventProxyTest, CanBeFenced) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  event.fenced_by(lock, 5).set();
  EXPECT_EQ(fake->options().fence->lock, 99U);
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST_F(EventProxyTest, TheAsynchronousFormGivesFutures) {
  Future<bool> set = event.async().wait(1s);
  EXPECT_EQ(sent(), "event_wait { timeout { seconds: 1 } }");
  EXPECT_TRUE(fake->options().may_wait);
  answer("event_wait { set: true }");
  EXPECT_TRUE(set.get());
  event.async().set().get();
  EXPECT_EQ(sent(), "event_set { }");
}

}  // namespace
}  // namespace mp
