#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/linearizability/models/accounts.h"
#include "tests/linearizability/story.h"

// The model of a user's own type against what must never happen, and what may.

namespace mp::linearizability {
namespace {

Operation on(std::initializer_list<std::int64_t> accounts, Code code, std::int64_t amount) {
  return {.code = code, .argument = amount, .given = Numbers::of(accounts)};
}
Operation gives(Operation operation, std::int64_t value) {
  operation.outcome = Outcome::kDone;
  operation.value = value;
  return operation;
}
Operation refused(Operation operation, std::int64_t why) {
  operation.outcome = Outcome::kRefused;
  operation.value = why;
  return operation;
}
Operation reads(std::int64_t account, std::int64_t balance, std::int64_t changes) {
  Operation operation = gives(on({account}, Code::kRead, kAbsent), kAbsent);
  operation.got = Numbers::of({balance, changes});
  return operation;
}

TEST(AccountsModel, RejectsALostCallAndOneThatRanTwice) {
  const Operation five = gives(on({0}, Code::kAdd, 5), 25);
  EXPECT_TRUE(Story().add(five).add(reads(0, 25, 1)).fits<Accounts>());
  EXPECT_FALSE(Story().add(five).add(reads(0, 20, 0)).fits<Accounts>());
  EXPECT_FALSE(Story().add(five).add(reads(0, 30, 2)).fits<Accounts>());
  EXPECT_FALSE(Story().add(five).add(gives(on({0}, Code::kAdd, 5), 25)).fits<Accounts>());
}

TEST(AccountsModel, RejectsHalfOfACall) {
  const Operation move = on({0, 1}, Code::kMove, 5);
  const Story moving = Story().add(move);
  EXPECT_TRUE(Story(moving).add(reads(0, 15, 1)).add(reads(1, 25, 1)).fits<Accounts>());
  EXPECT_TRUE(Story(moving).add(reads(0, 20, 0)).add(reads(1, 25, 1)).fits<Accounts>());
  EXPECT_FALSE(Story(moving).add(reads(1, 25, 1)).add(reads(0, 20, 0)).fits<Accounts>());
  EXPECT_FALSE(Story().add(gives(move, 15)).add(reads(1, 20, 0)).fits<Accounts>());
  EXPECT_FALSE(Story(moving).add(reads(0, 15, 0)).fits<Accounts>()) << "torn";
}

TEST(AccountsModel, KnowsWhyACallWasRefusedAndThatItChangedNothing) {
  const auto fits = [](const Operation& operation) {
    return Story().add(operation).fits<Accounts>();
  };
  EXPECT_TRUE(fits(refused(on({0}, Code::kTake, 21), Accounts::kOverdrawn)));
  EXPECT_FALSE(fits(refused(on({0}, Code::kTake, 20), Accounts::kOverdrawn)));
  EXPECT_FALSE(fits(gives(on({0}, Code::kTake, 21), -1)));
  EXPECT_TRUE(fits(refused(on({0, 1}, Code::kMove, 5), Accounts::kInTheWay)));
  EXPECT_FALSE(fits(refused(on({0}, Code::kTake, 5), Accounts::kInTheWay)));

  Operation late = refused(on({0}, Code::kAdd, 5), Accounts::kTooLate);
  EXPECT_FALSE(fits(late)) << "it waits for its turn";
  late.desired = Accounts::kHurried;
  EXPECT_TRUE(Story().add(late).add(reads(0, 20, 0)).fits<Accounts>());
  EXPECT_FALSE(Story().add(late).add(reads(0, 25, 1)).fits<Accounts>());
}

}  // namespace
}  // namespace mp::linearizability
