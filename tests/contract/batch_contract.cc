#include <cstdint>
#include <string>

#include "mp/batch.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class BatchContract : public Managers {
 protected:
  DictProxy<std::string, int> accounts =
      manager().dict<std::string, int>({{"alice", 100}, {"bob", 0}});
  ListProxy<std::string> journal = manager().list<std::string>();
  QueueProxy<int> queue = manager().queue<int>();
  LockProxy lock = manager().lock();
  Batch batch = manager().batch();
};

MP_CONTRACT(BatchContract);

TEST_P(BatchContract, RunsAllItsOperationsInOrder) {
  batch.if_equal(accounts, "alice", 100);
  Future<int> left = batch.on(accounts).add("alice", -30);
  batch.on(accounts).add("bob", 30);
  batch.on(journal).append("alice gives bob 30");
  batch.on(queue).put(7);
  Future<int> got = batch.on(queue).get();
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(left.get(), 70);
  EXPECT_EQ(got.get(), 7);
  EXPECT_EQ(accounts.at("bob"), 30);
  EXPECT_THAT(journal.copy(), ElementsAre("alice gives bob 30"));
}

TEST_P(BatchContract, ChangesNothingWhereAConditionDoesNotHold) {
  batch.if_equal(accounts, "alice", 99);
  Future<void> set = batch.on(accounts).set("alice", 1);
  EXPECT_FALSE(batch.commit());
  EXPECT_THROW(set.get(), ConditionFailed);
  EXPECT_EQ(accounts.at("alice"), 100);
}

TEST_P(BatchContract, KnowsConditionsOnKeysAndSizes) {
  const auto holds = [&](auto&& condition) {
    Batch asked = manager().batch();
    condition(asked);
    return asked.commit();
  };
  EXPECT_TRUE(holds([&](Batch& b) { b.if_contains(accounts, "bob").if_absent(accounts, "eve"); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_contains(accounts, "eve"); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_absent(accounts, "bob"); }));
  EXPECT_FALSE(holds([&](Batch& b) { b.if_equal(accounts, "eve", 0); }));
  EXPECT_TRUE(holds([&](Batch& b) { b.if_size(accounts, 2).if_size(journal, 0); }));
  journal.append("x");
  EXPECT_TRUE(holds([&](Batch& b) { b.if_equal(journal, -1, "x"); }));
}

TEST_P(BatchContract, UndoesWhatWasDoneBeforeAnOperationThatFails) {
  batch.on(accounts).set("alice", 1);
  batch.on(journal).append("lost");
  Future<int> absent = batch.on(accounts).pop("eve");
  EXPECT_THAT([&] { batch.commit(); },
              ThrowsMessage<KeyError>(HasSubstr("batch of 3 operations commit: operation ")));
  EXPECT_THROW(absent.get(), KeyError);
  EXPECT_EQ(accounts.at("alice"), 100);
  EXPECT_EQ(journal.size(), 0U);
}

TEST_P(BatchContract, DoesNotWait) {
  batch.on(accounts).set("alice", 1);
  batch.on(queue).get(10s);
  EXPECT_THROW(batch.commit(), WouldBlock);
  EXPECT_EQ(accounts.at("alice"), 100);
}

TEST_P(BatchContract, AcquiresALockForTheThreadThatCommitsIt) {
  Future<bool> acquired = batch.on(lock).acquire();
  batch.on(accounts).set("alice", 1);
  EXPECT_TRUE(batch.commit());
  EXPECT_TRUE(acquired.get());
  EXPECT_TRUE(lock.locked());
  EXPECT_NE(lock.token(), 0U);
  lock.release();
}

TEST_P(BatchContract, ReleasesALockForGoodOnceItIsCommitted) {
  lock.acquire();
  batch.on(lock).release();
  EXPECT_NE(lock.token(), 0U) << "nothing has happened yet";
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(lock.token(), 0U);
  EXPECT_FALSE(lock.lost());
}

TEST_P(BatchContract, LeavesALockHeldThatItWouldHaveReleased) {
  lock.acquire();
  const std::uint64_t token = lock.token();
  batch.if_absent(accounts, "alice");
  batch.on(lock).release();
  EXPECT_FALSE(batch.commit());
  EXPECT_EQ(lock.token(), token);
  EXPECT_FALSE(lock.lost());
}

TEST_P(BatchContract, ReleasesPermitsForGoodOnceItIsCommitted) {
  auto seats = manager().semaphore(2);
  seats.acquire();
  const std::uint64_t first = seats.token();
  seats.acquire();
  const std::uint64_t second = seats.token();
  batch.on(seats).release();
  EXPECT_EQ(seats.token(), second) << "nothing has happened yet";
  seats.release();
  EXPECT_EQ(seats.token(), second) << "that was the other one, " << first;
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(seats.token(), 0U);
  EXPECT_EQ(seats.get_value(), 2U);
}

TEST_P(BatchContract, LeavesPermitsHeldThatItWouldHaveReleased) {
  auto seats = manager().semaphore(2);
  seats.acquire();
  const std::uint64_t first = seats.token();
  seats.acquire();
  const std::uint64_t second = seats.token();
  const auto released = batch.on(seats).release();
  batch.on(seats).release();
  batch.on(accounts).pop("nobody");
  EXPECT_THROW(batch.commit(), KeyError);
  EXPECT_EQ(seats.token(), second);
  { manager().batch().on(seats).release(); }  // never committed
  accounts.fenced_by(seats, seats.token()).set("alice", 1);
  seats.release();
  EXPECT_EQ(seats.token(), first);
  seats.release();
  EXPECT_EQ(seats.get_value(), 2U);
  EXPECT_FALSE(seats.is_signal()) << "each was released with its token";
}

TEST_P(BatchContract, IsRefusedWithAStaleToken) {
  lock.acquire();
  const auto token = lock.token();
  lock.release();
  batch.on(accounts.fenced_by(lock, token)).set("alice", 1);
  EXPECT_THROW(batch.commit(), StaleTokenError);
  EXPECT_EQ(accounts.at("alice"), 100);
}

TEST_P(BatchContract, HasNoResultsBeforeItIsCommittedAndIsCommittedOnce) {
  Future<int> value = batch.on(accounts).at("alice");
  EXPECT_THROW(value.get(), ValueError);
  Future<int> again = batch.on(accounts).at("alice");
  EXPECT_TRUE(batch.commit());
  EXPECT_EQ(again.get(), 100);
  EXPECT_THROW(batch.commit(), ValueError);
  EXPECT_THROW(batch.on(accounts).at("alice"), ValueError);
}

TEST_P(BatchContract, HandsOutReferencesThatItsResultsHold) {
  auto lists = manager().dict<std::string, ListProxy<std::string>>();
  lists["journal"] = journal;
  journal.append("kept");
  auto found = batch.on(lists).at("journal");
  EXPECT_TRUE(batch.commit());
  EXPECT_THAT(found.get().copy(), ElementsAre("kept"));
}

TEST_P(BatchContract, TakesObjectsOfOneManagerOnly) {
  Manager other;  // where this process has threads by now, a program of its own
  auto foreign = other.dict<std::string, int>();
  EXPECT_THROW(batch.on(foreign), ValueError);
}

}  // namespace
}  // namespace mp::contract
