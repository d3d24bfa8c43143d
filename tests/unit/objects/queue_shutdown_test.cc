#include "tests/unit/objects/queue_fixture.h"

// How a queue ends, and what happens to items that were given and never arrived.

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::Result;
using test::Results;
using test::Returns;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QueueShutdownTest : public test::QueueTest {};
class BoundedQueueShutdownTest : public test::BoundedQueueTest {};
class QueueTakeBackTest : public test::QueueTest {};
class BoundedQueueTakeBackTest : public test::BoundedQueueTest {};

TEST_F(BoundedQueueShutdownTest, AfterShutdownNothingIsPutAndWhatIsThereIsDrained) {
  put(1, 10);
  EXPECT_THAT(shutdown(2), ElementsAre(Done(2)));
  EXPECT_THAT(put(3, 30), ElementsAre(Fails(3, v1::SHUT_DOWN)));
  EXPECT_THAT(get(4), ElementsAre(Returns(4, 10)));
  EXPECT_THAT(get(5), ElementsAre(Fails(5, v1::SHUT_DOWN)));
  EXPECT_THAT(get(6, 0s), ElementsAre(Fails(6, v1::SHUT_DOWN)));
}

TEST_F(BoundedQueueShutdownTest, ShutdownFailsWaitingPuttersAlsoWhereItIsNotImmediate) {
  for (const int n : {1, 2, 3, 4}) put(n, n * 10);
  EXPECT_THAT(shutdown(5), ElementsAre(Done(5), Fails(3, v1::SHUT_DOWN), Fails(4, v1::SHUT_DOWN)));
  EXPECT_EQ(drain(), "10 20");
}

TEST_F(QueueShutdownTest, ShutdownFailsWaitingGetters) {
  get(1);
  get(2);
  EXPECT_THAT(shutdown(3), ElementsAre(Done(3), Fails(1, v1::SHUT_DOWN), Fails(2, v1::SHUT_DOWN)));
}

TEST_F(BoundedQueueShutdownTest, AnImmediateShutdownDropsTheItems) {
  for (const int n : {1, 2, 3}) put(n, n * 10);
  EXPECT_THAT(shutdown(4, true), ElementsAre(Done(4), Fails(3, v1::SHUT_DOWN)));
  EXPECT_EQ(size(), "size=0 maxsize=2 shut_down=True");
  EXPECT_THAT(get(5), ElementsAre(Fails(5, v1::SHUT_DOWN)));
}

TEST_F(QueueShutdownTest, AShutdownMayBecomeImmediateAndNeverLessSo) {
  put(1, 10);
  shutdown(2);
  EXPECT_THAT(shutdown(3), ElementsAre(Done(3)));
  EXPECT_THAT(shutdown(4, true), ElementsAre(Done(4)));
  EXPECT_THAT(shutdown(5), ElementsAre(Done(5)));
  EXPECT_EQ(size(), "size=0 maxsize=0 shut_down=True");
}

TEST_F(QueueTakeBackTest, AnItemThatNeverArrivedGoesBackToTheHead) {
  for (const int n : {1, 2, 3}) put(n, n * 10);
  const Results given = get(4);
  EXPECT_THAT(queue->take_back(given[0]), IsEmpty());
  EXPECT_EQ(drain(), "10 20 30");
}

TEST_F(QueueTakeBackTest, ItemsGoBackToTheirOldPlacesInWhateverOrderTheyCome) {
  for (const int n : {1, 2, 3, 4}) put(n, n * 10);
  const Result a = get(5)[0];
  const Result b = get(6)[0];
  const Result c = get(7)[0];
  queue->take_back(b);
  queue->take_back(c);
  queue->take_back(a);
  EXPECT_EQ(drain(), "10 20 30 40");
}

TEST_F(QueueTakeBackTest, AnItemThatGoesBackIsGivenToTheNextGetter) {
  put(1, "'job'");
  const Result given = get(2)[0];
  get(3);
  EXPECT_THAT(queue->take_back(given), ElementsAre(Returns(3, "'job'")));
}

TEST_F(BoundedQueueTakeBackTest, AnItemThatGoesBackMayOverfillTheQueue) {
  put(1, 10);
  put(2, 20);
  put(3, 30);
  const Result given = get(4)[0];  // 30 enters
  put(5, 50);
  EXPECT_THAT(queue->take_back(given), IsEmpty());
  EXPECT_EQ(size(), "size=3 maxsize=2 shut_down=False");
  EXPECT_THAT(get(6), ElementsAre(Returns(6, 10)));
  EXPECT_THAT(get(7), ElementsAre(Returns(7, 20), Done(5)));
}

TEST_F(QueueTakeBackTest, AnItemThatGoesBackAfterAShutdownCanStillBeDrained) {
  put(1, 10);
  const Result given = get(2)[0];
  shutdown(3);
  queue->take_back(given);
  EXPECT_EQ(drain(), "10");
}

TEST_F(QueueTakeBackTest, AnItemThatGoesBackAfterAnImmediateShutdownIsDropped) {
  put(1, 10);
  const Result given = get(2)[0];
  shutdown(3, true);
  queue->take_back(given);
  EXPECT_THAT(get(4), ElementsAre(Fails(4, v1::SHUT_DOWN)));
}

TEST_F(QueueTakeBackTest, AnOutcomeThatGaveNothingTakesNothingBack) {
  const Result failed = get(1, 0s)[0];
  EXPECT_THAT(queue->take_back(failed), IsEmpty());
  EXPECT_EQ(size(), "size=0 maxsize=0 shut_down=False");
}

}  // namespace
}  // namespace mp::server
