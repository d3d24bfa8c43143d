#include "server/objects/lock.h"

#include <optional>

#include "server/objects/error.h"
#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::field;
using test::Result;
using test::Results;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool grants(const Result& result, int ticket, bool previous_owner_died) {
  return result.ticket == static_cast<Ticket>(ticket) &&
         field(result.outcome, "acquired") == "True" &&
         result.outcome.lock_acquire().previous_owner_died() == previous_owner_died;
}
MATCHER_P(Granted, ticket, "") { return grants(arg, ticket, false); }
MATCHER_P(GrantedAfterADeath, ticket, "") { return grants(arg, ticket, true); }
MATCHER_P(NotGranted, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && field(arg.outcome, "acquired") == "False";
}

class LockTest : public ::testing::Test {
 protected:
  static void set(google::protobuf::Duration* wire, Duration duration) {
    wire->set_seconds(duration.count() / 1'000'000'000);
  }
  Results acquire(Who who, std::optional<Duration> timeout = {},
                  std::optional<Duration> lease = {}) {
    v1::LockAcquireRequest request;
    if (timeout) set(request.mutable_timeout(), *timeout);
    if (lease) set(request.mutable_lease(), *lease);
    return lock.run(who, request);
  }
  Results acquire_with_lease(Who who, Duration lease) { return acquire(who, {}, lease); }
  // By the session and handle of `who`, with a ticket of its own.
  Results release(Who who) {
    return lock.run({who.ticket + 100, who.owner.session, who.owner.handle},
                    v1::LockReleaseRequest());
  }
  std::string locked() { return lock.ask(v1::LockLockedRequest()); }

  static std::uint64_t token(const Results& results) {
    return results.back().outcome.lock_acquire().token();
  }
  bool holds(std::uint64_t token) { return lock.object().holds_token(token); }

  test::Shell lock{v1::LockCreateRequest()};
};

TEST_F(LockTest, AFreeLockIsGrantedAtOnce) {
  EXPECT_THAT(acquire(1), ElementsAre(Granted(1)));
  EXPECT_EQ(locked(), "locked=True token=1");
  EXPECT_THAT(release(1), ElementsAre(Done(101)));
  EXPECT_EQ(locked(), "locked=False token=0");
}

TEST_F(LockTest, IsGrantedInOrderOfArrival) {
  acquire(1);
  EXPECT_THAT(acquire(2), IsEmpty());
  EXPECT_THAT(acquire(3), IsEmpty());
  EXPECT_THAT(release(1), ElementsAre(Done(101), Granted(2)));
  EXPECT_THAT(release(2), ElementsAre(Done(102), Granted(3)));
  EXPECT_THAT(release(3), ElementsAre(Done(103)));
}

TEST_F(LockTest, OnlyItsOwnerReleasesIt) {
  acquire(1);
  EXPECT_THAT(release(2), ElementsAre(Fails(102, v1::NOT_OWNER)));
  EXPECT_THAT(release(Who(3, 1, 7)), ElementsAre(Fails(103, v1::NOT_OWNER)));
  EXPECT_EQ(locked(), "locked=True token=1");
}

TEST_F(LockTest, AnotherHandleOfTheSameSessionIsAnotherOwner) {
  EXPECT_THAT(acquire(Who(1, 1, 7)), ElementsAre(Granted(1)));
  EXPECT_THAT(acquire(Who(2, 1, 8)), IsEmpty());
  EXPECT_THAT(release(Who(3, 1, 7)), ElementsAre(Done(103), Granted(2)));
}

TEST_F(LockTest, ReleasingAFreeLockIsAValueError) {
  EXPECT_THAT(release(1), ElementsAre(Fails(101, v1::VALUE_ERROR)));
}

TEST_F(LockTest, ACallWithoutASessionCannotOwnIt) {
  EXPECT_THAT(acquire(Who(1, 0)), ElementsAre(Fails(1, v1::NO_SESSION)));
  EXPECT_EQ(locked(), "locked=False token=0");
}

TEST_F(LockTest, AWaiterThatTimesOutIsNotGranted) {
  acquire(1);
  acquire(2, 1s);
  acquire(3);
  EXPECT_THAT(lock.advance(1s), ElementsAre(NotGranted(2)));
  EXPECT_THAT(release(1), ElementsAre(Done(101), Granted(3)));
}

TEST_F(LockTest, ATimeoutOfZeroIsAnAttempt) {
  EXPECT_THAT(acquire(1, 0s), ElementsAre(Granted(1)));
  EXPECT_THAT(acquire(2, 0s), ElementsAre(NotGranted(2)));
  EXPECT_THAT(acquire(3, -1s), ElementsAre(NotGranted(3)));
}

TEST_F(LockTest, AnAbandonedWaiterIsPassedOver) {
  acquire(1);
  acquire(2);
  acquire(3);
  lock.abandon(2);
  EXPECT_THAT(release(1), ElementsAre(Done(101), Granted(3)));
}

TEST_F(LockTest, AWaiterWhoseSessionHasEndedIsPassedOver) {
  acquire(1);
  acquire(2);
  acquire(3);
  lock.kill(2);
  EXPECT_THAT(release(1), ElementsAre(Done(101), Granted(3)));
}

TEST_F(LockTest, ASessionThatIsGonePassesItOnAndTheNextOwnerLearnsIt) {
  acquire(1);
  acquire(2);
  EXPECT_THAT(lock.owner_gone(1), ElementsAre(GrantedAfterADeath(2)));
  release(2);
  EXPECT_THAT(acquire(3), ElementsAre(Granted(3)));
}

TEST_F(LockTest, ADeathIsToldAlsoToAnOwnerWhoComesLater) {
  acquire(1);
  EXPECT_THAT(lock.owner_gone(1), IsEmpty());
  EXPECT_EQ(locked(), "locked=False token=0");
  EXPECT_THAT(acquire(2), ElementsAre(GrantedAfterADeath(2)));
}

TEST_F(LockTest, TheDeathOfAWaiterIsNotThatOfTheOwner) {
  acquire(1);
  acquire(Who(2, 2));
  acquire(3);
  EXPECT_THAT(lock.owner_gone(2), IsEmpty());
  EXPECT_THAT(release(1), ElementsAre(Done(101), Granted(3)));
}

TEST_F(LockTest, ASessionThatIsGoneLeavesNeitherGrantNorWaiters) {
  acquire(Who(10, 1, 1));
  acquire(Who(11, 1, 2));
  acquire(Who(12, 1, 3));
  EXPECT_THAT(lock.owner_gone(1), IsEmpty());
  EXPECT_THAT(lock.object().holders(), IsEmpty());
  EXPECT_THAT(acquire(2), ElementsAre(GrantedAfterADeath(2)));
}

TEST_F(LockTest, OfASessionThatIsGoneNothingWaits) {
  acquire(1);
  acquire(2);
  lock.owner_gone(2);
  EXPECT_THAT(lock.dissolve(error(v1::NO_SUCH_OBJECT, "deleted")), IsEmpty());
}

TEST_F(LockTest, ALeaseThatRunsOutPassesItOn) {
  acquire_with_lease(1, 5s);
  acquire(2);
  EXPECT_THAT(lock.advance(4s), IsEmpty());
  EXPECT_THAT(lock.advance(1s), ElementsAre(GrantedAfterADeath(2)));
  EXPECT_THAT(release(1), ElementsAre(Fails(101, v1::NOT_OWNER)));
}

TEST_F(LockTest, TellsItsLateOwnerThatTheLeaseRanOutThoughNobodyElseHoldsIt) {
  acquire_with_lease(1, 5s);
  lock.advance(5s);
  EXPECT_THAT(release(1), ElementsAre(Fails(101, v1::NOT_OWNER)));
  EXPECT_THAT(release(2), ElementsAre(Fails(102, v1::VALUE_ERROR))) << "never held by this one";
}

TEST_F(LockTest, ALeaseCountsFromTheGrant) {
  acquire(1);
  acquire_with_lease(2, 5s);
  lock.advance(100s);
  EXPECT_THAT(release(1), ElementsAre(Done(101), Granted(2)));
  lock.advance(4s);
  EXPECT_EQ(lock.object().holders().size(), 1U);
  lock.advance(1s);
  EXPECT_THAT(lock.object().holders(), IsEmpty());
}

TEST_F(LockTest, TheAlarmOfALeaseThatIsOverDisturbsNobody) {
  acquire_with_lease(1, 5s);
  release(1);
  acquire(2);
  EXPECT_THAT(lock.advance(10s), IsEmpty());
  EXPECT_EQ(lock.object().holders().size(), 1U);
}

TEST_F(LockTest, ALeaseBeyondTheEndOfTimeHasNoEnd) {
  acquire_with_lease(1, std::chrono::duration_cast<std::chrono::seconds>(Duration::max()));
  lock.advance(std::chrono::hours(1'000'000));
  EXPECT_EQ(lock.object().holders().size(), 1U);
}

TEST_F(LockTest, ALeaseIsLongerThanNothing) {
  EXPECT_THAT(acquire_with_lease(1, 0s), ElementsAre(Fails(1, v1::VALUE_ERROR)));
  EXPECT_THAT(acquire_with_lease(2, -1s), ElementsAre(Fails(2, v1::VALUE_ERROR)));
}

TEST_F(LockTest, ATokenIsHeldWhileItsGrantIs) {
  const std::uint64_t first = token(acquire(1));
  EXPECT_TRUE(holds(first));
  EXPECT_FALSE(holds(first + 1));
  release(1);
  EXPECT_FALSE(holds(first));
  acquire_with_lease(2, 1s);
  EXPECT_FALSE(holds(first));
}

TEST_F(LockTest, TokensOnlyGrow) {
  std::uint64_t last = 0;
  for (const int n : {1, 2, 3, 4}) {
    const std::uint64_t next = token(acquire(n));
    EXPECT_GT(next, last);
    last = next;
    n % 2 == 0 ? release(n) : lock.owner_gone(static_cast<SessionId>(n));
  }
}

TEST_F(LockTest, AGrantThatNeverArrivedIsTakenBack) {
  const Result given = acquire(1)[0];
  acquire(2);
  EXPECT_THAT(lock.take_back(given), ElementsAre(Granted(2)));
}

TEST_F(LockTest, ATakenBackGrantHasToldNobodyOfTheDeath) {
  acquire(1);
  lock.owner_gone(1);
  const Result given = acquire(2)[0];
  lock.take_back(given);
  EXPECT_THAT(acquire(3), ElementsAre(GrantedAfterADeath(3)));
}

TEST_F(LockTest, AGrantThatIsOverIsNotTakenBackFromItsSuccessor) {
  const Result given = acquire(1)[0];
  acquire(2);
  release(1);
  EXPECT_THAT(lock.take_back(given), IsEmpty());
  EXPECT_EQ(locked(), "locked=True token=2");
}

TEST_F(LockTest, AnOutcomeThatGrantedNothingTakesNothingBack) {
  acquire(1);
  const Result refused = acquire(2, 0s)[0];
  EXPECT_THAT(lock.take_back(refused), IsEmpty());
  EXPECT_EQ(locked(), "locked=True token=1");
}

TEST_F(LockTest, ShowsWhoHoldsItSinceWhen) {
  const Time start = lock.now();
  acquire_with_lease(Who(1, 5, 7), 3s);
  lock.advance(1s);
  const std::vector<Holding> holders = lock.object().holders();
  ASSERT_EQ(holders.size(), 1U);
  EXPECT_EQ(holders[0].owner, (Owner{.session = 5, .handle = 7}));
  EXPECT_EQ(holders[0].since, start);
  EXPECT_EQ(holders[0].lease_ends, start + 3s);
  EXPECT_TRUE(holds(holders[0].token));
}

TEST_F(LockTest, WhenItGoesAwayEveryWaiterIsTold) {
  acquire(1);
  acquire(2);
  acquire(3);
  EXPECT_THAT(lock.dissolve(error(v1::NO_SUCH_OBJECT, "deleted")),
              ElementsAre(Fails(2, v1::NO_SUCH_OBJECT), Fails(3, v1::NO_SUCH_OBJECT)));
}

}  // namespace
}  // namespace mp::server
