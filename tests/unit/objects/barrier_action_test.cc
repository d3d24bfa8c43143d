#include "tests/unit/objects/barrier_fixture.h"

// The action that one of the parties runs before all go on.

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::barrier_of;
using test::BarrierTest;
using test::Breaks;
using test::Done;
using test::Fails;
using test::Passes;
using test::Results;
using test::RunsTheAction;
using test::Shell;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(BarrierTest, TheLastArrivalRunsTheActionIfItHasOne) {
  wait_with_action(1);
  wait_with_action(2);
  EXPECT_THAT(wait_with_action(3), ElementsAre(RunsTheAction(3, 2, 1)));
}

TEST_F(BarrierTest, TheLatestArrivalThatHasAnActionRunsIt) {
  EXPECT_THAT(wait_with_action(1), IsEmpty());
  EXPECT_THAT(wait_with_action(2), IsEmpty());
  EXPECT_THAT(wait(3), ElementsAre(RunsTheAction(2, 1, 1)));
}

TEST_F(BarrierTest, TheOthersPassWhenTheActionIsDone) {
  begin_action();
  EXPECT_EQ(state("waiting"), "2");
  EXPECT_THAT(finish(Who(12, 2), 1), ElementsAre(Done(12), Passes(1, 0, 1), Passes(3, 2, 1)));
  EXPECT_EQ(state("generation"), "2");
  EXPECT_EQ(state("known"), "3");
}

TEST_F(BarrierTest, OnePartyRunsItsActionAlone) {
  Shell alone{barrier_of(1)};
  EXPECT_THAT(alone.run(1, request({.has_action = true})), ElementsAre(RunsTheAction(1, 0, 1)));
  EXPECT_THAT(alone.run(1, finish_request(1)), ElementsAre(Done(1)));
  EXPECT_THAT(alone.run(1, request({.has_action = true})), ElementsAre(RunsTheAction(1, 0, 2)));
}

TEST_F(BarrierTest, AnActionThatFailsBreaksIt) {
  begin_action();
  EXPECT_THAT(fail_action(Who(12, 2), 1),
              ElementsAre(Done(12), Breaks(1, "action failed"), Breaks(3, "action failed")));
  EXPECT_THAT(wait(4), ElementsAre(Breaks(4, "action failed")));
}

TEST_F(BarrierTest, OnlyItsRunnerFinishesTheAction) {
  begin_action();
  EXPECT_THAT(finish(Who(11, 1), 1), ElementsAre(Fails(11, v1::NOT_OWNER)));
  EXPECT_THAT(finish(Who(12, 2), 2), ElementsAre(Fails(12, v1::BROKEN_BARRIER)));
  EXPECT_EQ(state("waiting"), "2");
}

TEST_F(BarrierTest, WithoutAnActionThereIsNothingToFinish) {
  EXPECT_THAT(finish(1, 1), ElementsAre(Fails(1, v1::BROKEN_BARRIER)));
  begin_action();
  finish(Who(12, 2), 1);
  EXPECT_THAT(finish(Who(13, 2), 1), ElementsAre(Fails(13, v1::BROKEN_BARRIER)));
}

TEST_F(BarrierTest, ATimeThatRunsOutDuringTheActionBreaksIt) {
  wait_for(1, 2);
  wait_with_action(2);
  wait(3);
  EXPECT_THAT(barrier.advance(2s), ElementsAre(Breaks(1, "the action was running"),
                                               Breaks(3, "another party's wait timed out")));
  EXPECT_THAT(finish(Who(12, 2), 1), ElementsAre(Fails(12, v1::BROKEN_BARRIER)));
}

TEST_F(BarrierTest, TheLastPartyWaitsForTheActionEvenWithoutTime) {
  wait(1);
  wait_with_action(2);
  EXPECT_THAT(wait_for(3, 0), ElementsAre(RunsTheAction(2, 1, 1)));
  EXPECT_THAT(finish(Who(12, 2), 1), ElementsAre(Done(12), Passes(1, 0, 1), Passes(3, 2, 1)));
}

TEST_F(BarrierTest, WhoArrivesDuringTheActionBelongsToTheNextGeneration) {
  begin_action();
  EXPECT_THAT(wait(4), IsEmpty());
  EXPECT_THAT(wait(5), IsEmpty());
  EXPECT_THAT(wait(6), IsEmpty());
  EXPECT_THAT(wait(7), IsEmpty());
  EXPECT_THAT(finish(Who(12, 2), 1),
              ElementsAre(Done(12), Passes(1, 0, 1), Passes(3, 2, 1), Passes(4, 0, 2),
                          Passes(5, 1, 2), Passes(6, 2, 2)));
  EXPECT_EQ(state("waiting"), "1");
}

TEST_F(BarrierTest, WhoGivesUpDuringTheActionHoldsNobodyUp) {
  begin_action();
  EXPECT_THAT(barrier.abandon(1), IsEmpty());
  EXPECT_THAT(finish(Who(12, 2), 1), ElementsAre(Done(12), Passes(3, 2, 1)));
}

TEST_F(BarrierTest, TheEndOfTheRunnerBreaksIt) {
  begin_action();
  EXPECT_THAT(barrier.owner_gone(2), ElementsAre(Breaks(1, "session 2"), Breaks(3, "session 2")));
}

TEST_F(BarrierTest, ARunnerThatClosesItsSessionBreaksIt) {
  begin_action();
  EXPECT_THAT(barrier.owner_closed(2), ElementsAre(Breaks(1, "session 2"), Breaks(3, "session 2")));
}

TEST_F(BarrierTest, ARunnerThatWasNeverToldBreaksIt) {
  wait(1);
  wait(2);
  const Results chosen = wait_with_action(3);
  EXPECT_THAT(barrier.take_back(chosen.back()),
              ElementsAre(Breaks(1, "never began"), Breaks(2, "never began")));
}

TEST_F(BarrierTest, ARunnerOfAnEarlierGenerationThatWasNeverToldChangesNothing) {
  wait(1);
  wait(2);
  const Results chosen = wait_with_action(3);
  finish(Who(13, 3), 1);
  EXPECT_THAT(barrier.take_back(chosen.back()), IsEmpty());
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, APassageThatWasNeverToldChangesNothing) {
  wait(1);
  wait(2);
  const Results passed = wait(3);
  EXPECT_THAT(barrier.take_back(passed.front()), IsEmpty());
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, ResetDuringTheActionLeavesNothingToFinish) {
  begin_action();
  EXPECT_THAT(reset(4), ElementsAre(Done(4), Breaks(1, "was reset"), Breaks(3, "was reset")));
  EXPECT_THAT(finish(Who(12, 2), 1), ElementsAre(Fails(12, v1::BROKEN_BARRIER)));
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, ALateFinishDoesNotEndTheActionOfAnotherGeneration) {
  begin_action();
  reset(4);
  wait(Who(21, 1));
  wait(Who(23, 3));
  EXPECT_THAT(wait_with_action(Who(22, 2)), ElementsAre(RunsTheAction(22, 2, 2)));
  EXPECT_THAT(finish(Who(12, 2), 1), ElementsAre(Fails(12, v1::BROKEN_BARRIER)));
}

TEST_F(BarrierTest, AFinishThatIsUndoneLeavesTheActionRunning) {
  begin_action();
  UndoLog undo;
  barrier.run_in_batch(Who(12, 2), finish_request(1), undo);
  undo.run();
  EXPECT_THAT(barrier.settle(), IsEmpty());
  EXPECT_EQ(state("known"), "0");
  EXPECT_THAT(finish(Who(13, 2), 1), ElementsAre(Done(13), Passes(1, 0, 1), Passes(3, 2, 1)));
}

TEST_F(BarrierTest, AFinishThatIsFollowedByAnAbortStillReleasesItsGeneration) {
  begin_action();
  wait(4);
  UndoLog undo;
  barrier.run_in_batch(Who(12, 2), finish_request(1), undo);
  barrier.run_in_batch(Who(12, 2), v1::BarrierAbortRequest(), undo);
  EXPECT_THAT(barrier.settle(),
              ElementsAre(Passes(1, 0, 1), Passes(3, 2, 1), Breaks(4, "aborted")));
}

TEST_F(BarrierTest, ADeadPartyIsPassedOverAndItsSweepBreaksTheNextGeneration) {
  begin_action();
  barrier.kill(1);
  EXPECT_THAT(finish(Who(12, 2), 1), ElementsAre(Done(12), Passes(3, 2, 1)));
  EXPECT_FALSE(broken());
  barrier.owner_gone(1);
  EXPECT_TRUE(broken());
}

TEST_F(BarrierTest, ARunnerNeedsASession) {
  EXPECT_THAT(wait(Who(1, 0), {.has_action = true}), ElementsAre(Fails(1, v1::NO_SESSION)));
}

}  // namespace
}  // namespace mp::server
