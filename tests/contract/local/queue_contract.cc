#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class LocalQueueInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalQueueInProcesses, testing::ValuesIn(all_ways()), name_of_param);

void get_six(const Queue<int>& q, const Event& begin, const Event& done) {
  begin.wait(kLong);
  for (int i = 1; i <= 6; ++i) demand(q.get() == i, "the items in order");
  done.set();
}

TEST_P(LocalQueueInProcesses, IsFullToEverySortOfPutUntilAnotherHasGotTheItems) {
  const Queue<int> q(6);
  const Event begin;
  const Event done;
  Process getter = started(get_six, q, begin, done);
  EXPECT_TRUE(q.empty());
  EXPECT_FALSE(q.full());
  q.put(1);
  q.put(2, true);
  q.put(3, true, None);
  q.put(4, false);
  q.put(5, false, None);
  q.put_nowait(6);
  EXPECT_FALSE(q.empty());
  EXPECT_TRUE(q.full());
  EXPECT_THROW(q.put_nowait(7), Full);
  EXPECT_THROW(q.put(7, false), Full);
  EXPECT_THROW(q.put(7, false, 1h), Full);
  EXPECT_THROW(q.put(7, true, 1ms), Full);
  EXPECT_THROW(q.put(7, 1ms), Full);
  begin.set();
  EXPECT_TRUE(done.wait(kLong));
  EXPECT_TRUE(q.empty());
  EXPECT_FALSE(q.full());
  expect_success(getter);
}

void put_four(const Queue<int>& q, const Event& begin, const Event& done) {
  begin.wait(kLong);
  for (int i = 2; i <= 5; ++i) q.put(i);
  done.set();
}

TEST_P(LocalQueueInProcesses, IsEmptyToEverySortOfGetBeforeAndAfterAnothersItems) {
  const Queue<int> q;
  const Event begin;
  const Event done;
  Process putter = started(put_four, q, begin, done);
  EXPECT_THROW(q.get_nowait(), Empty);
  begin.set();
  EXPECT_TRUE(done.wait(kLong));
  EXPECT_FALSE(q.empty());
  EXPECT_EQ(q.get(true, None), 2);
  EXPECT_EQ(q.get(true), 3);
  EXPECT_EQ(q.get(kLong), 4);
  EXPECT_EQ(q.get_nowait(), 5);
  EXPECT_TRUE(q.empty());
  EXPECT_THROW(q.get_nowait(), Empty);
  EXPECT_THROW(q.get(false), Empty);
  EXPECT_THROW(q.get(false, 1h), Empty);
  EXPECT_THROW(q.get(true, 1ms), Empty);
  EXPECT_THROW(q.get(1ms), Empty);
  expect_success(putter);
}

TEST_P(LocalQueueInProcesses, TakesItemsOfAChildAfterItsParents) {
  const Queue<int> q;
  for (int i = 0; i < 10; ++i) q.put(i);
  const auto put_more = [](const Queue<int>& its) {
    for (int i = 10; i < 20; ++i) its.put(i);
  };
  elsewhere(put_more, q);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(q.get_nowait(), i);
  EXPECT_THROW(q.get_nowait(), Empty);
}

void work(int /*worker*/, const JoinableQueue<std::optional<int>>& tasks) {
  while (tasks.get()) tasks.task_done();
}

TEST_P(LocalQueueInProcesses, IsJoinedOnceItsWorkersHaveDoneTheirTasks) {
  const JoinableQueue<std::optional<int>> tasks;
  Parties workers = parties(4, work, tasks);
  for (int i = 0; i < 10; ++i) tasks.put(i);
  EXPECT_TRUE(tasks.join(kLong));
  EXPECT_EQ(tasks.unfinished(), 0U);
  for (int i = 0; i < 4; ++i) tasks.put(std::nullopt);
}

using Text = std::pair<int, std::string>;

void put_texts(int putter, const Queue<Text>& q) {
  for (int i = 0; i < 200; ++i) q.put({putter, std::string(i * 11, 'x')});
}

TEST_P(LocalQueueInProcesses, KeepsTheOrderOfEachOfItsPutters) {
  const Queue<Text> q(10);
  Parties putters = parties(4, put_texts, q);
  std::vector<std::size_t> seen(4);
  for (int i = 0; i < 800; ++i) {
    const auto [putter, text] = q.get(kLong);
    EXPECT_EQ(text.size(), 11 * seen.at(putter)++);
  }
  EXPECT_TRUE(q.empty());
}

void square(int /*worker*/, const Queue<int>& numbers, const Queue<int>& squares) {
  for (int number = numbers.get(); number >= 0; number = numbers.get())
    squares.put(number * number);
}

TEST_P(LocalQueueInProcesses, GivesEachItemToOneOfItsGetters) {
  const Queue<int> numbers;
  const Queue<int> squares;
  Parties workers = parties(4, square, numbers, squares);
  for (int i = 0; i < 500; ++i) numbers.put(i);
  for (int i = 0; i < 4; ++i) numbers.put(-1);
  workers.join();
  std::vector<int> found = squares.get_many(1000);
  std::ranges::sort(found);
  ASSERT_EQ(found.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], i * i);
}

TEST_P(LocalQueueInProcesses, IsSentToAProcessThatRuns) {
  auto [mine, theirs] = Pipe();
  const auto put_one = [](const Connection& in) { in.recv<Queue<int>>().put(42); };
  Process child = started(put_one, std::move(theirs));
  const Queue<int> q;
  mine.send(q);
  EXPECT_EQ(q.get(kLong), 42);
  expect_success(child);
}

void get_until_shut_down(int /*getter*/, const Queue<int>& q) {
  try {
    for (;;) q.get();
  } catch (const ShutDown&) {
  }
}

TEST_P(LocalQueueInProcesses, AnswersAllWhoWaitWhenItIsShutDown) {
  const Queue<int> q;
  Parties getters = parties(4, get_until_shut_down, q);
  q.put_many({1, 2, 3});
  q.shutdown();
  getters.join();
  EXPECT_TRUE(q.empty());
}

// CPython's children have a standard input that is closed, where this once was a deadlock.
void have_one_of_its_own(Way way) {
  [[maybe_unused]] const Home home;
  const Queue<std::string> q;
  const auto put_one = [](const Queue<std::string>& its) { its.put("grandchild's"); };
  Process grandchild = process_by(way, put_one, q);
  grandchild.start();
  demand(q.get(kLong) == "grandchild's", "the item");
  grandchild.join();
}

TEST_P(LocalQueueInProcesses, IsMadeAndUsedInAChildToo) {
  elsewhere(have_one_of_its_own, GetParam());
}

void put_true_and_false(const SimpleQueue<bool>& q, const Event& begin, const Event& done) {
  begin.wait(kLong);
  q.put(true);
  q.put(false);
  done.set();
}

TEST_P(LocalQueueInProcesses, TellsWhetherItIsEmptyIfItIsSimple) {
  const SimpleQueue<bool> q;
  const Event begin;
  const Event done;
  Process putter = started(put_true_and_false, q, begin, done);
  EXPECT_TRUE(q.empty());
  begin.set();
  EXPECT_TRUE(done.wait(kLong));
  EXPECT_FALSE(q.empty());
  EXPECT_TRUE(q.get());
  EXPECT_FALSE(q.get());
  EXPECT_TRUE(q.empty());
  expect_success(putter);
}

}  // namespace
}  // namespace mp::contract
