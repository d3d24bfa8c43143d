#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "client_lib/local/shared/line.h"
#include "client_lib/local/shared/monitor.h"
#include "client_lib/local/shared/shared_condition.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

using std::chrono::milliseconds;

// Words lie near their monitor, as in shared memory.
struct State {
  Monitor monitor;
  Word first;
  Word second;
  Line line;
};

class SharedMonitor : public testing::Test {
 protected:
  std::unique_ptr<State> state = std::make_unique<State>();
};

TEST_F(SharedMonitor, KeepsWhatIsCommitted) {
  InMonitor in(state->monitor);
  in.set(state->first, 7);
  in.commit();
  in.set(state->first, 8);
  EXPECT_EQ(state->first.get(), 8U);
  in.commit();
  EXPECT_EQ(state->first.get(), 8U);
}

TEST_F(SharedMonitor, TakesBackWhatIsNot) {
  {
    InMonitor in(state->monitor);
    in.set(state->first, 1);
    in.add(state->second, 2);
    in.commit();
    in.set(state->first, 3);
    in.add(state->second, 4);
    in.set(state->first, 5);
  }
  EXPECT_EQ(state->first.get(), 1U);
  EXPECT_EQ(state->second.get(), 2U);
}

TEST_F(SharedMonitor, TakesBackWhatAnExceptionCutOff) {
  const auto fail = [&] {
    InMonitor in(state->monitor);
    in.set(state->first, 1);
    throw std::runtime_error("cut off");
  };
  EXPECT_THROW(fail(), std::runtime_error);
  EXPECT_EQ(state->first.get(), 0U);
}

TEST_F(SharedMonitor, TakesBackWhatAThreadLeftThatEndedInside) {
  std::jthread([&] {
    alignas(InMonitor) std::byte memory[sizeof(InMonitor)];
    auto* const in = new (memory) InMonitor(state->monitor);  // never left
    in->set(state->first, 1);
    in->set(state->second, 2);
  }).join();
  const InMonitor in(state->monitor);
  EXPECT_EQ(state->first.get(), 0U);
  EXPECT_EQ(state->second.get(), 0U);
}

TEST_F(SharedMonitor, LetsOneInAtATime) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 1000; ++turn) {
        InMonitor in(state->monitor);
        in.add(state->first, 1);
        in.add(state->second, 1);
        in.commit();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(state->first.get(), 4000U);
  EXPECT_EQ(state->second.get(), 4000U);
}

class SharedLine : public SharedMonitor {
 protected:
  Line& line = state->line;
};

TEST_F(SharedLine, HasTheOneThatCameFirstAsItsFirst) {
  InMonitor in(state->monitor);
  Line::Place* const first = line.enter(in);
  Line::Place* const second = line.enter(in);
  EXPECT_EQ(line.first(), first);
  line.leave(in, *first);
  EXPECT_EQ(line.first(), second);
  line.leave(in, *second);
  EXPECT_TRUE(line.is_empty());
  EXPECT_EQ(line.first(), nullptr);
}

TEST_F(SharedLine, OffersToTheFirstOnlyOnce) {
  InMonitor in(state->monitor);
  Line::Place* const first = line.enter(in);
  line.enter(in);
  EXPECT_EQ(line.offer(in), first);
  EXPECT_EQ(line.offer(in), nullptr);
}

TEST_F(SharedLine, MayBeOvertakenUntilTheFirstHasWaitedForLong) {
  InMonitor in(state->monitor);
  Line::Place* const first = line.enter(in);
  in.set(first->since, now_word() + 1'000'000'000);
  EXPECT_TRUE(line.may_go(in, nullptr)) << "it has only come";
  in.set(first->since, 1);
  EXPECT_FALSE(line.may_go(in, nullptr));
  EXPECT_TRUE(line.may_go(in, first));
}

TEST_F(SharedLine, PassesOverWhoDoesNotComeAndKeepsItsPlace) {
  InMonitor in(state->monitor);
  Line::Place* const first = line.enter(in);
  Line::Place* const second = line.enter(in);
  in.set(first->since, 1);
  in.set(second->since, 1);
  in.set(first->offered, 1);  // long ago
  EXPECT_TRUE(line.may_go(in, second));
  EXPECT_FALSE(line.may_go(in, nullptr)) << "the second waits too";
  in.set(first->passed_over, 0);
  in.set(first->offered, 0);
  EXPECT_EQ(line.first(), first);
}

TEST_F(SharedLine, DropsTheDead) {
  InMonitor in(state->monitor);
  Line::Place* const dead = line.enter(in);
  Line::Place* const living = line.enter(in);
  in.set(dead->who, (std::uint64_t{1} << 22U) - 1);  // beyond all process ids
  line.drop_dead_firsts(in);
  EXPECT_EQ(line.first(), living);
  EXPECT_EQ(line.size(), 1U);
}

TEST_F(SharedLine, HasNoPlaceBeyondItsLast) {
  InMonitor in(state->monitor);
  for (std::size_t i = 0; i < Line::kPlaces; ++i) {
    EXPECT_NE(line.enter(in), nullptr);
    in.commit();
  }
  EXPECT_EQ(line.enter(in), nullptr);
}

TEST_F(SharedLine, GivesUpAtTheDeadline) {
  const auto never = [](InMonitor&, bool) { return Attempt::kFailed; };
  EXPECT_FALSE(wait_in_line(state->monitor, line, deadline_after(milliseconds(1)), never));
  EXPECT_FALSE(wait_in_line(state->monitor, line, deadline_after(milliseconds(0)), never));
  EXPECT_TRUE(line.is_empty());
}

TEST_F(SharedLine, IsLeftByAnAttemptThatThrows) {
  const auto fails = [](InMonitor&, bool closely) -> Attempt {
    if (closely) throw ShutDown("over");
    return Attempt::kFailed;
  };
  EXPECT_THROW(wait_in_line(state->monitor, line, std::nullopt, fails), ShutDown);
  EXPECT_TRUE(line.is_empty());
}

TEST(SharedConditionPlaces, AreLimited) {
  const auto condition = std::make_unique<SharedCondition>();
  std::vector<SharedCondition::Sleeper*> sleepers;
  for (std::size_t i = 0; i < SharedCondition::kPlaces; ++i)
    sleepers.push_back(&condition->enter());
  EXPECT_THROW(condition->enter(), LimitExceeded);
  EXPECT_EQ(condition->waiting(), SharedCondition::kPlaces);
  EXPECT_FALSE(condition->leave(*sleepers[7]));
  EXPECT_EQ(&condition->enter(), sleepers[7]);
  EXPECT_EQ(condition->notify(2), 2U);
  EXPECT_TRUE(condition->leave(*sleepers[0]));
  EXPECT_TRUE(condition->leave(*sleepers[1]));
  EXPECT_FALSE(condition->leave(*sleepers[2]));
}

}  // namespace
}  // namespace mp::internal
