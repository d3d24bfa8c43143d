#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/linearizability/models/workshop.h"
#include "tests/linearizability/story.h"

// The model of a batch over a lock, a set, an array and a namespace against what must never happen,
// and what may.

namespace mp::linearizability {
namespace {

constexpr int kTool = 2;

Operation take(int client, std::int64_t token, std::int64_t owner_died,
               std::initializer_list<std::int64_t> got) {
  return {.client = client,
          .code = Code::kTake,
          .outcome = Outcome::kDone,
          .argument = kTool,
          .value = token,
          .extra = owner_died,
          .got = Numbers::of(got)};
}
Operation move(int client, std::initializer_list<std::int64_t> got, Numbers given = {}) {
  return {.client = client,
          .code = Code::kMove,
          .outcome = Outcome::kDone,
          .argument = kTool,
          .given = given,
          .got = Numbers::of(got)};
}
Operation all(std::int64_t tools, std::int64_t is_held,
              std::initializer_list<std::int64_t> uses_and_steps) {
  return {.client = 3,
          .code = Code::kRead,
          .outcome = Outcome::kDone,
          .value = tools,
          .extra = is_held,
          .got = Numbers::of(uses_and_steps)};
}
Operation without(Operation operation, Outcome outcome) {
  operation.outcome = outcome;
  operation.value = operation.extra = kAbsent;
  operation.got = {};
  return operation;
}
Operation refused(const Operation& operation) { return without(operation, Outcome::kRefused); }
Operation pending(const Operation& operation) { return without(operation, Outcome::kUnknown); }

bool accepts(std::initializer_list<Operation> operations) {
  Story story;
  for (const Operation& operation : operations) story.add(operation);
  return story.fits<Workshop>();
}

const Operation kTaken = take(0, 7, 0, {1, 1, 1});

TEST(WorkshopModel, HasOneHolderWhoseBatchesAreSeenAsAWhole) {
  EXPECT_TRUE(accepts({kTaken, all(4, 1, {0, 0, 1, 1}), move(0, {1, 2}), all(0, 0, {0, 0, 1, 2})}));
  EXPECT_TRUE(accepts({kTaken, refused(take(1, 8, 0, {}))}));
  EXPECT_FALSE(accepts({kTaken, take(1, 8, 0, {0, 2, 2})}));
  EXPECT_FALSE(accepts({refused(kTaken)})) << "nobody has it";
  EXPECT_FALSE(accepts({kTaken, move(1, {1, 2})})) << "it is another's";
}

TEST(WorkshopModel, RejectsWhoSeesHalfOfABatch) {
  const Operation taking = pending(kTaken);
  EXPECT_TRUE(accepts({taking, all(0, 0, {0, 0, 0, 0})}));
  EXPECT_TRUE(accepts({taking, all(4, 1, {0, 0, 1, 1})}));
  EXPECT_FALSE(accepts({taking, all(4, 0, {0, 0, 1, 1})}));
  EXPECT_FALSE(accepts({taking, all(0, 1, {0, 0, 1, 1})}));
  EXPECT_FALSE(accepts({taking, all(4, 1, {0, 0, 0, 1})}));
  EXPECT_FALSE(accepts({taking, all(4, 1, {0, 0, 1, 0})}));
}

TEST(WorkshopModel, RejectsABatchThoughItsConditionDoesNotHold) {
  const auto as_seen = [](std::int64_t uses, std::int64_t steps, std::int64_t there) {
    return move(0, {1, 2}, Numbers::of({uses, steps, there}));
  };
  EXPECT_TRUE(accepts({kTaken, as_seen(1, 1, 1)}));
  EXPECT_FALSE(accepts({kTaken, refused(as_seen(1, 1, 1))}));
  EXPECT_TRUE(accepts({kTaken, refused(as_seen(2, 1, 0)), move(0, {1, 2})})) << "it is still held";
  EXPECT_FALSE(accepts({kTaken, as_seen(2, 1, 0)}));
  EXPECT_FALSE(accepts({kTaken, as_seen(1, 2, 0)}));
}

TEST(WorkshopModel, RejectsASpoiltBatchOfWhichSomethingIsLeft) {
  const Operation spoil = {.code = Code::kSpoil, .outcome = Outcome::kRefused, .argument = kTool};
  EXPECT_TRUE(accepts({spoil, all(0, 0, {0, 0, 0, 0})}));
  EXPECT_FALSE(accepts({spoil, all(0, 1, {0, 0, 0, 0})})) << "the grant is left";
  EXPECT_FALSE(accepts({spoil, all(0, 0, {-1, -1, -1, 0})}));
  EXPECT_FALSE(accepts({kTaken, spoil, take(1, 8, 0, {0, 2, 2})})) << "the release is left";
}

TEST(WorkshopModel, PassesOnWhatADeadHolderHasWithWhatItDid) {
  const Operation end = {.code = Code::kEnd};
  const Operation next = take(1, 8, 1, {0, 2, 2});
  EXPECT_TRUE(accepts({kTaken, end, next}));
  EXPECT_FALSE(accepts({kTaken, end, take(1, 8, 0, {0, 2, 2})})) << "that its owner died";
  EXPECT_FALSE(accepts({kTaken, end, take(1, 7, 1, {0, 2, 2})})) << "tokens grow";
  EXPECT_FALSE(accepts({kTaken, end, take(1, 8, 1, {1, 1, 1})})) << "the rest of it stands";
  EXPECT_FALSE(accepts({kTaken, end, next, move(0, {1, 3})})) << "it is dead";
}

}  // namespace
}  // namespace mp::linearizability
