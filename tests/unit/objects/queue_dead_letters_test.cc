#include "server/objects/error.h"
#include "server/objects/queue.h"
#include "tests/unit/objects/queue_fixture.h"

// What was delivered so often without being confirmed.

namespace mp::server {
namespace {

using test::Fails;
using test::QueueTest;
using test::Results;
using test::Returns;
using test::text;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

v1::QueueCreateRequest delivering_at_most(std::uint64_t times) {
  v1::QueueCreateRequest request;
  request.set_delivery(v1::UNTIL_CONFIRMED);
  request.set_max_deliveries(times);
  return request;
}

// Without a queue for them.
class DroppedLettersTest : public QueueTest {
 protected:
  DroppedLettersTest() { queue.emplace(delivering_at_most(2)); }

  // Somebody gets so many items and dies.
  void deliver_in_vain(std::uint64_t items = 1) {
    const auto session = static_cast<SessionId>(++last_);
    get_many(Who(++last_, session), items);
    queue->owner_gone(session);
  }
  v1::QueueSizeReply counts() {
    return queue->run(Who(++last_, 1), v1::QueueSizeRequest())[0].outcome.queue_size();
  }

  Ticket last_ = 1000;
};

TEST_F(DroppedLettersTest, AnItemComesBackUntilItsLastDelivery) {
  put(1, 7);
  deliver_in_vain();
  EXPECT_EQ(text(get(Who(2, 5))[0].outcome), "value=7 item=1 deliveries=2");
  queue->owner_gone(5);
  EXPECT_EQ(counts().size(), 0U);
  EXPECT_EQ(counts().dropped(), 1U);
  EXPECT_EQ(counts().dead_lettered(), 0U);
}

TEST_F(DroppedLettersTest, AnItemThatIsConfirmedInItsLastDeliveryIsNone) {
  put(1, 7);
  deliver_in_vain();
  get(Who(2, 5));
  v1::QueueConfirmRequest request;
  request.add_items(1);
  queue->run(Who(3, 5), request);
  queue->owner_gone(5);
  EXPECT_EQ(counts().dropped(), 0U);
}

TEST_F(DroppedLettersTest, AnItemThatNeverArrivedWasNotDelivered) {
  put(1, 7);
  for (int n = 10; n < 15; ++n) {
    const Results given = get(n);
    queue->take_back(given[0]);
  }
  EXPECT_EQ(text(get(2)[0].outcome), "value=7 item=1 deliveries=1");
}

TEST_F(DroppedLettersTest, TheOthersOfItsGetterComeBack) {
  put_many(1, {1, 2});
  deliver_in_vain();
  deliver_in_vain(2);
  EXPECT_EQ(drain(), "2");
}

TEST_F(DroppedLettersTest, ItsTaskIsNoneAnyMore) {
  put(1, 7);
  deliver_in_vain();
  get(Who(2, 5));
  EXPECT_THAT(queue->run(Who(3, 6), v1::QueueJoinRequest()), IsEmpty());
  const Results results = queue->owner_gone(5);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_TRUE(results[0].outcome.queue_join().finished());
}

TEST_F(DroppedLettersTest, WhoWaitsForItInADrainedQueueLearnsOfTheEnd) {
  put(1, 7);
  deliver_in_vain();
  get(Who(2, 5));
  shutdown(3);
  EXPECT_THAT(get(Who(4, 6)), IsEmpty());
  EXPECT_THAT(queue->owner_gone(5), ElementsAre(Fails(4, v1::SHUT_DOWN)));
}

TEST_F(DroppedLettersTest, AnOperatorIsToldOfIt) {
  EXPECT_EQ(queue->object().note(), "");
  put(1, 7);
  deliver_in_vain();
  deliver_in_vain();
  EXPECT_EQ(queue->object().note(), "max_deliveries 2: dead-lettered 0, dropped 1");
}

TEST_F(DroppedLettersTest, AreOfAQueueThatDeliversUntilConfirmed) {
  v1::QueueCreateRequest request = delivering_at_most(3);
  request.set_delivery(v1::AT_MOST_ONCE);
  EXPECT_EQ(code_of(Queue::create(request, {}, {}).status()), v1::VALUE_ERROR);
}

// The first object is the queue for them, the second one the queue that they come from.
class DeadLettersTest : public QueueTest {
 protected:
  static constexpr test::Shell::ObjectId kJobs = 2;

  void SetUp() override {
    ASSERT_EQ(queue->add_over_first(delivering_at_most(1)), kJobs);
    v1::QueuePutManyRequest request;
    request.set_id(kJobs);
    for (const int n : {1, 2, 3}) request.add_values()->set_int_(n);
    queue->run(900, request);
  }
  // Session 5 has so many of the jobs.
  void take_jobs(std::uint64_t items) {
    v1::QueueGetManyRequest request;
    request.set_id(kJobs);
    request.set_max(items);
    queue->run(Who(901, 5), request);
  }
  std::string jobs() {
    v1::QueueSizeRequest request;
    request.set_id(kJobs);
    return queue->ask(request);
  }
  const Queue& jobs_queue() { return static_cast<const Queue&>(queue->object(kJobs)); }
};

TEST_F(DeadLettersTest, GoToTheQueueForThemInTheirOrder) {
  take_jobs(2);
  queue->owner_gone(5);
  EXPECT_THAT(jobs(), StartsWith("size=1 "));
  EXPECT_THAT(jobs(), ::testing::HasSubstr("max_deliveries=1 dead_lettered=2 dropped=0 "));
  EXPECT_EQ(text(get(1)[0].outcome), "value=1 item=1 deliveries=1");
  EXPECT_EQ(drain(), "2");
}

TEST_F(DeadLettersTest, AreGivenToWhoWaitsForThem) {
  get(Who(1, 6));
  take_jobs(2);
  EXPECT_THAT(queue->owner_gone(5), ElementsAre(Returns(1, 1)));
}

TEST_F(DeadLettersTest, AreNotGivenToTheOneWhoDied) {
  get(Who(1, 5));
  get(Who(2, 6));
  take_jobs(2);
  EXPECT_THAT(queue->owner_gone(5), ElementsAre(Returns(2, 1)));
}

TEST_F(DeadLettersTest, AreTasksOfThatQueue) {
  take_jobs(1);
  queue->owner_gone(5);
  EXPECT_THAT(jobs(), StartsWith("size=2 maxsize=0 shut_down=False unfinished=2 "));
  EXPECT_THAT(queue->ask(v1::QueueSizeRequest()),
              StartsWith("size=1 maxsize=0 shut_down=False unfinished=1 "));
}

TEST_F(DeadLettersTest, AreDroppedAndCountedIfThatQueueIsShutDown) {
  shutdown(1);
  take_jobs(1);
  queue->owner_gone(5);
  EXPECT_THAT(jobs(), ::testing::HasSubstr("dead_lettered=0 dropped=1 "));
}

TEST_F(DeadLettersTest, AreDroppedAndCountedIfThatQueueIsDeleted) {
  queue->dissolve(error(v1::NO_SUCH_OBJECT, "deleted"));
  take_jobs(1);
  queue->owner_gone(5);
  EXPECT_THAT(jobs(), ::testing::HasSubstr("dead_lettered=0 dropped=1 "));
}

TEST_F(DeadLettersTest, AreNoneIfTheQueueWasShutDownAtOnce) {
  take_jobs(1);
  v1::QueueShutdownRequest request;
  request.set_id(kJobs);
  request.set_immediate(true);
  queue->run(1, request);
  queue->owner_gone(5);
  EXPECT_THAT(jobs(), ::testing::HasSubstr("dead_lettered=0 dropped=0 "));
  EXPECT_EQ(drain(), "");
}

TEST_F(DeadLettersTest, KeepTheQueueForThem) {
  std::set<std::uint64_t> refs;
  queue->object(kJobs).visit_refs([&](std::uint64_t id) { refs.insert(id); });
  EXPECT_THAT(refs, ElementsAre(test::Shell::kFirst));
}

TEST_F(DeadLettersTest, GoToAQueueOnly) {
  test::Shell other{v1::ListCreateRequest()};
  const Related list{std::shared_ptr<Object>(&other.object(), [](Object*) {}), 1};
  EXPECT_EQ(code_of(Queue::create(delivering_at_most(1), {}, list).status()), v1::WRONG_KIND);
}

TEST_F(DeadLettersTest, AreOfAQueueWithAMaximumOfDeliveries) {
  const Related letters{std::make_shared<Queue>(of_size(0), nullptr, 0), 1};
  EXPECT_EQ(code_of(Queue::create(delivering_at_most(0), {}, letters).status()), v1::VALUE_ERROR);
}

TEST_F(DeadLettersTest, GoWhereTheQueueWasMadeToSendThem) {
  const Related letters{nullptr, test::Shell::kFirst};
  EXPECT_TRUE(jobs_queue().require_match({}, {}).ok()) << "who asks for nothing particular";
  EXPECT_TRUE(jobs_queue().require_match(delivering_at_most(1), letters).ok());
  EXPECT_FALSE(jobs_queue().require_match(delivering_at_most(2), letters).ok());
  EXPECT_FALSE(jobs_queue().require_match(delivering_at_most(1), {nullptr, 77}).ok());
}

}  // namespace
}  // namespace mp::server
