#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <ranges>
#include <vector>

#include "client_lib/local/pool/schedule.h"

namespace mp::internal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using namespace std::chrono_literals;

// Tasks are told apart by their ids.
class Scheduling : public testing::Test {
 protected:
  explicit Scheduling(std::size_t workers = 2) {
    for (std::size_t worker = 0; worker < workers; ++worker) schedule_.open(worker);
  }

  void add(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t id = first; id <= last; ++id)
      schedule_.add({.id = id, .job = {}, .frame = {}, .wire = {}, .limits = {}});
  }
  void add_by_wire(std::uint64_t id) {
    schedule_.add(
        {.id = id, .job = {}, .frame = {}, .wire = std::make_shared<Parcelled>(), .limits = {}});
  }
  void add_alone(std::uint64_t id) {
    schedule_.add({.id = id, .job = {}, .frame = {}, .wire = {}, .limits = {.hard = 1s}});
  }
  void hand_out() {
    while (schedule_.next()) continue;
  }
  // The tasks in a hand.
  std::vector<std::uint64_t> hand(std::size_t worker) {
    std::vector<std::uint64_t> ids;
    for (const Task& task : schedule_.hand(worker)) ids.push_back(task.id);
    return ids;
  }
  // Teaches it how long tasks take.
  void learn(std::chrono::nanoseconds took) {
    for (int i = 0; i < 100; ++i) {
      add(1000, 1000);
      const std::size_t worker = schedule_.next().value();
      schedule_.finish(worker, 1000, took);
    }
  }

  Schedule schedule_;
};

TEST_F(Scheduling, GivesEachWorkerOneTaskInTheOrderOfTheirArrival) {
  add(1, 4);
  hand_out();
  EXPECT_THAT(hand(0), ElementsAre(1));
  EXPECT_THAT(hand(1), ElementsAre(2));
  EXPECT_EQ(schedule_.waiting(), 2U);
}

TEST_F(Scheduling, GivesTheNextToWhoeverIsDone) {
  add(1, 3);
  hand_out();
  EXPECT_EQ(schedule_.finish(1, 2, 1s)->id, 2U);
  EXPECT_THAT(schedule_.next(), Optional(1U));
  EXPECT_THAT(hand(1), ElementsAre(3));
}

TEST_F(Scheduling, KnowsNoResultTwice) {
  add(1, 1);
  hand_out();
  EXPECT_TRUE(schedule_.finish(0, 1, 1s).has_value());
  EXPECT_FALSE(schedule_.finish(0, 1, 1s).has_value());
  EXPECT_FALSE(schedule_.finish(7, 1, 1s).has_value());
  EXPECT_TRUE(schedule_.is_idle());
}

TEST_F(Scheduling, GivesSeveralOnceTasksAreShort) {
  learn(10us);
  EXPECT_GT(schedule_.depth(), 10U);
  add(1, 8);
  hand_out();
  EXPECT_THAT(hand(0), ElementsAre(1, 3, 5, 7));
  EXPECT_THAT(hand(1), ElementsAre(2, 4, 6, 8));
}

TEST_F(Scheduling, GivesOneAgainOnceTasksAreLong) {
  learn(10us);
  learn(10ms);
  EXPECT_EQ(schedule_.depth(), 1U);
}

TEST_F(Scheduling, ATaskThatIsAloneSharesNoHand) {
  learn(10us);
  add_alone(1);
  add(2, 5);
  add_alone(6);
  add(7, 7);
  hand_out();
  EXPECT_THAT(hand(0), ElementsAre(1));
  EXPECT_THAT(hand(1), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(schedule_.waiting(), 2U);
}

TEST_F(Scheduling, TakesFromTheRichestForWhoHasNothing) {
  learn(10us);
  schedule_.shut(1);
  add(1, 4);
  hand_out();
  EXPECT_THAT(hand(0), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(schedule_.whom_to_take_from(), std::nullopt);
  schedule_.open(1);
  EXPECT_THAT(schedule_.whom_to_take_from(), Optional(0U));
  schedule_.take_back(0, {2});
  EXPECT_EQ(schedule_.whom_to_take_from(), std::nullopt);  // one waits: it will do
  hand_out();
  EXPECT_THAT(hand(0), ElementsAre(1, 3, 4));
  EXPECT_THAT(hand(1), ElementsAre(2));
}

TEST_F(Scheduling, WhatIsTakenBackIsNextInItsOldOrder) {
  learn(10us);
  schedule_.shut(1);
  add(1, 4);
  hand_out();
  add(5, 5);
  schedule_.shut(0);
  schedule_.take_back(0, {2, 3, 4});
  schedule_.open(1);
  hand_out();
  EXPECT_THAT(hand(1), ElementsAre(2, 3, 4, 5));
}

TEST_F(Scheduling, AWorkerWithAnotherTaskOnItsWireIsGivenNoneByWire) {
  schedule_.shut(1);
  add_by_wire(1);
  hand_out();
  schedule_.take_back(0, {1});
  schedule_.take_waiting([](const Task&) { return true; });
  add_by_wire(2);
  EXPECT_EQ(schedule_.next(), std::nullopt);
  schedule_.free_wire(0);
  EXPECT_THAT(schedule_.next(), Optional(0U));
}

TEST_F(Scheduling, ATaskByWireGoesToWhoseWireIsFree) {
  add_by_wire(1);
  hand_out();
  schedule_.take_back(0, {1});
  EXPECT_THAT(schedule_.next(), Optional(1U));
}

TEST_F(Scheduling, AWorkerWithATaskOnItsWireIsGivenOthers) {
  schedule_.shut(1);
  add_by_wire(1);
  hand_out();
  schedule_.take_back(0, {1});
  schedule_.take_waiting([](const Task&) { return true; });
  add(2, 2);
  EXPECT_THAT(schedule_.next(), Optional(0U));
}

TEST_F(Scheduling, AWorkerThatFollowsAnotherHasAFreeWire) {
  schedule_.shut(1);
  add_by_wire(1);
  hand_out();
  schedule_.shut(0);
  schedule_.take_back(0, {1});
  schedule_.open(0);
  EXPECT_THAT(schedule_.next(), Optional(0U));
}

TEST_F(Scheduling, WhatAWorkerHadBegunIsLostWithIt) {
  learn(10us);
  schedule_.shut(1);
  add(1, 3);
  hand_out();
  schedule_.shut(0);
  schedule_.take_back(0, {2, 3});
  const auto lost = schedule_.take_lost(0);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].id, 1U);
  EXPECT_FALSE(schedule_.is_idle());
  EXPECT_EQ(schedule_.waiting(), 2U);
}

TEST_F(Scheduling, TellsOfTasksWithALimit) {
  add_alone(1);
  add(2, 2);
  hand_out();
  const auto timed = schedule_.timed();
  ASSERT_EQ(timed.size(), 1U);
  EXPECT_EQ(timed[0].worker, 0U);
  EXPECT_EQ(timed[0].task->id, 1U);
}

TEST_F(Scheduling, GivesUpAllThereIs) {
  add(1, 5);
  hand_out();
  EXPECT_EQ(schedule_.take_all().size(), 5U);
  EXPECT_TRUE(schedule_.is_idle());
  EXPECT_THAT(schedule_.take_all(), IsEmpty());
}

}  // namespace
}  // namespace mp::internal
