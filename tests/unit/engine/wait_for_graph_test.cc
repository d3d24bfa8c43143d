#include "server/engine/wait_for_graph.h"

#include <gtest/gtest.h>

namespace mp::server {
namespace {

constexpr Owner kThread{.session = 1, .handle = 1};
constexpr CallId kCall = 7;
constexpr Owner kThreadOfIt{.session = kThreadOfCall, .handle = kCall};

WaitForGraph::Wait wait_of(Ticket ticket) {
  return {.shard = 0, .ticket = ticket, .session = nullptr, .inside = kCall};
}

TEST(WaitForGraphTest, KnowsTheThreadOfACallWhileItWaits) {
  WaitForGraph graph(DeadlockPolicy::kFail);
  graph.add(kThread, wait_of(1), {});
  EXPECT_EQ(graph.known(kThreadOfIt), kThread);
  graph.remove(kThread, 0, 1);
  EXPECT_EQ(graph.known(kThreadOfIt), kThreadOfIt);
}

// What the thread waited for before was given up, and ends a little after the next has begun.
TEST(WaitForGraphTest, KnowsTheThreadOfACallWhileOneOfItsWaitsIsLeft) {
  WaitForGraph graph(DeadlockPolicy::kFail);
  graph.add(kThread, wait_of(1), {});
  graph.add(kThread, wait_of(2), {});
  graph.remove(kThread, 0, 1);
  EXPECT_EQ(graph.known(kThreadOfIt), kThread);
  graph.remove(kThread, 0, 2);
  EXPECT_EQ(graph.known(kThreadOfIt), kThreadOfIt);
}

}  // namespace
}  // namespace mp::server
