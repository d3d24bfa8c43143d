#include "tests/unit/objects/custom_fixture.h"

namespace mp::server::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CustomObjectTest : public CustomTest {
 protected:
  CustomObjectTest() { object_->be_hosted_as(1); }
  void SetUp() override {
    create(1);
    construct();
  }
};

CallResult returns(int number) {
  v1::Value value;
  value.set_int_(number);
  CallResult result;
  result.value = value.SerializeAsString();
  return result;
}

TEST_F(CustomTest, AnswersItsCreatorsOnceItIsConstructed) {
  object_->be_hosted_as(1);
  EXPECT_THAT(create(1), IsEmpty());
  EXPECT_THAT(create(2), IsEmpty()) << "it is in construction";
  EXPECT_THAT(begun(), ElementsAre("constructor"));
  const Results ready = construct();
  ASSERT_THAT(ready, ElementsAre(Done(1), Done(2)));
  EXPECT_FALSE(ready[0].outcome.custom_create().existed());
  EXPECT_TRUE(ready[1].outcome.custom_create().existed());
  EXPECT_THAT(ready[1].outcome.retained(), ElementsAre(1));
  EXPECT_THAT(create(3), ElementsAre(Done(3)));
  EXPECT_THAT(workshop_.here, IsEmpty());
}

TEST_F(CustomTest, TellsEveryCreatorWhyItCouldNotBeConstructed) {
  create(1);
  create(2);
  CallResult thrown;
  thrown.status = error(v1::RAISED, "Hall threw NotToday");
  thrown.exception = "NotToday";
  const Results ready = end(0, thrown);
  ASSERT_THAT(ready, ElementsAre(Fails(1, v1::RAISED), Fails(2, v1::RAISED)));
  EXPECT_EQ(ready[0].outcome.error().exception(), "NotToday");
  EXPECT_FALSE(object_->failure().ok());
}

TEST_F(CustomTest, BeginsNoMethodBeforeItIsConstructed) {
  create(1);
  EXPECT_THAT(call(2, "look"), IsEmpty());
  EXPECT_THAT(begun(), ElementsAre("constructor"));
  construct();
  EXPECT_THAT(begun(), ElementsAre("constructor", "look"));
}

TEST_F(CustomTest, StaysNewIfItsConstructorCannotBegin) {
  workshop_.begin_refusal = error(v1::LIMIT_EXCEEDED, "no thread");
  EXPECT_THAT(create(1), ElementsAre(Fails(1, v1::LIMIT_EXCEEDED)));
  EXPECT_TRUE(object_->is_new());
  EXPECT_THAT(workshop_.here, IsEmpty());
}

TEST_F(CustomObjectTest, AnswersACallWithWhatItsMethodReturned) {
  EXPECT_THAT(call(2, "stay"), IsEmpty());
  const Results ready = end(1, returns(7));
  ASSERT_THAT(ready, ElementsAre(Done(2)));
  EXPECT_EQ(ready[0].outcome.custom_call().result().int_(), 7);
  EXPECT_THAT(workshop_.here, IsEmpty());
}

TEST_F(CustomObjectTest, BeginsOneCallAfterTheOther) {
  call(2, "stay");
  call(3, "stay");
  call(4, "look");
  EXPECT_THAT(begun(), SizeIs(2));
  end(1);
  EXPECT_THAT(begun(), ElementsAre("constructor", "stay", "stay"));
  end(2);
  EXPECT_THAT(begun(), ElementsAre("constructor", "stay", "stay", "look"));
}

TEST_F(CustomObjectTest, BeginsReadOnlyCallsBesideOneAnotherButNotPastOneThatWaits) {
  call(2, "look");
  call(3, "look");
  EXPECT_THAT(begun(), SizeIs(3));
  call(4, "stay");
  call(5, "look");
  EXPECT_THAT(begun(), SizeIs(3)) << "in order of arrival";
  end(1);
  EXPECT_THAT(begun(), SizeIs(3));
  end(2);
  EXPECT_THAT(begun(), ElementsAre("constructor", "look", "look", "stay"));
}

TEST_F(CustomObjectTest, LetsAReaderInsideAReaderPassByThoseWhoWaitForBoth) {
  call(2, "look");
  call(3, "stay");
  workshop_.inside_a_reader = true;
  call(4, "look");
  EXPECT_THAT(begun(), ElementsAre("constructor", "look", "look"));
}

TEST_F(CustomObjectTest, RefusesWhatWouldWaitForItself) {
  call(2, "stay");
  workshop_.wait_refusal = error(v1::DEADLOCK, "itself");
  EXPECT_THAT(call(3, "stay"), ElementsAre(Fails(3, v1::DEADLOCK)));
  EXPECT_THAT(workshop_.here, SizeIs(1)) << "what was refused has left";
}

TEST_F(CustomObjectTest, ExpiresWhatHasNotBegunAndNothingElse) {
  call(2, "stay", "timeout { seconds: 1 }");
  call(3, "stay", "timeout { seconds: 1 }");
  EXPECT_THAT(expire(2), IsEmpty()) << "it runs, and sees its deadline";
  EXPECT_THAT(expire(3), ElementsAre(Fails(3, v1::TIMEOUT)));
  EXPECT_EQ(workshop_.begun[1].context.deadline, now_ + std::chrono::seconds(1));
  EXPECT_FALSE(is_cancelled(1));
  end(1);
  EXPECT_THAT(begun(), SizeIs(2));
}

TEST_F(CustomObjectTest, BeginsWithinNoTimeWhereItIsFree) {
  EXPECT_THAT(call(2, "stay", "timeout {}"), IsEmpty());
  EXPECT_THAT(begun(), SizeIs(2));
  EXPECT_THAT(call(3, "stay", "timeout {}"), ElementsAre(Fails(3, v1::TIMEOUT)));
}

TEST_F(CustomObjectTest, DropsACallerWhoGaveUpAndTellsTheMethod) {
  call(2, "stay");
  call(3, "stay");
  abandon(2);
  abandon(3);
  EXPECT_TRUE(is_cancelled(1));
  EXPECT_THAT(end(1, returns(7)), IsEmpty());
  EXPECT_THAT(begun(), SizeIs(2));
  EXPECT_THAT(workshop_.here, IsEmpty());
}

TEST_F(CustomObjectTest, IsRidOfASessionThatEnded) {
  call(2, "stay");
  call(3, "stay");
  call(4, "look");
  owner_gone(3);
  owner_gone(2);
  EXPECT_TRUE(is_cancelled(1));
  EXPECT_THAT(end(1), IsEmpty());
  EXPECT_THAT(begun(), ElementsAre("constructor", "stay", "look"));
}

TEST_F(CustomObjectTest, PassesOverTheDeadWhoseSessionIsNotSweptYet) {
  call(2, "stay");
  call(3, "stay");
  dead_.insert(3);
  end(1);
  EXPECT_THAT(begun(), SizeIs(2));
  EXPECT_THAT(workshop_.here, IsEmpty());
}

TEST_F(CustomObjectTest, AnswersEverybodyWhenItIsRemoved) {
  call(2, "stay");
  call(3, "stay");
  EXPECT_THAT(dissolve(v1::NO_SUCH_OBJECT),
              ElementsAre(Fails(3, v1::NO_SUCH_OBJECT), Fails(2, v1::NO_SUCH_OBJECT)));
  EXPECT_TRUE(is_cancelled(1));
}

TEST_F(CustomObjectTest, LetsWhatRunsEndAtAShutdownUntilItIsToldAgain) {
  call(2, "stay");
  call(3, "look");
  EXPECT_THAT(dissolve(v1::MANAGER_SHUT_DOWN), ElementsAre(Fails(3, v1::MANAGER_SHUT_DOWN)));
  EXPECT_TRUE(is_cancelled(1));
  EXPECT_THAT(dissolve(v1::MANAGER_SHUT_DOWN), ElementsAre(Fails(2, v1::MANAGER_SHUT_DOWN)));
}

TEST_F(CustomObjectTest, AnswersWhomTheWorkshopHasNoThreadFor) {
  call(2, "stay");
  call(3, "stay");
  call(4, "stay");
  workshop_.begin_refusal = error(v1::LIMIT_EXCEEDED, "no thread");
  EXPECT_THAT(end(1),
              ElementsAre(Done(2), Fails(3, v1::LIMIT_EXCEEDED), Fails(4, v1::LIMIT_EXCEEDED)));
}

TEST_F(CustomObjectTest, NamesItsMethodsToWhoCallsAnother) {
  const Results ready = call(2, "jump");
  ASSERT_THAT(ready, ElementsAre(Fails(2, v1::ATTRIBUTE_ERROR)));
  EXPECT_THAT(ready[0].outcome.error().message(), testing::HasSubstr("stay, look"));
}

TEST_F(CustomObjectTest, KeepsTheObjectsAliveThatArgumentsReferTo) {
  call(2, "stay", "arguments { ref { id: 70 kind: 'dict' } }");
  call(3, "stay", "arguments { list { items { ref { id: 71 kind: 'list' } } } }");
  std::set<std::uint64_t> seen;
  object_->visit_refs([&](std::uint64_t id) { seen.insert(id); });
  EXPECT_THAT(seen, ElementsAre(70, 71));
  end(1);
  end(2);
  seen.clear();
  object_->visit_refs([&](std::uint64_t id) { seen.insert(id); });
  EXPECT_THAT(seen, IsEmpty());
}

TEST_F(CustomObjectTest, CountsTheReferencesOfAResultToItsCaller) {
  call(2, "stay");
  v1::Value value;
  value.mutable_ref()->set_id(70);
  value.mutable_ref()->set_kind("dict");
  CallResult result;
  result.value = value.SerializeAsString();
  const Results ready = end(1, result);
  ASSERT_THAT(ready, ElementsAre(Done(2)));
  EXPECT_THAT(ready[0].outcome.retained(), ElementsAre(70));
}

TEST_F(CustomObjectTest, ShowsWhoIsInside) {
  call(2, "look");
  call(3, "look");
  EXPECT_EQ(object_->length(), 2U);
  ASSERT_THAT(object_->holders(), SizeIs(2));
  EXPECT_EQ(object_->holders()[0].owner.session, 2U);
  EXPECT_EQ(object_->note(), "Hall");
}

}  // namespace
}  // namespace mp::server::test
