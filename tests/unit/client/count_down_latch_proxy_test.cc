#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>

#include "mp/errors.h"
#include "mp/proxy/count_down_latch.h"
#include "mp/proxy/lock.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;

class CountDownLatchProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("latch", 0x2a);
  CountDownLatchProxy latch{fake};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
};

TEST_F(CountDownLatchProxyTest, CountsDownAndTellsWhatIsLeft) {
  answer("count_down_latch_count_down { count: 2 generation: 1 counted: 1 }");
  EXPECT_EQ(latch.count_down(), 2U);
  EXPECT_EQ(sent(), "count_down_latch_count_down { count: 1 }");
  latch.count_down(3);
  EXPECT_EQ(sent(), "count_down_latch_count_down { count: 3 }");
  latch.count_down(1, 7);
  EXPECT_EQ(sent(), "count_down_latch_count_down { count: 1 generation: 7 }");
}

TEST_F(CountDownLatchProxyTest, WaitsForEverUnlessTold) {
  answer("count_down_latch_wait { reached: true }");
  EXPECT_TRUE(latch.wait());
  EXPECT_EQ(sent(), "count_down_latch_wait { }");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
  EXPECT_FALSE(latch.wait(250ms));
  EXPECT_EQ(sent(), "count_down_latch_wait { timeout { nanos: 250000000 } }");
  EXPECT_EQ(fake->options().wait, 250ms);
  EXPECT_FALSE(latch.wait(-1s));
  EXPECT_EQ(sent(), "count_down_latch_wait { timeout { } }");
}

TEST_F(CountDownLatchProxyTest, FailsWhereItIsBroken) {
  fake->fail(ErrorCode::kBrokenBarrier);
  EXPECT_THROW(latch.wait(), BrokenBarrierError);
}

TEST_F(CountDownLatchProxyTest, TellsItsState) {
  const auto of_all = [&] {
    answer("count_down_latch_get_count { count: 3 generation: 2 promised: 1 broken: true }");
  };
  of_all();
  EXPECT_EQ(latch.get_count(), 3U);
  EXPECT_EQ(sent(), "count_down_latch_get_count { }");
  of_all();
  EXPECT_EQ(latch.generation(), 2U);
  of_all();
  EXPECT_EQ(latch.promised(), 1U);
  of_all();
  EXPECT_TRUE(latch.broken());
}

TEST_F(CountDownLatchProxyTest, IsSetAnewAndPromisedTo) {
  answer("count_down_latch_try_set_count { set: true generation: 2 }");
  EXPECT_TRUE(latch.try_set_count(5));
  EXPECT_EQ(sent(), "count_down_latch_try_set_count { count: 5 }");
  EXPECT_FALSE(latch.try_set_count(5));
  fake->all_sent();
  latch.enlist();
  EXPECT_EQ(sent(), "count_down_latch_enlist { count: 1 }");
  latch.enlist(2);
  EXPECT_EQ(sent(), "count_down_latch_enlist { count: 2 }");
}

TEST_F(CountDownLatchProxyTest, CountsByOneOrMore) {
  EXPECT_THROW(latch.count_down(0), ValueError);
  EXPECT_THROW(latch.async().count_down(-1), ValueError);
  EXPECT_THROW(latch.try_set_count(0), ValueError);
  EXPECT_THROW(latch.enlist(-3), ValueError);
  EXPECT_TRUE(fake->all_sent().empty());
}

TEST_F(CountDownLatchProxyTest, PrintsItsCount) {
  answer("count_down_latch_get_count { count: 12 }");
  EXPECT_EQ(str(latch), "<CountDownLatch at 0x2a count=12>");
  std::ostringstream out;
  out << latch;
  EXPECT_EQ(out.str(), "<CountDownLatch at 0x2a count=0>");
}

TEST_F(CountDownLatchProxyTest, CanBeFenced) {
  const LockProxy lock(std::make_shared<FakeRemoteObject>("lock", 99));
  latch.fenced_by(lock, 5).count_down();
  EXPECT_EQ(fake->options().fence->lock, 99U);
  EXPECT_EQ(fake->options().fence->token, 5U);
}

TEST_F(CountDownLatchProxyTest, TheAsynchronousFormGivesFutures) {
  Future<bool> reached = latch.async().wait(1s);
  EXPECT_EQ(sent(), "count_down_latch_wait { timeout { seconds: 1 } }");
  answer("count_down_latch_wait { reached: true }");
  EXPECT_TRUE(reached.get());
  answer("count_down_latch_count_down { count: 4 }");
  EXPECT_EQ(latch.async().count_down().get(), 4U);
}

}  // namespace
}  // namespace mp
