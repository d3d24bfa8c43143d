#include <chrono>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "mp/batch.h"
#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

// Batches over objects of every kind.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class BatchKindsContract : public Managers {
 protected:
  // An operation that fails, at the end.
  void expect_undone() {
    batch.on(dict).pop("nobody");
    EXPECT_THROW(batch.commit(), KeyError);
  }

  DictProxy<std::string, int> dict = manager().dict<std::string, int>({{"a", 1}});
  ListProxy<int> list = manager().list<int>({1, 2, 3});
  SetProxy<int> set = manager().set<int>({1, 2});
  NamespaceProxy space = manager().namespace_({{"x", 1}});
  ValueProxy<int> value = manager().value<int>(1);
  ArrayProxy<int> array = manager().array<int>({1, 2, 3});
  QueueProxy<int> queue = manager().queue<int>();
  EventProxy event = manager().event();
  BarrierProxy barrier = manager().barrier(2);
  LockProxy lock = manager().lock();
  RLockProxy rlock = manager().rlock();
  SemaphoreProxy semaphore = manager().semaphore(2);
  ConditionProxy condition = manager().condition();
  CountDownLatchProxy latch = manager().count_down_latch(3);
  Batch batch = manager().batch();
};
MP_CONTRACT(BatchKindsContract);

TEST_P(BatchKindsContract, ChangesObjectsOfAllKindsAtOnce) {
  Future<int> sum = batch.on(dict).add("a", 1);
  batch.on(list).append(4);
  Future<bool> added = batch.on(set).add(3);
  batch.on(space).set("x", 2);
  Future<int> before = batch.on(value).fetch_add(1);
  batch.on(array).fill(7);
  batch.on(queue).put_many({1, 2});
  batch.on(event).set();
  batch.on(barrier).abort();
  Future<bool> locked = batch.on(lock).acquire();
  Future<bool> locked_again = batch.on(rlock).acquire();
  Future<bool> permit = batch.on(semaphore).acquire();
  Future<std::uint64_t> left = batch.on(latch).count_down();
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(sum.get(), 2);
  EXPECT_EQ(before.get(), 1);
  EXPECT_TRUE(added.get() && locked.get() && locked_again.get() && permit.get());
  EXPECT_EQ(dict.at("a"), 2);
  EXPECT_EQ(list.size(), 4U);
  EXPECT_EQ(set.size(), 3U);
  EXPECT_EQ(space.get<int>("x"), 2);
  EXPECT_EQ(value, 2);
  EXPECT_THAT(array.copy(), ElementsAre(7, 7, 7));
  EXPECT_EQ(queue.qsize(), 2U);
  EXPECT_TRUE(event.is_set() && barrier.broken() && lock.locked() && rlock.locked());
  EXPECT_EQ(semaphore.get_value(), 1U);
  EXPECT_EQ(left.get(), 2U);
}

TEST_P(BatchKindsContract, UndoesAllWithTheOperationThatFails) {
  lock.acquire();
  queue.put(1);
  batch.on(dict).add("a", 1);
  batch.on(list).sort({.reverse = true});
  batch.on(set).clear();
  batch.on(space).erase("x");
  batch.on(value).set(9);
  batch.on(array).set_slice(slice(2), std::vector<int>{8, 9});
  batch.on(queue).get();
  batch.on(queue).put(2);
  batch.on(event).set();
  batch.on(barrier).abort();
  batch.on(lock).release();
  static_cast<void>(batch.on(rlock).acquire());
  static_cast<void>(batch.on(semaphore).acquire());
  batch.on(semaphore).release();
  batch.on(latch).enlist();
  batch.on(latch).count_down(3);
  expect_undone();
  EXPECT_EQ(dict.at("a"), 1);
  EXPECT_THAT(list.copy(), ElementsAre(1, 2, 3));
  EXPECT_THAT(set.items(), ElementsAre(1, 2));
  EXPECT_EQ(space.get<int>("x"), 1);
  EXPECT_EQ(value, 1);
  EXPECT_THAT(array.copy(), ElementsAre(1, 2, 3));
  EXPECT_EQ(queue.get(), 1);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(event.is_set() || barrier.broken() || rlock.locked());
  EXPECT_TRUE(lock.locked());
  EXPECT_EQ(semaphore.get_value(), 2U);
  EXPECT_FALSE(semaphore.is_signal());
  EXPECT_EQ(latch.get_count(), 3U);
  EXPECT_EQ(latch.promised(), 0U);
  lock.release();
}

TEST_P(BatchKindsContract, UndoesTasksProducersAndShutdowns) {
  auto jobs = manager().queue<int>(
      {.delivery = Delivery::kUntilConfirmed, .close_when_producers_gone = true});
  jobs.put_many({1, 2});
  const Delivered<int> job = jobs.receive();
  batch.on(jobs).confirm(job);
  batch.on(jobs).get();
  batch.on(jobs).task_done();
  batch.on(jobs).leave();
  batch.on(jobs).shutdown({.immediate = true});
  expect_undone();
  EXPECT_EQ(jobs.qsize(), 1U);
  EXPECT_EQ(jobs.unconfirmed(), 1U);
  EXPECT_EQ(jobs.unfinished(), 2U);
  EXPECT_FALSE(jobs.is_shut_down());
  jobs.confirm(job);
  EXPECT_EQ(jobs.receive().deliveries, 1U) << "the delivery that was undone does not count";
}

TEST_P(BatchKindsContract, RunsWhereConditionsOnSeveralKindsHold) {
  batch.if_equal(dict, "a", 1).if_equal(list, 0, 1).if_contains(set, 2).if_equal(space, "x", 1);
  batch.if_equal(value, 1).if_equal(array, -1, 3).if_absent(set, 9).if_contains(space, "x");
  batch.if_size(set, 2).if_absent(space, "y");
  batch.on(event).set();
  EXPECT_TRUE(batch.commit());
  EXPECT_TRUE(event.is_set());
}

TEST_P(BatchKindsContract, ChangesNothingWhereOneConditionOfManyDoesNotHold) {
  const auto holds = [&](auto&& add_condition) {
    Batch asked = manager().batch();
    asked.if_equal(dict, "a", 1);
    add_condition(asked);
    asked.on(queue).put(1);
    return asked.commit();
  };
  EXPECT_FALSE(holds([&](Batch& b) { b.if_contains(set, 9); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_absent(set, 1); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_size(set, 1); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_equal(space, "x", 1.0); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_contains(space, "y"); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_equal(value, 2); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_equal(array, 0, 2); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_equal(array, 9, 2); }));
  EXPECT_TRUE(queue.empty());
}

TEST_P(BatchKindsContract, WaitsForNothing) {
  auto party = barrier.async().wait();
  lock.acquire();
  semaphore.acquire();
  semaphore.acquire();
  condition.acquire();
  queue.put(1);
  const auto would_wait = [&](auto&& operation) {
    Batch asked = manager().batch();
    asked.on(dict).clear();
    operation(asked);
    EXPECT_THROW(asked.commit(), WouldBlock);
    EXPECT_EQ(dict.size(), 1U);
  };
  would_wait([&](Batch& b) { b.on(event).wait(); });
  would_wait([&](Batch& b) { b.on(event).wait(1s); });
  would_wait([&](Batch& b) { static_cast<void>(b.on(lock).acquire()); });
  would_wait([&](Batch& b) { static_cast<void>(b.on(semaphore).acquire()); });
  would_wait([&](Batch& b) { b.on(condition).wait(); });
  would_wait([&](Batch& b) { b.on(barrier).wait(); });  // even the last party
  would_wait([&](Batch& b) { b.on(manager().queue<int>()).get_many(1); });
  would_wait([&](Batch& b) { b.on(queue).join(); });
  would_wait([&](Batch& b) { b.on(latch).wait(); });
  EXPECT_TRUE(condition.locked());
}

TEST_P(BatchKindsContract, WakesThoseWhoWaitAfterItsLastOperation) {
  auto getter = queue.async().get();
  auto waiter = event.async().wait();
  auto party = barrier.async().wait();
  EXPECT_EQ(barrier.n_waiting(), 1U);  // and so those before are in line
  batch.on(queue).put(7);
  batch.on(event).set();
  batch.on(barrier).abort();
  batch.on(barrier).reset();
  EXPECT_FALSE(getter.ready());
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(getter.get(kLong), 7);
  EXPECT_TRUE(waiter.get(kLong));
  EXPECT_THROW(party.get(kLong), BrokenBarrierError);
  EXPECT_FALSE(barrier.broken());
}

TEST_P(BatchKindsContract, LeavesAnEventAsItsLastOperationDoes) {
  auto waiter = event.async().wait();
  batch.on(event).set();
  batch.on(event).clear();
  EXPECT_TRUE(batch.commit());
  EXPECT_FALSE(event.is_set());
  EXPECT_FALSE(waiter.ready()) << "nobody sees a state within a batch";
  event.set();
  EXPECT_TRUE(waiter.get(kLong));
}

TEST_P(BatchKindsContract, WakesNobodyIfItIsUndone) {
  auto getter = queue.async().get();
  auto waiter = event.async().wait();
  batch.on(queue).put(7);
  batch.on(event).set();
  expect_undone();
  EXPECT_FALSE(getter.ready());
  EXPECT_FALSE(waiter.ready());
  queue.put(8);
  EXPECT_EQ(getter.get(kLong), 8);
}

TEST_P(BatchKindsContract, NotifiesAndReleasesInOneStep) {
  auto state = manager().value<int>();
  Crowd other(GetParam(), 1, [&](int) {
    condition.acquire();
    event.set();
    demand(condition.wait(kLong), "notified");
    demand(state == 1, "all of the batch is seen");
    condition.release();
  });
  ASSERT_TRUE(event.wait(kLong));
  condition.acquire();
  batch.on(state).set(1);
  Future<std::size_t> woken = batch.on(condition).notify_all();
  batch.on(condition.get_lock()).release();
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(woken.get(), 1U);
  other.join();
}

TEST_P(BatchKindsContract, IsRefusedAsAWholeWithAStaleTokenOnAnyOfItsKinds) {
  lock.acquire();
  const std::uint64_t stale = lock.token();
  lock.release();
  const auto refused = [&](auto&& operation) {
    Batch asked = manager().batch();
    asked.on(dict).clear();
    operation(asked);
    EXPECT_THROW(asked.commit(), StaleTokenError);
    EXPECT_EQ(dict.size(), 1U);
  };
  refused([&](Batch& b) { b.on(list.fenced_by(lock, stale)).clear(); });
  refused([&](Batch& b) { b.on(set.fenced_by(lock, stale)).clear(); });
  refused([&](Batch& b) { b.on(space.fenced_by(lock, stale)).erase("x"); });
  refused([&](Batch& b) { b.on(value.fenced_by(lock, stale)).set(0); });
  refused([&](Batch& b) { b.on(array.fenced_by(lock, stale)).fill(0); });
  refused([&](Batch& b) { b.on(queue.fenced_by(lock, stale)).shutdown(); });
  refused([&](Batch& b) { b.on(event.fenced_by(lock, stale)).set(); });
  refused([&](Batch& b) { b.on(barrier.fenced_by(lock, stale)).abort(); });
  refused([&](Batch& b) { b.on(semaphore.fenced_by(lock, stale)).release(); });
  condition.acquire();
  rlock.acquire();
  refused([&](Batch& b) { b.on(condition.fenced_by(lock, stale)).notify(); });
  refused([&](Batch& b) { b.on(rlock.fenced_by(lock, stale)).release(); });
  EXPECT_TRUE(condition.locked() && rlock.locked());
  EXPECT_FALSE(queue.is_shut_down() || event.is_set() || barrier.broken());
}

TEST_P(BatchKindsContract, FailsWithTheErrorOfEachKind) {
  const auto fails = [&]<class Error>(std::type_identity<Error>, auto&& operation) {
    Batch asked = manager().batch();
    asked.on(dict).clear();
    operation(asked);
    EXPECT_THROW(asked.commit(), Error);
    EXPECT_EQ(dict.size(), 1U);
  };
  fails(std::type_identity<IndexError>(), [&](Batch& b) { b.on(array).set(9, 1); });
  fails(std::type_identity<AttributeError>(), [&](Batch& b) { b.on(space).at("y"); });
  fails(std::type_identity<KeyError>(), [&](Batch& b) { b.on(set).remove(9); });
  fails(std::type_identity<OverflowError>(),
        [&](Batch& b) { b.on(value).add(std::numeric_limits<int>::max()); });
  fails(std::type_identity<ValueError>(), [&](Batch& b) { b.on(queue).task_done(); });
  fails(std::type_identity<ValueError>(), [&](Batch& b) { b.on(lock).release(); });
  fails(std::type_identity<NotOwnerError>(), [&](Batch& b) { b.on(rlock).release(); });
  fails(std::type_identity<NotOwnerError>(), [&](Batch& b) { b.on(condition).notify(); });
}

}  // namespace
}  // namespace mp::contract
