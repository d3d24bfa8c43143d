#include <gtest/gtest.h>

#include "tests/linearizability/models/ledger.h"
#include "tests/linearizability/models/list.h"
#include "tests/linearizability/models/register.h"
#include "tests/linearizability/models/set.h"
#include "tests/linearizability/story.h"

// Each model against what its kind must never do, and what it may: containers, numbers, batches.

namespace mp::linearizability {
namespace {

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

// Batches of the client 0, one after another.
Operation move(int from, std::int64_t amount, Numbers results, Numbers given = {}) {
  return {.code = Code::kMove,
          .outcome = Outcome::kDone,
          .argument = from,
          .desired = amount,
          .given = given,
          .got = results};
}
Operation all(std::int64_t lines, std::int64_t jobs, Numbers accounts_and_moves) {
  return {.client = 1,
          .code = Code::kRead,
          .outcome = Outcome::kDone,
          .value = lines,
          .extra = jobs,
          .got = accounts_and_moves};
}
Operation take(std::int64_t job, Numbers results) {
  return {.code = Code::kTake,
          .outcome = Outcome::kDone,
          .argument = 2,
          .desired = 5,
          .value = job,
          .got = results};
}
Operation refused(Operation operation) {
  operation.outcome = Outcome::kRefused;
  operation.value = kAbsent;
  operation.got = {};
  return operation;
}
Operation pending(Operation operation) {
  operation.outcome = Outcome::kUnknown;
  operation.value = kAbsent;
  operation.got = {};
  return operation;
}
bool ledger_accepts(const std::vector<Operation>& operations) {
  Story story;
  for (const Operation& operation : operations) story.add(operation);
  return story.fits<Ledger>();
}

TEST(LedgerModel, AcceptsMovesThatAreSeenAsAWhole) {
  const Operation moved = move(0, 30, Numbers::of({70, 130, 1, 1}));
  EXPECT_TRUE(ledger_accepts({moved, all(1, 0, Numbers::of({70, 130, 100, 1}))}));
}

TEST(LedgerModel, RejectsWhoSeesHalfOfAMove) {
  const Operation moving = pending(move(0, 30, {}));
  EXPECT_TRUE(ledger_accepts({moving, all(0, 0, Numbers::of({100, 100, 100, 0}))}));
  EXPECT_TRUE(ledger_accepts({moving, all(1, 0, Numbers::of({70, 130, 100, 1}))}));
  EXPECT_FALSE(ledger_accepts({moving, all(0, 0, Numbers::of({70, 100, 100, 0}))}));
  EXPECT_FALSE(ledger_accepts({moving, all(0, 0, Numbers::of({70, 130, 100, 1}))}));
  EXPECT_FALSE(ledger_accepts({moving, all(1, 1, Numbers::of({70, 130, 100, 1}))}));
}

TEST(LedgerModel, RejectsAMoveThoughItsConditionDoesNotHold) {
  const Numbers after = Numbers::of({70, 130, 1, 1});
  EXPECT_TRUE(ledger_accepts({move(0, 30, after, Numbers::of({100, kAbsent}))}));
  EXPECT_FALSE(ledger_accepts({move(0, 30, after, Numbers::of({99, kAbsent}))}));
  EXPECT_FALSE(ledger_accepts({move(0, 30, after, Numbers::of({kAbsent, 1}))}));
  EXPECT_TRUE(ledger_accepts({refused(move(0, 30, {}, Numbers::of({kAbsent, 1})))}));
  EXPECT_FALSE(ledger_accepts({refused(move(0, 30, {}, Numbers::of({kAbsent, 0})))}));
}

TEST(LedgerModel, RejectsASpoiltBatchOfWhichSomethingIsLeft) {
  const Operation spoil = {.code = Code::kSpoil, .outcome = Outcome::kRefused, .argument = 0};
  EXPECT_TRUE(ledger_accepts({spoil, all(0, 0, Numbers::of({100, 100, 100, 0}))}));
  EXPECT_FALSE(ledger_accepts({spoil, all(0, 0, Numbers::of({-1, 100, 100, 0}))}));
  EXPECT_FALSE(ledger_accepts({spoil, all(0, 1, Numbers::of({100, 100, 100, 0}))}));
}

TEST(LedgerModel, RejectsAJobThatIsTakenTwiceOrByABatchThatIsRefused) {
  const Operation put = {.code = Code::kPut, .outcome = Outcome::kDone, .argument = 7};
  const Operation first = take(7, Numbers::of({105, 1}));
  EXPECT_TRUE(ledger_accepts({put, first, refused(take(7, {}))}));
  EXPECT_FALSE(ledger_accepts({put, first, take(7, Numbers::of({110, 2}))}));
  EXPECT_FALSE(ledger_accepts({put, refused(take(7, {}))}));
}

TEST(LedgerModel, LetsTheJobOfADeadTakerComeBackAndNothingElse) {
  const Operation put = {.code = Code::kPut, .outcome = Outcome::kDone, .argument = 7};
  Operation first = take(7, Numbers::of({105, 1}));
  first.unheard = true;
  const Operation back = {.code = Code::kReturn, .argument = 7};
  EXPECT_TRUE(ledger_accepts({put, first, back, take(7, Numbers::of({110, 2}))}));
  EXPECT_FALSE(ledger_accepts({put, first, back, take(7, Numbers::of({105, 1}))}));
}

}  // namespace
}  // namespace mp::linearizability
