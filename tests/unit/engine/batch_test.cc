#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BatchTest : public testing::Test {
 protected:
  BatchTest() {
    for (const char* name : {"d", "e", "f", "g"}) a.call(create_dict(name));
    a.call(create_queue("q"));
    a.call(create_queue("r"));
    a.call(create_lock("L"));
    a.call(create_list("l"));
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(BatchTest, EachOperationSeesWhatThoseBeforeItDid) {
  const v1::Outcome outcome =
      a.ask(batch({add("d", "'k'", 1), add("d", "'k'", 1), get("d", "'k'")}));
  ASSERT_EQ(outcome.batch().outcomes_size(), 3);
  EXPECT_EQ(text(outcome.batch().outcomes(2)), "2");
}

TEST_F(BatchTest, AnEmptyBatchSucceeds) { EXPECT_FALSE(a.ask(batch({})).has_error()); }

TEST_F(BatchTest, ItRunsIfEveryConditionHolds) {
  a.call(set("d", "'k'", "1"));
  EXPECT_FALSE(a.ask(batch({set("e", "'k'", "2")},
                           {reads(get("d", "'k'"), "1"), fails(get("f", "'k'"), v1::KEY_ERROR)}))
                   .has_error());
  EXPECT_EQ(a.call(get("e", "'k'")), "2");
}

TEST_F(BatchTest, ItChangesNothingIfAConditionDoesNotHold) {
  a.call(set("d", "'k'", "1"));
  for (const v1::BatchCondition& condition :
       {reads(get("d", "'k'"), "2"), fails(get("d", "'k'"), v1::KEY_ERROR),
        reads(get("f", "'k'"), "1"), fails(get("none", "'k'"), v1::KEY_ERROR)}) {
    const v1::Outcome outcome = a.ask(batch({set("e", "'k'", "2")}, {condition}));
    EXPECT_EQ(text(outcome), "CONDITION_FAILED");
    EXPECT_EQ(outcome.error().operation_index(), -1);
  }
  EXPECT_EQ(a.call(get("e", "'k'")), "KEY_ERROR");
}

TEST_F(BatchTest, AConditionMayOnlyRead) {
  EXPECT_EQ(a.call(batch({}, {reads(pop("d", "'k'"), "1")})), "BAD_COMMAND");
}

TEST_F(BatchTest, ConditionsSeeTheStateBeforeTheBatch) {
  EXPECT_FALSE(
      a.ask(batch({set("d", "'k'", "1")}, {fails(get("d", "'k'"), v1::KEY_ERROR)})).has_error());
}

TEST_F(BatchTest, TheOperationThatFailsUndoesThoseBeforeItInEveryShard) {
  a.call(put("q", "1"));
  a.call(set("d", "'k'", "'old'"));
  const v1::Outcome outcome = a.ask(batch(
      {set("d", "'k'", "'new'"), set("e", "'k'", "1"), set("f", "'k'", "1"), put("q", "2"),
       take("q"), append("l", "1"), acquire("L"), pop("g", "'absent'"), set("g", "'k'", "1")}));
  EXPECT_EQ(text(outcome), "KEY_ERROR");
  EXPECT_EQ(outcome.error().operation_index(), 7);
  EXPECT_THAT(outcome.error().message(), testing::HasSubstr("operation 7"));
  EXPECT_EQ(a.call(get("d", "'k'")), "'old'");
  for (const char* dict : {"e", "f", "g"}) EXPECT_EQ(a.call(length(dict)), "0");
  EXPECT_THAT(a.call(size("q")), testing::StartsWith("size=1 maxsize=0 shut_down=False"));
  EXPECT_EQ(a.call(locked("L")), "locked=False token=0");
  EXPECT_THAT(a.ask(take("q", kNow)), Returns(testing::_, 1));
}

TEST_F(BatchTest, NothingInItWaits) {
  b.lock("L");
  const v1::Outcome outcome = a.ask(batch({set("d", "'k'", "1"), acquire("L", hours(1))}));
  EXPECT_EQ(text(outcome), "WOULD_BLOCK");
  EXPECT_EQ(outcome.error().operation_index(), 1);
  EXPECT_EQ(a.call(take("q", kNow)), "EMPTY");
  EXPECT_EQ(a.call(length("d")), "0");
  EXPECT_EQ(a.call(batch({take("q")})), "WOULD_BLOCK");
}

TEST_F(BatchTest, WaitersAreServedOnceAllOfItIsDone) {
  const auto waits = b.send(take("q"));
  a.call(batch({put("q", "1"), put("q", "2"), take("q")}));  // the batch itself comes first
  EXPECT_THAT(b.outcomes(), ElementsAre(Returns(waits, 2)));
}

TEST_F(BatchTest, WaitersOfABatchThatFailsAreNotServed) {
  const auto waits = b.send(take("q"));
  a.call(batch({put("q", "1"), pop("d", "'absent'")}));
  EXPECT_THAT(b.outcomes(), IsEmpty());
  a.call(put("q", "2"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Returns(waits, 2)));
}

TEST_F(BatchTest, ALockThatChangesHandsInOneBatchIsNeverFree) {
  const std::uint64_t first = a.lock("L");
  const auto waits = b.send(acquire("L"));
  const v1::Outcome outcome = a.ask(batch({release("L"), acquire("L")}));
  EXPECT_GT(outcome.batch().outcomes(1).lock_acquire().token(), first);
  EXPECT_THAT(b.outcomes(), IsEmpty());
  a.call(release("L"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Grants(waits)));
}

TEST_F(BatchTest, OnlyOperationsOnExistingObjectsAreAllowed) {
  for (const v1::Command& command :
       {create_dict("x"), find("d"), cancel(1), batch({}), open_child(), v1::Command()}) {
    const v1::Outcome outcome = a.ask(batch({set("d", "'k'", "1"), command}));
    EXPECT_EQ(text(outcome), "BAD_COMMAND");
    EXPECT_EQ(outcome.error().operation_index(), 1);
  }
  EXPECT_EQ(a.call(length("d")), "0");
}

TEST_F(BatchTest, AnObjectThatIsAbsentOrOfAnotherKindFailsIt) {
  EXPECT_EQ(a.call(batch({set("d", "'k'", "1"), set("none", "'k'", "1")})), "NO_SUCH_OBJECT");
  EXPECT_EQ(a.call(batch({set("d", "'k'", "1"), set("q", "'k'", "1")})), "WRONG_KIND");
  EXPECT_EQ(a.call(length("d")), "0");
}

TEST_F(BatchTest, AnOperationMayDemandATokenOfItsOwn) {
  const std::uint64_t token = a.lock("L");
  EXPECT_FALSE(a.ask(batch({fenced(set("d", "'k'", "1"), "L", token), release("L")})).has_error());
  const v1::Outcome outcome =
      a.ask(batch({set("e", "'k'", "1"), fenced(set("d", "'k'", "2"), "L", token)}));
  EXPECT_EQ(text(outcome), "STALE_TOKEN");
  EXPECT_EQ(outcome.error().operation_index(), 1);
  EXPECT_EQ(a.call(length("e")), "0");
}

TEST_F(BatchTest, ReferencesThatItGrantsStandOnceInTheWholeOutcome) {
  const std::uint64_t id = b.make(create_dict());
  const std::string ref = "ref(dict, " + std::to_string(id) + ")";
  a.call(set("d", "'k'", ref));
  const v1::Outcome outcome = a.ask(batch({get("d", "'k'"), get("d", "'k'")}));
  EXPECT_THAT(outcome.retained(), ElementsAre(id, id));
  EXPECT_THAT(outcome.batch().outcomes(0).retained(), IsEmpty());
  EXPECT_EQ(a.session->references_to(id), 2U);
}

TEST_F(BatchTest, ABatchWithoutASessionCanOwnNothing) {
  Client unary(manager, nullptr);
  const v1::Outcome outcome = unary.ask(batch({set("d", "'k'", "1"), acquire("L")}));
  EXPECT_EQ(text(outcome), "NO_SESSION");
  EXPECT_EQ(outcome.error().operation_index(), 1);
  EXPECT_EQ(a.call(length("d")), "0");
}

TEST(BatchLimitTest, OutcomesTooLargeForAMessageUndoIt) {
  Limits limits;
  limits.max_message_bytes = 1000;
  Manager manager(limits);
  Client a(manager);
  a.call(create_dict("d"));
  for (const char* key : {"1", "2", "3"}) a.call(set("d", key, "'" + std::string(400, 'x') + "'"));
  const v1::Outcome outcome = a.ask(batch({pop("d", "1"), pop("d", "2"), pop("d", "3")}));
  EXPECT_EQ(text(outcome), "LIMIT_EXCEEDED");
  EXPECT_EQ(outcome.error().operation_index(), 2);
  EXPECT_EQ(a.call(length("d")), "3");
}

}  // namespace
}  // namespace mp::server::engine_test
