#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mp/errors.h"
#include "mp/local/queue.h"
#include "tests/fork/asleep.h"
#include "tests/fork/kill_at_any_instruction.h"
#include "tests/fork/process_fixture.h"

// A process is killed at any instruction inside of a queue: its items are put, or got, or it has
// done nothing, and the others go on.

namespace mp::test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::ElementsAre;

constexpr auto kLong = 60s;  // far more than anything here takes

// Of one to three thousand instructions; each run begins at another one.
constexpr std::size_t kKills = 100;

// In the child that is killed: what it does for the first time takes it thousands of instructions.
void put_and_get(const Queue<std::string>& q) {
  q.put("first");
  static_cast<void>(q.get());
}

class KilledInAQueue : public ProcessTest {
 protected:
  using Items = std::vector<std::string>;

  // All that is in the queue, and an item that was put and got to show that both can be done.
  static Items drain(const Queue<std::string>& q) {
    const std::size_t size = q.qsize();
    q.put("last", kLong);
    Items items = q.get_many(100, kLong);
    EXPECT_EQ(items.back(), "last");
    items.pop_back();
    EXPECT_EQ(items.size(), size);
    EXPECT_TRUE(q.empty());
    EXPECT_EQ(q.try_get(), std::nullopt);
    return items;
  }

  Queue<std::string> q;
};

TEST_F(KilledInAQueue, HasPutItsItemOrNone) {
  KilledOperation puts;
  puts.prepare = [&] { put_and_get(q); };
  puts.most_kills = kKills;
  puts.operation = [&] { q.put("its"); };
  puts.check = [&](bool was_through) {
    const Items items = drain(q);
    EXPECT_THAT(items, AnyOf(Items(), Items{"its"}));
    EXPECT_TRUE(!items.empty() || !was_through);
  };
  kill_at_any_instruction(puts);
}

TEST_F(KilledInAQueue, HasPutAllOfItsItemsOrNone) {
  KilledOperation puts;
  puts.prepare = [&] { put_and_get(q); };
  puts.most_kills = kKills;
  puts.operation = [&] { q.put_many({"a", "b", "c"}); };
  puts.begin = [&](Victim&) { q.put("first"); };
  puts.check = [&](bool) {
    EXPECT_THAT(drain(q), AnyOf(Items{"first"}, Items{"first", "a", "b", "c"}));
  };
  kill_at_any_instruction(puts);
}

TEST_F(KilledInAQueue, HasGotItsItemOrNone) {
  KilledOperation gets;
  gets.prepare = [&] { put_and_get(q); };
  gets.most_kills = kKills;
  gets.operation = [&] { static_cast<void>(q.get()); };
  gets.begin = [&](Victim&) { q.put_many({"a", "b"}); };
  gets.check = [&](bool was_through) {
    const Items items = drain(q);
    EXPECT_THAT(items, AnyOf(Items{"b"}, Items{"a", "b"}));
    EXPECT_TRUE(items.size() == 1 || !was_through);
  };
  kill_at_any_instruction(gets);
}

TEST_F(KilledInAQueue, HasGotAllOfItsItemsOrNone) {
  KilledOperation gets;
  gets.prepare = [&] { put_and_get(q); };
  gets.most_kills = kKills;
  gets.operation = [&] { static_cast<void>(q.get_many(3)); };
  gets.begin = [&](Victim&) { q.put_many({"a", "b", "c", "d"}); };
  gets.check = [&](bool) { EXPECT_THAT(drain(q), AnyOf(Items{"d"}, Items{"a", "b", "c", "d"})); };
  kill_at_any_instruction(gets);
}

TEST_F(KilledInAQueue, HasItsItemGotByWhoWaitsOrHasPutNone) {
  std::unique_ptr<WaitingThread> getter;
  std::string got;
  KilledOperation puts;
  puts.prepare = [&] { put_and_get(q); };
  puts.most_kills = kKills;
  puts.operation = [&] { q.put("its"); };
  puts.begin = [&](Victim&) {
    getter = std::make_unique<WaitingThread>([&] { got = q.get(kLong); });
  };
  puts.check = [&](bool was_through) {
    q.put("mine");
    getter->join();
    const Items left = drain(q);
    EXPECT_TRUE((got == "its" && left == Items{"mine"}) ||
                (!was_through && got == "mine" && left.empty()))
        << got << ", and " << left.size();
  };
  kill_at_any_instruction(puts);
}

// It is killed while it comes back from its wait.
TEST_F(KilledInAQueue, HasTheItemThatItWaitedForOrLeavesItToTheNext) {
  KilledOperation comes_back;
  comes_back.operation = [&] { static_cast<void>(q.get()); };
  comes_back.begin = [&](Victim& getter) {
    getter.run_freely();
    while (q.waiting_getters() == 0) std::this_thread::yield();
    getter.halt();
    q.put("a");
    q.put("b");
  };
  comes_back.check = [&](bool was_through) {
    const Items items = drain(q);
    EXPECT_THAT(items, AnyOf(Items{"b"}, Items{"a", "b"}));
    EXPECT_TRUE(items.size() == 1 || !was_through);
  };
  comes_back.most_kills = 60;
  kill_at_any_instruction(comes_back);
}

TEST_F(KilledInAQueue, IsGoneFromTheLineOfGetters) {
  KilledOperation waits;
  waits.prepare = [&] { put_and_get(q); };
  waits.operation = [&] { static_cast<void>(q.try_get(1ms)); };
  waits.check = [&](bool) {
    EXPECT_THAT(drain(q), ElementsAre());
    EXPECT_EQ(q.waiting_getters(), 0U);
  };
  waits.most_kills = 60;
  kill_at_any_instruction(waits);
}

TEST_F(KilledInAQueue, IsGoneFromTheLineOfPutters) {
  const Queue<int> full(1);
  full.put(1);
  KilledOperation waits;
  waits.prepare = [&] { static_cast<void>(full.try_put(2)); };
  waits.operation = [&] { static_cast<void>(full.try_put(2, 1ms)); };
  waits.check = [&](bool) {
    EXPECT_EQ(full.get(kLong), 1);
    EXPECT_TRUE(full.try_put(1));
    EXPECT_FALSE(full.try_put(2));
    EXPECT_EQ(full.waiting_putters(), 0U);
  };
  waits.most_kills = 60;
  kill_at_any_instruction(waits);
}

TEST_F(KilledInAQueue, LeavesAsManyTasksAsItPutAndDidNotDo) {
  const JoinableQueue<int> tasks;
  KilledOperation works;
  works.prepare = [&] { put_and_get(q); };
  works.most_kills = kKills;
  works.operation = [&] {
    tasks.put(1);
    static_cast<void>(tasks.get());
    tasks.task_done();
  };
  works.check = [&](bool was_through) {
    const std::size_t unfinished = tasks.unfinished();
    EXPECT_LE(unfinished, was_through ? 0U : 1U);
    EXPECT_LE(tasks.qsize(), unfinished);
    static_cast<void>(tasks.try_get());
    if (unfinished == 1) tasks.task_done();
    EXPECT_TRUE(tasks.join(kLong));
    EXPECT_THROW(tasks.task_done(), ValueError);
  };
  kill_at_any_instruction(works);
}

TEST_F(KilledInAQueue, HasShutItDownForAllOrForNobody) {
  std::optional<Queue<std::string>> shut;
  const auto get_one = [&] {
    try {
      static_cast<void>(shut->get(kLong));
      ADD_FAILURE() << "there is nothing";
    } catch (const ShutDown&) {
    }
  };
  std::unique_ptr<WaitingThread> getter;
  KilledOperation shuts;
  shuts.prepare = [&] { put_and_get(q); };
  shuts.most_kills = kKills;
  shuts.operation = [&] { shut->shutdown(); };
  shuts.begin = [&](Victim&) { getter = std::make_unique<WaitingThread>(get_one); };
  shuts.check = [&](bool was_through) {
    EXPECT_TRUE(shut->is_shut_down() || !was_through);
    shut->shutdown();
    getter->join();
    EXPECT_THROW(shut->put("more"), ShutDown);
    shut.emplace();
  };
  shut.emplace();
  kill_at_any_instruction(shuts);
}

}  // namespace
}  // namespace mp::test
