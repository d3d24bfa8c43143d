#include <string>
#include <vector>

#include "tests/unit/engine/deadlock_fixture.h"

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(DeadlockTest, WhoClosesACycleOfTwoIsRefusedAndTheOtherGoesOn) {
  a.lock("L1");
  b.lock("L2");
  const auto seq = waits(a, acquire("L2"));
  EXPECT_EQ(refused(b, acquire("L1")), "DEADLOCK");
  b.call(release("L2"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Grants(seq)));
}

TEST_F(DeadlockTest, TheErrorTellsTheWholeCycleBeginningWithTheCaller) {
  v1::ClientInfo info;
  info.set_host("db1");
  info.set_pid(42);
  info.set_process_name("worker");
  a.session->adopt(info, "local");
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  const v1::Error error = b.ask(blocking(acquire("L1"))).error();
  ASSERT_EQ(error.cycle_size(), 2);
  const v1::WaitFor& mine = error.cycle(0);
  EXPECT_EQ(mine.waiter().session(), b.session->id());
  EXPECT_EQ(mine.name(), "L1");
  EXPECT_EQ(mine.kind(), "lock");
  EXPECT_EQ(mine.holder().session(), a.session->id());
  EXPECT_EQ(mine.holder().pid(), 42);
  EXPECT_EQ(mine.holder().host(), "db1");
  EXPECT_TRUE(mine.has_held_since() && mine.has_waiting_since());
  EXPECT_EQ(error.cycle(1).name(), "L2");
  EXPECT_EQ(error.cycle(1).holder().session(), b.session->id());
  EXPECT_THAT(error.message(), HasSubstr("waits for lock 'L1', held since"));
  EXPECT_THAT(error.message(), HasSubstr("'worker' (pid 42 on db1, "));
}

TEST_F(DeadlockTest, WhoAcquiresItsOwnLockAgainWouldWaitForItself) {
  a.lock("L1");
  EXPECT_EQ(refused(a, acquire("L1")), "DEADLOCK");
  EXPECT_EQ(a.call(release("L1")), "done");
  EXPECT_EQ(a.call(release("L1")), "VALUE_ERROR");
}

TEST_F(DeadlockTest, OwnerHandlesOfOneSessionAreParties) {
  a.call(by_owner(1, acquire("L1")));
  a.call(by_owner(2, acquire("L2")));
  waits(a, by_owner(1, acquire("L2")));
  EXPECT_EQ(refused(a, by_owner(2, acquire("L1"))), "DEADLOCK");
}

TEST_F(DeadlockTest, ALongCycleOverManyShardsIsFound) {
  constexpr int kParties = 10;
  std::vector<std::unique_ptr<Client>> parties;
  const auto lock = [](int i) { return "lock " + std::to_string(i % kParties); };
  for (int i = 0; i < kParties; ++i) {
    parties.push_back(std::make_unique<Client>(manager));
    manager.engine.watch(parties.back()->session->id());
    parties.back()->call(create_lock(lock(i)));
    parties.back()->lock(lock(i));
  }
  for (int i = 0; i + 1 < kParties; ++i) waits(*parties[i], acquire(lock(i + 1)));
  const v1::Error error = parties.back()->ask(blocking(acquire(lock(kParties)))).error();
  EXPECT_EQ(error.code(), v1::DEADLOCK);
  EXPECT_EQ(error.cycle_size(), kParties);
}

TEST_F(DeadlockTest, ARefusedAcquireLeavesNoTraceInTheLine) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  refused(b, acquire("L1"));
  const auto next = waits(c, acquire("L1"));
  b.call(release("L2"));
  a.outcomes();
  a.call(release("L1"));
  EXPECT_THAT(c.outcomes(), ElementsAre(Grants(next)));
}

TEST_F(DeadlockTest, SentAgainARefusedAcquireIsAnsweredTheSame) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  const auto seq = b.send(blocking(acquire("L1")));
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(seq, v1::DEADLOCK)));
  b.call(release("L2"));
  a.outcomes();
  a.call(release("L1"));
  b.resend(seq);
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(seq, v1::DEADLOCK)));
}

TEST_F(DeadlockTest, AWaitWithATimeoutEndsByItself) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2", hours(1)));
  waits(b, acquire("L1"));
  EXPECT_THAT(manager.found_deadlocks, IsEmpty());
}

TEST_F(DeadlockTest, AHoldWithALeaseEndsByItself) {
  a.call(acquire("L1", {}, hours(1)));
  b.lock("L2");
  waits(a, acquire("L2"));
  const auto seq = waits(b, acquire("L1"));
  manager.advance(hours(1));
  EXPECT_THAT(b.outcomes(), ElementsAre(GrantsAfterDeath(seq)));
}

TEST_F(DeadlockTest, WhoMayDoSomethingElseMeanwhileIsNotBlocked) {
  a.lock("L1");
  b.lock("L2");
  a.send(acquire("L2"));
  waits(b, acquire("L1"));
  EXPECT_EQ(a.call(release("L1")), "done");
}

TEST_F(DeadlockTest, WhoWaitsForAnotherDeadlockIsInNone) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  waits(c, acquire("L1"));
  EXPECT_EQ(refused(b, acquire("L1")), "DEADLOCK");
  EXPECT_EQ(manager.found_deadlocks.size(), 1U);
}

TEST_F(DeadlockTest, AGrantToOneWhoWaitsElsewhereMayCloseIt) {
  a.lock("L1");
  b.lock("L2");
  c.lock("L3");
  a.send(by_owner(0, acquire("L3")));         // in line, and goes on
  const auto last = waits(a, acquire("L2"));  // now it does not
  waits(b, acquire("L3"));                    // behind it
  c.call(release("L3"));
  // Its own wait is the older one, and b's is refused.
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(testing::_, v1::DEADLOCK)));
  b.call(release("L2"));
  EXPECT_THAT(a.outcomes(), testing::Contains(Grants(last)));
}

TEST_F(DeadlockTest, TheDeathOfAHolderThatPassesItOnMayCloseIt) {
  a.lock("L1");
  b.lock("L2");
  c.lock("L3");
  a.send(acquire("L3"));
  waits(a, acquire("L2"));
  const auto seq = waits(b, acquire("L3"));
  c.end();
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(seq, v1::DEADLOCK)));
}

TEST_F(DeadlockTest, ALeaseThatPassesItOnMayCloseIt) {
  a.lock("L1");
  b.lock("L2");
  c.call(acquire("L3", {}, seconds(1)));
  a.send(acquire("L3"));
  waits(a, acquire("L2"));
  const auto seq = waits(b, acquire("L3"));
  manager.advance(seconds(1));
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(seq, v1::DEADLOCK)));
}

TEST_F(DeadlockTest, InABatchNothingWaits) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  EXPECT_EQ(refused(b, batch({acquire("L1")})), "WOULD_BLOCK");
}

TEST_F(DeadlockTest, TheEndOfAPartyEndsTheWaitOfTheOther) {
  a.lock("L1");
  b.lock("L2");
  const auto seq = waits(a, acquire("L2"));
  EXPECT_EQ(refused(b, acquire("L1")), "DEADLOCK");
  b.end();
  EXPECT_THAT(a.outcomes(), ElementsAre(GrantsAfterDeath(seq)));
}

TEST_F(DeadlockTest, WhoHasGivenUpIsBlockedNoMore) {
  a.lock("L1");
  b.lock("L2");
  const auto seq = waits(a, acquire("L2"));
  a.call(cancel(seq));
  waits(b, acquire("L1"));
}

TEST_F(DeadlockTest, WhoWaitsInTwoCommandsAtOnceGoesOnWhenOneOfThemDoes) {
  a.lock("L1");
  b.lock("L2");
  c.lock("L3");
  waits(a, acquire("L2"));
  waits(a, acquire("L3"));  // c may release it
  waits(b, acquire("L1"));
  EXPECT_EQ(refused(c, acquire("L1")), "DEADLOCK");
}

// Its owner's lease to write has ended, and it reads still.
TEST_F(DeadlockTest, ALeaseThatLeavesAnotherHoldMayCloseIt) {
  a.call(create_rwlock("W"));
  a.call(acquire_write("W", {}, seconds(1)));
  a.call(acquire_read("W"));
  b.lock("L1");
  waits(a, acquire("L1"));
  waits(c, acquire_write("W"));
  const auto seq = waits(b, acquire_read("W"));
  manager.advance(seconds(1));
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(seq, v1::DEADLOCK)));
}

class ReportedDeadlockTest : public DeadlockTest {
 protected:
  ReportedDeadlockTest() : DeadlockTest(DeadlockPolicy::kReport) {}
};

TEST_F(ReportedDeadlockTest, NobodyIsRefusedAndItIsToldOnce) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  waits(b, acquire("L1"));
  waits(c, acquire("L1"));
  ASSERT_EQ(manager.found_deadlocks.size(), 1U);
  EXPECT_TRUE(manager.found_deadlocks.front().reported_only());
  EXPECT_EQ(manager.found_deadlocks.front().cycle_size(), 2);
}

TEST_F(ReportedDeadlockTest, OneThatFollowsOfTheSameWaitIsToldToo) {
  a.lock("L1");
  b.lock("L2");
  b.send(acquire("L1"));  // in line, and goes on
  waits(b, acquire("L1"));
  waits(a, acquire("L2"));
  ASSERT_EQ(manager.found_deadlocks.size(), 1U);
  a.end();
  ASSERT_EQ(manager.found_deadlocks.size(), 2U);
  EXPECT_EQ(manager.found_deadlocks.back().cycle_size(), 1);
}

TEST_F(ReportedDeadlockTest, TheDeathOfAPartyResolvesIt) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  const auto seq = waits(b, acquire("L1"));
  a.end();
  EXPECT_THAT(b.outcomes(), ElementsAre(GrantsAfterDeath(seq)));
}

class IgnoredDeadlockTest : public DeadlockTest {
 protected:
  IgnoredDeadlockTest() : DeadlockTest(DeadlockPolicy::kOff) {}
};

TEST_F(IgnoredDeadlockTest, NobodyLooks) {
  a.lock("L1");
  b.lock("L2");
  waits(a, acquire("L2"));
  waits(b, acquire("L1"));
  EXPECT_THAT(manager.found_deadlocks, IsEmpty());
}

}  // namespace
}  // namespace mp::server::engine_test
