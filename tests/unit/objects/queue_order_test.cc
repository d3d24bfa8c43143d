#include "server/objects/queue.h"
#include "tests/unit/objects/queue_fixture.h"

// Queues that give the last item first, and the smallest.

namespace mp::server {
namespace {

using test::Done;
using test::Fails;
using test::QueueTest;
using test::Results;
using test::Returns;
using test::text;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QueueOrderTest : public QueueTest {
 protected:
  void make(v1::Order order, std::uint64_t maxsize = 0, v1::Delivery delivery = v1::AT_MOST_ONCE) {
    v1::QueueCreateRequest request = of_size(maxsize);
    request.set_order(order);
    request.set_delivery(delivery);
    queue.emplace(request);
  }
};

class LifoQueueTest : public QueueOrderTest {
 protected:
  LifoQueueTest() { make(v1::LIFO); }
};

class PriorityQueueTest : public QueueOrderTest {
 protected:
  PriorityQueueTest() { make(v1::PRIORITY); }
};

TEST_F(LifoQueueTest, GivesTheLastItemFirst) {
  put(1, 10);
  put_many(2, {20, 30});
  EXPECT_THAT(get(3), ElementsAre(Returns(3, 30)));
  put(4, 40);
  EXPECT_EQ(values(get_many(5, 2)[0]), "40 20");
  EXPECT_EQ(drain(), "10");
}

TEST_F(LifoQueueTest, ReturnsAnItemThatNeverArrivedToTheTop) {
  put_many(1, {10, 20, 30});
  const Results given = get(2);
  queue->take_back(given[0]);
  EXPECT_EQ(drain(), "30 20 10");
}

TEST_F(LifoQueueTest, ReturnsAnItemBelowThoseThatWerePutSince) {
  put_many(1, {10, 20});
  const Results given = get(2);
  put(3, 30);
  queue->take_back(given[0]);
  EXPECT_EQ(drain(), "30 20 10");
}

TEST_F(LifoQueueTest, ReturnsManyItemsInTheirOrder) {
  put_many(1, {10, 20, 30, 40});
  const Results given = get_many(2, 3);
  EXPECT_EQ(values(given[0]), "40 30 20");
  queue->take_back(given[0]);
  EXPECT_EQ(drain(), "40 30 20 10");
}

TEST_F(LifoQueueTest, ReturnsWhatWasNotConfirmedInItsOrder) {
  make(v1::LIFO, 0, v1::UNTIL_CONFIRMED);
  put_many(1, {10, 20, 30, 40});
  get_many(Who(2, 5), 3);
  queue->owner_gone(5);
  EXPECT_EQ(drain(), "40 30 20 10");
}

TEST_F(PriorityQueueTest, GivesTheSmallestItemFirst) {
  put_many(1, {3, 1});
  put(2, 2);
  EXPECT_THAT(get(3), ElementsAre(Returns(3, 1)));
  put(4, 0);
  EXPECT_EQ(values(get_many(5, 2)[0]), "0 2");
  EXPECT_EQ(drain(), "3");
}

TEST_F(PriorityQueueTest, OrdersTuplesItemByItem) {
  put_many(1, {"(2, 'a')", "(1, 'b')", "(1, 'a')"});
  EXPECT_EQ(drain(), "(1, 'a') (1, 'b') (2, 'a')");
}

TEST_F(PriorityQueueTest, GivesEqualItemsInOrderOfThePuts) {
  put_many(1, {"2", "1", "True", "1.0", "0"});
  EXPECT_EQ(drain(), "0 1 True 1.0 2");
}

TEST_F(PriorityQueueTest, PutsTheItemWithoutANumberBehindTheNumbers) {
  put_many(1, {"nan", "1", "inf"});
  EXPECT_EQ(drain(), "1 inf nan");
}

TEST_F(PriorityQueueTest, RefusesWhatHasNoOrderBesideItsItemsAndIsAsItWas) {
  put_many(1, {1, 2});
  EXPECT_THAT(put(2, "'a'"), ElementsAre(Fails(2, v1::TYPE_ERROR)));
  EXPECT_THAT(put(3, "None"), ElementsAre(Fails(3, v1::TYPE_ERROR)));
  EXPECT_TRUE(queue->ask(v1::QueueSizeRequest()).starts_with("size=2 "));
  put(4, 3);
  EXPECT_EQ(text(get(5)[0].outcome), "value=1 item=1 deliveries=1");
  get(6);
  EXPECT_EQ(text(get(7)[0].outcome), "value=3 item=3 deliveries=1") << "no number was used up";
}

TEST_F(PriorityQueueTest, RefusesAtThePutWhatWouldOnlyMeetLater) {
  put_many(1, {"(1, 0)", "(2, {'a': 1})", "(3, 0)"});
  EXPECT_THAT(put(2, "(2, {'b': 1})"), ElementsAre(Fails(2, v1::TYPE_ERROR)));
  EXPECT_THAT(put(3, "(2, {'a': 1})"), ElementsAre(Done(3))) << "equal ones need no order";
  EXPECT_EQ(drain(), "(1, 0) (2, {'a': 1}) (2, {'a': 1}) (3, 0)");
}

TEST_F(PriorityQueueTest, TakesAllOfABunchOrNone) {
  put(1, 5);
  EXPECT_THAT(put_many(2, {"1", "9", "'a'", "2"}), ElementsAre(Fails(2, v1::TYPE_ERROR)));
  EXPECT_TRUE(queue->ask(v1::QueueSizeRequest())
                  .starts_with("size=1 maxsize=0 shut_down=False unfinished=1 "));
  EXPECT_EQ(drain(), "5");
}

TEST_F(PriorityQueueTest, TakesAnythingWhileItIsEmpty) {
  put(1, 1);
  get(2);
  EXPECT_THAT(put(3, "'a'"), ElementsAre(Done(3)));
  EXPECT_THAT(put(4, "'b'"), ElementsAre(Done(4)));
}

TEST_F(PriorityQueueTest, GivesAWaitingGetterWhatComes) {
  get(1);
  EXPECT_THAT(put_many(2, {3, 1, 2}), ElementsAre(Done(2), Returns(1, 1)));
}

TEST_F(PriorityQueueTest, TakesAWaitingPuttersItemsInOrderOfTheLine) {
  make(v1::PRIORITY, 2);
  put_many(1, {5, 6});
  EXPECT_THAT(put(2, 9), IsEmpty());
  EXPECT_THAT(put(3, 1), IsEmpty());
  EXPECT_THAT(get(4), ElementsAre(Returns(4, 5), Done(2)));
  EXPECT_THAT(get(5), ElementsAre(Returns(5, 6), Done(3)));
  EXPECT_EQ(drain(), "1 9");
}

TEST_F(PriorityQueueTest, TellsAWaitingPutterWhoseItemHasNoOrderWhenItsTurnComes) {
  make(v1::PRIORITY, 2);
  put_many(1, {5, 6});
  EXPECT_THAT(put(2, "'a'"), IsEmpty());
  EXPECT_THAT(put(3, 1), IsEmpty());
  EXPECT_THAT(get(4), ElementsAre(Returns(4, 5), Fails(2, v1::TYPE_ERROR), Done(3)));
  EXPECT_EQ(drain(), "1 6");
}

TEST_F(PriorityQueueTest, ReturnsAnItemToItsPlace) {
  put_many(1, {1, 3, 3});
  get(2);
  const Results given = get(3);
  EXPECT_EQ(text(given[0].outcome), "value=3 item=2 deliveries=1");
  put(4, 2);
  put(5, 3);
  queue->take_back(given[0]);
  EXPECT_THAT(get(6), ElementsAre(Returns(6, 2)));
  EXPECT_EQ(text(get(7)[0].outcome), "value=3 item=2 deliveries=1");
  EXPECT_EQ(text(get(8)[0].outcome), "value=3 item=3 deliveries=1");
}

TEST_F(PriorityQueueTest, ReturnsAnItemThatHasNoOrderBesideWhatCameMeanwhile) {
  put(1, 1);
  const Results given = get(2);
  put_many(3, {"'a'", "'b'"});
  queue->take_back(given[0]);
  EXPECT_THAT(put(4, "'c'"), ElementsAre(Done(4)));
  EXPECT_EQ(drain(), "1 'a' 'b' 'c'");
}

TEST_F(PriorityQueueTest, ReturnsWhatWasNotConfirmedToItsPlace) {
  make(v1::PRIORITY, 0, v1::UNTIL_CONFIRMED);
  put_many(1, {3, 1, 2});
  get_many(Who(2, 5), 2);
  put(3, 0);
  queue->owner_gone(5);
  EXPECT_EQ(drain(), "0 1 2 3");
}

TEST_F(PriorityQueueTest, KeepsTheObjectsThatItsItemsReferTo) {
  put(1, "(1, ref(dict, 7))");
  EXPECT_THAT(queue->refs(), ElementsAre(7));
}

TEST_F(QueueOrderTest, IsOneThatThereIs) {
  v1::QueueCreateRequest request;
  request.set_order(static_cast<v1::Order>(7));
  EXPECT_FALSE(Queue::create(request, {}, {}).ok());
}

TEST_F(QueueOrderTest, IsThatOfTheQueueForWhoAsksForNone) {
  make(v1::PRIORITY);
  const auto& made = static_cast<const Queue&>(queue->object());
  v1::QueueCreateRequest request;
  EXPECT_TRUE(made.require_match(request, {}).ok());
  request.set_order(v1::PRIORITY);
  EXPECT_TRUE(made.require_match(request, {}).ok());
  request.set_order(v1::LIFO);
  EXPECT_FALSE(made.require_match(request, {}).ok());
}

}  // namespace
}  // namespace mp::server
