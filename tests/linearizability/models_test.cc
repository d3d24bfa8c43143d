#include <gtest/gtest.h>

#include "tests/linearizability/checker.h"
#include "tests/linearizability/models/barrier.h"
#include "tests/linearizability/models/event.h"
#include "tests/linearizability/models/list.h"
#include "tests/linearizability/models/lock.h"
#include "tests/linearizability/models/queue.h"
#include "tests/linearizability/models/register.h"
#include "tests/linearizability/models/semaphore.h"
#include "tests/linearizability/models/set.h"

// Each model against what its kind must never do, and what it may.

namespace mp::linearizability {
namespace {

// Operations one after another, each as long as a tick.
class Story {
 public:
  Story& done(int client, Code code, std::int64_t argument = kAbsent, std::int64_t value = kAbsent,
              std::int64_t extra = kAbsent) {
    return add({.client = client,
                .code = code,
                .outcome = Outcome::kDone,
                .argument = argument,
                .value = value,
                .extra = extra});
  }
  Story& refused(int client, Code code, std::int64_t argument = kAbsent) {
    return add(
        {.client = client, .code = code, .outcome = Outcome::kRefused, .argument = argument});
  }
  Story& pending(int client, Code code, std::int64_t argument = kAbsent) {
    return add({.client = client, .code = code, .argument = argument});
  }
  // Until the end of the story, from its beginning on.
  Story& at_any_time(Operation operation) {
    operation.invoked = 0;
    operation.returned = kNever - 1;
    history_.push_back(operation);
    return *this;
  }

  template <class M>
  bool fits() const {
    return check<M>(history_).linearizable();
  }
  const History& history() const { return history_; }

 private:
  Story& add(Operation operation) {
    operation.invoked = ++now_;
    operation.returned = operation.pending() ? kNever : ++now_;
    history_.push_back(operation);
    return *this;
  }

  History history_;
  std::int64_t now_ = 0;
};

TEST(RegisterModel, KnowsAbsentKeys) {
  EXPECT_TRUE(Story().refused(0, Code::kGet).done(0, Code::kAdd, 3, 3).fits<Key>());
  EXPECT_TRUE(Story()
                  .done(0, Code::kSet, 3)
                  .done(1, Code::kPop, kAbsent, 3)
                  .refused(0, Code::kGet)
                  .fits<Key>());
  EXPECT_FALSE(Story().done(0, Code::kSet, 3).refused(1, Code::kGet).fits<Key>());
}

TEST(RegisterModel, RejectsADoublePop) {
  EXPECT_FALSE(Story()
                   .done(0, Code::kSet, 3)
                   .done(1, Code::kPop, kAbsent, 3)
                   .done(0, Code::kPop, kAbsent, 3)
                   .fits<Key>());
}

TEST(RegisterModel, RejectsAnExchangeOfWhatIsNotThere) {
  const Operation exchange = {.client = 0,
                              .code = Code::kCompareExchange,
                              .outcome = Outcome::kDone,
                              .argument = 1,
                              .desired = 2,
                              .value = 1};
  EXPECT_TRUE(Story().done(1, Code::kSet, 1).at_any_time(exchange).fits<Number>());
  EXPECT_FALSE(Story().done(1, Code::kSet, 3).at_any_time(exchange).fits<Number>());
}

TEST(ListModel, RejectsAnItemThatIsTakenTwice) {
  Story story;
  story.done(0, Code::kAppend, 7).done(0, Code::kPop, kAbsent, 7);
  EXPECT_TRUE(story.fits<List>());
  EXPECT_FALSE(story.done(1, Code::kPop, kAbsent, 7).fits<List>());
}

TEST(ListModel, RejectsALostAppend) {
  EXPECT_FALSE(Story()
                   .done(0, Code::kAppend, 7)
                   .done(1, Code::kAppend, 8)
                   .done(0, Code::kSize, kAbsent, 1)
                   .fits<List>());
}

TEST(SetModel, RejectsTwoWhoWereBothFirst) {
  EXPECT_FALSE(Story().done(0, Code::kAdd, 7, 1).done(1, Code::kAdd, 7, 1).fits<Set>());
  EXPECT_TRUE(Story().done(0, Code::kAdd, 7, 1).done(1, Code::kAdd, 7, 0).fits<Set>());
}

TEST(QueueModel, RejectsADoubleTake) {
  EXPECT_FALSE(Story()
                   .done(0, Code::kPut, 7)
                   .done(0, Code::kGet, kAbsent, 7)
                   .done(1, Code::kGet, kAbsent, 7)
                   .fits<Queue<4>>());
}

TEST(QueueModel, RejectsAnotherOrder) {
  EXPECT_FALSE(Story()
                   .done(0, Code::kPut, 7)
                   .done(0, Code::kPut, 8)
                   .done(1, Code::kGet, kAbsent, 8)
                   .fits<Queue<4>>());
}

TEST(QueueModel, RejectsEmptyWhereThereIsAnItemAndFullWhereThereIsRoom) {
  EXPECT_FALSE(Story().done(0, Code::kPut, 7).refused(1, Code::kGet).fits<Queue<4>>());
  EXPECT_FALSE(Story().refused(1, Code::kPut, 7).fits<Queue<4>>());
  EXPECT_TRUE(Story().done(0, Code::kPut, 7).refused(1, Code::kPut, 8).fits<Queue<1>>());
}

TEST(QueueModel, AcceptsASecondDeliveryOnlyAfterTheDeathOfTheFirstGetter) {
  Story story;
  story.done(0, Code::kPut, 7).done(0, Code::kPut, 8).done(1, Code::kGet, kAbsent, 7, 1);
  EXPECT_FALSE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
  story.pending(1, Code::kReturn, 7);
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 8).fits<Queue<4>>());
  EXPECT_FALSE(Story(story)
                   .done(2, Code::kGet, kAbsent, 7)
                   .done(2, Code::kGet, kAbsent, 7)
                   .fits<Queue<4>>());
}

TEST(QueueModel, LetsWhatADeadGetterDidNotSeeGoBackOnce) {
  Story story;
  story.done(0, Code::kPut, 7).pending(1, Code::kGet).refused(0, Code::kGet);
  EXPECT_TRUE(story.fits<Queue<4>>());
  EXPECT_FALSE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
  story.pending(1, Code::kReturn);
  EXPECT_TRUE(Story(story).done(2, Code::kGet, kAbsent, 7).fits<Queue<4>>());
}

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

}  // namespace
}  // namespace mp::linearizability
