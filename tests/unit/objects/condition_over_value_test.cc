#include <optional>

#include "server/objects/condition.h"
#include "tests/unit/objects/condition_results.h"

namespace mp::server {
namespace {

using std::chrono_literals::operator""s;
using test::Done;
using test::Fails;
using test::HasLock;
using test::Notified;
using test::Results;
using test::Shell;
using test::TimedOut;
using test::Who;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::SharedValueCreateRequest create_value() {
  v1::SharedValueCreateRequest create;
  create.set_typecode("i");
  return create;
}

// A condition over the lock that a value has.
class ConditionOverAValueTest : public ::testing::Test {
 protected:
  Results acquire(Who who, std::optional<int> lease_seconds = {}) {
    v1::RLockAcquireRequest request;
    if (lease_seconds) request.mutable_lease()->set_seconds(*lease_seconds);
    return value.run(who, request);
  }
  Results release(Who who) { return value.run(who, v1::RLockReleaseRequest()); }
  Results wait(Who who) {
    v1::ConditionWaitRequest request;
    request.set_id(condition);
    return value.run(who, request);
  }
  Results notify(Who who) {
    v1::ConditionNotifyRequest request;
    request.set_id(condition);
    return value.run(who, request);
  }
  static Who by(SessionId session, Ticket ticket) { return Who(ticket, session); }

  Shell value{create_value()};
  const Shell::ObjectId condition = value.add_over_first(v1::ConditionCreateRequest());
};

TEST_F(ConditionOverAValueTest, SettlingTheValueServesThoseWhoWaitAtTheCondition) {
  acquire(by(1, 1));
  EXPECT_THAT(wait(by(1, 2)), IsEmpty());
  acquire(by(2, 3));
  EXPECT_THAT(notify(by(2, 4)), ElementsAre(Done(4)));
  EXPECT_THAT(release(by(2, 5)), ElementsAre(Done(5), Notified(2)));
}

TEST_F(ConditionOverAValueTest, TheDeathOfTheLocksOwnerAtTheValueIsToldAtTheCondition) {
  acquire(by(1, 1));
  wait(by(1, 2));
  acquire(by(2, 3));
  notify(by(2, 4));
  const Results results = value.owner_gone(2);
  ASSERT_THAT(results, ElementsAre(Notified(2)));
  EXPECT_TRUE(results[0].outcome.condition_wait().previous_owner_died());
}

TEST_F(ConditionOverAValueTest, ALeaseThatAStepOfTheConditionBeganEndsAtTheValue) {
  acquire(by(1, 1), 5);
  v1::ConditionWaitRequest request;
  request.set_id(condition);
  request.mutable_timeout();
  EXPECT_THAT(value.run(by(1, 2), request), ElementsAre(TimedOut(2)));
  EXPECT_THAT(acquire(by(2, 3)), IsEmpty());
  EXPECT_THAT(value.advance(4s), IsEmpty());
  EXPECT_THAT(value.advance(1s), ElementsAre(HasLock(3)));
}

TEST_F(ConditionOverAValueTest, WhoeverWaitsLearnsThatTheValueGoes) {
  acquire(by(1, 1));
  wait(by(1, 2));
  acquire(by(2, 3));
  EXPECT_THAT(value.dissolve(absl::NotFoundError("gone")), ElementsAre(Fails(2, v1::INTERNAL)));
  EXPECT_THAT(notify(by(2, 4)), ElementsAre(Fails(4, v1::NO_SUCH_OBJECT)));
  EXPECT_FALSE(value.object(condition).holds_token(2)) << "of a lock that is no more";
}

TEST_F(ConditionOverAValueTest, AWaitIsUseOfTheValue) {
  EXPECT_FALSE(value.object().in_use());
  acquire(by(1, 1));
  wait(by(1, 2));
  EXPECT_TRUE(value.object().in_use());
}

TEST_F(ConditionOverAValueTest, SaysThatItsLockIsTheValues) {
  v1::ConditionLockRequest request;
  request.set_id(condition);
  EXPECT_EQ(value.ask(request), "id: 1 kind: \"rlock\"");
}

}  // namespace
}  // namespace mp::server
