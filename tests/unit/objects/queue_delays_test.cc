#include "tests/unit/objects/queue_fixture.h"

// Items that are not given before their time.

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::QueueTest;
using test::Results;
using test::Returns;
using test::text;
using test::Who;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class QueueDelaysTest : public QueueTest {
 protected:
  static v1::QueuePutManyRequest delayed(std::initializer_list<int> values,
                                         std::chrono::seconds delay) {
    v1::QueuePutManyRequest request;
    for (const int value : values) request.add_values()->set_int_(value);
    request.mutable_delay()->set_seconds(delay.count());
    return request;
  }
  Results put_after(Who who, std::chrono::seconds delay, std::initializer_list<int> values) {
    return queue->run(who, delayed(values, delay));
  }
  std::string counts() { return queue->ask(v1::QueueSizeRequest()); }
};

TEST_F(QueueDelaysTest, AnItemIsNotGivenBeforeItsTime) {
  EXPECT_THAT(put_after(1, 5s, {7}), ElementsAre(Done(1)));
  EXPECT_THAT(get(2, 0s), ElementsAre(Fails(2, v1::EMPTY)));
  queue->advance(4s);
  EXPECT_THAT(get(3, 0s), ElementsAre(Fails(3, v1::EMPTY)));
  queue->advance(1s);
  EXPECT_THAT(get(4, 0s), ElementsAre(Returns(4, 7)));
}

TEST_F(QueueDelaysTest, AGetterWaitsForIt) {
  put_after(1, 5s, {7});
  EXPECT_THAT(get(2), IsEmpty());
  EXPECT_THAT(queue->advance(4s), IsEmpty());
  EXPECT_THAT(queue->advance(1s), ElementsAre(Returns(2, 7)));
}

TEST_F(QueueDelaysTest, ItemsComeWhenTheyAreDueInOrderOfThePuts) {
  put_after(1, 5s, {50, 51});
  put_after(2, 3s, {30});
  put_after(3, 5s, {52});
  put_after(4, 9s, {90});
  queue->advance(3s);
  EXPECT_EQ(drain(), "30");
  queue->advance(2s);
  EXPECT_EQ(drain(), "50 51 52");
  queue->advance(4s);
  EXPECT_EQ(drain(), "90");
}

TEST_F(QueueDelaysTest, AnItemEntersTheQueueAsIfItWerePutThen) {
  put_after(1, 5s, {7});
  put(2, 8);
  queue->advance(5s);
  EXPECT_EQ(text(get(3)[0].outcome), "value=8 item=1 deliveries=1");
  EXPECT_EQ(text(get(4)[0].outcome), "value=7 item=2 deliveries=1");
}

TEST_F(QueueDelaysTest, NoDelayIsNone) {
  put_after(1, 0s, {7});
  put_after(2, -5s, {8});
  EXPECT_EQ(drain(), "7 8");
}

TEST_F(QueueDelaysTest, ADelayBeyondTheEndOfTimeIsForEver) {
  put_after(1, std::chrono::seconds(315'000'000'000), {7});
  queue->advance(std::chrono::hours(1'000'000));
  EXPECT_THAT(get(2, 0s), ElementsAre(Fails(2, v1::EMPTY)));
}

TEST_F(QueueDelaysTest, ADelayedItemIsATaskAndTakesRoomButIsNotThereYet) {
  queue.emplace(of_size(2));
  put_after(1, 5s, {7});
  EXPECT_THAT(counts(), StartsWith("size=0 maxsize=2 shut_down=False unfinished=1 "));
  EXPECT_THAT(counts(), HasSubstr("delayed=1"));
  put(2, 8);
  EXPECT_THAT(put(3, 9, 0s), ElementsAre(Fails(3, v1::FULL)));
  queue->advance(5s);
  EXPECT_THAT(counts(), HasSubstr("size=2 "));
  EXPECT_THAT(counts(), HasSubstr("delayed=0"));
}

TEST_F(QueueDelaysTest, TheDelayOfAPutterThatWaitsBeginsWithItsCall) {
  queue.emplace(of_size(1));
  put(1, 7);
  EXPECT_THAT(put_after(2, 5s, {8}), IsEmpty());
  queue->advance(3s);
  EXPECT_THAT(get(3), ElementsAre(Returns(3, 7), Done(2)));
  EXPECT_THAT(get(4), IsEmpty());
  EXPECT_THAT(queue->advance(2s), ElementsAre(Returns(4, 8)));
}

TEST_F(QueueDelaysTest, APutterThatWaitedLongerThanItsDelayHasNoneLeft) {
  queue.emplace(of_size(1));
  put(1, 7);
  put_after(2, 5s, {8});
  queue->advance(6s);
  EXPECT_THAT(get(3), ElementsAre(Returns(3, 7), Done(2)));
  EXPECT_THAT(get(4), ElementsAre(Returns(4, 8)));
}

TEST_F(QueueDelaysTest, GettersOfADrainedQueueWaitForWhatIsYetToCome) {
  put_after(1, 5s, {7});
  shutdown(2);
  EXPECT_THAT(get(3), IsEmpty());
  EXPECT_THAT(get(4), IsEmpty());
  EXPECT_THAT(queue->advance(5s), ElementsAre(Returns(3, 7), Fails(4, v1::SHUT_DOWN)));
}

TEST_F(QueueDelaysTest, AnImmediateShutdownDropsThemToo) {
  put_after(1, 5s, {7});
  EXPECT_THAT(queue->run(2, v1::QueueJoinRequest()), IsEmpty());
  EXPECT_THAT(shutdown(3, true), ElementsAre(Done(3), Done(2)));
  EXPECT_THAT(queue->advance(5s), IsEmpty());
  EXPECT_THAT(counts(), HasSubstr("delayed=0"));
}

TEST_F(QueueDelaysTest, AnItemIsRefusedAtThePutIfItHasNoOrderThere) {
  v1::QueueCreateRequest request;
  request.set_order(v1::PRIORITY);
  queue.emplace(request);
  put(1, "'a'");
  EXPECT_THAT(put_after(2, 5s, {7}), ElementsAre(Fails(2, v1::TYPE_ERROR)));
  EXPECT_THAT(counts(), HasSubstr("delayed=0"));
}

TEST_F(QueueDelaysTest, AnItemGoesToItsPlaceByPriority) {
  v1::QueueCreateRequest request;
  request.set_order(v1::PRIORITY);
  queue.emplace(request);
  put_after(1, 5s, {2});
  put_many(2, {3, 1});
  queue->advance(5s);
  EXPECT_EQ(drain(), "1 2 3");
}

TEST_F(QueueDelaysTest, AnItemThatABatchTookBackDoesNotCome) {
  UndoLog undo;
  queue->run_in_batch(1, delayed({7, 8}, 3s), undo);
  undo.run();
  put_after(2, 5s, {9});
  EXPECT_THAT(get(3), IsEmpty());
  EXPECT_THAT(queue->advance(3s), IsEmpty());
  EXPECT_THAT(counts(), HasSubstr("unfinished=1 "));
  EXPECT_THAT(queue->advance(2s), ElementsAre(Returns(3, 9)));
}

TEST_F(QueueDelaysTest, AnOperatorIsToldOfThem) {
  put_after(1, 5s, {7, 8});
  EXPECT_EQ(queue->object().note(), "delayed 2");
}

}  // namespace
}  // namespace mp::server
