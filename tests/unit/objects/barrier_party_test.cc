#include "tests/unit/objects/barrier_fixture.h"

// Which parties a barrier knows, and what their ends do to it.

namespace mp::server {
namespace {

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

TEST_F(BarrierTest, TheDeathOfWhoWaitsBreaksIt) {
  enlist(2);
  wait(1);
  wait(2);
  EXPECT_THAT(barrier.owner_gone(1), ElementsAre(Breaks(2, "session 1")));
  EXPECT_THAT(wait(3), ElementsAre(Breaks(3, "session 1")));
}

TEST_F(BarrierTest, TheDeathOfAPartyOfAnEarlierGenerationBreaksIt) {
  pass_a_generation();
  wait(1);
  EXPECT_THAT(barrier.owner_gone(2), ElementsAre(Breaks(1, "session 2")));
  EXPECT_TRUE(broken());
}

TEST_F(BarrierTest, TheDeathOfWhoEnlistedBreaksIt) {
  EXPECT_THAT(enlist(1), ElementsAre(Done(1)));
  enlist(2);
  EXPECT_EQ(state("known"), "2");
  wait(2);
  EXPECT_THAT(barrier.owner_gone(1), ElementsAre(Breaks(2, "session 1")));
}

TEST_F(BarrierTest, TheDeathOfAStrangerChangesNothing) {
  wait(1);
  EXPECT_THAT(barrier.owner_gone(2), IsEmpty());
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, EnlistingTwiceIsEnlistingOnce) {
  enlist(1);
  enlist(1);
  enlist(Who(2, 1, 7));
  EXPECT_EQ(state("known"), "2");
}

TEST_F(BarrierTest, NamesWhoIsKnownAndHasNotComeAsLongAsSomebodyWaits) {
  enlist(1);
  enlist(Who(2, 2, 7));
  EXPECT_THAT(barrier.object().missing(), IsEmpty());
  wait(3);
  EXPECT_THAT(barrier.object().missing(), ElementsAre(Owner{1}, Owner{2, 7}));
  wait(1);
  EXPECT_THAT(barrier.object().missing(), ElementsAre(Owner{2, 7}));
  barrier.owner_closed(2);
  EXPECT_THAT(barrier.object().missing(), IsEmpty());
}

TEST_F(BarrierTest, NamesWhoWasInAnEarlierGenerationAndHasNotCome) {
  pass_a_generation();
  wait(2);
  EXPECT_THAT(barrier.object().missing(), ElementsAre(Owner{1}, Owner{3}));
}

TEST_F(BarrierTest, NamesWhoRunsTheActionForWhomAllOthersWait) {
  begin_action();
  enlist(4);
  EXPECT_THAT(barrier.object().missing(), ElementsAre(Owner{2}));
}

TEST_F(BarrierTest, MissesNobodyOnceItIsBroken) {
  enlist(1);
  wait(2);
  abort(3);
  EXPECT_THAT(barrier.object().missing(), IsEmpty());
}

TEST_F(BarrierTest, ACallWithoutASessionCantEnlist) {
  EXPECT_THAT(enlist(Who(1, 0)), ElementsAre(Fails(1, v1::NO_SESSION)));
}

TEST_F(BarrierTest, WhoeverClosesItsSessionIsForgotten) {
  pass_a_generation();
  wait(2);
  EXPECT_THAT(barrier.owner_closed(1), IsEmpty());
  EXPECT_EQ(state("known"), "2");
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, ASessionThatIsClosedWhileItWaitsBreaksIt) {
  pass_a_generation();
  wait(1);
  wait(2);
  EXPECT_THAT(barrier.owner_closed(1), ElementsAre(Breaks(2, "session 1")));
  EXPECT_TRUE(broken());
}

TEST_F(BarrierTest, IsWholeAgainOnceNoKnownPartyIsLeft) {
  pass_a_generation();
  barrier.owner_gone(1);
  barrier.owner_closed(2);
  EXPECT_TRUE(broken());
  barrier.owner_gone(3);
  EXPECT_FALSE(broken());
  EXPECT_EQ(state("generation"), "3");
  wait(4);
  wait(5);
  EXPECT_THAT(wait(6), ElementsAre(Passes(6, 2, 3), Passes(4, 0, 3), Passes(5, 1, 3)));
}

TEST_F(BarrierTest, IsWholeAgainOnceTheLastKnownPartyHasClosedItsSession) {
  enlist(1);
  enlist(2);
  barrier.owner_gone(1);
  EXPECT_TRUE(broken());
  barrier.owner_closed(2);
  EXPECT_FALSE(broken());
}

TEST_F(BarrierTest, AnAbortedOneStaysBrokenWhenNoPartyIsLeft) {
  enlist(1);
  abort(2);
  barrier.owner_gone(1);
  EXPECT_TRUE(broken());
}

TEST_F(BarrierTest, WhoWaitedWithTheDeadIsKnownAndItStaysBrokenUntilTheyAreGone) {
  wait(1);
  wait(2);
  EXPECT_THAT(barrier.owner_gone(1), ElementsAre(Breaks(2, "session 1")));
  EXPECT_TRUE(broken());
  barrier.owner_closed(2);
  EXPECT_FALSE(broken());
  EXPECT_EQ(state("generation"), "2");
}

TEST_F(BarrierTest, AGenerationWithADeadPartyIsNotComplete) {
  enlist(2);
  wait(1);
  wait(2);
  barrier.kill(1);
  EXPECT_THAT(wait(3), IsEmpty());
  EXPECT_THAT(barrier.owner_gone(1), ElementsAre(Breaks(2, "session 1"), Breaks(3, "session 1")));
}

TEST_F(BarrierTest, NoMorePartiesAreKnownThanTheLimit) {
  Shell small{barrier_of(2)};
  small.limits.max_items = 2;
  small.run(1, v1::BarrierEnlistRequest());
  small.run(2, v1::BarrierEnlistRequest());
  EXPECT_THAT(small.run(3, v1::BarrierEnlistRequest()), ElementsAre(Fails(3, v1::LIMIT_EXCEEDED)));
  EXPECT_THAT(small.run(3, request({})), ElementsAre(Fails(3, v1::LIMIT_EXCEEDED)));
  EXPECT_THAT(small.run(1, request({})), IsEmpty());
  EXPECT_THAT(small.run(2, request({})), ElementsAre(Passes(2, 1, 1), Passes(1, 0, 1)));
}

TEST_F(BarrierTest, AProcessWhoseThreadsComeAndGoIsKnownForABoundedNumberOfThem) {
  for (Ticket ticket = 1; ticket <= 1000; ++ticket) enlist(Who(ticket, 1, ticket));
  EXPECT_EQ(state("known"), "64");
  wait(Who(2000, 2));
  EXPECT_THAT(barrier.owner_gone(1), ElementsAre(Breaks(2000, "session 1 ended")));
}

}  // namespace
}  // namespace mp::server
