#include <gtest/gtest.h>

#include "tests/linearizability/models/condition.h"
#include "tests/linearizability/story.h"

// The model of conditions against what those must never do, and what they may.

namespace mp::linearizability {
namespace {

constexpr std::int64_t kPatience = 100;

Operation acquire(int client, std::int64_t token, std::int64_t from, std::int64_t died = 0) {
  return {.client = client,
          .code = Code::kAcquire,
          .outcome = Outcome::kDone,
          .value = token,
          .extra = died,
          .invoked = from,
          .returned = from + 1};
}
Operation release(int client, std::int64_t from) {
  return {.client = client,
          .code = Code::kRelease,
          .outcome = Outcome::kDone,
          .invoked = from,
          .returned = from + 1};
}
Operation notify(int client, std::int64_t waiters, std::int64_t woken, std::int64_t from) {
  return {.client = client,
          .code = Code::kNotify,
          .outcome = Outcome::kDone,
          .argument = waiters,
          .desired = 0,
          .value = woken,
          .invoked = from,
          .returned = from + 1};
}
Operation wait(int client, std::int64_t token, std::int64_t from, std::int64_t to) {
  return {.client = client,
          .code = Code::kWait,
          .outcome = Outcome::kDone,
          .argument = kPatience,
          .desired = 0,
          .value = token,
          .extra = 0,
          .invoked = from,
          .returned = to};
}
Operation refused(Operation wait) {
  wait.outcome = Outcome::kRefused;
  return wait;
}
Operation pending(Operation wait) {
  wait.outcome = Outcome::kUnknown;
  wait.value = wait.extra = kAbsent;
  wait.returned = kNever;
  return wait;
}
Operation end(int client, std::int64_t from) {
  return {.client = client, .code = Code::kEnd, .invoked = from};
}

template <Reentry kReentry = Reentry::kWaits>
bool accepts(const History& history) {
  return check<Condition<kReentry>>(in_three(history)).linearizable();
}

// The client 0 sleeps until 40, which the client 1 notifies at 20.
const History kOneWakesAnother = {acquire(0, 1, 0), wait(0, 3, 2, 40), acquire(1, 2, 10),
                                  notify(1, 1, 1, 20), release(1, 30)};

TEST(ConditionModel, LetsWhoIsNotifiedGoOnOnceTheLockIsFree) {
  EXPECT_TRUE(accepts(kOneWakesAnother));
  History too_early = kOneWakesAnother;
  too_early[1].returned = 25;
  EXPECT_FALSE(accepts(too_early)) << "the lock is held";
  History old_token = kOneWakesAnother;
  old_token[1].value = 2;
  EXPECT_FALSE(accepts(old_token));
}

TEST(ConditionModel, RejectsAWakeUpWithoutANotify) {
  History history = kOneWakesAnother;
  history.erase(history.begin() + 3);
  EXPECT_FALSE(accepts(history));
}

TEST(ConditionModel, RejectsALostWakeUp) {
  History history = kOneWakesAnother;
  history[1] = refused(wait(0, 3, 2, 2 + kPatience));
  EXPECT_FALSE(accepts(history)) << "it was woken, as the notify says";
  history[3].value = 0;
  EXPECT_FALSE(accepts(history)) << "its time was not over, and nobody else sleeps";
}

TEST(ConditionModel, RejectsAWaitThatEndsBeforeItsTime) {
  EXPECT_TRUE(accepts({acquire(0, 1, 0), refused(wait(0, 2, 2, 2 + kPatience))}));
  EXPECT_FALSE(accepts({acquire(0, 1, 0), refused(wait(0, 2, 2, 1 + kPatience))}));
}

TEST(ConditionModel, RejectsAWaiterThatDoesNotLetTheLockGoOrDoesNotHaveItAgain) {
  EXPECT_FALSE(accepts({wait(0, 2, 2, 40), acquire(1, 1, 10), notify(1, 1, 1, 20), release(1, 30)}))
      << "it never had the lock";
  History history = kOneWakesAnother;
  history.push_back(acquire(1, 4, 50));
  EXPECT_FALSE(accepts(history));
  history.back() = release(0, 50);
  EXPECT_TRUE(accepts(history));
}

// The clients 0 and 1 fall asleep in this order, and the client 2 wakes one of them.
const History kTwoSleep = {acquire(0, 1, 0), acquire(1, 2, 10), acquire(2, 3, 20),
                           notify(2, 1, 1, 30), release(2, 40)};
History with(History history, std::initializer_list<Operation> more) {
  history.insert(history.end(), more);
  return history;
}

TEST(ConditionModel, RejectsAnotherOrderThanThatOfFallingAsleep) {
  const Operation second_in_vain = refused(wait(1, 5, 15, 500));
  EXPECT_TRUE(accepts(with(kTwoSleep, {wait(0, 4, 5, 50), release(0, 60), second_in_vain})));
  const Operation first_in_vain = refused(wait(0, 5, 5, 500));
  EXPECT_FALSE(accepts(with(kTwoSleep, {wait(1, 4, 15, 50), release(1, 60), first_in_vain})));
}

TEST(ConditionModel, PassesTheWakeUpOfTheDeadOnToTheNext) {
  const Operation killed = pending(wait(0, 0, 5, 0));
  const Operation second = wait(1, 4, 15, 60);
  EXPECT_FALSE(accepts(with(kTwoSleep, {killed, second}))) << "it was the first who was woken";
  EXPECT_TRUE(accepts(with(kTwoSleep, {killed, end(0, 25), second})));
  EXPECT_TRUE(accepts(with(kTwoSleep, {killed, end(0, 45), second})));
  const Operation in_vain = refused(wait(1, 4, 15, 500));
  EXPECT_TRUE(accepts(with(kTwoSleep, {killed, in_vain})));
  const Operation look = {.client = 3,
                          .code = Code::kLocked,
                          .outcome = Outcome::kDone,
                          .value = 0,
                          .invoked = 50,
                          .returned = 51};
  const Operation nobody_left = {.client = 3,
                                 .code = Code::kNotify,
                                 .outcome = Outcome::kDone,
                                 .argument = kNever,
                                 .desired = 0,
                                 .value = 0,
                                 .invoked = 54,
                                 .returned = 55};
  EXPECT_FALSE(
      accepts(with(kTwoSleep, {killed, end(0, 25), look, acquire(3, 4, 52), nobody_left, in_vain})))
      << "the second was neither asleep nor woken";
}

TEST(ConditionModel, LetsAWakeUpPassOnThatMayNotHaveArrived) {
  Operation first = wait(0, 4, 5, 50);
  History history = {acquire(0, 1, 0),    first,          acquire(1, 2, 10), acquire(2, 3, 20),
                     notify(2, 1, 1, 30), release(2, 40), end(0, 55)};
  Operation second = wait(1, 5, 15, 70);
  second.extra = 1;
  history.push_back(second);
  EXPECT_FALSE(accepts(history));
  history[1].unheard = true;
  EXPECT_FALSE(accepts(history));
  history.push_back({.client = 0, .code = Code::kReturn, .desired = 0, .invoked = 55});
  EXPECT_TRUE(accepts(history));
  history[7].extra = 0;
  EXPECT_FALSE(accepts(history)) << "the one before died with the lock";
}

TEST(ConditionModel, GivesTheLockBackAsOftenAsItWasHeld) {
  History history = {acquire(0, 1, 0),  acquire(0, 1, 2),         wait(0, 3, 4, 40),
                     acquire(1, 2, 10), notify(1, kNever, 1, 20), release(1, 30),
                     release(0, 50)};
  history.push_back(acquire(1, 4, 60));
  EXPECT_FALSE(accepts<Reentry::kCounts>(history)) << "it has the lock once more";
  history.back() = release(0, 60);
  history.push_back(acquire(1, 4, 70));
  EXPECT_TRUE(accepts<Reentry::kCounts>(history));
}

TEST(ConditionModel, KeepsConditionsOverOneLockApart) {
  History history = kOneWakesAnother;
  history[3].desired = 1;
  EXPECT_FALSE(accepts(history)) << "nobody sleeps at that one";
  history[1].desired = 1;
  EXPECT_TRUE(accepts(history));
}

}  // namespace
}  // namespace mp::linearizability
