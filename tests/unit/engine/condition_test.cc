#include "tests/unit/engine/condition_commands.h"

// A condition over a lock that is an object of its own.

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SharedConditionTest : public testing::Test {
 protected:
  SharedConditionTest() {
    for (const Client* client : {&a, &b}) manager.engine.watch(client->session->id());
    a.make(create_lock("l"));
    // Wherever these names hash to, the conditions come to the lock's shard.
    for (const char* name : {"c", "d", "e", "f", "g"}) a.make(create_condition(name, "l"));
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(SharedConditionTest, WaitingLetsTheSharedLockGoAndNotifyingBringsItBack) {
  for (const char* name : {"c", "d", "e", "f", "g"}) {
    a.lock("l");
    const auto waits = a.send(wait(name));
    b.lock("l");
    EXPECT_EQ(b.call(notify(name)), "1");
    EXPECT_THAT(a.outcomes(), IsEmpty());
    b.call(release("l"));
    EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, true)));
    EXPECT_EQ(a.call(release("l")), "done");
  }
}

TEST_F(SharedConditionTest, TwoConditionsOverOneLockWakeTheirOwn) {
  a.lock("l");
  const auto waits = a.send(wait("c"));
  b.lock("l");
  EXPECT_EQ(b.call(notify("d")), "0");
  EXPECT_EQ(b.call(notify("c")), "1");
  b.call(release("l"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, true)));
}

TEST_F(SharedConditionTest, AWaiterThatTimesOutWaitsForTheLock) {
  a.lock("l");
  const auto waits = a.send(wait("c", seconds(5)));
  b.lock("l");
  manager.advance(seconds(60));
  EXPECT_THAT(a.outcomes(), IsEmpty());
  b.call(release("l"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, false)));
}

TEST_F(SharedConditionTest, ALeaseOfTheLockHoldsAgainAfterTheWait) {
  a.ask(acquire("l", {}, seconds(10)));
  const auto waits = a.send(wait("c", seconds(1)));
  manager.advance(seconds(1));
  EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, false)));
  const auto acquires = b.send(acquire("l"));
  manager.advance(seconds(9));
  EXPECT_THAT(b.outcomes(), IsEmpty());
  manager.advance(seconds(1));
  EXPECT_THAT(b.outcomes(), ElementsAre(GrantsAfterDeath(acquires)));
}

TEST_F(SharedConditionTest, AWaiterThatEndsIsPassedOver) {
  a.lock("l");
  a.send(wait("c"));
  b.lock("l");
  b.call(notify("c"));
  Client c(manager);
  const auto acquires = c.send(acquire("l"));
  a.end();
  b.call(release("l"));
  EXPECT_THAT(c.outcomes(), ElementsAre(Grants(acquires)));
}

TEST_F(SharedConditionTest, TheDeletionOfTheLockIsToldToThoseWhoWaitAtItsConditions) {
  a.lock("l");
  const auto asleep = a.send(wait("c"));
  b.lock("l");
  const auto in_line = b.send(wait("d"));
  Client c(manager);
  EXPECT_EQ(c.call(drop("l")), "done");
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(asleep, v1::NO_SUCH_OBJECT)));
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(in_line, v1::NO_SUCH_OBJECT)));
  EXPECT_EQ(b.call(notify("d")), "NO_SUCH_OBJECT");
}

TEST_F(SharedConditionTest, AWaitAtAConditionIsUseOfItsLock) {
  v1::Command idle;
  idle.mutable_object_set_life()->set_name("l");
  idle.mutable_object_set_life()->mutable_life()->mutable_idle_time()->set_seconds(10);
  a.call(idle);
  a.lock("l");
  const auto waits = a.send(wait("c"));
  manager.advance(seconds(100));
  b.lock("l");
  b.call(notify("c"));
  b.call(release("l"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, true)));
}

TEST_F(SharedConditionTest, ANotificationPassesOnWhenTheOneWhoHadItEnds) {
  a.lock("l");
  a.send(wait("c"));
  b.lock("l");
  const auto second = b.send(wait("c"));
  Client c(manager);
  c.lock("l");
  c.call(notify("c"));
  a.end();
  c.call(release("l"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Wakes(second, true)));
}

TEST_F(SharedConditionTest, ADeletedConditionLeavesNoGhostInTheLocksLine) {
  a.lock("l");
  const auto waits = a.send(wait("c"));
  b.lock("l");
  b.call(notify("c"));
  EXPECT_EQ(b.call(drop("c")), "done");
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(waits, v1::NO_SUCH_OBJECT)));
  b.call(release("l"));
  EXPECT_EQ(b.call(locked("l")), "locked=False token=0");
}

TEST_F(SharedConditionTest, ALockWithoutANameLivesAsLongAsAConditionOverIt) {
  const std::uint64_t lock = a.make(create_lock());
  v1::Command create;
  create.mutable_condition_create()->set_name("over");
  create.mutable_condition_create()->set_lock_id(lock);
  a.make(create);
  a.call(unref(lock, 100));
  EXPECT_EQ(manager.engine.collect(), 0U);
  a.call(drop("over"));
  EXPECT_EQ(manager.engine.collect(), 1U);
}

TEST_F(SharedConditionTest, IsFoundAgainOverTheSameLockAndOverNoOther) {
  a.make(create_lock("other"));
  EXPECT_EQ(a.call(create_condition("c", "other")), "WRONG_KIND");
  EXPECT_EQ(b.make(create_condition("c", "l")), b.make(create_condition("c", "")));
  EXPECT_EQ(a.call(create_condition("x", "nothing")), "NO_SUCH_OBJECT");
  a.make(create_dict("d2"));
  EXPECT_EQ(a.call(create_condition("x", "d2")), "WRONG_KIND");
}

TEST_F(SharedConditionTest, WhoGivesUpAWaitIsToldThatItHoldsTheLockNoMore) {
  a.lock("l");
  const auto waits = a.send(wait("c"));
  EXPECT_EQ(a.call(cancel(waits)), "cancelled=True lock_let_go=True");
  EXPECT_EQ(b.call(locked("l")), "locked=False token=0");
}

TEST_F(SharedConditionTest, WhoGivesUpAWaitThatWasJustOverIsToldThatItHoldsTheLockNoMore) {
  a.lock("l");
  const auto waits = a.send(wait("c", kNow));
  EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, false)));
  EXPECT_EQ(a.call(cancel(waits)), "cancelled=True lock_let_go=True");
  EXPECT_EQ(b.call(locked("l")), "locked=False token=0");
}

TEST_F(SharedConditionTest, TheTokenOfADeletedLockIsHeldNoMoreAtItsConditionsEither) {
  a.make(create_dict("d2"));
  const std::uint64_t token = a.lock("l");
  EXPECT_EQ(a.call(fenced(set("d2", "'k'", "1"), "c", token)), "done");
  b.call(drop("l"));
  EXPECT_EQ(a.call(fenced(set("d2", "'k'", "2"), "c", token)), "STALE_TOKEN");
}

TEST_F(SharedConditionTest, ItsLockIsTakenAtTheLock) {
  v1::Command acquire_condition;
  acquire_condition.mutable_rlock_acquire()->set_name("c");
  EXPECT_EQ(a.call(acquire_condition), "WRONG_KIND");
  EXPECT_EQ(a.call(create_condition("x", "c")), "WRONG_KIND");
}

}  // namespace
}  // namespace mp::server::engine_test
