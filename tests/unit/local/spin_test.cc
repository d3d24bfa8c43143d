#include "client_lib/local/shared/spin.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mp::internal {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class YieldGuardTest : public testing::Test {
 protected:
  // A yield that took so long; afterwards it is the end of that.
  void yield_for(microseconds time) {
    guard_.took(now_, now_ + time);
    now_ += time;
  }
  // How long no yield is allowed from now on.
  milliseconds forbidden() {
    milliseconds time(0);
    while (!guard_.allows(now_ + time)) ++time;
    return time;
  }

  YieldGuard guard_;
  YieldGuard::Time now_ = YieldGuard::Time(std::chrono::hours(1));
};

TEST_F(YieldGuardTest, AllowsTheFirst) { EXPECT_TRUE(guard_.allows(now_)); }

TEST_F(YieldGuardTest, AllowsAsLongAsTheyAreShort) {
  for (int i = 0; i < 10'000; ++i) {
    yield_for(microseconds(20));
    ASSERT_TRUE(guard_.allows(now_));
  }
}

TEST_F(YieldGuardTest, PausesTwiceAsLongAfterEachLongOne) {
  for (const int expected : {1, 2, 4, 8, 16, 32, 64, 128, 256, 320, 320}) {
    yield_for(milliseconds(4));
    EXPECT_EQ(forbidden(), milliseconds(expected));
  }
}

TEST_F(YieldGuardTest, RemembersTheHogOverAFewShortOnes) {
  for (int i = 0; i < 5; ++i) yield_for(milliseconds(4));
  for (int i = 0; i < 1999; ++i) yield_for(microseconds(1));
  yield_for(milliseconds(4));
  EXPECT_EQ(forbidden(), milliseconds(32));
}

TEST_F(YieldGuardTest, ForgetsTheHogAfterManyShortOnes) {
  for (int i = 0; i < 5; ++i) yield_for(milliseconds(4));
  for (int i = 0; i < 2000; ++i) yield_for(microseconds(1));
  yield_for(milliseconds(4));
  EXPECT_EQ(forbidden(), milliseconds(1));
}

class WaitingTest : public testing::Test {
 protected:
  static constexpr Surroundings kHere{};
  static constexpr Surroundings kBesideUs{.beside_us = true};

  // How many moments pass.
  static int moments(const Spin& spin, const Surroundings& where) {
    Waiting waiting(spin);
    int count = 0;
    while (waiting.pass([&] { return where; })) ++count;
    return count;
  }
};

TEST_F(WaitingTest, IsNoUseForWhoeverNeedsThisProcessor) {
  EXPECT_EQ(moments({.budget = std::chrono::hours(1)}, kHere), 0);
}

TEST_F(WaitingTest, EndsWithItsBudget) {
  EXPECT_GT(moments({.budget = milliseconds(1)}, kBesideUs), 0);
}

TEST_F(WaitingTest, WithoutABudgetIsNone) {
  EXPECT_EQ(moments({.budget = microseconds(0)}, kBesideUs), 0);
}

TEST_F(WaitingTest, ThatMayNotSpinIsNoUse) {
  EXPECT_EQ(moments({.budget = std::chrono::hours(1), .most_pauses = 0}, kBesideUs), 0);
}

TEST_F(WaitingTest, ThatMayNotSpinYieldsInstead) {
  EXPECT_LE(
      moments({.budget = std::chrono::hours(1), .most_pauses = 0, .most_yields = 3}, kBesideUs), 3);
}

TEST_F(WaitingTest, YieldsNoMoreOftenThanAsked) {
  EXPECT_LE(moments({.budget = std::chrono::hours(1), .most_yields = 3}, kHere), 3);
}

TEST_F(WaitingTest, EndsWhenThatOneMovesToThisProcessor) {
  Waiting waiting({.budget = std::chrono::hours(1)});
  bool moved = false;
  int count = 0;
  while (waiting.pass([&] { return moved ? kHere : kBesideUs; })) moved = ++count > 1000;
  EXPECT_LE(count, 1100);  // it looks around now and then only
}

}  // namespace
}  // namespace mp::internal
