#include "mp/local/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "mp/any.h"
#include "mp/errors.h"
#include "mp/local/lock.h"

namespace mp {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(LocalQueue, IsFirstInFirstOutAndCountsExactly) {
  const Queue<int> q(3);
  EXPECT_TRUE(q.empty());
  q.put(1);
  q.put(2, true);
  q.put_nowait(3);
  EXPECT_EQ(q.qsize(), 3U);
  EXPECT_TRUE(q.full());
  EXPECT_EQ(q.get(), 1);
  EXPECT_EQ(q.get(true, 1s), 2);
  EXPECT_EQ(q.get_nowait(), 3);
  EXPECT_TRUE(q.empty());
}

TEST(LocalQueue, IsFullToEverySortOfPut) {
  const Queue<int> q(1);
  q.put(1);
  EXPECT_THROW(q.put_nowait(2), Full);
  EXPECT_THROW(q.put(2, false), Full);
  EXPECT_THROW(q.put(2, false, 1h), Full);
  EXPECT_THROW(q.put(2, true, 1ms), Full);
  EXPECT_THROW(q.put(2, -1s), Full) << "a negative timeout does not wait";
  EXPECT_FALSE(q.try_put(2));
  EXPECT_EQ(q.qsize(), 1U);
}

TEST(LocalQueue, IsEmptyToEverySortOfGet) {
  const Queue<int> q;
  EXPECT_THROW(q.get_nowait(), Empty);
  EXPECT_THROW(q.get(false), Empty);
  EXPECT_THROW(q.get(true, 1ms), Empty);
  EXPECT_THROW(q.get(-1s), Empty);
  EXPECT_EQ(q.try_get(), std::nullopt);
}

TEST(LocalQueue, TellsForHowLongItWaited) {
  const Queue<int> q(1);
  q.put(1);
  try {
    q.put(2, 2ms);
    FAIL() << "no error";
  } catch (const Full& error) {
    EXPECT_THAT(error.what(), HasSubstr("queue put: full with 1 items after 2ms"));
  }
}

TEST(LocalQueue, LetsAPutterGoOnWhenThereIsRoom) {
  const Queue<int> q(1);
  q.put(1);
  std::jthread putter([&] { q.put(2); });
  EXPECT_EQ(q.get(), 1);
  EXPECT_EQ(q.get(20s), 2);
}

TEST(LocalQueue, PutsAllOfManyOrNone) {
  const Queue<int> q(3);
  q.put_many({1, 2});
  EXPECT_FALSE(q.try_put_many(std::vector{3, 4}));
  EXPECT_EQ(q.qsize(), 2U);
  EXPECT_THROW(q.put_many({3, 4}, 1ms), Full);
  EXPECT_THROW(q.put_many({1, 2, 3, 4}), ValueError) << "it would wait for ever";
  q.put_many(std::vector<int>());
  EXPECT_THAT(q.get_many(10), ElementsAre(1, 2));
}

TEST(LocalQueue, PutsAndGetsThousandsAtOnce) {
  const Queue<std::string> q;
  std::vector<std::string> items;
  for (int i = 0; i < 5000; ++i) items.push_back(std::to_string(i));
  q.put_many(items);
  EXPECT_EQ(q.get_many(1000), std::vector(items.begin(), items.begin() + 1000));
  EXPECT_EQ(q.get_many(9999), std::vector(items.begin() + 1000, items.end()));
}

TEST(LocalQueue, GetsNoneOfManyOnlyIfThereIsNone) {
  const Queue<int> q;
  EXPECT_THROW(q.get_many(2, 1ms), Empty);
  EXPECT_TRUE(q.try_get_many(2).empty());
  EXPECT_THROW(q.get_many(0), ValueError);
  q.put(1);
  EXPECT_THAT(q.get_many(2), ElementsAre(1));
}

TEST(LocalQueue, DrainsAfterAShutdownAndThenSaysSo) {
  const Queue<int> q;
  q.put(1);
  q.shutdown();
  EXPECT_TRUE(q.is_shut_down());
  EXPECT_THROW(q.put(2), ShutDown);
  EXPECT_EQ(q.get(), 1);
  EXPECT_THROW(q.get(), ShutDown);
  EXPECT_THROW(static_cast<void>(q.try_get()), ShutDown);
}

TEST(LocalQueue, AnswersAllWhoWaitWhenItIsShutDown) {
  const Queue<int> full(1);
  full.put(1);
  const Queue<int> empty;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < 5; ++i) {
    waiters.emplace_back([&] { EXPECT_THROW(full.put(2), ShutDown); });
    waiters.emplace_back([&] { EXPECT_THROW(empty.get(), ShutDown); });
  }
  full.shutdown({.immediate = true});
  empty.shutdown();
  waiters.clear();
  EXPECT_TRUE(full.empty());
}

TEST(LocalQueue, IsOfNoUseInThisProcessOnceClosed) {
  const Queue<int> q;
  q.put(1);
  const Queue<int> copy = q;
  q.close();
  q.close();
  EXPECT_THROW(copy.put(2), ValueError);
  EXPECT_THROW(copy.get(), ValueError);
  EXPECT_EQ(q.qsize(), 1U);
}

TEST(LocalQueue, CarriesValuesOfEverySort) {
  const Queue<Any> q;
  const Any nested = std::vector<Any>{1, "two", 3.5, None, std::vector<Any>{true}};
  q.put(nested);
  EXPECT_EQ(q.get(), nested);
  const Queue<std::map<std::string, std::vector<double>>> maps;
  maps.put({{"a", {1.5}}, {"", {}}});
  EXPECT_THAT(maps.get(),
              ElementsAre(testing::Pair("", ElementsAre()), testing::Pair("a", ElementsAre(1.5))));
}

TEST(LocalQueue, CarriesEmptyItems) {
  const Queue<std::string> q;
  q.put("");
  q.put("x");
  EXPECT_EQ(q.get(), "");
  EXPECT_EQ(q.get(), "x");
}

TEST(LocalQueue, RefusesWhatWouldLoseItsDescriptorOnTheWay) {
  const Queue<Lock> q;
  EXPECT_THROW(q.put(Lock()), ProcessError);
  EXPECT_TRUE(q.empty());
}

// Items of all sizes around those at which the ring wraps, grows, shrinks, and copies by file.
class LocalQueueOfSizes : public testing::TestWithParam<unsigned> {};

TEST_P(LocalQueueOfSizes, KeepsEachByteOfEachItem) {
  std::mt19937 random(GetParam());
  const Queue<std::string> q;
  std::deque<std::string> model;
  const auto size = [&]() -> std::size_t {
    const unsigned magnitude = std::uniform_int_distribution<unsigned>(0, 20)(random);
    return std::uniform_int_distribution<std::size_t>(0, std::size_t{1} << magnitude)(random);
  };
  for (int step = 0; step < 1500; ++step) {
    const bool grows = (step / 300) % 2 == 0;
    if (std::uniform_int_distribution<int>(0, 9)(random) < (grows ? 7 : 3)) {
      std::string item(size(), static_cast<char>('a' + step % 26));
      if (!item.empty()) item.back() = '.';
      q.put(item);
      model.push_back(std::move(item));
    } else if (!model.empty()) {
      ASSERT_EQ(q.get_nowait(), model.front()) << "seed " << GetParam() << " step " << step;
      model.pop_front();
    }
    ASSERT_EQ(q.qsize(), model.size());
  }
  for (; !model.empty(); model.pop_front()) ASSERT_EQ(q.get_nowait(), model.front());
}

INSTANTIATE_TEST_SUITE_P(Seeds, LocalQueueOfSizes, testing::Range(1U, 9U));

TEST(LocalQueue, GoesOnAfterItGrewLargeAndWasDrained) {
  const Queue<std::string> q;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40; ++i) q.put(std::string(1U << 20U, static_cast<char>('a' + i)));
    for (int i = 0; i < 40; ++i) ASSERT_EQ(q.get_nowait().back(), static_cast<char>('a' + i));
    EXPECT_EQ(q.try_get(), std::nullopt);
  }
}

TEST(LocalJoinableQueue, IsJoinedOnceEachTaskIsDone) {
  const JoinableQueue<int> q;
  EXPECT_TRUE(q.join());
  q.put(1);
  q.put(2);
  EXPECT_FALSE(q.join(1ms));
  EXPECT_EQ(q.get(), 1);
  EXPECT_EQ(q.unfinished(), 2U);
  EXPECT_EQ(q.task_done(), 1U);
  std::vector<std::jthread> joiners;
  for (int i = 0; i < 3; ++i) joiners.emplace_back([&] { EXPECT_TRUE(q.join()); });
  EXPECT_EQ(q.task_done(), 0U);
  joiners.clear();
  EXPECT_THROW(q.task_done(), ValueError);
}

TEST(LocalJoinableQueue, CountsDroppedTasksAsDone) {
  const JoinableQueue<int> q;
  q.put_many({1, 2, 3});
  EXPECT_EQ(q.get(), 1);
  q.shutdown({.immediate = true});
  EXPECT_EQ(q.unfinished(), 1U);
  q.task_done();
  EXPECT_TRUE(q.join(20s));
}

TEST(LocalSimpleQueue, HasWhatPythonsHas) {
  const SimpleQueue<std::string> q;
  EXPECT_TRUE(q.empty());
  q.put("one");
  EXPECT_FALSE(q.empty());
  EXPECT_EQ(q.get(), "one");
  q.close();
  q.close();
  EXPECT_THROW(q.get(), ValueError);
}

TEST(LocalQueue, IsServedByManyThreadsWithoutLoss) {
  const Queue<int> q(7);
  const Queue<long> sums;
  constexpr int kItems = 5000;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        for (int i = 1; i <= kItems; ++i) q.put(i);
      });
      threads.emplace_back([&] {
        long sum = 0;
        for (int i = 0; i < kItems; ++i) sum += q.get();
        sums.put(sum);
      });
    }
  }
  long sum = 0;
  for (const long part : sums.get_many(10)) sum += part;
  EXPECT_EQ(sum, 3L * kItems * (kItems + 1) / 2);
  EXPECT_TRUE(q.empty());
}

}  // namespace
}  // namespace mp
