#include "server/objects/count_down_latch.h"

#include <limits>
#include <optional>
#include <string>

#include "server/objects/error.h"
#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::field;
using test::Result;
using test::Results;
using test::Shell;
using test::Who;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool says(const Result& result, int ticket, const char* reached) {
  return result.ticket == static_cast<Ticket>(ticket) &&
         field(result.outcome, "reached") == reached;
}
MATCHER_P(Reached, ticket, "") { return says(arg, ticket, "True"); }
MATCHER_P(NotReached, ticket, "") { return says(arg, ticket, "False"); }
// A count_down() that took so many, and left so many.
MATCHER_P3(Counted, ticket, counted, left, "") {
  const v1::CountDownLatchCountDownReply& reply = arg.outcome.count_down_latch_count_down();
  return arg.ticket == static_cast<Ticket>(ticket) && !arg.outcome.has_error() &&
         reply.counted() == static_cast<std::uint64_t>(counted) &&
         reply.count() == static_cast<std::uint64_t>(left);
}

v1::CountDownLatchCreateRequest latch_of(std::uint64_t count) {
  v1::CountDownLatchCreateRequest request;
  request.set_count(count);
  return request;
}

// A latch of three.
class CountDownLatchTest : public ::testing::Test {
 protected:
  static v1::CountDownLatchCountDownRequest count_request(std::uint64_t count,
                                                          std::uint64_t generation = 0) {
    v1::CountDownLatchCountDownRequest request;
    request.set_count(count);
    request.set_generation(generation);
    return request;
  }
  static v1::CountDownLatchTrySetCountRequest set_request(std::uint64_t count) {
    v1::CountDownLatchTrySetCountRequest request;
    request.set_count(count);
    return request;
  }
  Results wait(Who who, std::optional<std::int64_t> seconds = {}) {
    v1::CountDownLatchWaitRequest request;
    if (seconds) request.mutable_timeout()->set_seconds(*seconds);
    return latch.run(who, request);
  }
  Results count_down(Who who, std::uint64_t count = 0, std::uint64_t generation = 0) {
    return latch.run(who, count_request(count, generation));
  }
  std::string try_set_count(int ticket, std::uint64_t count) {
    return field(latch.run(ticket, set_request(count)).at(0).outcome, "set");
  }
  Results enlist(Who who, std::uint64_t count = 0) {
    v1::CountDownLatchEnlistRequest request;
    request.set_count(count);
    return latch.run(who, request);
  }
  std::string state() { return latch.ask(v1::CountDownLatchGetCountRequest()); }

  Shell latch{latch_of(3)};
};

TEST_F(CountDownLatchTest, CountsDownByOneUnlessTold) {
  EXPECT_THAT(count_down(1), ElementsAre(Counted(1, 1, 2)));
  EXPECT_THAT(count_down(2, 2), ElementsAre(Counted(2, 2, 0)));
}

TEST_F(CountDownLatchTest, BeyondZeroThereIsNothingToCount) {
  EXPECT_THAT(count_down(1, 7), ElementsAre(Counted(1, 3, 0)));
  EXPECT_THAT(count_down(2), ElementsAre(Counted(2, 0, 0)));
}

TEST_F(CountDownLatchTest, LetsEverybodyGoInOrderOfArrivalAtZero) {
  EXPECT_THAT(wait(1), IsEmpty());
  EXPECT_THAT(wait(2), IsEmpty());
  EXPECT_THAT(count_down(3, 2), ElementsAre(Done(3)));
  EXPECT_THAT(count_down(4), ElementsAre(Counted(4, 1, 0), Reached(1), Reached(2)));
  EXPECT_THAT(wait(5), ElementsAre(Reached(5)));
}

TEST_F(CountDownLatchTest, OfZeroIsReachedFromTheStart) {
  Shell open(latch_of(0));
  EXPECT_THAT(open.run(1, v1::CountDownLatchWaitRequest()), ElementsAre(Reached(1)));
}

TEST_F(CountDownLatchTest, AWaitEndsInItsTimeWithoutTheCount) {
  EXPECT_THAT(wait(1, 2), IsEmpty());
  EXPECT_THAT(latch.advance(2s), ElementsAre(NotReached(1)));
  EXPECT_THAT(wait(2, 0), ElementsAre(NotReached(2)));
  EXPECT_THAT(count_down(3, 3), ElementsAre(Done(3)));
}

TEST_F(CountDownLatchTest, IsSetAnewOnlyAtZero) {
  EXPECT_EQ(try_set_count(1, 5), "False");
  count_down(2, 3);
  EXPECT_EQ(try_set_count(3, 5), "True");
  EXPECT_EQ(state(), "count=5 generation=2 promised=0 broken=False");
  EXPECT_THAT(wait(4), IsEmpty());
}

TEST_F(CountDownLatchTest, IsNotSetToNothingOrTooMuch) {
  count_down(1, 3);
  EXPECT_THAT(latch.run(2, set_request(0)), ElementsAre(Fails(2, v1::VALUE_ERROR)));
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(latch.run(3, set_request(kMost + 1)), ElementsAre(Fails(3, v1::VALUE_ERROR)));
  EXPECT_FALSE(CountDownLatch::create(latch_of(kMost + 1), {}).ok());
  EXPECT_EQ(state(), "count=0 generation=1 promised=0 broken=False");
  EXPECT_EQ(try_set_count(4, kMost), "True");
}

TEST_F(CountDownLatchTest, WhoIsLateWithOneGenerationDoesNotCountInTheNext) {
  count_down(1, 3);
  try_set_count(2, 2);
  EXPECT_THAT(count_down(3, 1, 1), ElementsAre(Counted(3, 0, 2)));
  EXPECT_THAT(count_down(4, 1, 2), ElementsAre(Counted(4, 1, 1)));
}

TEST_F(CountDownLatchTest, ABatchThatReachesZeroAndSetsANewCountLetsWhoWaitedGo) {
  wait(1);
  UndoLog undo;
  latch.run_in_batch(2, count_request(3), undo);
  latch.run_in_batch(2, set_request(9), undo);
  EXPECT_THAT(latch.settle(), ElementsAre(Reached(1)));
  EXPECT_THAT(wait(3), IsEmpty());
}

TEST_F(CountDownLatchTest, ACountThatIsUndoneLetsNobodyGo) {
  enlist(2, 2);
  wait(1);
  UndoLog undo;
  latch.run_in_batch(2, count_request(3), undo);
  latch.run_in_batch(2, set_request(9), undo);
  undo.run();
  EXPECT_THAT(latch.settle(), IsEmpty());
  EXPECT_EQ(state(), "count=3 generation=1 promised=2 broken=False");
}

TEST_F(CountDownLatchTest, AWaitInABatchNeverWaits) {
  UndoLog undo;
  EXPECT_THAT(latch.run_in_batch(1, v1::CountDownLatchWaitRequest(), undo),
              Fails(1, v1::WOULD_BLOCK));
  count_down(2, 3);
  EXPECT_THAT(latch.run_in_batch(3, v1::CountDownLatchWaitRequest(), undo), Reached(3));
}

TEST_F(CountDownLatchTest, BreaksForAllWhenOneEndsThatHasPromisedToCount) {
  enlist(1);
  wait(2);
  wait(3, 5);
  EXPECT_THAT(latch.owner_gone(1),
              ElementsAre(Fails(2, v1::BROKEN_BARRIER), Fails(3, v1::BROKEN_BARRIER)));
  EXPECT_EQ(state(), "count=3 generation=1 promised=0 broken=True");
  const Results late = wait(4);
  EXPECT_THAT(late, ElementsAre(Fails(4, v1::BROKEN_BARRIER)));
  EXPECT_THAT(late[0].outcome.error().message(),
              AllOf(HasSubstr("session 1 ended"), HasSubstr("owed 1 of the 3")));
}

TEST_F(CountDownLatchTest, BreaksWhenOneClosesItsSessionThatHasPromisedToCount) {
  enlist(1);
  wait(2);
  EXPECT_THAT(latch.owner_closed(1), ElementsAre(Fails(2, v1::BROKEN_BARRIER)));
}

TEST_F(CountDownLatchTest, APromiseThatIsKeptIsOver) {
  enlist(1, 2);
  count_down(Who(2, 1), 2);
  wait(3);
  EXPECT_THAT(latch.owner_gone(1), IsEmpty());
  EXPECT_EQ(state(), "count=1 generation=1 promised=0 broken=False");
}

TEST_F(CountDownLatchTest, APromiseIsKeptByAnyThreadOfItsProcess) {
  enlist(Who(1, 1, 7));
  count_down(Who(2, 1, 8));
  EXPECT_EQ(state(), "count=2 generation=1 promised=0 broken=False");
}

TEST_F(CountDownLatchTest, APromiseIsNotKeptByOthers) {
  enlist(1);
  count_down(2);
  wait(3);
  EXPECT_THAT(latch.owner_gone(1), ElementsAre(Fails(3, v1::BROKEN_BARRIER)));
}

TEST_F(CountDownLatchTest, AtZeroNobodyOwesAnything) {
  enlist(1);
  count_down(2, 3);
  EXPECT_EQ(state(), "count=0 generation=1 promised=0 broken=False");
  try_set_count(3, 2);
  latch.owner_gone(1);
  EXPECT_EQ(state(), "count=2 generation=2 promised=0 broken=False");
}

TEST_F(CountDownLatchTest, NoMoreIsPromisedThanIsLeft) {
  enlist(1, 2);
  EXPECT_THAT(enlist(2, 2), ElementsAre(Fails(2, v1::VALUE_ERROR)));
  EXPECT_THAT(enlist(3, 1), ElementsAre(Done(3)));
  EXPECT_THAT(enlist(4), ElementsAre(Fails(4, v1::VALUE_ERROR)));
  count_down(5, 2);  // in place of those who promised
  EXPECT_THAT(enlist(6), ElementsAre(Fails(6, v1::VALUE_ERROR)));
}

TEST_F(CountDownLatchTest, NobodyPromisesWithoutASession) {
  EXPECT_THAT(enlist(Who(1, 0)), ElementsAre(Fails(1, v1::NO_SESSION)));
}

TEST_F(CountDownLatchTest, NobodyPromisesWhereItIsBroken) {
  enlist(1);
  latch.owner_gone(1);
  EXPECT_THAT(enlist(2), ElementsAre(Fails(2, v1::BROKEN_BARRIER)));
}

TEST_F(CountDownLatchTest, OthersMayCountInPlaceOfTheDead) {
  enlist(1);
  latch.owner_gone(1);
  EXPECT_THAT(count_down(2, 2), ElementsAre(Counted(2, 2, 1)));
  EXPECT_THAT(count_down(3), ElementsAre(Counted(3, 1, 0)));
  EXPECT_THAT(wait(4), ElementsAre(Reached(4)));
  EXPECT_EQ(state(), "count=0 generation=1 promised=0 broken=False");
}

TEST_F(CountDownLatchTest, ABrokenOneIsSetAnew) {
  enlist(1);
  enlist(2);
  latch.owner_gone(1);
  EXPECT_EQ(try_set_count(3, 4), "True");
  EXPECT_EQ(state(), "count=4 generation=2 promised=0 broken=False");
  EXPECT_THAT(wait(4), IsEmpty());
  EXPECT_THAT(latch.owner_gone(2), IsEmpty());
}

TEST_F(CountDownLatchTest, TheFirstDeathIsTheReasonThatIsTold) {
  enlist(1);
  enlist(2);
  latch.owner_gone(1);
  latch.owner_gone(2);
  EXPECT_THAT(wait(3).at(0).outcome.error().message(), HasSubstr("session 1 ended"));
}

TEST_F(CountDownLatchTest, WhoHasPromisedHoldsItUntilThen) {
  EXPECT_TRUE(latch.object().holders().empty());
  enlist(7);
  ASSERT_EQ(latch.object().holders().size(), 1U);
  EXPECT_EQ(latch.object().holders()[0].owner.session, 7U);
  count_down(7);
  EXPECT_TRUE(latch.object().holders().empty());
}

TEST_F(CountDownLatchTest, NothingIsLeftOfAWaiterThatEndsOrGivesUp) {
  wait(1);
  wait(2);
  wait(3);
  latch.owner_gone(1);
  latch.abandon(2);
  EXPECT_THAT(count_down(4, 3), ElementsAre(Done(4), Reached(3)));
}

TEST_F(CountDownLatchTest, TheDeadAreNotAnswered) {
  wait(1);
  wait(2);
  latch.kill(1);
  EXPECT_THAT(count_down(3, 3), ElementsAre(Done(3), Reached(2)));
}

TEST_F(CountDownLatchTest, WhoeverWaitsIsToldWhenItIsRemoved) {
  wait(1);
  EXPECT_THAT(latch.dissolve(error(v1::NO_SUCH_OBJECT, "removed")),
              ElementsAre(Fails(1, v1::NO_SUCH_OBJECT)));
}

TEST_F(CountDownLatchTest, OnlySoManyProcessesPromise) {
  latch.limits.max_items = 1;
  enlist(1);
  EXPECT_THAT(enlist(2), ElementsAre(Fails(2, v1::LIMIT_EXCEEDED)));
  EXPECT_THAT(enlist(1), ElementsAre(Done(1)));
}

}  // namespace
}  // namespace mp::server
