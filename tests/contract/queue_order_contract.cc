#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

// Which item of a queue is given next, how often, and when.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class QueueOrderContract : public Managers {};
MP_CONTRACT(QueueOrderContract);

TEST_P(QueueOrderContract, IsTheLastFirstWhereAskedFor) {
  auto stack = manager().queue<int>({.order = Order::kLifo});
  stack.put_many({1, 2, 3});
  EXPECT_EQ(stack.get(), 3);
  stack.put(4);
  EXPECT_THAT(stack.get_many(9), ElementsAre(4, 2, 1));
  EXPECT_EQ(stack.order(), Order::kLifo);
}

TEST_P(QueueOrderContract, IsTheSmallestFirstWhereAskedFor) {
  auto jobs = manager().queue<std::pair<int, std::string>>({.order = Order::kPriority});
  jobs.put({2, "later"});
  jobs.put({1, "b"});
  jobs.put({1, "a"});
  jobs.put({-5, "now"});
  EXPECT_THAT(jobs.get_many(9),
              ElementsAre(Pair(-5, "now"), Pair(1, "a"), Pair(1, "b"), Pair(2, "later")));
}

TEST_P(QueueOrderContract, IsThatOfThePutsAmongEqualItems) {
  auto q = manager().queue<Any>({.order = Order::kPriority});
  q.put(1);
  q.put(1.0);
  q.put(true);
  EXPECT_EQ(testing::PrintToString(q.get()), "1");
  EXPECT_EQ(testing::PrintToString(q.get()), "1.0");
  EXPECT_EQ(testing::PrintToString(q.get()), "True");
}

TEST_P(QueueOrderContract, RefusesAtThePutWhatHasNone) {
  auto q = manager().queue<Any>({.order = Order::kPriority});
  q.put(1);
  EXPECT_THROW(q.put("a"), TypeError);
  EXPECT_THROW(q.put_many({Any(0), Any(None)}), TypeError);
  EXPECT_THROW(static_cast<void>(q.try_put("a")), TypeError);
  EXPECT_EQ(q.qsize(), 1U);
  EXPECT_EQ(q.unfinished(), 1U);
  EXPECT_EQ(testing::PrintToString(q.get()), "1");
}

TEST_P(QueueOrderContract, ServesPuttersOfABoundedQueueInTheirOrder) {
  auto q = manager().queue<int>({.maxsize = 1, .order = Order::kPriority});
  q.put(5);
  auto first = q.async().put(9);
  auto second = q.async().put(1);
  EXPECT_EQ(q.get(), 5);
  EXPECT_EQ(q.get(kLong), 9);
  EXPECT_EQ(q.get(kLong), 1);
  first.get(kLong);
  second.get(kLong);
}

TEST_P(QueueOrderContract, IsKeptByWhatComesBack) {
  const QueueOptions lifo{.delivery = Delivery::kUntilConfirmed, .order = Order::kLifo};
  const QueueOptions priority{.delivery = Delivery::kUntilConfirmed, .order = Order::kPriority};
  auto stack = manager().queue<int>("stack", lifo);
  auto heap = manager().queue<int>("heap", priority);
  stack.put_many({1, 3, 2});
  heap.put_many({1, 3, 2});
  {
    Manager other = another();
    EXPECT_THAT(other.queue<int>("stack", lifo).get_many(2), ElementsAre(2, 3));
    EXPECT_THAT(other.queue<int>("heap", priority).get_many(2), ElementsAre(1, 2));
  }
  ASSERT_TRUE(
      test::eventually([&] { return stack.unconfirmed() == 0 && heap.unconfirmed() == 0; }));
  EXPECT_THAT(stack.get_many(9), ElementsAre(2, 3, 1));
  EXPECT_THAT(heap.get_many(9), ElementsAre(1, 2, 3));
}

TEST_P(QueueOrderContract, IsThatOfTheQueueWhoeverAsksForIt) {
  auto made = manager().queue<int>("ordered", {.order = Order::kPriority});
  EXPECT_EQ(manager().queue<int>("ordered").order(), Order::kPriority);
  EXPECT_THROW(manager().queue<int>("ordered", {.order = Order::kLifo}), WrongKind);
}

TEST_P(QueueOrderContract, IsUndoneWithItsBatch) {
  auto q = manager().queue<int>({.order = Order::kPriority});
  auto d = manager().dict<std::string, int>();
  q.put_many({5, 7});
  Batch batch = manager().batch();
  auto taken = batch.on(q).get();
  batch.on(q).put(6);
  batch.on(d).at("nobody");
  EXPECT_THROW(batch.commit(), KeyError);
  EXPECT_THAT(q.get_many(9), ElementsAre(5, 7));
}

class DeadLettersContract : public Managers {
 protected:
  // Another client takes an item, and ends without confirming it.
  void deliver_in_vain() {
    Manager other = another();
    EXPECT_EQ(other.queue<int>("jobs").get(kLong), 7);
  }
};
MP_CONTRACT(DeadLettersContract);

TEST_P(DeadLettersContract, GoToTheQueueForThemAfterTheLastDelivery) {
  auto dead = manager().queue<int>();
  auto jobs = manager().queue<int>(
      "jobs", {.delivery = Delivery::kUntilConfirmed, .max_deliveries = 2, .dead_letters = dead});
  jobs.put(7);
  auto letter = dead.async().get();
  deliver_in_vain();
  deliver_in_vain();
  EXPECT_EQ(letter.get(kLong), 7);
  EXPECT_EQ(jobs.max_deliveries(), 2U);
  EXPECT_EQ(jobs.dead_lettered(), 1U);
  EXPECT_EQ(jobs.dropped(), 0U);
  EXPECT_TRUE(jobs.join(0s)) << "what will never be done there is no task";
  EXPECT_EQ(dead.unfinished(), 1U);
}

TEST_P(DeadLettersContract, AreDroppedAndCountedWithoutAQueueForThem) {
  auto jobs =
      manager().queue<int>("jobs", {.delivery = Delivery::kUntilConfirmed, .max_deliveries = 1});
  jobs.put(7);
  deliver_in_vain();
  EXPECT_TRUE(jobs.join(kLong));
  EXPECT_EQ(jobs.qsize(), 0U);
  EXPECT_EQ(jobs.dropped(), 1U);
  EXPECT_THAT(manager().debug_info(), HasSubstr("max_deliveries 1: dead-lettered 0, dropped 1"));
}

TEST_P(DeadLettersContract, NeedAMaximumAndDeliveryUntilConfirmed) {
  auto dead = manager().queue<int>();
  EXPECT_THROW(manager().queue<int>({.max_deliveries = 2}), ValueError);
  EXPECT_THROW(manager().queue<int>({.delivery = Delivery::kUntilConfirmed, .dead_letters = dead}),
               ValueError);
  EXPECT_THROW(manager().queue<int>({.delivery = Delivery::kUntilConfirmed,
                                     .max_deliveries = 2,
                                     .dead_letters = manager().list<int>()}),
               WrongKind);
}

class QueueDelaysContract : public Managers {};
MP_CONTRACT(QueueDelaysContract);

TEST_P(QueueDelaysContract, KeepAnItemUntilItsTime) {
  auto q = manager().queue<int>({.maxsize = 2});
  q.put(1, {.delay = 1h});
  EXPECT_EQ(q.try_get(), std::nullopt);
  EXPECT_EQ(q.qsize(), 0U);
  EXPECT_EQ(q.delayed(), 1U);
  EXPECT_EQ(q.unfinished(), 1U);
  EXPECT_FALSE(q.full());
  q.put(2);
  EXPECT_TRUE(q.full());
  EXPECT_FALSE(q.try_put(3));
  EXPECT_EQ(q.get(), 2);
}

TEST_P(QueueDelaysContract, GiveTheItemToWhoWaitsThen) {
  auto q = manager().queue<int>();
  auto waiting = q.async().get_many(9);
  q.put_many({1, 2}, {.delay = 20ms});
  EXPECT_THAT(waiting.get(kLong), ElementsAre(1, 2));
}

TEST_P(QueueDelaysContract, DoNotHoldBackWhatComesBefore) {
  auto q = manager().queue<int>();
  EXPECT_TRUE(q.try_put(3, {.delay = 1h}));
  EXPECT_TRUE(q.try_put_many({1, 2}, {.delay = 20ms}));
  EXPECT_EQ(q.get(kLong), 1);
  EXPECT_EQ(q.get(kLong), 2);
  EXPECT_EQ(q.delayed(), 1U);
}

}  // namespace
}  // namespace mp::contract
