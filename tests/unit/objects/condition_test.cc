#include "server/objects/condition.h"

#include "tests/unit/objects/condition_results.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::HasLock;
using test::Notified;
using test::Results;
using test::Shell;
using test::TimedOut;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A condition with a lock of its own. Session n uses tickets of its choice.
class ConditionTest : public ::testing::Test {
 protected:
  Results acquire(Who who) { return condition.run(who, v1::RLockAcquireRequest()); }
  Results release(Who who) { return condition.run(who, v1::RLockReleaseRequest()); }
  Results wait(Who who, std::optional<int> timeout_seconds = {}) {
    v1::ConditionWaitRequest request;
    if (timeout_seconds) request.mutable_timeout()->set_seconds(*timeout_seconds);
    return condition.run(who, request);
  }
  Results notify(Who who, std::uint64_t count = 1) {
    v1::ConditionNotifyRequest request;
    request.set_count(count);
    return condition.run(who, request);
  }
  Results notify_all(Who who) {
    v1::ConditionNotifyRequest request;
    request.set_all(true);
    return condition.run(who, request);
  }
  static Who by(SessionId session, Ticket ticket) { return Who(ticket, session); }
  // A session that waits, under this ticket.
  void let_wait(SessionId session, Ticket ticket) {
    acquire(by(session, 1000 + ticket));
    ASSERT_THAT(wait(by(session, ticket)), IsEmpty());
  }

  Shell condition{v1::ConditionCreateRequest()};
};

TEST_F(ConditionTest, WaitingLetsTheLockGo) {
  acquire(by(1, 1));
  EXPECT_THAT(acquire(by(2, 2)), IsEmpty());
  EXPECT_THAT(wait(by(1, 3)), ElementsAre(HasLock(2)));
}

TEST_F(ConditionTest, WhoIsNotifiedGoesOnOnceTheLockIsFree) {
  let_wait(1, 1);
  acquire(by(2, 2));
  EXPECT_THAT(notify(by(2, 3)), ElementsAre(Done(3)));
  EXPECT_THAT(release(by(2, 4)), ElementsAre(Done(4), Notified(1)));
  EXPECT_THAT(acquire(by(3, 5)), IsEmpty()) << "the lock is session 1's again";
}

TEST_F(ConditionTest, WakesInOrderOfArrivalAndNoMoreThanAsked) {
  let_wait(1, 1);
  let_wait(2, 2);
  let_wait(3, 3);
  acquire(by(9, 9));
  notify(by(9, 10), 2);
  EXPECT_THAT(release(by(9, 11)), ElementsAre(Done(11), Notified(1)));
  EXPECT_THAT(release(by(1, 12)), ElementsAre(Done(12), Notified(2)));
  EXPECT_THAT(release(by(2, 13)), ElementsAre(Done(13)));
  EXPECT_THAT(condition.parked(), ElementsAre(3));
}

TEST_F(ConditionTest, ANotificationThatNobodyWaitsForIsLost) {
  acquire(by(1, 1));
  const Results results = notify_all(by(1, 2));
  EXPECT_EQ(results[0].outcome.condition_notify().woken(), 0U);
  EXPECT_THAT(wait(by(1, 3)), IsEmpty());
}

TEST_F(ConditionTest, AfterItsTimeAWaiterTakesTheLockHoweverLongThatTakes) {
  acquire(by(1, 1));
  wait(by(1, 2), 5);
  acquire(by(2, 3));
  EXPECT_THAT(condition.advance(100s), IsEmpty());
  EXPECT_THAT(release(by(2, 4)), ElementsAre(Done(4), TimedOut(2)));
}

TEST_F(ConditionTest, AWaitOfNoTimeGivesTheLockToOthersFirst) {
  acquire(by(1, 1));
  acquire(by(2, 2));
  EXPECT_THAT(wait(by(1, 3), 0), ElementsAre(HasLock(2)));
  EXPECT_THAT(release(by(2, 4)), ElementsAre(Done(4), TimedOut(3)));
}

TEST_F(ConditionTest, RestoresAsManyEntriesAsTheWaiterHeld) {
  acquire(by(1, 1));
  acquire(by(1, 2));
  wait(by(1, 3), 0);
  EXPECT_EQ(condition.ask(v1::RLockLockedRequest()), "locked=True token=2 count=2");
}

TEST_F(ConditionTest, WhoDoesNotHoldTheLockCanNeitherWaitNorNotify) {
  EXPECT_THAT(wait(by(1, 1)), ElementsAre(Fails(1, v1::NOT_OWNER)));
  acquire(by(2, 2));
  EXPECT_THAT(wait(by(1, 3)), ElementsAre(Fails(3, v1::NOT_OWNER)));
  EXPECT_THAT(notify(by(1, 4)), ElementsAre(Fails(4, v1::NOT_OWNER)));
}

TEST_F(ConditionTest, AWaiterThatDiesTakesNoNotification) {
  let_wait(1, 1);
  let_wait(2, 2);
  condition.owner_gone(1);
  acquire(by(3, 3));
  notify(by(3, 4));
  EXPECT_THAT(release(by(3, 5)), ElementsAre(Done(5), Notified(2)));
}

TEST_F(ConditionTest, AWaiterThatDiesInTheLocksLineLetsTheNextOnePass) {
  let_wait(1, 1);
  acquire(by(2, 2));
  notify(by(2, 3));
  acquire(by(3, 4));
  condition.owner_gone(1);
  EXPECT_THAT(release(by(2, 5)), ElementsAre(Done(5), HasLock(4)));
}

TEST_F(ConditionTest, ANotificationPassesOnWhenTheOneWhoHadItDies) {
  let_wait(1, 1);
  let_wait(2, 2);
  acquire(by(3, 3));
  notify(by(3, 4));
  condition.owner_gone(1);
  EXPECT_THAT(release(by(3, 5)), ElementsAre(Done(5), Notified(2)));
}

TEST_F(ConditionTest, ANotificationPassesOnWhenTheOneWhoHadItGivesUp) {
  let_wait(1, 1);
  let_wait(2, 2);
  acquire(by(3, 3));
  notify(by(3, 4));
  condition.abandon(1);
  EXPECT_THAT(release(by(3, 5)), ElementsAre(Done(5), Notified(2)));
}

TEST_F(ConditionTest, ANotificationPassesOnWhenTheOneWhoHadItHasEndedAndIsNotSweptYet) {
  let_wait(1, 1);
  let_wait(2, 2);
  acquire(by(3, 3));
  notify(by(3, 4));
  condition.kill(1);
  EXPECT_THAT(release(by(3, 5)), ElementsAre(Done(5), Notified(2)));
}

TEST_F(ConditionTest, ATimeOutThatIsLostWakesNobodyElse) {
  acquire(by(1, 1));
  wait(by(1, 2), 1);
  let_wait(2, 3);
  acquire(by(3, 4));
  condition.advance(1s);
  condition.owner_gone(1);
  EXPECT_THAT(release(by(3, 5)), ElementsAre(Done(5)));
}

TEST_F(ConditionTest, TheDeathOfTheLocksOwnerIsToldToTheNotified) {
  let_wait(1, 1);
  acquire(by(2, 2));
  notify(by(2, 3));
  const Results results = condition.owner_gone(2);
  ASSERT_THAT(results, ElementsAre(Notified(1)));
  EXPECT_TRUE(results[0].outcome.condition_wait().previous_owner_died());
}

TEST_F(ConditionTest, AWaiterThatGivesUpHoldsNothing) {
  let_wait(1, 1);
  condition.abandon(1);
  EXPECT_THAT(acquire(by(2, 2)), ElementsAre(HasLock(2)));
}

TEST_F(ConditionTest, ALockThatWasTakenAgainInVainComesBack) {
  let_wait(1, 1);
  acquire(by(2, 2));
  notify(by(2, 3));
  const Results results = release(by(2, 4));
  acquire(by(3, 5));
  EXPECT_THAT(condition.take_back(results[1]), ElementsAre(HasLock(5)));
  EXPECT_THAT(condition.parked(), IsEmpty());
}

TEST_F(ConditionTest, ABatchThatFailsWakesNobody) {
  let_wait(1, 1);
  acquire(by(2, 2));
  UndoLog log;
  condition.run_in_batch(by(2, 3), v1::ConditionNotifyRequest(), log);
  log.run();
  EXPECT_THAT(condition.settle(), IsEmpty());
  EXPECT_THAT(release(by(2, 4)), ElementsAre(Done(4)));
}

TEST_F(ConditionTest, AWaitHasNoPlaceInABatch) {
  acquire(by(1, 1));
  UndoLog log;
  const test::Result result = condition.run_in_batch(by(1, 2), v1::ConditionWaitRequest(), log);
  EXPECT_THAT(result, Fails(2, v1::WOULD_BLOCK));
  EXPECT_EQ(condition.ask(v1::RLockLockedRequest()), "locked=True token=1 count=1");
}

TEST_F(ConditionTest, WhoeverWaitsLearnsThatTheConditionGoes) {
  let_wait(1, 1);
  let_wait(2, 2);
  acquire(by(3, 3));
  notify(by(3, 4));
  EXPECT_EQ(condition.dissolve(absl::NotFoundError("gone")).size(), 2U);
  EXPECT_THAT(condition.parked(), IsEmpty());
}

}  // namespace
}  // namespace mp::server
