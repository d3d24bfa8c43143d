#include "server/objects/rlock.h"

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Fails;
using test::field;
using test::Result;
using test::Results;
using test::Shell;
using test::text;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

MATCHER_P2(Holds, ticket, count, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.rlock_acquire().acquired() &&
         arg.outcome.rlock_acquire().count() == static_cast<std::uint64_t>(count);
}

class RLockTest : public ::testing::Test {
 protected:
  Results acquire(Who who, std::optional<int> lease_seconds = {}) {
    v1::RLockAcquireRequest request;
    if (lease_seconds) request.mutable_lease()->set_seconds(*lease_seconds);
    return lock.run(who, request);
  }
  Results release(Who who) { return lock.run(who, v1::RLockReleaseRequest()); }
  static std::uint64_t token_of(const Results& results) {
    return results.at(0).outcome.rlock_acquire().token();
  }
  // Session 1 under ticket n.
  static Who one(int n) { return Who(static_cast<Ticket>(n), 1); }
  static Who two(int n) { return Who(static_cast<Ticket>(n), 2); }

  Shell lock{v1::RLockCreateRequest()};
};

TEST_F(RLockTest, ItsOwnerAcquiresItAgainAndKeepsTheToken) {
  const Results first = acquire(one(1));
  const Results second = acquire(one(2));
  EXPECT_THAT(first, ElementsAre(Holds(1, 1)));
  EXPECT_THAT(second, ElementsAre(Holds(2, 2)));
  EXPECT_EQ(token_of(first), token_of(second));
}

TEST_F(RLockTest, IsFreeOnceItWasReleasedAsOften) {
  acquire(one(1));
  acquire(one(2));
  EXPECT_THAT(acquire(two(3)), IsEmpty());
  EXPECT_EQ(release(one(4)).size(), 1U);
  EXPECT_THAT(release(one(5)), ElementsAre(test::Done(5), Holds(3, 1)));
}

TEST_F(RLockTest, AnotherHandleOfTheSameSessionIsAnotherOwner) {
  acquire(Who(1, 1, 7));
  EXPECT_THAT(acquire(Who(2, 1, 8)), IsEmpty());
  EXPECT_THAT(release(Who(3, 1, 8)), ElementsAre(Fails(3, v1::NOT_OWNER)));
}

TEST_F(RLockTest, ReleasingWhatNobodyHoldsIsNotOwner) {
  EXPECT_THAT(release(one(1)), ElementsAre(Fails(1, v1::NOT_OWNER)));
}

TEST_F(RLockTest, PassesOnWithAllItsEntriesWhenItsOwnerDies) {
  acquire(one(1));
  acquire(one(2));
  acquire(two(3));
  const Results granted = lock.owner_gone(1);
  EXPECT_THAT(granted, ElementsAre(Holds(3, 1)));
  EXPECT_TRUE(granted[0].outcome.rlock_acquire().previous_owner_died());
}

TEST_F(RLockTest, TheLeaseIsThatOfTheFirstAcquisition) {
  acquire(one(1), 5);
  lock.advance(3s);
  acquire(one(2), 100);
  acquire(two(3));
  EXPECT_THAT(lock.advance(2s), ElementsAre(Holds(3, 1)));
  EXPECT_THAT(release(one(4)), ElementsAre(Fails(4, v1::NOT_OWNER)));
}

TEST_F(RLockTest, ALostReentryIsTakenBackAloneAndALostGrantWhole) {
  const Results first = acquire(one(1));
  const Results second = acquire(one(2));
  lock.take_back(second[0]);
  EXPECT_EQ(lock.ask(v1::RLockLockedRequest()),
            "locked=True token=" + std::to_string(token_of(first)) + " count=1");
  lock.take_back(first[0]);
  EXPECT_EQ(lock.ask(v1::RLockLockedRequest()), "locked=False token=0 count=0");
}

TEST_F(RLockTest, ALostGrantThatWasReenteredKeepsTheReentry) {
  const Results first = acquire(one(1));
  acquire(one(2));
  lock.take_back(first[0]);
  EXPECT_EQ(lock.ask(v1::RLockLockedRequest()),
            "locked=True token=" + std::to_string(token_of(first)) + " count=1");
  EXPECT_THAT(release(one(3)), ElementsAre(test::Done(3)));
}

TEST_F(RLockTest, ABatchThatFailsLeavesTheCountAsItWas) {
  acquire(one(1));
  UndoLog log;
  lock.run_in_batch(one(2), v1::RLockAcquireRequest(), log);
  lock.run_in_batch(one(3), v1::RLockReleaseRequest(), log);
  lock.run_in_batch(one(4), v1::RLockReleaseRequest(), log);
  log.run();
  EXPECT_EQ(lock.ask(v1::RLockLockedRequest()), "locked=True token=1 count=1");
}

}  // namespace
}  // namespace mp::server
