#include "server/engine/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "server/objects/error.h"

namespace mp::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// A task that says that it runs, and ends when it is told to.
struct Gate {
  std::promise<void> entered, leave;
  std::shared_future<void> told{leave.get_future()};
  void pass() {
    entered.set_value();
    told.wait();
  }
  void await() { entered.get_future().wait(); }
};

Executor::Task task(std::function<void()> run) {
  return {.call = 0, .parent = 0, .object = 0, .hurried = false, .what = "task", .run = run};
}
Executor::Task through(Gate& gate) {
  return task([&gate] { gate.pass(); });
}

TEST(ExecutorTest, RunsTasksInOrderOnOneThread) {
  std::vector<int> order;
  Executor executor(1);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(executor.submit(task([&order, i] { order.push_back(i); })).ok());
  }
  std::promise<void> last;
  ASSERT_TRUE(executor.submit(task([&] { last.set_value(); })).ok());
  last.get_future().wait();
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(ExecutorTest, RunsAsManyAtOnceAsItHasThreads) {
  Executor executor(3);
  std::array<Gate, 3> gates;
  for (Gate& gate : gates) ASSERT_TRUE(executor.submit(through(gate)).ok());
  for (Gate& gate : gates) gate.await();
  std::atomic<bool> ran{false};
  ASSERT_TRUE(executor.submit(task([&] { ran = true; })).ok());
  EXPECT_FALSE(ran) << "it has no thread";
  for (Gate& gate : gates) gate.leave.set_value();
  EXPECT_THAT(executor.stop(std::chrono::hours(1)), IsEmpty());
}

TEST(ExecutorTest, GivesACallInsideAnotherAThreadBeyondTheBound) {
  Executor executor(1);
  Gate outer;
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  std::vector<std::promise<void>> done(3);
  for (std::promise<void>& each : done) {
    Executor::Task inner = task([&each] { each.set_value(); });
    inner.parent = 7;
    ASSERT_TRUE(executor.submit(std::move(inner)).ok());
  }
  for (std::promise<void>& each : done) each.get_future().wait();
  outer.leave.set_value();
}

TEST(ExecutorTest, RunsOneCallInsideAnotherAtATimeBeyondTheBound) {
  Executor executor(1);
  Gate outer, first;
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  Executor::Task inner = through(first);
  inner.parent = 7;
  ASSERT_TRUE(executor.submit(std::move(inner)).ok());
  first.await();
  std::atomic<bool> ran{false};
  std::promise<void> done;
  Executor::Task second = task([&] {
    ran = true;
    done.set_value();
  });
  second.parent = 7;
  ASSERT_TRUE(executor.submit(std::move(second)).ok());
  EXPECT_FALSE(ran);
  first.leave.set_value();
  done.get_future().wait();
  outer.leave.set_value();
}

TEST(ExecutorTest, HurriesWhatACallInsideAnotherWaitsFor) {
  Executor executor(1);
  Gate outer;
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  std::promise<void> done;
  Executor::Task waiting = task([&] { done.set_value(); });
  waiting.object = 9;
  ASSERT_TRUE(executor.submit(std::move(waiting)).ok());
  executor.hurry(8);
  executor.hurry(9);
  done.get_future().wait();
  outer.leave.set_value();
}

TEST(ExecutorTest, HurriesWhatComesLater) {
  Executor executor(1);
  Gate outer;
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  std::promise<void> done;
  Executor::Task waiting = task([&] { done.set_value(); });
  waiting.object = 9;
  waiting.hurried = true;
  ASSERT_TRUE(executor.submit(std::move(waiting)).ok());
  done.get_future().wait();
  outer.leave.set_value();
}

TEST(ExecutorTest, SaysWhatStillRunsWhenItStops) {
  auto gate = std::make_shared<Gate>();
  Executor executor(1);
  Executor::Task stuck = task([gate] { gate->pass(); });
  stuck.what = "Hall.stay";
  ASSERT_TRUE(executor.submit(std::move(stuck)).ok());
  gate->await();
  EXPECT_THAT(executor.stop(std::chrono::nanoseconds(0)),
              ElementsAre(StartsWith("Hall.stay, for")));
  EXPECT_EQ(code_of(executor.submit(task([] {}))), v1::MANAGER_SHUT_DOWN);
  gate->leave.set_value();
  EXPECT_THAT(executor.stop(std::chrono::hours(1)), IsEmpty());
}

TEST(ExecutorTest, DropsWhatHasNotBegunWhenItStops) {
  Gate gate;
  std::atomic<bool> ran{false};
  Executor executor(1);
  ASSERT_TRUE(executor.submit(through(gate)).ok());
  gate.await();
  ASSERT_TRUE(executor.submit(task([&] { ran = true; })).ok());
  executor.stop(std::chrono::nanoseconds(0));
  gate.leave.set_value();
  EXPECT_THAT(executor.stop(std::chrono::hours(1)), IsEmpty());
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace mp::server
