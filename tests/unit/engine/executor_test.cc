#include "server/engine/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
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
  return {
      .call = 0, .parent = 0, .object = 0, .hurried = false, .what = "task", .run = std::move(run)};
}
Executor::Task through(Gate& gate) {
  return task([&gate] { gate.pass(); });
}

// A system that has so many threads, and counts those that it has given.
struct System {
  explicit System(int threads = 1000) : left(threads) {}
  Executor::StartThread start() {
    return [this](std::function<void()> run) {
      if (left.fetch_sub(1) <= 0) {
        left = 0;
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
      }
      ++given;
      std::thread(std::move(run)).detach();
    };
  }
  std::atomic<int> left;
  std::atomic<int> given{0};
};

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
  System system;
  std::array<Gate, 3> gates;
  std::promise<void> ran;
  Executor executor(3, system.start());
  for (Gate& gate : gates) ASSERT_TRUE(executor.submit(through(gate)).ok());
  for (Gate& gate : gates) gate.await();
  ASSERT_TRUE(executor.submit(task([&] { ran.set_value(); })).ok());
  EXPECT_EQ(system.given, 3) << "the fourth has no thread, nor ever gets one of its own";
  for (Gate& gate : gates) gate.leave.set_value();
  ran.get_future().wait();
  EXPECT_EQ(system.given, 3);
  EXPECT_THAT(executor.stop(std::chrono::hours(1)), IsEmpty());
}

TEST(ExecutorTest, GivesACallInsideAnotherAThreadBeyondTheBound) {
  Gate outer;
  Executor executor(1);
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
  System system;
  Gate outer;
  Gate first;
  Executor executor(1, system.start());
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  Executor::Task inner = through(first);
  inner.parent = 7;
  ASSERT_TRUE(executor.submit(std::move(inner)).ok());
  first.await();
  std::promise<void> done;
  Executor::Task second = task([&] { done.set_value(); });
  second.parent = 7;
  ASSERT_TRUE(executor.submit(std::move(second)).ok());
  EXPECT_EQ(system.given, 2);
  first.leave.set_value();
  done.get_future().wait();
  EXPECT_EQ(system.given, 2);
  outer.leave.set_value();
}

TEST(ExecutorTest, HurriesWhatACallInsideAnotherWaitsFor) {
  Gate outer;
  Executor executor(1);
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  std::promise<void> done;
  Executor::Task waiting = task([&] { done.set_value(); });
  waiting.object = 9;
  ASSERT_TRUE(executor.submit(std::move(waiting)).ok());
  EXPECT_TRUE(executor.hurry(8).ok());
  EXPECT_TRUE(executor.hurry(9).ok());
  done.get_future().wait();
  outer.leave.set_value();
}

TEST(ExecutorTest, HurriesWhatComesLater) {
  Gate outer;
  Executor executor(1);
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

TEST(ExecutorTest, WaitsForAThreadThatItHasIfTheSystemHasNoMore) {
  System system(1);
  Gate first;
  std::promise<void> done;
  Executor executor(3, system.start());
  ASSERT_TRUE(executor.submit(through(first)).ok());
  first.await();
  EXPECT_TRUE(executor.submit(task([&] { done.set_value(); })).ok());
  first.leave.set_value();
  done.get_future().wait();
}

TEST(ExecutorTest, RefusesWhatItHasNoThreadFor) {
  System system(0);
  Executor executor(3, system.start());
  EXPECT_EQ(code_of(executor.submit(task([] { FAIL(); }))), v1::LIMIT_EXCEEDED);
}

// The one that runs may be the one that waits for it.
TEST(ExecutorTest, RefusesACallInsideAnotherIfTheSystemHasNoThread) {
  System system(1);
  Gate outer;
  Executor executor(3, system.start());
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  Executor::Task inner = task([] { FAIL(); });
  inner.parent = 7;
  EXPECT_EQ(code_of(executor.submit(std::move(inner))), v1::LIMIT_EXCEEDED);
  outer.leave.set_value();
}

TEST(ExecutorTest, SaysThatItHasNoThreadForWhatIsWaitedFor) {
  System system(1);
  Gate outer;
  Executor executor(1, system.start());
  ASSERT_TRUE(executor.submit(through(outer)).ok());
  outer.await();
  std::promise<void> done;
  Executor::Task waiting = task([&] { done.set_value(); });
  waiting.object = 9;
  ASSERT_TRUE(executor.submit(std::move(waiting)).ok());
  EXPECT_EQ(code_of(executor.hurry(9)), v1::LIMIT_EXCEEDED);
  outer.leave.set_value();
  done.get_future().wait();
}

TEST(ExecutorTest, DoesWhatItIsEntrustedWithWhenThereIsAThread) {
  System system(0);
  Executor executor(3, system.start());
  std::promise<std::thread::id> by;
  executor.entrust("errand", [&] { by.set_value(std::this_thread::get_id()); });
  auto done = by.get_future();
  EXPECT_EQ(code_of(executor.submit(task([] {}))), v1::LIMIT_EXCEEDED);
  system.left = 1;
  ASSERT_TRUE(executor.submit(task([] {})).ok());
  EXPECT_NE(done.get(), std::this_thread::get_id());
}

TEST(ExecutorTest, DoesAtItsEndWhatItIsEntrustedWithOnceItHasStopped) {
  bool done = false;
  {
    Executor executor(1);
    executor.stop(std::chrono::nanoseconds(0));
    executor.entrust("errand", [&] { done = true; });
    EXPECT_FALSE(done) << "who entrusts it with something may be in a section";
  }
  EXPECT_TRUE(done);
}

TEST(ExecutorTest, DoesAtItsEndWhatItIsEntrustedWithAndHasNoThreadForBeforeItStops) {
  Gate gate;
  std::atomic<bool> done{false};
  {
    Executor executor(1);
    ASSERT_TRUE(executor.submit(through(gate)).ok());
    gate.await();
    executor.entrust("errand", [&] { done = true; });
    executor.stop(std::chrono::nanoseconds(0));
    gate.leave.set_value();
    EXPECT_THAT(executor.stop(std::chrono::hours(1)), IsEmpty());
    EXPECT_FALSE(done);
  }
  EXPECT_TRUE(done);
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
