#include "server/objects/queue.h"

#include "server/objects/error.h"
#include "tests/unit/objects/queue_fixture.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::BoundedQueueTest;
using test::Done;
using test::Fails;
using test::literal;
using test::QueueTest;
using test::Results;
using test::Returns;
using test::text;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(QueueTest, GivesItemsInOrderOfThePuts) {
  EXPECT_THAT(put(1, "'a'"), ElementsAre(Done(1)));
  EXPECT_THAT(put(2, "'b'"), ElementsAre(Done(2)));
  EXPECT_THAT(get(3), ElementsAre(Returns(3, "'a'")));
  EXPECT_THAT(get(4), ElementsAre(Returns(4, "'b'")));
}

TEST_F(QueueTest, NumbersItsItemsFrom1InOrderOfThePuts) {
  put(1, 10);
  put(2, 20);
  EXPECT_EQ(text(get(3)[0].outcome), "value=10 item=1 deliveries=1");
  EXPECT_EQ(text(get(4)[0].outcome), "value=20 item=2 deliveries=1");
}

TEST_F(QueueTest, AGetterWaitsForAnItem) {
  EXPECT_THAT(get(1), IsEmpty());
  EXPECT_THAT(put(2, 7), ElementsAre(Done(2), Returns(1, 7)));
}

TEST_F(QueueTest, GettersAreServedInOrderOfArrival) {
  get(1);
  get(2);
  get(3);
  EXPECT_THAT(put(4, 10), ElementsAre(Done(4), Returns(1, 10)));
  EXPECT_THAT(put(5, 20), ElementsAre(Done(5), Returns(2, 20)));
  EXPECT_THAT(put(6, 30), ElementsAre(Done(6), Returns(3, 30)));
}

TEST_F(QueueTest, ExpiredGetterDoesNotEatTheItem) {
  EXPECT_THAT(get(1), IsEmpty());
  EXPECT_THAT(expire(1), ElementsAre(Fails(1, v1::EMPTY)));
  EXPECT_THAT(put(2, 7), ElementsAre(Done(2)));
  EXPECT_THAT(get(3), ElementsAre(Returns(3, 7)));
}

TEST_F(QueueTest, AGetterWaitsNoLongerThanItsTimeout) {
  get(1, 2s);
  get(2, 1s);
  EXPECT_THAT(queue->advance(1s), ElementsAre(Fails(2, v1::EMPTY)));
  EXPECT_THAT(queue->advance(1s), ElementsAre(Fails(1, v1::EMPTY)));
}

TEST_F(QueueTest, ATimeoutOfZeroOrLessIsAPoll) {
  EXPECT_THAT(get(1, 0s), ElementsAre(Fails(1, v1::EMPTY)));
  EXPECT_THAT(get(2, -5s), ElementsAre(Fails(2, v1::EMPTY)));
  put(3, 7);
  EXPECT_THAT(get(4, 0s), ElementsAre(Returns(4, 7)));
}

TEST_F(QueueTest, ATimeoutBeyondTheEndOfTimeIsForEver) {
  v1::QueueGetRequest request;
  request.mutable_timeout()->set_seconds(INT64_MAX);
  request.mutable_timeout()->set_nanos(INT32_MAX);
  EXPECT_THAT(queue->run(1, request), IsEmpty());
  EXPECT_THAT(queue->advance(std::chrono::hours(1'000'000)), IsEmpty());
  EXPECT_THAT(put(2, 7), ElementsAre(Done(2), Returns(1, 7)));
}

TEST_F(QueueTest, AnExpiryThatComesTooLateIsNoError) {
  get(1);
  put(2, 7);
  EXPECT_THAT(expire(1), IsEmpty());
  EXPECT_THAT(expire(99), IsEmpty());
}

TEST_F(QueueTest, AnAbandonedGetterIsPassedOver) {
  get(1);
  get(2);
  EXPECT_THAT(queue->abandon(1), IsEmpty());
  EXPECT_THAT(put(3, 7), ElementsAre(Done(3), Returns(2, 7)));
}

TEST_F(QueueTest, AGetterWhoseSessionHasEndedIsPassedOver) {
  get(1);
  get(2);
  queue->kill(1);
  EXPECT_THAT(put(3, 7), ElementsAre(Done(3), Returns(2, 7)));
}

TEST_F(QueueTest, OfASessionThatIsGoneNothingWaits) {
  get(Who(10, 1));
  get(Who(20, 2));
  get(Who(11, 1));
  EXPECT_THAT(owner_gone(1), IsEmpty());
  put(30, 7);
  EXPECT_THAT(put(31, 8), ElementsAre(Done(31)));
  EXPECT_EQ(drain(), "8");
}

TEST_F(BoundedQueueTest, APutterWaitsForRoom) {
  put(1, 10);
  put(2, 20);
  EXPECT_THAT(put(3, 30), IsEmpty());
  EXPECT_THAT(get(4), ElementsAre(Returns(4, 10), Done(3)));
  EXPECT_EQ(drain(), "20 30");
}

TEST_F(BoundedQueueTest, PuttersAreServedInOrderOfArrival) {
  for (const int n : {1, 2, 3, 4, 5}) put(n, n * 10);
  EXPECT_THAT(get(6), ElementsAre(Returns(6, 10), Done(3)));
  EXPECT_THAT(get(7), ElementsAre(Returns(7, 20), Done(4)));
  EXPECT_EQ(drain(), "30 40 50");
}

TEST_F(BoundedQueueTest, ExpiredPutterLeavesNoItem) {
  put(1, 10);
  put(2, 20);
  EXPECT_THAT(put(3, 30, 1s), IsEmpty());
  EXPECT_THAT(queue->advance(1s), ElementsAre(Fails(3, v1::FULL)));
  EXPECT_THAT(put(4, 40, 0s), ElementsAre(Fails(4, v1::FULL)));
  EXPECT_EQ(drain(), "10 20");
}

TEST_F(BoundedQueueTest, APutterThatIsGoneLeavesNoItem) {
  put(1, 10);
  put(2, 20);
  put(3, 30);
  put(4, 40);
  put(5, 50);
  queue->abandon(3);
  owner_gone(4);
  EXPECT_THAT(get(6), ElementsAre(Returns(6, 10), Done(5)));
  EXPECT_EQ(drain(), "20 50");
}

TEST_F(BoundedQueueTest, APutterWhoseSessionHasEndedIsPassedOver) {
  put(1, 10);
  put(2, 20);
  put(3, 30);
  put(4, 40);
  queue->kill(3);
  EXPECT_THAT(get(5), ElementsAre(Returns(5, 10), Done(4)));
  EXPECT_EQ(drain(), "20 40");
}

TEST_F(BoundedQueueTest, ItemsOfWaitingPuttersAreNumberedWhenTheyEnter) {
  put(1, 10);
  put(2, 20);
  put(3, 30);
  put(4, 40);
  expire(3);
  drain();
  put(5, 50);
  EXPECT_EQ(text(get(6)[0].outcome), "value=50 item=4 deliveries=1");
}

TEST_F(BoundedQueueTest, TellsItsSize) {
  EXPECT_EQ(size(), "size=0 maxsize=2 shut_down=False");
  for (const int n : {1, 2, 3}) put(n, n);
  EXPECT_EQ(size(), "size=2 maxsize=2 shut_down=False");
  shutdown(4);
  EXPECT_EQ(size(), "size=2 maxsize=2 shut_down=True");
}

TEST_F(QueueTest, AQueueAtTheLimitTakesNoMore) {
  queue->limits.max_items = 1;
  put(1, 10);
  EXPECT_THAT(put(2, 20), ElementsAre(Fails(2, v1::LIMIT_EXCEEDED)));
  EXPECT_EQ(drain(), "10");
}

TEST_F(QueueTest, AValueThatIsNoneIsAnItemAndNoValueIsNot) {
  EXPECT_THAT(put(1, "None"), ElementsAre(Done(1)));
  EXPECT_THAT(queue->run(2, v1::QueuePutRequest()), ElementsAre(Fails(2, v1::BAD_COMMAND)));
  EXPECT_EQ(drain(), "None");
}

TEST_F(BoundedQueueTest, ReferencesOfItemsAndOfWaitingPuttersAreSeen) {
  put(1, "ref(list, 7)");
  put(2, "[ref(list, 8)]");
  put(3, "ref(list, 9)");
  EXPECT_EQ(queue->refs(), (std::set<std::uint64_t>{7, 8, 9}));
  owner_gone(3);
  EXPECT_EQ(queue->refs(), (std::set<std::uint64_t>{7, 8}));
  const Results given = get(4);
  EXPECT_THAT(given[0].outcome.retained(), ElementsAre(7));
}

TEST_F(QueueTest, AGetterThatWaitedRetainsTheReferencesItIsGiven) {
  get(1);
  const Results results = put(2, "ref(list, 7)");
  ASSERT_THAT(results, ElementsAre(Done(2), Returns(1, "ref(list, 7)")));
  EXPECT_THAT(results[1].outcome.retained(), ElementsAre(7));
  EXPECT_THAT(results[0].outcome.retained(), IsEmpty());
}

TEST_F(BoundedQueueTest, WhenItGoesAwayEveryWaiterIsTold) {
  for (const int n : {1, 2, 3}) put(n, n);
  EXPECT_THAT(queue->dissolve(error(v1::NO_SUCH_OBJECT, "deleted")),
              ElementsAre(Fails(3, v1::NO_SUCH_OBJECT)));
}

TEST_F(QueueTest, NothingInABatchWaits) {
  UndoLog log;
  EXPECT_THAT(queue->run_in_batch(1, v1::QueueGetRequest(), log), Fails(1, v1::WOULD_BLOCK));
}

TEST_F(QueueTest, WaitersAreServedAfterTheLastOperationOfABatch) {
  get(1);
  UndoLog log;
  v1::QueuePutRequest request;
  *request.mutable_value() = literal("7");
  EXPECT_THAT(queue->run_in_batch(2, request, log), Done(2));
  EXPECT_THAT(queue->settle(), ElementsAre(Returns(1, 7)));
}

}  // namespace
}  // namespace mp::server
