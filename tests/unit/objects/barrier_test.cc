#include "tests/unit/objects/barrier_fixture.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::barrier_of;
using test::BarrierTest;
using test::Breaks;
using test::Done;
using test::Fails;
using test::Passes;
using test::Shell;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// --- Arriving. ---

TEST_F(BarrierTest, EverybodyPassesWhenTheLastPartyArrives) {
  EXPECT_THAT(wait(1), IsEmpty());
  EXPECT_THAT(wait(2), IsEmpty());
  EXPECT_THAT(wait(3), ElementsAre(Passes(3, 2, 1), Passes(1, 0, 1), Passes(2, 1, 1)));
}

TEST_F(BarrierTest, TheGenerationsFollowOneAnother) {
  pass_a_generation();
  EXPECT_EQ(state("generation"), "2");
  EXPECT_THAT(wait(3), IsEmpty());
  EXPECT_THAT(wait(1), IsEmpty());
  EXPECT_THAT(wait(2), ElementsAre(Passes(2, 2, 2), Passes(3, 0, 2), Passes(1, 1, 2)));
}

TEST_F(BarrierTest, ThreadsOfOneSessionAreParties) {
  EXPECT_THAT(wait(Who(1, 1, 1)), IsEmpty());
  EXPECT_THAT(wait(Who(2, 1, 2)), IsEmpty());
  EXPECT_THAT(wait(Who(3, 1, 3)), ElementsAre(Passes(3, 2, 1), Passes(1, 0, 1), Passes(2, 1, 1)));
  EXPECT_EQ(state("known"), "3");
}

TEST_F(BarrierTest, OnePartyWaitsForNobody) {
  Shell alone{barrier_of(1)};
  EXPECT_THAT(alone.run(1, request({})), ElementsAre(Passes(1, 0, 1)));
  EXPECT_THAT(alone.run(2, request({.seconds = 0})), ElementsAre(Passes(2, 0, 2)));
}

TEST_F(BarrierTest, AWaitInABatchIsRefusedEvenForTheLastParty) {
  wait(1);
  wait(2);
  UndoLog undo;
  EXPECT_THAT(barrier.run_in_batch(3, request({}), undo), Fails(3, v1::WOULD_BLOCK));
  EXPECT_THAT(barrier.settle(), IsEmpty());
}

TEST_F(BarrierTest, ACallWithoutASessionMayWaitAndIsNeverKnown) {
  wait(Who(1, 0));
  wait(Who(2, 0));
  EXPECT_THAT(wait(3), ElementsAre(Passes(3, 2, 1), Passes(1, 0, 1), Passes(2, 1, 1)));
  EXPECT_EQ(state("known"), "1");
}

TEST_F(BarrierTest, ItsStateSaysHowManyWait) {
  wait(1);
  wait(2);
  EXPECT_EQ(state("parties"), "3");
  EXPECT_EQ(state("waiting"), "2");
  EXPECT_EQ(barrier.object().length(), 2U);
  wait(3);
  EXPECT_EQ(state("waiting"), "0");
}

TEST_F(BarrierTest, WhoGaveUpHasNotArrived) {
  wait(1);
  wait(2);
  EXPECT_THAT(barrier.abandon(1), IsEmpty());
  EXPECT_THAT(wait(3), IsEmpty());
  EXPECT_FALSE(broken());
  EXPECT_THAT(wait(4), ElementsAre(Passes(4, 2, 1), Passes(2, 0, 1), Passes(3, 1, 1)));
}

// --- Making one. ---

absl::Status status_of_making(std::uint64_t parties) {
  return Barrier::create(barrier_of(parties), ObjectLimits{.max_items = 10}).status();
}

TEST_F(BarrierTest, ABarrierOfNobodyIsRefused) {
  EXPECT_EQ(code_of(status_of_making(0)), v1::VALUE_ERROR);
}

TEST_F(BarrierTest, ABarrierOfMoreThanTheLimitIsRefused) {
  EXPECT_TRUE(status_of_making(10).ok());
  EXPECT_EQ(code_of(status_of_making(11)), v1::LIMIT_EXCEEDED);
  EXPECT_EQ(code_of(status_of_making(~std::uint64_t{0})), v1::LIMIT_EXCEEDED);
}

TEST_F(BarrierTest, AnotherNumberOfPartiesIsAnotherBarrier) {
  const Barrier three(3, std::nullopt);
  EXPECT_TRUE(three.require_match(barrier_of(3)).ok());
  EXPECT_EQ(code_of(three.require_match(barrier_of(4))), v1::WRONG_KIND);
  EXPECT_EQ(code_of(three.require_match(barrier_of(0))), v1::VALUE_ERROR);
}

// --- Time. ---

TEST_F(BarrierTest, ATimeThatRunsOutBreaksItForAll) {
  wait(1);
  wait_for(2, 2);
  EXPECT_THAT(barrier.advance(1s), IsEmpty());
  EXPECT_THAT(barrier.advance(1s), ElementsAre(Breaks(2, "2 of 3 parties"),
                                               Breaks(1, "another party's wait timed out")));
  EXPECT_THAT(wait(3), ElementsAre(Breaks(3, "timed out")));
}

TEST_F(BarrierTest, ATimeoutOfZeroOrLessBreaksItAtOnce) {
  wait(1);
  EXPECT_THAT(wait_for(2, 0),
              ElementsAre(Breaks(2, "2 of 3"), Breaks(1, "another party's wait timed out")));
  reset(3);
  EXPECT_THAT(wait_for(4, -1), ElementsAre(Breaks(4, "1 of 3")));
  EXPECT_TRUE(broken());
}

TEST_F(BarrierTest, TheLastPartyPassesWithoutTime) {
  wait(1);
  wait(2);
  EXPECT_THAT(wait_for(3, 0), ElementsAre(Passes(3, 2, 1), Passes(1, 0, 1), Passes(2, 1, 1)));
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, TheTimeOfTheBarrierIsForWaitsWithoutTheirOwn) {
  Shell timed{barrier_of(3, 5)};
  timed.run(1, request({}));
  timed.run(2, request({.seconds = 9}));
  EXPECT_THAT(timed.advance(5s), ElementsAre(Breaks(1, "2 of 3"), Breaks(2, "another")));
}

TEST_F(BarrierTest, AWaitCanBeForEverWhateverTheTimeOfTheBarrierIs) {
  Shell timed{barrier_of(3, 5)};
  timed.run(1, request({.forever = true}));
  EXPECT_THAT(timed.advance(100s), IsEmpty());
}

TEST_F(BarrierTest, ATimeThatRunsOutAfterTheAnswerChangesNothing) {
  wait_for(1, 1);
  wait(2);
  wait(3);
  EXPECT_THAT(barrier.advance(2s), IsEmpty());
  EXPECT_FALSE(broken());
}

// --- Abort and reset. ---

TEST_F(BarrierTest, AbortBreaksIt) {
  wait(1);
  wait(2);
  EXPECT_THAT(abort(3), ElementsAre(Done(3), Breaks(1, "aborted"), Breaks(2, "aborted")));
  EXPECT_THAT(wait(4), ElementsAre(Breaks(4, "aborted")));
  EXPECT_TRUE(broken());
}

TEST_F(BarrierTest, ResetMakesABrokenOneWhole) {
  abort(1);
  EXPECT_THAT(reset(2), ElementsAre(Done(2)));
  EXPECT_FALSE(broken());
  EXPECT_EQ(state("generation"), "2");
  wait(3);
  wait(4);
  EXPECT_THAT(wait(5), ElementsAre(Passes(5, 2, 2), Passes(3, 0, 2), Passes(4, 1, 2)));
}

TEST_F(BarrierTest, ResetFailsWhoeverWaits) {
  wait(1);
  wait(2);
  EXPECT_THAT(reset(3), ElementsAre(Done(3), Breaks(1, "was reset"), Breaks(2, "was reset")));
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, ResetKeepsWhoIsKnown) {
  pass_a_generation();
  reset(4);
  EXPECT_EQ(state("known"), "3");
  barrier.owner_gone(1);
  EXPECT_TRUE(broken());
}

TEST_F(BarrierTest, AnAbortInABatchAnswersWhoWaitedAfterIt) {
  wait(1);
  UndoLog undo;
  barrier.run_in_batch(2, v1::BarrierAbortRequest(), undo);
  barrier.run_in_batch(2, v1::BarrierResetRequest(), undo);
  EXPECT_THAT(barrier.settle(), ElementsAre(Breaks(1, "aborted")));
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, AnAbortThatIsUndoneLeavesEverybodyWaiting) {
  wait(1);
  UndoLog undo;
  barrier.run_in_batch(2, v1::BarrierAbortRequest(), undo);
  barrier.run_in_batch(2, v1::BarrierResetRequest(), undo);
  undo.run();
  EXPECT_THAT(barrier.settle(), IsEmpty());
  EXPECT_EQ(state("generation"), "1");
  wait(2);
  EXPECT_THAT(wait(3), ElementsAre(Passes(3, 2, 1), Passes(1, 0, 1), Passes(2, 1, 1)));
}

// --- Going away. ---

TEST_F(BarrierTest, WhoeverWaitsIsToldWhenItIsRemoved) {
  wait(1);
  wait(2);
  EXPECT_THAT(barrier.dissolve(error(v1::NO_SUCH_OBJECT, "removed")),
              ElementsAre(Fails(1, v1::NO_SUCH_OBJECT), Fails(2, v1::NO_SUCH_OBJECT)));
}

TEST_F(BarrierTest, ItsBytesAreThoseOfItsWaitersAndOfWhomItKnows) {
  EXPECT_EQ(barrier.object().heap_bytes(), 0U);
  wait(1);
  const std::size_t one_waits = barrier.object().heap_bytes();
  EXPECT_GT(one_waits, 0U);
  enlist(2);
  EXPECT_GT(barrier.object().heap_bytes(), one_waits);
}

}  // namespace
}  // namespace mp::server
