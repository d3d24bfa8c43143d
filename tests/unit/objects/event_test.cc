#include "server/objects/event.h"

#include <optional>

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
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool says(const Result& result, int ticket, const char* set) {
  return result.ticket == static_cast<Ticket>(ticket) && field(result.outcome, "set") == set;
}
MATCHER_P(Set, ticket, "") { return says(arg, ticket, "True"); }
MATCHER_P(NotSet, ticket, "") { return says(arg, ticket, "False"); }

class EventTest : public ::testing::Test {
 protected:
  static v1::EventWaitRequest wait_request(std::optional<std::int64_t> seconds) {
    v1::EventWaitRequest request;
    if (seconds) request.mutable_timeout()->set_seconds(*seconds);
    return request;
  }
  Results wait(Who who, std::optional<std::int64_t> seconds = {}) {
    return event.run(who, wait_request(seconds));
  }
  Results set(Who who) { return event.run(who, v1::EventSetRequest()); }
  Results clear(Who who) { return event.run(who, v1::EventClearRequest()); }
  std::string is_set() { return event.ask(v1::EventIsSetRequest()); }

  test::Shell event{v1::EventCreateRequest()};
};

TEST_F(EventTest, IsClearAtFirst) { EXPECT_EQ(is_set(), "False"); }

TEST_F(EventTest, IsSetAtFirstIfItWasMadeSo) {
  v1::EventCreateRequest create;
  create.set_set(true);
  EXPECT_EQ(test::Shell(create).ask(v1::EventIsSetRequest()), "True");
}

TEST_F(EventTest, AWaitForASetOneReturnsAtOnce) {
  EXPECT_THAT(set(1), ElementsAre(Done(1)));
  EXPECT_THAT(wait(2), ElementsAre(Set(2)));
  EXPECT_EQ(is_set(), "True");
}

TEST_F(EventTest, StaysSetUntilItIsCleared) {
  set(1);
  set(2);
  EXPECT_THAT(clear(3), ElementsAre(Done(3)));
  EXPECT_EQ(is_set(), "False");
  EXPECT_THAT(wait(4), IsEmpty());
}

TEST_F(EventTest, SetWakesEverybodyInOrderOfArrival) {
  EXPECT_THAT(wait(1), IsEmpty());
  EXPECT_THAT(wait(2), IsEmpty());
  EXPECT_THAT(wait(3), IsEmpty());
  EXPECT_THAT(set(4), ElementsAre(Done(4), Set(1), Set(2), Set(3)));
}

TEST_F(EventTest, SetWakesWhoWaitedEvenIfItIsClearedAtOnce) {
  wait(1);
  EXPECT_THAT(set(2), ElementsAre(Done(2), Set(1)));
  EXPECT_THAT(clear(3), ElementsAre(Done(3)));
  EXPECT_THAT(wait(4), IsEmpty());
}

TEST_F(EventTest, SetAndClearInOneBatchWakeNobody) {
  wait(1);
  UndoLog undo;
  event.run_in_batch(2, v1::EventSetRequest(), undo);
  event.run_in_batch(2, v1::EventClearRequest(), undo);
  EXPECT_THAT(event.settle(), IsEmpty());
}

TEST_F(EventTest, ABatchThatLeavesItSetWakesEverybody) {
  wait(1);
  UndoLog undo;
  event.run_in_batch(2, v1::EventClearRequest(), undo);
  event.run_in_batch(2, v1::EventSetRequest(), undo);
  EXPECT_THAT(event.settle(), ElementsAre(Set(1)));
}

TEST_F(EventTest, ASetThatIsUndoneWakesNobody) {
  wait(1);
  UndoLog undo;
  event.run_in_batch(2, v1::EventSetRequest(), undo);
  undo.run();
  EXPECT_THAT(event.settle(), IsEmpty());
  EXPECT_EQ(is_set(), "False");
}

TEST_F(EventTest, AWaitInABatchAnswersAtOnceIfItIsSet) {
  set(1);
  UndoLog undo;
  EXPECT_THAT(event.run_in_batch(2, wait_request({}), undo), Set(2));
}

TEST_F(EventTest, AWaitInABatchNeverWaits) {
  UndoLog undo;
  EXPECT_THAT(event.run_in_batch(1, wait_request({}), undo), Fails(1, v1::WOULD_BLOCK));
}

TEST_F(EventTest, AWaitEndsInItsTimeWithoutTheFlag) {
  EXPECT_THAT(wait(1, 2), IsEmpty());
  EXPECT_THAT(event.advance(1s), IsEmpty());
  EXPECT_THAT(event.advance(1s), ElementsAre(NotSet(1)));
  EXPECT_THAT(set(2), ElementsAre(Done(2)));
}

TEST_F(EventTest, ATimeoutOfZeroOrLessDoesNotWait) {
  EXPECT_THAT(wait(1, 0), ElementsAre(NotSet(1)));
  EXPECT_THAT(wait(2, -5), ElementsAre(NotSet(2)));
  set(3);
  EXPECT_THAT(wait(4, 0), ElementsAre(Set(4)));
}

TEST_F(EventTest, ATimeThatRunsOutAfterTheAnswerChangesNothing) {
  wait(1, 2);
  set(2);
  EXPECT_THAT(event.advance(3s), IsEmpty());
}

TEST_F(EventTest, WhoGaveUpIsNotAnswered) {
  wait(1);
  wait(2);
  EXPECT_THAT(event.abandon(1), IsEmpty());
  EXPECT_THAT(set(3), ElementsAre(Done(3), Set(2)));
}

TEST_F(EventTest, TheDeadAreNotAnswered) {
  wait(1);
  wait(2);
  event.kill(1);
  EXPECT_THAT(set(3), ElementsAre(Done(3), Set(2)));
}

TEST_F(EventTest, NothingIsLeftOfASessionThatEnded) {
  wait(1);
  wait(2);
  EXPECT_THAT(event.owner_gone(1), IsEmpty());
  EXPECT_THAT(set(3), ElementsAre(Done(3), Set(2)));
}

TEST_F(EventTest, TheFlagStaysWhenWhoSetItEnds) {
  set(1);
  event.owner_gone(1);
  EXPECT_THAT(wait(2), ElementsAre(Set(2)));
}

TEST_F(EventTest, ACallWithoutASessionMayWaitAndSet) {
  EXPECT_THAT(wait(Who(1, 0)), IsEmpty());
  EXPECT_THAT(set(Who(2, 0)), ElementsAre(Done(2), Set(1)));
}

TEST_F(EventTest, WhoeverWaitsIsToldWhenItIsRemoved) {
  wait(1);
  wait(2);
  EXPECT_THAT(event.dissolve(error(v1::NO_SUCH_OBJECT, "removed")),
              ElementsAre(Fails(1, v1::NO_SUCH_OBJECT), Fails(2, v1::NO_SUCH_OBJECT)));
}

TEST_F(EventTest, ItsLengthIsOneWhileItIsSet) {
  EXPECT_EQ(event.object().length(), 0U);
  set(1);
  EXPECT_EQ(event.object().length(), 1U);
}

TEST_F(EventTest, ItsBytesAreThoseOfItsWaiters) {
  EXPECT_EQ(event.object().heap_bytes(), 0U);
  wait(1);
  EXPECT_GT(event.object().heap_bytes(), 0U);
}

}  // namespace
}  // namespace mp::server
