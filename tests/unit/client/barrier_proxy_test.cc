#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "mp/errors.h"
#include "mp/proxy/barrier.h"
#include "tests/unit/client/fake_remote_object.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class BarrierProxyTest : public testing::Test {
 protected:
  std::shared_ptr<FakeRemoteObject> fake = std::make_shared<FakeRemoteObject>("barrier");
  BarrierProxy barrier{fake};
  int runs = 0;
  BarrierProxy acting{fake, [this] { ++runs; }};

  std::string sent() { return fake->sent(); }
  void answer(const std::string& outcome) { fake->answer(outcome); }
  void choose_to_act() { answer("barrier_wait { index: 2 generation: 4 run_action: true }"); }
};

TEST_F(BarrierProxyTest, WaitsForTheBarriersOwnTimeUnlessTold) {
  answer("barrier_wait { index: 3 generation: 1 }");
  EXPECT_EQ(barrier.wait(), 3U);
  EXPECT_EQ(sent(), "barrier_wait { }");
  EXPECT_TRUE(fake->options().may_wait);
  EXPECT_EQ(fake->options().wait, std::nullopt);
}

TEST_F(BarrierProxyTest, AnExplicitTimeOverridesTheBarriers) {
  EXPECT_EQ(barrier.wait(250ms), 0U);
  EXPECT_EQ(sent(), "barrier_wait { timeout { nanos: 250000000 } }");
  EXPECT_EQ(fake->options().wait, 250ms);
  barrier.wait(-1s);
  EXPECT_EQ(sent(), "barrier_wait { timeout { } }");
  barrier.wait(None);
  EXPECT_EQ(sent(), "barrier_wait { forever: true }");
  EXPECT_EQ(fake->options().wait, std::nullopt);
}

TEST_F(BarrierProxyTest, ABrokenBarrierThrows) {
  fake->fail(ErrorCode::kBrokenBarrier);
  EXPECT_THROW(barrier.wait(), BrokenBarrierError);
}

TEST_F(BarrierProxyTest, RunsTheActionIfItIsChosen) {
  choose_to_act();
  EXPECT_EQ(acting.wait(1s), 2U);
  EXPECT_EQ(runs, 1);
  EXPECT_THAT(fake->all_sent(),
              ElementsAre("barrier_wait { timeout { seconds: 1 } has_action: true }",
                          "barrier_finish { generation: 4 }"));
}

TEST_F(BarrierProxyTest, LeavesTheActionToAnotherIfItIsNotChosen) {
  answer("barrier_wait { index: 1 generation: 4 }");
  EXPECT_EQ(acting.wait(), 1U);
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(sent(), "barrier_wait { has_action: true }");
}

TEST_F(BarrierProxyTest, CopiesHaveTheAction) {
  choose_to_act();
  const BarrierProxy copy = acting;
  copy.wait();
  EXPECT_EQ(runs, 1);
}

TEST_F(BarrierProxyTest, AnActionThatThrowsBreaksTheBarrier) {
  const BarrierProxy failing(fake, [] { throw std::runtime_error("no"); });
  choose_to_act();
  EXPECT_THROW(failing.wait(), std::runtime_error);
  EXPECT_THAT(fake->all_sent(), ElementsAre("barrier_wait { has_action: true }",
                                            "barrier_finish { generation: 4 failed: true }"));
}

TEST_F(BarrierProxyTest, TheActionsFailureIsToldEvenIfTheManagerIsOutOfReach) {
  const BarrierProxy failing(fake, [] { throw std::runtime_error("no"); });
  choose_to_act();
  fake->fail(ErrorCode::kSessionExpired);
  EXPECT_THROW(failing.wait(), std::runtime_error);
}

TEST_F(BarrierProxyTest, ABarrierThatBreaksDuringTheActionIsBrokenForItsRunnerToo) {
  choose_to_act();
  fake->fail(ErrorCode::kBrokenBarrier);  // the generation is over
  EXPECT_THROW(acting.wait(), BrokenBarrierError);
  EXPECT_EQ(runs, 1);
}

TEST_F(BarrierProxyTest, IsAbortedAndReset) {
  barrier.abort();
  EXPECT_EQ(sent(), "barrier_abort { }");
  barrier.reset();
  EXPECT_EQ(sent(), "barrier_reset { }");
  barrier.enlist();
  EXPECT_EQ(sent(), "barrier_enlist { }");
}

TEST_F(BarrierProxyTest, TellsItsState) {
  const std::string state = "barrier_state { parties: 5 waiting: 2 broken: true generation: 3 }";
  answer(state);
  EXPECT_EQ(barrier.parties(), 5U);
  EXPECT_EQ(sent(), "barrier_state { }");
  answer(state);
  EXPECT_EQ(barrier.n_waiting(), 2U);
  answer(state);
  EXPECT_TRUE(barrier.broken());
  EXPECT_FALSE(barrier.broken());
}

TEST_F(BarrierProxyTest, TheAsynchronousFormGivesFuturesAndBringsNoAction) {
  Future<std::size_t> index = acting.async().wait(1s);
  EXPECT_EQ(sent(), "barrier_wait { timeout { seconds: 1 } }");
  answer("barrier_wait { index: 3 generation: 1 }");
  EXPECT_EQ(index.get(), 3U);
  acting.async().wait().get();
  EXPECT_EQ(sent(), "barrier_wait { }");
  acting.async().wait(None).get();
  EXPECT_EQ(sent(), "barrier_wait { forever: true }");
  acting.async().abort().get();
  EXPECT_EQ(sent(), "barrier_abort { }");
}

}  // namespace
}  // namespace mp
