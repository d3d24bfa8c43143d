#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "mp/threads.h"

// What a threads::Queue has beyond mp::Queue. What both have is in tests/contract/local.

namespace mp::threads {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Number = std::unique_ptr<int>;

TEST(ThreadsQueue, HoldsWhatCanOnlyBeMoved) {
  const Queue<Number> q;
  q.put(std::make_unique<int>(1));
  q.put_nowait(std::make_unique<int>(2));
  std::vector<Number> more;
  more.push_back(std::make_unique<int>(3));
  q.put_many(std::ranges::subrange(std::make_move_iterator(more.begin()),
                                   std::make_move_iterator(more.end())));
  EXPECT_EQ(*q.get(), 1);
  EXPECT_EQ(**q.try_get(), 2);
  EXPECT_EQ(*q.get_many(5).front(), 3);
}

TEST(ThreadsQueue, LeavesAnItemAloneForWhichThereIsNoRoom) {
  const Queue<Number> q(1);
  q.put(std::make_unique<int>(1));
  Number item = std::make_unique<int>(2);
  EXPECT_FALSE(q.try_put(std::move(item)));
  EXPECT_THROW(q.put(std::move(item), 1ms), Full);
  ASSERT_NE(item, nullptr);
  q.get();
  q.put(std::move(item));
  EXPECT_EQ(item, nullptr);
}

TEST(ThreadsQueue, IsClosedForOneHandleAndItsCopies) {
  const Queue<int> q;
  const Queue<int> other = q;
  q.close();
  q.close();
  EXPECT_THROW(q.put(1), ValueError);
  EXPECT_THROW(q.get(0s), ValueError);
  EXPECT_THROW(Queue<int>(q).put(1), ValueError);
  other.put(1);
  EXPECT_EQ(q.qsize(), 1U);
  EXPECT_EQ(Queue<int>(other).get(), 1);
}

TEST(ThreadsQueue, TakesManyWhenThereIsRoomForAll) {
  const Queue<int> q(3);
  q.put_many({1, 2});
  EXPECT_FALSE(q.try_put_many({3, 4}));
  EXPECT_THROW(q.put_many({1, 2, 3, 4}), ValueError);
  Process putter([q] { q.put_many({3, 4, 5}); });
  putter.start();
  while (q.waiting_putters() == 0) std::this_thread::yield();
  EXPECT_THAT(q.get_many(9), ElementsAre(1, 2));
  putter.join();
  EXPECT_THAT(q.get_many(2), ElementsAre(3, 4));
  EXPECT_EQ(q.get(), 5);
}

TEST(ThreadsQueue, DropsItsItemsIfItIsShutDownAtOnce) {
  const JoinableQueue<std::shared_ptr<int>> q;
  const auto item = std::make_shared<int>(1);
  q.put(item);
  q.put(item);
  q.get();
  q.shutdown({.immediate = true});
  EXPECT_TRUE(q.is_shut_down());
  EXPECT_EQ(item.use_count(), 1);
  EXPECT_THROW(q.get(), ShutDown);
  EXPECT_THROW(q.put(item), ShutDown);
  EXPECT_EQ(q.unfinished(), 1U);
  EXPECT_EQ(q.task_done(), 0U);
  EXPECT_TRUE(q.join());
  EXPECT_THROW(q.task_done(), ValueError);
}

TEST(ThreadsQueue, DrainsIfItIsShutDown) {
  const Queue<std::string> q;
  q.put("last");
  q.shutdown();
  EXPECT_EQ(q.get(), "last");
  EXPECT_THROW(q.get(), ShutDown);
}

TEST(ThreadsQueue, WakesWhoWaitsToPutWhenItIsShutDown) {
  const Queue<int> q(1);
  q.put(1);
  bool is_refused = false;
  Process putter([&] {
    try {
      q.put(2);
    } catch (const ShutDown&) {
      is_refused = true;
    }
  });
  putter.start();
  while (q.waiting_putters() == 0) std::this_thread::yield();
  q.shutdown();
  putter.join();
  EXPECT_TRUE(is_refused);
}

TEST(ThreadsQueue, WaitsForTheLastOfItsTasks) {
  const JoinableQueue<int> q;
  q.put(1);
  EXPECT_FALSE(q.join(1ms));
  Process worker([q] {
    q.get();
    q.task_done();
  });
  worker.start();
  EXPECT_TRUE(q.join());
  worker.join();
}

}  // namespace
}  // namespace mp::threads
