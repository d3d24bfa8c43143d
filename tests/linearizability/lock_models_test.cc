#include <gtest/gtest.h>

#include "tests/linearizability/models/barrier.h"
#include "tests/linearizability/models/count_down_latch.h"
#include "tests/linearizability/models/event.h"
#include "tests/linearizability/models/lock.h"
#include "tests/linearizability/models/rwlock.h"
#include "tests/linearizability/models/semaphore.h"
#include "tests/linearizability/models/signal.h"
#include "tests/linearizability/story.h"

// The models of what clients own, and where they wait for one another.

namespace mp::linearizability {
namespace {

TEST(LockModel, RejectsTwoHolders) {
  Story story;
  story.done(0, Code::kAcquire, kAbsent, 10, 0);
  EXPECT_FALSE(Story(story).done(1, Code::kAcquire, kAbsent, 11, 0).fits<Lock>());
  EXPECT_TRUE(Story(story)
                  .refused(1, Code::kAcquire)
                  .done(0, Code::kRelease)
                  .done(1, Code::kAcquire, kAbsent, 11, 0)
                  .fits<Lock>());
}

TEST(LockModel, RejectsATokenThatDoesNotGrow) {
  EXPECT_FALSE(Story()
                   .done(0, Code::kAcquire, kAbsent, 10, 0)
                   .done(0, Code::kRelease)
                   .done(1, Code::kAcquire, kAbsent, 10, 0)
                   .fits<Lock>());
}

TEST(LockModel, PassesTheLockOfTheDeadOnAndSaysSo) {
  Story story;
  story.done(0, Code::kAcquire, kAbsent, 10, 0).pending(0, Code::kEnd);
  EXPECT_TRUE(Story(story).done(1, Code::kAcquire, kAbsent, 11, 1).fits<Lock>());
  EXPECT_FALSE(Story(story).done(1, Code::kAcquire, kAbsent, 11, 0).fits<Lock>());
  EXPECT_FALSE(
      Story(story).done(1, Code::kAcquire, kAbsent, 11, 1).done(0, Code::kRelease).fits<Lock>());
}

TEST(LockModel, RejectsAFreeLockThatIsRefused) {
  EXPECT_FALSE(Story().refused(0, Code::kAcquire).fits<Lock>());
}

TEST(RLockModel, CountsWhatItsOwnerDoes) {
  Story story;
  story.done(0, Code::kAcquire, kAbsent, 10, 0).done(0, Code::kAcquire, kAbsent, 10, 0);
  story.done(0, Code::kRelease);
  EXPECT_FALSE(Story(story).done(1, Code::kAcquire, kAbsent, 11, 0).fits<RLock>());
  EXPECT_TRUE(
      Story(story).done(0, Code::kRelease).done(1, Code::kAcquire, kAbsent, 11, 0).fits<RLock>());
  EXPECT_FALSE(story.fits<Lock>());
}

TEST(SemaphoreModel, RejectsMoreHoldersThanPermits) {
  Story story;
  story.done(0, Code::kAcquire, kAbsent, 10, 0).done(1, Code::kAcquire, kAbsent, 11, 0);
  EXPECT_TRUE(story.fits<Semaphore<2>>());
  EXPECT_FALSE(story.fits<Semaphore<1>>());
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 0).fits<Semaphore<2>>());
  story.pending(0, Code::kEnd);
  EXPECT_TRUE(Story(story).done(2, Code::kAcquire, kAbsent, 12, 1).fits<Semaphore<2>>());
}

using Counter = Signal<1, Made::kAsSignal>;
using Turning = Signal<1, Made::kAsPermits>;

TEST(SignalModel, CountsWhatIsReleased) {
  Story story;
  story.done(0, Code::kRelease, 2).done(1, Code::kGet, kAbsent, 3);
  EXPECT_TRUE(story.fits<Counter>());
  EXPECT_FALSE(Story(story).refused(1, Code::kAcquire).fits<Counter>());
  EXPECT_FALSE(Story(story).done(1, Code::kAcquire, kAbsent, 10, 0).fits<Counter>()) << "a token";
  story.done(1, Code::kAcquire, kAbsent, 0, 0);
  EXPECT_FALSE(story.done(1, Code::kGet, kAbsent, 3).fits<Counter>());
}

TEST(SignalModel, RejectsAPermitThatComesBackByAnEnd) {
  Story story;
  story.done(0, Code::kAcquire, kAbsent, 0, 0).done(0, Code::kGet, kAbsent, 0);
  story.pending(0, Code::kEnd);
  EXPECT_FALSE(Story(story).done(1, Code::kGet, kAbsent, 1).fits<Counter>());
}

TEST(SignalModel, LetsAPermitComeBackThatMayNotHaveArrived) {
  Story story;
  story.done(0, Code::kAcquire, kAbsent, 0, 0).unheard();
  story.pending(0, Code::kReturn);
  EXPECT_FALSE(Story(story).done(1, Code::kGet, kAbsent, 1).fits<Counter>()) << "not before an end";
  story.pending(0, Code::kEnd);
  EXPECT_TRUE(Story(story).done(1, Code::kGet, kAbsent, 1).fits<Counter>());
  EXPECT_FALSE(Story(story).done(1, Code::kGet, kAbsent, 2).fits<Counter>());
}

TEST(SignalModel, HasOwnersUntilSomebodyReleasesWhoHasNone) {
  Story story;
  story.done(0, Code::kAcquire, kAbsent, 10, 0);
  const Story ended = Story(story).pending(0, Code::kEnd);
  EXPECT_TRUE(Story(ended).done(1, Code::kGet, kAbsent, 1).fits<Turning>());
  story.done(1, Code::kRelease, 1).done(1, Code::kGet, kAbsent, 1).pending(0, Code::kEnd);
  EXPECT_TRUE(Story(story).done(1, Code::kAcquire, kAbsent, 0, 0).fits<Turning>());
  EXPECT_FALSE(Story(story).done(1, Code::kGet, kAbsent, 2).fits<Turning>());
  EXPECT_FALSE(Story(story).done(1, Code::kAcquire, kAbsent, 11, 0).fits<Turning>());
}

TEST(EventModel, RejectsAWaiterThatGoesOnBeforeTheSet) {
  EXPECT_FALSE(Story().done(0, Code::kWait).done(1, Code::kSet).fits<Event>());
  EXPECT_FALSE(Story().done(1, Code::kSet).refused(0, Code::kWait).fits<Event>());
}

TEST(EventModel, LetsAWaiterGoOnThoughItIsClearedAtOnce) {
  const Operation wait = {.client = 0, .code = Code::kWait, .outcome = Outcome::kDone};
  EXPECT_TRUE(Story().at_any_time(wait).done(1, Code::kSet).done(1, Code::kClear).fits<Event>());
}

// Waits of two clients of a barrier for two, with these indices and times.
bool barrier_accepts(const History& history) {
  return check<Barrier<2>>(in_two(history)).linearizable();
}
Operation wait(int client, std::int64_t index, std::int64_t from, std::int64_t to) {
  return {.client = client,
          .code = Code::kWait,
          .outcome = Outcome::kDone,
          .argument = 100,
          .value = index,
          .invoked = from,
          .returned = to};
}
Operation broken_wait(int client, std::int64_t from, std::int64_t to) {
  Operation operation = wait(client, kAbsent, from, to);
  operation.outcome = Outcome::kRefused;
  return operation;
}

TEST(BarrierModel, RejectsWhoLeavesBeforeTheLastHasCome) {
  EXPECT_TRUE(barrier_accepts({wait(0, 0, 0, 20), wait(1, 1, 10, 30)}));
  EXPECT_FALSE(barrier_accepts({wait(0, 0, 0, 5), wait(1, 1, 10, 30)}));
}

TEST(BarrierModel, RejectsAnIndexThatIsGivenTwice) {
  EXPECT_FALSE(barrier_accepts({wait(0, 0, 0, 20), wait(1, 0, 10, 30)}));
  EXPECT_FALSE(barrier_accepts({wait(0, 1, 0, 20), wait(1, 0, 10, 30), wait(2, 0, 11, 40)}));
}

TEST(BarrierModel, BreaksForATimeThatIsOverOrAPartyThatDies) {
  EXPECT_TRUE(barrier_accepts({broken_wait(0, 0, 100)}));
  EXPECT_FALSE(barrier_accepts({broken_wait(0, 0, 99)}));
  const Operation end = {.client = 1, .code = Code::kEnd, .invoked = 10};
  EXPECT_TRUE(barrier_accepts({broken_wait(0, 0, 20), end}));
  EXPECT_FALSE(barrier_accepts({broken_wait(0, 0, 9), end}));
}

TEST(BarrierModel, BreaksForTheTimeOfAWaiterWhoseResultNobodyHasSeen) {
  const Operation killed = {.client = 1, .code = Code::kWait, .argument = 100};
  EXPECT_TRUE(barrier_accepts({killed, broken_wait(0, 100, 110)}));
  EXPECT_FALSE(barrier_accepts({killed, broken_wait(0, 80, 90)})) << "its time is not over";
}

constexpr std::int64_t kRead = RWLock::kRead;
constexpr std::int64_t kWrite = RWLock::kWrite;

TEST(RWLockModel, RejectsAReaderBesideAWriter) {
  Story story;
  story.done(0, Code::kAcquire, kRead, 10, 0);
  EXPECT_TRUE(Story(story).done(1, Code::kAcquire, kRead, 11, 0).fits<RWLock>());
  EXPECT_FALSE(Story(story).done(1, Code::kAcquire, kWrite, 11, 0).fits<RWLock>());
  story.done(0, Code::kRelease, kRead).done(1, Code::kAcquire, kWrite, 11, 0);
  EXPECT_TRUE(story.fits<RWLock>());
  EXPECT_FALSE(story.done(0, Code::kAcquire, kRead, 12, 0).fits<RWLock>());
}

TEST(RWLockModel, LetsAWriterReadAndNoReaderWrite) {
  EXPECT_TRUE(Story()
                  .done(0, Code::kAcquire, kWrite, 10, 0)
                  .done(0, Code::kAcquire, kRead, 11, 0)
                  .done(0, Code::kRelease, kWrite)
                  .refused(0, Code::kAcquire, kWrite)
                  .done(1, Code::kAcquire, kRead, 12, 0)
                  .fits<RWLock>());
  EXPECT_FALSE(Story()
                   .done(0, Code::kAcquire, kRead, 10, 0)
                   .done(0, Code::kAcquire, kWrite, 11, 0)
                   .fits<RWLock>());
}

TEST(RWLockModel, TellsOfAWritersDeathUntilTheNextWriter) {
  Story story;
  story.done(0, Code::kAcquire, kWrite, 10, 0).pending(0, Code::kEnd);
  story.done(1, Code::kAcquire, kRead, 11, 1).done(1, Code::kRelease, kRead);
  EXPECT_FALSE(Story(story).done(2, Code::kAcquire, kWrite, 12, 0).fits<RWLock>());
  story.done(2, Code::kAcquire, kWrite, 12, 1).done(2, Code::kRelease, kWrite);
  EXPECT_TRUE(Story(story).done(1, Code::kAcquire, kRead, 13, 0).fits<RWLock>());
  EXPECT_FALSE(Story(story).done(1, Code::kAcquire, kRead, 13, 1).fits<RWLock>());
}

using Latch = CountDownLatch<2>;

TEST(LatchModel, CountsToZeroAndNoFurther) {
  Story story;
  story.done(0, Code::kRelease, 1, 1).done(1, Code::kWait, kAbsent, Latch::kNotReached);
  EXPECT_FALSE(Story(story).done(1, Code::kWait, kAbsent, Latch::kReached).fits<Latch>());
  story.done(0, Code::kRelease, 5, 0).done(1, Code::kWait, kAbsent, Latch::kReached);
  EXPECT_TRUE(Story(story).done(0, Code::kSet, 7).done(1, Code::kGet, kAbsent, 7).fits<Latch>());
  EXPECT_FALSE(Story(story).refused(0, Code::kSet, 7).fits<Latch>());
}

TEST(LatchModel, IsBrokenByTheEndOfWhoOwes) {
  Story story;
  story.done(0, Code::kEnlist).pending(0, Code::kEnd);
  EXPECT_TRUE(Story(story).done(1, Code::kWait, kAbsent, Latch::kBroken).fits<Latch>());
  EXPECT_FALSE(Story().done(1, Code::kWait, kAbsent, Latch::kBroken).fits<Latch>());
  Story kept;
  kept.done(0, Code::kEnlist).done(0, Code::kRelease, 1, 1).pending(0, Code::kEnd);
  EXPECT_FALSE(kept.done(1, Code::kWait, kAbsent, Latch::kBroken).fits<Latch>());
}

}  // namespace
}  // namespace mp::linearizability
