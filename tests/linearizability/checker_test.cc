#include "tests/linearizability/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/linearizability/models/register.h"

// The checker against histories that are known to be right, or wrong.

namespace mp::linearizability {
namespace {

Operation write(int client, std::int64_t number, std::int64_t from, std::int64_t to) {
  return {.client = client,
          .code = Code::kSet,
          .outcome = Outcome::kDone,
          .argument = number,
          .invoked = from,
          .returned = to};
}
Operation read(int client, std::int64_t number, std::int64_t from, std::int64_t to) {
  return {.client = client,
          .code = Code::kGet,
          .outcome = Outcome::kDone,
          .value = number,
          .invoked = from,
          .returned = to};
}
Operation pending(Operation operation) {
  operation.outcome = Outcome::kUnknown;
  operation.value = kAbsent;
  operation.returned = kNever;
  return operation;
}
Operation increment(int client, std::int64_t before, std::int64_t from, std::int64_t to) {
  return {.client = client,
          .code = Code::kFetchAdd,
          .outcome = Outcome::kDone,
          .argument = 1,
          .value = before,
          .invoked = from,
          .returned = to};
}

bool linearizable(const History& history) { return check<Number>(history).linearizable(); }

TEST(Checker, AcceptsNothing) { EXPECT_TRUE(linearizable({})); }

TEST(Checker, AcceptsWhatOneClientDoesAfterTheOther) {
  EXPECT_TRUE(linearizable({write(0, 1, 0, 10), read(1, 1, 20, 30), write(0, 2, 40, 50)}));
}

TEST(Checker, AcceptsAReadOfEitherValueWhileAWriteIsOnItsWay) {
  EXPECT_TRUE(linearizable({write(0, 1, 0, 100), read(1, 0, 10, 20), read(1, 1, 30, 40)}));
}

TEST(Checker, RejectsAStaleRead) {
  EXPECT_FALSE(linearizable({write(0, 1, 0, 10), read(1, 0, 20, 30)}));
}

TEST(Checker, RejectsAReadThatGoesBack) {
  EXPECT_FALSE(linearizable({write(0, 1, 0, 100), read(1, 1, 10, 20), read(2, 0, 30, 40)}));
}

TEST(Checker, RejectsAReadOfWhatNobodyHasWritten) {
  EXPECT_FALSE(linearizable({write(0, 1, 0, 100), read(1, 7, 10, 20)}));
}

TEST(Checker, RejectsALostUpdate) {
  EXPECT_FALSE(linearizable({increment(0, 0, 0, 10), increment(1, 0, 5, 15)}));
  EXPECT_FALSE(linearizable({increment(0, 0, 0, 10), increment(1, 1, 5, 15), read(0, 1, 20, 30)}));
}

TEST(Checker, AcceptsIncrementsInTheOrderOfTheirResults) {
  EXPECT_TRUE(linearizable({increment(0, 1, 0, 10), increment(1, 0, 5, 15), read(0, 2, 20, 30)}));
}

TEST(Checker, RejectsTwoClientsThatSeeTwoWritesInDifferentOrders) {
  EXPECT_FALSE(linearizable({write(0, 1, 0, 100), write(1, 2, 0, 100), read(2, 1, 10, 20),
                             read(3, 2, 12, 22), read(2, 2, 30, 40), read(3, 1, 32, 42)}));
}

TEST(Checker, LetsAPendingWriteTakeEffectMuchLater) {
  EXPECT_TRUE(linearizable(
      {pending(write(0, 1, 0, 0)), read(1, 0, 10, 20), read(1, 0, 30, 40), read(1, 1, 50, 60)}));
}

TEST(Checker, LetsAPendingWriteNeverTakeEffect) {
  EXPECT_TRUE(linearizable({pending(write(0, 1, 0, 0)), read(1, 0, 10, 20)}));
}

TEST(Checker, LetsAPendingWriteTakeEffectOnlyOnce) {
  EXPECT_FALSE(linearizable({pending(increment(0, 0, 0, 0)), read(1, 2, 10, 20)}));
  EXPECT_FALSE(linearizable(
      {pending(write(0, 1, 0, 0)), read(1, 1, 10, 20), write(1, 2, 30, 40), read(1, 1, 50, 60)}));
}

TEST(Checker, DoesNotLetAPendingWriteTakeEffectBeforeItsInvocation) {
  EXPECT_FALSE(linearizable({read(1, 1, 0, 10), pending(write(0, 1, 20, 0))}));
}

TEST(Checker, TakesOperationsForConcurrentThatTouchInTime) {
  EXPECT_TRUE(linearizable({write(0, 1, 0, 10), read(1, 0, 10, 20)}));
}

TEST(Checker, JudgesEachObjectByItself) {
  Operation other = write(0, 1, 0, 10);
  other.object = 1;
  EXPECT_TRUE(linearizable({other, read(1, 0, 20, 30)}));
  Operation stale = read(1, 0, 20, 30);
  stale.object = 1;
  const Judgement judgement = check<Number>({other, stale});
  EXPECT_EQ(judgement.verdict, Verdict::kNotLinearizable);
  EXPECT_THAT(judgement.reason, testing::HasSubstr("object 1"));
}

TEST(Checker, TellsHowFarItCame) {
  const Judgement judgement = check<Number>({write(0, 7, 0, 1000), read(1, 0, 2000, 3000)});
  EXPECT_THAT(judgement.reason,
              testing::AllOf(testing::HasSubstr("client 0: set(7)   [0..1]"),
                             testing::HasSubstr("left\n  client 1: get() = 0   [2..3]")));
}

TEST(Checker, SaysSoWhenItGivesUp) {
  History history;
  for (int client = 0; client < 12; ++client) history.push_back(write(client, client, 0, 100));
  history.push_back(read(0, 99, 200, 300));
  EXPECT_EQ(check<Number>(history, 1000).verdict, Verdict::kUndecided);
  EXPECT_EQ(check<Number>(history).verdict, Verdict::kNotLinearizable);
}

// Operations of some clients on one register, each of which has its moment, and time around it.
History of_one_register(std::mt19937& random, int operations) {
  constexpr int kClients = 4;
  History history;
  std::int64_t free_at[kClients] = {};
  std::int64_t number = 0;
  for (int i = 0; i < operations; ++i) {
    const std::int64_t moment = 10 * (i + 1);
    const auto client = static_cast<int>(random() % kClients);
    const std::int64_t from =
        std::max(free_at[client], moment - static_cast<std::int64_t>(random() % 40));
    const std::int64_t to = moment + static_cast<std::int64_t>(random() % 40);
    if (from > moment) continue;  // the client is busy
    free_at[client] = to + 1;
    switch (random() % 3) {
      case 0:
        history.push_back(write(client, number = i, from, to));
        break;
      case 1:
        history.push_back(increment(client, number++, from, to));
        break;
      default:
        history.push_back(read(client, number, from, to));
    }
  }
  return history;
}

TEST(Checker, AcceptsWhateverHasAMomentForEachOperation) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const Judgement judgement = check<Number>(of_one_register(random, 200));
    ASSERT_TRUE(judgement.linearizable()) << "seed " << seed << '\n' << judgement.reason;
  }
}

TEST(Checker, RejectsItWithOneResultThatNobodyCouldHaveSeen) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    History history = of_one_register(random, 100);
    const auto seen = std::ranges::find_if(history, [](const Operation& operation) {
      return operation.code != Code::kSet && operation.invoked > 500;
    });
    ASSERT_NE(seen, history.end());
    seen->value += 100'000;
    ASSERT_EQ(check<Number>(history).verdict, Verdict::kNotLinearizable) << "seed " << seed;
  }
}

// By trying all orders.
bool has_an_order(const History& history, const Number::State& state, unsigned left) {
  bool all_pending = true;
  std::int64_t first_return = kNever;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if ((left >> i & 1U) == 0 || history[i].pending()) continue;
    all_pending = false;
    first_return = std::min(first_return, history[i].returned);
  }
  if (all_pending) return true;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if ((left >> i & 1U) == 0 || history[i].invoked > first_return) continue;
    const auto next = Number::next(state, history[i]);
    if (next && has_an_order(history, *next, left & ~(1U << i))) return true;
  }
  return false;
}

TEST(Checker, AgreesWithTryingAllOrdersOfSmallHistories) {
  int accepted = 0;
  constexpr int kRounds = 3000;
  for (unsigned seed = 1; seed <= kRounds; ++seed) {
    std::mt19937 random(seed);
    History history;
    for (int i = 0; i < 6; ++i) {
      const auto from = static_cast<std::int64_t>(random() % 30);
      const auto to = from + static_cast<std::int64_t>(random() % 20);
      const auto number = static_cast<std::int64_t>(random() % 3);
      Operation operation =
          random() % 2 == 0 ? write(i, number, from, to) : read(i, number, from, to);
      if (random() % 3 == 0) operation = increment(i, number, from, to);
      history.push_back(random() % 5 == 0 ? pending(operation) : operation);
    }
    const bool expected = has_an_order(history, {}, (1U << history.size()) - 1);
    ASSERT_EQ(linearizable(history), expected) << "seed " << seed;
    accepted += expected ? 1 : 0;
  }
  EXPECT_GT(accepted, kRounds / 10) << "both verdicts come up";
  EXPECT_LT(accepted, kRounds * 9 / 10);
}

}  // namespace
}  // namespace mp::linearizability
