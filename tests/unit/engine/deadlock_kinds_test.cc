#include <string>

#include "tests/unit/engine/deadlock_fixture.h"

// What the kinds of lock, and what is no lock, are in a deadlock.

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeadlockKindsTest : public DeadlockTest {};

TEST_F(DeadlockKindsTest, AnRLockIsNotWaitedForByItsOwner) {
  a.call(create_rlock("R"));
  a.call(acquire_rlock("R"));
  EXPECT_TRUE(a.ask(blocking(acquire_rlock("R"))).rlock_acquire().acquired());
}

TEST_F(DeadlockKindsTest, AnRLockThatIsHeldTwiceIsHeld) {
  a.call(create_rlock("R"));
  a.call(acquire_rlock("R"));
  a.call(acquire_rlock("R"));
  b.lock("L1");
  waits(a, acquire("L1"));
  EXPECT_EQ(refused(b, acquire_rlock("R")), "DEADLOCK");
}

TEST_F(DeadlockKindsTest, TheOwnLockOfAValueIsALock) {
  a.call(create_value("V"));
  a.call(acquire_rlock("V"));
  b.lock("L1");
  waits(a, acquire("L1"));
  const v1::Error error = b.ask(blocking(acquire_rlock("V"))).error();
  EXPECT_EQ(error.code(), v1::DEADLOCK);
  EXPECT_EQ(error.cycle(0).kind(), "value");
}

TEST_F(DeadlockKindsTest, AWriterWaitsForEachReader) {
  a.call(create_rwlock("W"));
  a.call(acquire_read("W"));
  b.call(acquire_read("W"));
  c.lock("L1");
  waits(a, acquire("L1"));
  EXPECT_EQ(refused(c, acquire_write("W")), "DEADLOCK");  // though b may release it
}

TEST_F(DeadlockKindsTest, AReaderWaitsForTheWriter) {
  a.call(create_rwlock("W"));
  a.call(acquire_write("W"));
  b.lock("L1");
  waits(a, acquire("L1"));
  EXPECT_EQ(refused(b, acquire_read("W")), "DEADLOCK");
}

TEST_F(DeadlockKindsTest, AReaderBehindAWriterWaitsForTheReadersBeforeIt) {
  a.call(create_rwlock("W"));
  a.call(acquire_read("W"));
  b.lock("L1");
  waits(a, acquire("L1"));
  waits(c, acquire_write("W"));
  EXPECT_EQ(refused(b, acquire_read("W")), "DEADLOCK");
}

TEST_F(DeadlockKindsTest, AReaderBehindAWriterWhoGivesUpByItselfDoesNot) {
  a.call(create_rwlock("W"));
  a.call(acquire_read("W"));
  b.lock("L1");
  waits(a, acquire("L1"));
  c.send(acquire_write("W", seconds(5)));
  const auto seq = waits(b, acquire_read("W"));
  manager.advance(seconds(5));
  EXPECT_THAT(b.outcomes(), ElementsAre(Done(seq)));
}

TEST_F(DeadlockKindsTest, AReaderWhoWouldWriteIsRefusedAsEver) {
  a.call(create_rwlock("W"));
  a.call(acquire_read("W"));
  const v1::Error error = a.ask(acquire_write("W")).error();
  EXPECT_EQ(error.code(), v1::DEADLOCK);
  EXPECT_EQ(error.cycle_size(), 0);
}

TEST_F(DeadlockKindsTest, ASeatIsWaitedForWhileAnyHolderOfOneMayGoOn) {
  a.call(create_seats("S", 2));
  a.call(acquire_permit("S"));
  b.call(acquire_permit("S"));
  c.lock("L1");
  waits(a, acquire("L1"));
  const auto seq = waits(c, acquire_permit("S"));
  b.call(release_permit("S"));
  EXPECT_THAT(c.outcomes(), ElementsAre(Done(seq)));
}

TEST_F(DeadlockKindsTest, SeatsAllOfWhoseHoldersWaitAreADeadlock) {
  a.call(create_seats("S", 2));
  a.call(acquire_permit("S"));
  b.call(acquire_permit("S"));
  c.lock("L1");
  waits(a, acquire("L1"));
  const auto seq = waits(c, acquire_permit("S"));
  EXPECT_EQ(refused(b, acquire("L1")), "DEADLOCK");
  b.call(release_permit("S"));
  EXPECT_THAT(c.outcomes(), ElementsAre(Done(seq)));
}

TEST_F(DeadlockKindsTest, ASeatWithALeaseComesBackByItself) {
  a.call(create_seats("S", 2));
  a.call(acquire_permit("S"));
  b.call(acquire_permit("S", {}, hours(1)));
  c.lock("L1");
  waits(a, acquire("L1"));
  waits(b, acquire("L1"));
  waits(c, acquire_permit("S"));
}

// Two who take turns, and release what the other has acquired: nobody has yet released what he did
// not hold when the first of them waits for what he holds himself.
TEST_F(DeadlockKindsTest, WhoTakeTurnsBySemaphoresAreNotRefused) {
  a.call(create_semaphore("S1", 1));
  a.call(create_semaphore("S2", 0));
  const auto second = waits(b, acquire_permit("S2"));
  a.call(acquire_permit("S1"));
  a.call(release_permit("S2"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Done(second)));
  const auto third = waits(a, acquire_permit("S1"));
  b.call(release_permit("S1"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Done(third)));
  EXPECT_THAT(manager.found_deadlocks, IsEmpty());
}

// The buffer's mutex is held while a place in it is waited for.
TEST_F(DeadlockKindsTest, WhoWaitForASemaphoreThatIsNotBoundedAreNotRefused) {
  a.call(create_semaphore("S", 1));
  a.call(acquire_permit("S"));
  b.lock("L1");
  waits(a, acquire("L1"));
  const auto seq = waits(b, acquire_permit("S"));
  c.call(release_permit("S"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Done(seq)));
}

// The producer of a bounded buffer acquires all of its places, and waits for a consumer.
TEST_F(DeadlockKindsTest, WhoHasAllSeatsAndWaitsForOneMoreIsNotRefused) {
  a.call(create_seats("S", 2));
  a.call(acquire_permit("S"));
  a.call(acquire_permit("S"));
  const auto own = waits(a, acquire_permit("S"));
  const auto other = waits(c, acquire_permit("S"));
  b.call(release_permit("S"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Done(own)));
  b.call(release_permit("S"));
  EXPECT_THAT(c.outcomes(), ElementsAre(Done(other)));
}

TEST_F(DeadlockKindsTest, ASignalBelongsToNobody) {
  a.call(create_seats("S", 2));
  a.call(acquire_permit("S"));
  c.call(release_permit("S"));  // which makes it one
  a.call(acquire_permit("S"));
  a.call(acquire_permit("S"));
  b.lock("L1");
  waits(a, acquire("L1"));
  waits(b, acquire_permit("S"));
}

TEST_F(DeadlockKindsTest, SeatsThatNobodyHasMayBeReleasedByAnybody) {
  a.call(create_seats("S", 0));
  b.lock("L1");
  waits(a, acquire("L1"));
  waits(b, acquire_permit("S"));
}

TEST_F(DeadlockKindsTest, WhoWaitsToBeNotifiedWaitsForNobodyInParticular) {
  a.call(create_condition("C", "L1"));
  b.lock("L2");
  b.lock("L1");
  waits(b, wait("C"));
  a.lock("L1");
  waits(a, acquire("L2"));
}

TEST_F(DeadlockKindsTest, WhoWasNotifiedWaitsForWhoHoldsTheLock) {
  a.call(create_condition("C", "L1"));
  b.lock("L2");
  b.lock("L1");
  const auto wakes = waits(b, wait("C"));
  a.lock("L1");
  a.call(notify("C"));
  EXPECT_EQ(refused(a, acquire("L2")), "DEADLOCK");
  a.call(release("L1"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Wakes(wakes, true)));
}

// Its wait can't be refused: it must have the lock afterwards.
TEST_F(DeadlockKindsTest, WhoWaitedLongEnoughToBeNotifiedMayCloseItAndTheOtherIsRefused) {
  a.call(create_condition("C", "L1"));
  b.lock("L2");
  b.lock("L1");
  const auto wakes = waits(b, wait("C", seconds(3)));
  a.lock("L1");
  const auto seq = waits(a, acquire("L2"));
  manager.advance(seconds(3));
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(seq, v1::DEADLOCK)));
  a.call(release("L1"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Wakes(wakes, false)));
}

TEST_F(DeadlockKindsTest, WhoWaitsForAnItemWaitsForNobody) {
  a.call(create_queue("Q"));
  a.lock("L1");
  waits(a, take("Q"));
  waits(b, acquire("L1"));
  EXPECT_THAT(manager.found_deadlocks, IsEmpty());
}

}  // namespace
}  // namespace mp::server::engine_test
