#include "server/engine/call_graph.h"

#include <gtest/gtest.h>

#include <vector>

#include "server/objects/error.h"

namespace mp::server {
namespace {

class CallGraphTest : public testing::Test {
 protected:
  // A call that has its object.
  CallId running(std::uint64_t object, CallId inside = 0, Access access = Access::kAlone) {
    const CallId call = arrived(object, inside, access);
    graph_.begin(call);
    return call;
  }
  CallId arrived(std::uint64_t object, CallId inside = 0, Access access = Access::kAlone) {
    const auto call = graph_.arrive(inside, object, access);
    EXPECT_TRUE(call.ok()) << call.status();
    return call.value_or(0);
  }
  v1::Code wait(CallId call) { return code_of(graph_.wait(call)); }

  CallGraph graph_{1000};
};

TEST_F(CallGraphTest, LetsACallWaitForAStranger) {
  running(1);
  EXPECT_EQ(wait(arrived(1)), v1::CODE_UNSPECIFIED);
}

TEST_F(CallGraphTest, FindsACallThatWaitsForTheOneItIsIn) {
  const CallId outer = running(1);
  EXPECT_EQ(wait(arrived(1, outer)), v1::DEADLOCK);
}

TEST_F(CallGraphTest, FindsItUpALongChain) {
  const CallId first = running(1);
  const CallId second = running(2, first);
  const CallId third = running(3, second);
  EXPECT_EQ(wait(arrived(1, third)), v1::DEADLOCK);
  EXPECT_EQ(wait(arrived(2, third)), v1::DEADLOCK);
}

TEST_F(CallGraphTest, FindsACycleOfTwoChains) {
  const CallId one = running(1);
  const CallId two = running(2);
  EXPECT_EQ(wait(arrived(2, one)), v1::CODE_UNSPECIFIED);
  EXPECT_EQ(wait(arrived(1, two)), v1::DEADLOCK);
}

TEST_F(CallGraphTest, FindsACycleThroughReaders) {
  const CallId one = running(1, 0, Access::kShared);
  const CallId two = running(2, 0, Access::kShared);
  EXPECT_EQ(wait(arrived(2, one)), v1::CODE_UNSPECIFIED);
  EXPECT_EQ(wait(arrived(1, two)), v1::DEADLOCK);
}

TEST_F(CallGraphTest, SeesNoCycleInWhatIsOver) {
  const CallId one = running(1);
  const CallId two = running(2);
  const CallId waiting = arrived(2, one);
  EXPECT_EQ(wait(waiting), v1::CODE_UNSPECIFIED);
  graph_.leave(waiting);
  EXPECT_EQ(wait(arrived(1, two)), v1::CODE_UNSPECIFIED);
}

TEST_F(CallGraphTest, TakesACallInsideOneThatIsOverForOneInsideNone) {
  const CallId outer = running(1);
  graph_.leave(outer);
  const CallId call = arrived(1, outer);
  EXPECT_EQ(graph_.parent_of(call), 0U);
}

TEST_F(CallGraphTest, KnowsWhatIsSharedUpTheChain) {
  const CallId reader = running(1, 0, Access::kShared);
  const CallId between = running(2, reader);
  EXPECT_TRUE(graph_.shares_already(arrived(1, between, Access::kShared)));
  EXPECT_FALSE(graph_.shares_already(arrived(2, between, Access::kShared)));
  EXPECT_FALSE(graph_.shares_already(arrived(1, 0, Access::kShared)));
}

TEST_F(CallGraphTest, KnowsWhichObjectsAreAwaitedInsideOthers) {
  running(1);
  const CallId outer = running(2);
  const CallId waiting = arrived(1, outer);
  EXPECT_FALSE(graph_.awaited_inside(1));
  EXPECT_EQ(wait(waiting), v1::CODE_UNSPECIFIED);
  EXPECT_TRUE(graph_.awaited_inside(1));
  graph_.leave(waiting);
  EXPECT_FALSE(graph_.awaited_inside(1));
}

TEST_F(CallGraphTest, BoundsHowDeepCallsAre) {
  CallId inside = 0;
  for (std::size_t i = 0; i < CallGraph::kMostDepth; ++i) inside = running(i + 1, inside);
  EXPECT_EQ(code_of(graph_.arrive(inside, 1000, Access::kAlone).status()), v1::LIMIT_EXCEEDED);
}

TEST_F(CallGraphTest, BoundsHowManyThereAre) {
  CallGraph small(2);
  const auto first = small.arrive(0, 1, Access::kAlone);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(small.arrive(0, 1, Access::kAlone).ok());
  EXPECT_EQ(code_of(small.arrive(0, 1, Access::kAlone).status()), v1::LIMIT_EXCEEDED);
  small.leave(*first);
  EXPECT_TRUE(small.arrive(0, 1, Access::kAlone).ok());
}

}  // namespace
}  // namespace mp::server
