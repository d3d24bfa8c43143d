#include <chrono>
#include <map>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

// What becomes of a queue when those who get from it, or put into it, come and go.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class QueueDeliveryContract : public Managers {
 protected:
  // A consumer that runs this and is killed after it.
  template <class Function>
  void run_and_die(const Function& function) {
    auto told = manager().event();
    Process child([&] {
      function();
      told.set();
      manager().event().wait();
    });
    child.start();
    ASSERT_TRUE(told.wait(kLong));
    child.kill();
    child.join();
  }

  QueueProxy<int> jobs = manager().queue<int>({.delivery = Delivery::kUntilConfirmed});
};
MP_CONTRACT(QueueDeliveryContract);

TEST_P(QueueDeliveryContract, DeliversAgainWhatItsKilledConsumerDidNotConfirm) {
  MP_NEEDS_FORK();
  jobs.put_many({1, 2, 3});
  run_and_die([&] {
    const Delivered<int> job = jobs.receive();
    demand(job.value == 1 && job.deliveries == 1, "the first job, for the first time");
  });
  std::map<int, Delivered<int>> received;
  for (int i = 0; i < 3; ++i) {
    const Delivered<int> job = jobs.receive(kLong);
    jobs.confirm(job);
    received.emplace(job.value, job);
  }
  EXPECT_EQ(received.size(), 3U);
  EXPECT_EQ(received.at(1).deliveries, 2U);
  EXPECT_EQ(received.at(1).item, 1U) << "its number stays";
  EXPECT_EQ(received.at(2).deliveries, 1U);
}

TEST_P(QueueDeliveryContract, KeepsTheOrderOfWhatComesBack) {
  MP_NEEDS_FORK();
  jobs.put_many({1, 2, 3, 4});
  auto seat = manager().lock();
  run_and_die([&] {
    seat.acquire();
    jobs.get_many(3);
  });
  ASSERT_TRUE(seat.acquire(kLong));
  ASSERT_TRUE(test::eventually([&] { return jobs.unconfirmed() == 0; }));
  EXPECT_THAT(jobs.get_many(9, kLong), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(jobs.unconfirmed(), 4U);
}

TEST_P(QueueDeliveryContract, DeliversOnceWhatItsKilledConsumerHasConfirmed) {
  MP_NEEDS_FORK();
  jobs.put_many({1, 2, 3});
  run_and_die([&] {
    jobs.confirm(jobs.receive());
    jobs.get();
    jobs.task_done();
    jobs.get();
  });
  const Delivered<int> job = jobs.receive(kLong);
  EXPECT_EQ(job.value, 3);
  EXPECT_EQ(job.deliveries, 2U);
  EXPECT_EQ(jobs.unfinished(), 2U) << "1 has arrived, and its task is not done";
}

TEST_P(QueueDeliveryContract, DeliversAgainWhatAConsumerLeftThatEndedInOrder) {
  MP_NEEDS_FORK();
  jobs.put(1);
  elsewhere(GetParam(), [&] { demand(jobs.get(kLong) == 1, "the job"); });
  const Delivered<int> job = jobs.receive(kLong);
  EXPECT_EQ(job.value, 1);
  EXPECT_EQ(job.deliveries, 2U);
}

TEST_P(QueueDeliveryContract, CountsEachDelivery) {
  MP_NEEDS_FORK();
  jobs.put(1);
  for (std::uint64_t times = 1; times <= 3; ++times) {
    run_and_die([&] { demand(jobs.receive(kLong).deliveries == times, "deliveries are counted"); });
  }
  EXPECT_EQ(jobs.receive(kLong).deliveries, 4U);
}

TEST_P(QueueDeliveryContract, KeepsWhatIsNotConfirmedWhileItsConsumerLives) {
  jobs.put_many({1, 2});
  const Delivered<int> first = jobs.receive();
  const Delivered<int> second = jobs.receive();
  EXPECT_EQ(jobs.qsize(), 0U);
  EXPECT_EQ(jobs.unconfirmed(), 2U);
  EXPECT_EQ(jobs.delivery(), Delivery::kUntilConfirmed);
  jobs.confirm(std::vector{first, second});
  EXPECT_EQ(jobs.unconfirmed(), 0U);
  EXPECT_EQ(jobs.unfinished(), 2U);
  jobs.task_done();
  jobs.task_done();
  EXPECT_TRUE(jobs.join(0s));
  EXPECT_THROW(jobs.task_done(), ValueError);
}

TEST_P(QueueDeliveryContract, RefusesToConfirmWhatIsNotTheCallers) {
  jobs.put_many({1, 2});
  const Delivered<int> job = jobs.receive();
  const Delivered<int> unknown{.value = 0, .item = 77, .deliveries = 1};
  EXPECT_THROW(jobs.confirm(std::vector{job, unknown}), ValueError);
  EXPECT_THROW(jobs.task_done(unknown), ValueError);
  EXPECT_EQ(jobs.unconfirmed(), 1U) << "all or none";
  jobs.confirm(job);
  EXPECT_THROW(jobs.confirm(job), ValueError) << "confirmed before";
  auto named = manager().queue<int>("jobs", {.delivery = Delivery::kUntilConfirmed});
  named.put(3);
  const Delivered<int> mine = named.receive();
  Manager other = another();
  auto theirs = other.queue<int>("jobs", {.delivery = Delivery::kUntilConfirmed});
  EXPECT_THROW(theirs.confirm(mine), ValueError);
  EXPECT_THROW(theirs.task_done(mine), ValueError);
  named.confirm(mine);
}

TEST_P(QueueDeliveryContract, GivesAnItemToOneWhoWaitsWhenItComesBack) {
  MP_NEEDS_FORK();
  jobs.put(1);
  auto told = manager().event();
  Process consumer([&] {
    jobs.get();
    told.set();
    manager().event().wait();
  });
  consumer.start();
  ASSERT_TRUE(told.wait(kLong));
  auto waiting = jobs.async().receive();
  EXPECT_FALSE(waiting.ready());
  consumer.kill();
  EXPECT_EQ(waiting.get(kLong).deliveries, 2U);
}

class QueueProducersContract : public QueueDeliveryContract {
 protected:
  QueueProxy<int> results = manager().queue<int>({.close_when_producers_gone = true});
};
MP_CONTRACT(QueueProducersContract);

TEST_P(QueueProducersContract, ClosesWhenTheLastOfThemHasEnded) {
  MP_NEEDS_FORK();
  std::vector<Process> producers;
  for (int p = 0; p < 3; ++p) producers.emplace_back([&] { results.put(1); });
  results.enlist();  // so that it stays open until all have begun
  for (Process& producer : producers) producer.start();
  for (Process& producer : producers) producer.join();
  int sum = 0;
  for (int i = 0; i < 3; ++i) sum += results.get(kLong);
  EXPECT_FALSE(results.is_shut_down());
  results.leave();
  EXPECT_THROW(results.get(kLong), ShutDown);
  EXPECT_EQ(sum, 3);
  EXPECT_TRUE(results.is_shut_down());
  EXPECT_THROW(results.put(1), ShutDown);
  EXPECT_THROW(results.enlist(), ShutDown);
}

TEST_P(QueueProducersContract, ClosesForWhoWaitsWhenTheLastOfThemIsKilled) {
  MP_NEEDS_FORK();
  auto told = manager().event();
  Process killed([&] {
    results.put(1);
    told.set();
    manager().event().wait();
  });
  Process ended([&] { results.put(2); });
  killed.start();
  ASSERT_TRUE(told.wait(kLong));
  ended.start();
  ended.join();
  EXPECT_EQ(results.get(kLong), 1);
  EXPECT_EQ(results.get(kLong), 2);
  auto waiting = results.async().get();
  EXPECT_FALSE(waiting.ready());
  killed.kill();
  EXPECT_THROW(waiting.get(kLong), ShutDown);
}

TEST_P(QueueProducersContract, LeavesItsItemsToBeDrained) {
  results.put_many({1, 2});
  results.close();
  EXPECT_TRUE(results.is_shut_down());
  EXPECT_EQ(results.get(), 1);
  EXPECT_EQ(results.try_get(), 2);
  EXPECT_THROW(static_cast<void>(results.try_get()), ShutDown);
}

TEST_P(QueueProducersContract, IsOpenBeforeTheFirstOfThemHasCome) {
  auto waiting = results.async().get();
  EXPECT_FALSE(results.is_shut_down());
  results.leave();  // was none
  EXPECT_FALSE(results.is_shut_down());
  results.put(7);
  EXPECT_EQ(waiting.get(kLong), 7);
}

TEST_P(QueueProducersContract, DoesNotCloseWhenOneThatOnlyGetsIsKilled) {
  MP_NEEDS_FORK();
  results.put_many({1, 2, 3});
  auto seat = manager().lock();
  run_and_die([&] {
    seat.acquire();
    results.get();
  });
  ASSERT_TRUE(seat.acquire(kLong));
  EXPECT_FALSE(results.is_shut_down());
  results.put(4);
}

TEST_P(QueueProducersContract, DoesNotCloseAQueueThatWasNotMadeSo) {
  jobs.put(1);
  jobs.leave();
  jobs.close();
  EXPECT_FALSE(jobs.is_shut_down());
  jobs.put(2);
  EXPECT_EQ(jobs.qsize(), 2U);
}

}  // namespace
}  // namespace mp::contract
