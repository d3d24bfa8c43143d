#include "server/objects/semaphore.h"

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::Results;
using test::Shell;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

MATCHER_P(Granted, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && arg.outcome.semaphore_acquire().acquired();
}
MATCHER_P(NotInTime, ticket, "") {
  return arg.ticket == static_cast<Ticket>(ticket) && !arg.outcome.has_error() &&
         !arg.outcome.semaphore_acquire().acquired();
}

class SemaphoreTest : public ::testing::Test {
 protected:
  static v1::SemaphoreCreateRequest of(std::uint64_t value, bool bounded = false,
                                       bool signal = false) {
    v1::SemaphoreCreateRequest request;
    request.set_value(value);
    request.set_bounded(bounded);
    request.set_signal(signal);
    return request;
  }
  Results acquire(Who who, std::optional<int> lease_seconds = {}) {
    v1::SemaphoreAcquireRequest request;
    if (lease_seconds) request.mutable_lease()->set_seconds(*lease_seconds);
    return semaphore->run(who, request);
  }
  Results release(Who who, std::uint64_t count = 0, std::uint64_t token = 0) {
    v1::SemaphoreReleaseRequest request;
    request.set_count(count);
    request.set_token(token);
    return semaphore->run(who, request);
  }
  std::string value() {
    const std::string all = semaphore->ask(v1::SemaphoreGetValueRequest());
    return all.substr(6, all.find(' ') - 6);
  }
  static std::uint64_t token_of(const Results& results) {
    return results.at(0).outcome.semaphore_acquire().token();
  }

  std::optional<Shell> semaphore{of(2)};
};

TEST_F(SemaphoreTest, GivesAsManyPermitsAsItHasThenMakesPeopleWaitInOrder) {
  EXPECT_THAT(acquire(1), ElementsAre(Granted(1)));
  EXPECT_THAT(acquire(2), ElementsAre(Granted(2)));
  EXPECT_THAT(acquire(3), IsEmpty());
  EXPECT_THAT(acquire(4), IsEmpty());
  EXPECT_EQ(value(), "0");
  EXPECT_THAT(release(1), ElementsAre(Done(1), Granted(3)));
  EXPECT_THAT(release(2), ElementsAre(Done(2), Granted(4)));
}

TEST_F(SemaphoreTest, EachPermitHasATokenOfItsOwn) {
  const std::uint64_t first = token_of(acquire(Who(1, 1)));
  const std::uint64_t second = token_of(acquire(Who(2, 1)));
  EXPECT_LT(first, second);
  EXPECT_TRUE(semaphore->object().holds_token(first));
  release(Who(3, 1), 1, first);
  EXPECT_FALSE(semaphore->object().holds_token(first));
  EXPECT_TRUE(semaphore->object().holds_token(second));
}

TEST_F(SemaphoreTest, PermitsComeBackWhenTheirOwnerDiesAndTheNextOneLearnsIt) {
  acquire(Who(1, 1));
  acquire(Who(2, 1));
  acquire(3);
  const Results granted = semaphore->owner_gone(1);
  ASSERT_THAT(granted, ElementsAre(Granted(3)));
  EXPECT_TRUE(granted[0].outcome.semaphore_acquire().previous_owner_died());
  EXPECT_EQ(value(), "1");
}

TEST_F(SemaphoreTest, APermitComesBackWhenItsLeaseEnds) {
  acquire(1, 5);
  acquire(2);
  acquire(3);
  EXPECT_THAT(semaphore->advance(5s), ElementsAre(Granted(3)));
}

TEST_F(SemaphoreTest, BecomesASignalWhenSomebodyReleasesWhoHoldsNone) {
  acquire(1);
  EXPECT_THAT(release(9), ElementsAre(Done(9)));
  EXPECT_EQ(value(), "2");
  EXPECT_THAT(semaphore->owner_gone(1), IsEmpty());
  EXPECT_EQ(value(), "2") << "a signal's permits are nobody's, and do not come back";
  EXPECT_EQ(token_of(acquire(2)), 0U);
}

TEST_F(SemaphoreTest, ASignalFromTheStartNeedsNoSession) {
  semaphore.emplace(of(0, false, true));
  EXPECT_THAT(acquire(Who(1, 0)), IsEmpty());
  EXPECT_THAT(release(Who(2, 0)), ElementsAre(Done(2), Granted(1)));
}

TEST_F(SemaphoreTest, WhoseCallHasNoSessionCantOwnAPermit) {
  EXPECT_THAT(acquire(Who(1, 0)), ElementsAre(Fails(1, v1::NO_SESSION)));
  EXPECT_EQ(value(), "2");
}

TEST_F(SemaphoreTest, ABoundedOneTakesNoMoreThanItHadAtFirst) {
  semaphore.emplace(of(2, true));
  EXPECT_THAT(release(1), ElementsAre(Fails(1, v1::VALUE_ERROR)));
  acquire(2);
  EXPECT_THAT(release(2, 2), ElementsAre(Fails(2, v1::VALUE_ERROR)));
  EXPECT_EQ(value(), "1");
  EXPECT_THAT(release(2), ElementsAre(Done(2)));
}

TEST_F(SemaphoreTest, WhatTheDeadHeldComesBackNoFurtherThanTheBound) {
  semaphore.emplace(of(2, true));
  acquire(1);
  acquire(2);
  EXPECT_THAT(release(2, 2), ElementsAre(Done(2))) << "one of them was session 1's";
  semaphore->owner_gone(1);
  EXPECT_EQ(value(), "2");
  EXPECT_THAT(release(2), ElementsAre(Fails(2, v1::VALUE_ERROR)));
}

TEST_F(SemaphoreTest, ReleasesManyAtOnce) {
  semaphore.emplace(of(0));
  acquire(1);
  acquire(2);
  EXPECT_THAT(release(9, 3), ElementsAre(Done(9), Granted(1), Granted(2)));
  EXPECT_EQ(value(), "1");
}

TEST_F(SemaphoreTest, RefusesARidiculousCountAndChangesNothing) {
  EXPECT_THAT(release(1, UINT64_MAX), ElementsAre(Fails(1, v1::VALUE_ERROR)));
  EXPECT_EQ(value(), "2");
}

TEST_F(SemaphoreTest, ReleasingAPermitThatWasLostIsNotOwner) {
  const std::uint64_t token = token_of(acquire(1, 1));
  semaphore->advance(2s);
  EXPECT_THAT(release(1, 1, token), ElementsAre(Fails(1, v1::NOT_OWNER)));
  EXPECT_EQ(value(), "2");
}

TEST_F(SemaphoreTest, AWaiterWhoseTimeIsOverEatsNoPermit) {
  acquire(1);
  acquire(2);
  v1::SemaphoreAcquireRequest request;
  request.mutable_timeout()->set_seconds(1);
  semaphore->run(3, request);
  EXPECT_THAT(semaphore->advance(1s), ElementsAre(NotInTime(3)));
  release(1);
  EXPECT_EQ(value(), "1");
}

TEST_F(SemaphoreTest, AGrantThatNeverArrivedComesBack) {
  const Results lost = acquire(1);
  acquire(2);
  acquire(3);
  EXPECT_THAT(semaphore->take_back(lost[0]), ElementsAre(Granted(3)));
  EXPECT_THAT(semaphore->take_back(lost[0]), IsEmpty()) << "but once";
}

TEST_F(SemaphoreTest, ABatchThatFailsLeavesItAsItWas) {
  UndoLog log;
  semaphore->run_in_batch(1, v1::SemaphoreAcquireRequest(), log);
  v1::SemaphoreReleaseRequest many;
  many.set_count(5);
  semaphore->run_in_batch(9, many, log);
  log.run();
  EXPECT_EQ(semaphore->ask(v1::SemaphoreGetValueRequest()), "value=2 bounded=False signal=False");
}

}  // namespace
}  // namespace mp::server
