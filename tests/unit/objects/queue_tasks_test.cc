#include "tests/unit/objects/queue_fixture.h"

// Bulk puts and gets, tasks, deliveries until confirmed, and producers.

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::BoundedQueueTest;
using test::Done;
using test::Fails;
using test::field;
using test::literal;
using test::QueueTest;
using test::Results;
using test::Returns;
using test::Shell;
using test::text;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QueueTasksTest : public QueueTest {
 protected:
  Results task_done(Who who, std::uint64_t item = 0) {
    v1::QueueTaskDoneRequest request;
    request.set_item(item);
    return queue->run(who, request);
  }
  Results join(Who who) { return queue->run(who, v1::QueueJoinRequest()); }
  Results confirm(Who who, std::initializer_list<std::uint64_t> items) {
    v1::QueueConfirmRequest request;
    for (const std::uint64_t item : items) request.add_items(item);
    return queue->run(who, request);
  }
  void deliver_until_confirmed() {
    v1::QueueCreateRequest request;
    request.set_delivery(v1::UNTIL_CONFIRMED);
    queue.emplace(request);
  }
  void close_when_producers_gone() {
    v1::QueueCreateRequest request;
    request.set_close_when_producers_gone(true);
    queue.emplace(request);
  }
};

TEST_F(QueueTasksTest, PutsManyAndGetsManyInOrder) {
  EXPECT_THAT(put_many(1, {1, 2, 3}), ElementsAre(Done(1)));
  EXPECT_EQ(values(get_many(2, 2)[0]), "1 2");
  EXPECT_EQ(values(get_many(3, 9)[0]), "3");
}

TEST_F(QueueTasksTest, WhoWantsManyWaitsForOne) {
  EXPECT_THAT(get_many(1, 5), IsEmpty());
  const Results results = put_many(2, {7, 8});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(values(results[1]), "7 8");
}

TEST_F(QueueTasksTest, NobodyGetsLessThanOne) {
  EXPECT_THAT(get_many(1, 0), ElementsAre(Fails(1, v1::VALUE_ERROR)));
}

TEST_F(QueueTasksTest, APutOfManyWaitsForRoomForAllAndNobodyPassesIt) {
  queue.emplace(of_size(3));
  put_many(1, {1, 2});
  EXPECT_THAT(put_many(2, {3, 4}), IsEmpty());
  EXPECT_THAT(put(3, 5), IsEmpty()) << "there is room for one, but others came first";
  EXPECT_THAT(get(4), ElementsAre(Returns(4, 1), Done(2)));
  EXPECT_THAT(get(5), ElementsAre(Returns(5, 2), Done(3)));
}

TEST_F(QueueTasksTest, MoreThanTheQueueHoldsCanNeverBePutAtOnce) {
  queue.emplace(of_size(2));
  EXPECT_THAT(put_many(1, {1, 2, 3}), ElementsAre(Fails(1, v1::VALUE_ERROR)));
}

TEST_F(QueueTasksTest, JoinWaitsUntilEveryTaskIsDone) {
  put_many(1, {1, 2});
  EXPECT_THAT(join(2), IsEmpty());
  get_many(3, 2);
  EXPECT_EQ(text(task_done(4)[0].outcome), "1");
  const Results results = task_done(5);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_TRUE(results[1].outcome.queue_join().finished());
}

TEST_F(QueueTasksTest, TaskDoneTooOftenIsAValueError) {
  put(1, 1);
  get(2);
  task_done(3);
  EXPECT_THAT(task_done(4), ElementsAre(Fails(4, v1::VALUE_ERROR)));
}

TEST_F(QueueTasksTest, JoinOfAQueueWithoutTasksReturnsAtOnce) {
  EXPECT_TRUE(join(1)[0].outcome.queue_join().finished());
}

TEST_F(QueueTasksTest, WhatAnImmediateShutdownDropsIsNoTaskAnyMore) {
  put_many(1, {1, 2});
  join(2);
  const Results results = shutdown(3, true);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_TRUE(results[1].outcome.queue_join().finished());
}

TEST_F(QueueTasksTest, AnItemComesBackToItsPlaceIfItsConsumerDiesBeforeItConfirms) {
  deliver_until_confirmed();
  put_many(1, {1, 2, 3});
  EXPECT_EQ(text(get(Who(2, 5))[0].outcome), "value=1 item=1 deliveries=1");
  EXPECT_EQ(size(), "size=2 maxsize=0 shut_down=False");
  queue->owner_gone(5);
  EXPECT_EQ(text(get(Who(3, 6))[0].outcome), "value=1 item=1 deliveries=2");
}

TEST_F(QueueTasksTest, AGetterOfADrainedQueueWaitsForWhatOthersMayStillGiveBack) {
  deliver_until_confirmed();
  put(1, 7);
  get(Who(2, 5));
  EXPECT_THAT(get(Who(3, 6)), IsEmpty());
  EXPECT_THAT(shutdown(4), ElementsAre(Done(4)));
  EXPECT_THAT(queue->owner_gone(5), ElementsAre(Returns(3, 7)));
}

TEST_F(QueueTasksTest, AGetterOfADrainedQueueLearnsOfTheEndWithTheLastConfirmation) {
  deliver_until_confirmed();
  put_many(1, {7, 8});
  get(Who(2, 5));
  get(Who(3, 5));
  shutdown(4);
  EXPECT_THAT(get(Who(5, 6)), IsEmpty());
  EXPECT_THAT(confirm(Who(6, 5), {1}), ElementsAre(Done(6)));
  EXPECT_THAT(confirm(Who(7, 5), {2}), ElementsAre(Done(7), Fails(5, v1::SHUT_DOWN)));
}

TEST_F(QueueTasksTest, WhoAloneHasTheLastItemsOfADrainedQueueLearnsOfTheEndAtOnce) {
  deliver_until_confirmed();
  put(1, 7);
  get(Who(2, 5));
  shutdown(3);
  EXPECT_THAT(get(Who(4, 5)), ElementsAre(Fails(4, v1::SHUT_DOWN)))
      << "its own items come back only when it ends";
}

TEST_F(QueueTasksTest, AGetterOfADrainedQueueWaitsNoLongerThanItsTime) {
  deliver_until_confirmed();
  put(1, 7);
  get(Who(2, 5));
  shutdown(3);
  EXPECT_THAT(get(Who(4, 6), 1s), IsEmpty());
  EXPECT_THAT(queue->advance(1s), ElementsAre(Fails(4, v1::EMPTY)));
}

TEST_F(QueueTasksTest, WhoWaitsForWhatOthersMayGiveBackIsToldOfAnImmediateShutdown) {
  deliver_until_confirmed();
  put(1, 7);
  get(Who(2, 5));
  shutdown(3);
  get(Who(4, 6));
  EXPECT_THAT(shutdown(5, true), ElementsAre(Done(5), Fails(4, v1::SHUT_DOWN)));
}

TEST_F(QueueTasksTest, WhatIsConfirmedDoesNotComeBack) {
  deliver_until_confirmed();
  put_many(1, {1, 2});
  get_many(Who(2, 5), 2);
  EXPECT_THAT(confirm(Who(3, 5), {1}), ElementsAre(Done(3)));
  queue->owner_gone(5);
  EXPECT_EQ(drain(), "2");
}

TEST_F(QueueTasksTest, TaskDoneConfirmsTheOldestItemOfItsCaller) {
  deliver_until_confirmed();
  put_many(1, {1, 2});
  get(Who(2, 5, 1));
  get(Who(3, 5, 2));
  EXPECT_THAT(task_done(Who(4, 5, 2)), ElementsAre(Done(4)));
  queue->owner_gone(5);
  EXPECT_EQ(drain(), "1");
}

TEST_F(QueueTasksTest, NobodyConfirmsWhatIsAnothers) {
  deliver_until_confirmed();
  put(1, 1);
  get(Who(2, 5));
  EXPECT_THAT(confirm(Who(3, 6), {1}), ElementsAre(Fails(3, v1::VALUE_ERROR)));
  EXPECT_THAT(task_done(Who(4, 6), 1), ElementsAre(Fails(4, v1::VALUE_ERROR)));
}

TEST_F(QueueTasksTest, OneUnknownItemConfirmsNothing) {
  deliver_until_confirmed();
  put_many(1, {1, 2});
  get_many(Who(2, 5), 2);
  EXPECT_THAT(confirm(Who(3, 5), {1, 99}), ElementsAre(Fails(3, v1::VALUE_ERROR)));
  queue->owner_gone(5);
  EXPECT_EQ(drain(), "1 2");
}

TEST_F(QueueTasksTest, WithoutASessionNothingCanBeConfirmedSoNothingIsGiven) {
  deliver_until_confirmed();
  put(1, 1);
  EXPECT_THAT(get(Who(2, 0)), ElementsAre(Fails(2, v1::NO_SESSION)));
}

TEST_F(QueueTasksTest, AnItemThatComesBackTwiceIsThereOnce) {
  deliver_until_confirmed();
  put(1, 1);
  const Results given = get(Who(2, 5));
  queue->owner_gone(5);
  queue->take_back(given[0]);
  EXPECT_EQ(drain(), "1");
}

TEST_F(QueueTasksTest, ManyItemsThatNeverArrivedComeBackInOrder) {
  put_many(1, {1, 2, 3});
  queue->take_back(get_many(2, 2)[0]);
  EXPECT_EQ(drain(), "1 2 3");
}

TEST_F(QueueTasksTest, ClosesWhenTheLastProducerIsGone) {
  close_when_producers_gone();
  put(Who(1, 5), 1);
  put(Who(2, 6), 2);
  get(3);
  get(4);
  EXPECT_THAT(get(7), IsEmpty());
  EXPECT_THAT(queue->owner_gone(5), IsEmpty());
  EXPECT_THAT(queue->owner_gone(6), ElementsAre(Fails(7, v1::SHUT_DOWN)));
}

TEST_F(QueueTasksTest, IsOpenUntilTheFirstProducerComes) {
  close_when_producers_gone();
  EXPECT_THAT(queue->owner_gone(5), IsEmpty());
  EXPECT_EQ(size(), "size=0 maxsize=0 shut_down=False");
}

TEST_F(QueueTasksTest, AnEnlistedProducerCountsBeforeItPuts) {
  close_when_producers_gone();
  queue->run(Who(1, 5), v1::QueueEnlistRequest());
  put(Who(2, 6), 1);
  queue->run(Who(3, 6), v1::QueueLeaveRequest());
  EXPECT_EQ(size(), "size=1 maxsize=0 shut_down=False");
  queue->run(Who(4, 5), v1::QueueLeaveRequest());
  EXPECT_EQ(size(), "size=1 maxsize=0 shut_down=True");
}

TEST_F(QueueTasksTest, ABatchThatFailsLeavesItemsTasksAndDeliveriesAsTheyWere) {
  deliver_until_confirmed();
  put_many(1, {1, 2, 3});
  get(Who(2, 5));
  const std::string before = queue->ask(v1::QueueSizeRequest());
  UndoLog log;
  v1::QueueGetManyRequest some;
  some.set_max(2);
  queue->run_in_batch(Who(3, 5), some, log);
  queue->run_in_batch(Who(4, 5), v1::QueueTaskDoneRequest(), log);
  v1::QueueConfirmRequest confirm;
  confirm.add_items(2);
  queue->run_in_batch(Who(5, 5), confirm, log);
  v1::QueuePutManyRequest more;
  *more.add_values() = literal("9");
  *more.add_values() = literal("8");
  queue->run_in_batch(Who(6, 5), more, log);
  log.run();
  EXPECT_EQ(queue->ask(v1::QueueSizeRequest()), before);
  EXPECT_EQ(values(get_many(Who(7, 6), 9)[0]), "2 3");
}

}  // namespace
}  // namespace mp::server
