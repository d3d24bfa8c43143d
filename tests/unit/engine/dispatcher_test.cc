#include "server/engine/dispatcher.h"

#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() { a.call(create_dict("d")); }
  Manager manager;
  Client a{manager};
  Client unary{manager, nullptr};
};

TEST_F(DispatcherTest, ACommandWithoutAnOperationIsRefused) {
  EXPECT_EQ(a.call({}), "BAD_COMMAND");
}

TEST_F(DispatcherTest, AnOperationOfANewerClientIsToldFromNone) {
  v1::Command newer;
  newer.GetReflection()->MutableUnknownFields(&newer)->AddLengthDelimited(9999, "");
  EXPECT_EQ(a.call(newer), "UNKNOWN_OPERATION");
}

TEST_F(DispatcherTest, ACommandMustNameItsObject) {
  EXPECT_EQ(a.call(get("", "'k'")), "BAD_COMMAND");
  EXPECT_EQ(a.call(drop("")), "BAD_COMMAND");
}

TEST_F(DispatcherTest, AnyBytesCanBeAName) {
  for (const std::string& name :
       {std::string("\0x", 2), std::string("\0", 1), std::string("😀"), std::string(" ")}) {
    EXPECT_FALSE(a.ask(create_dict(name)).has_error());
    EXPECT_EQ(a.call(set(name, "'k'", "1")), "done");
    EXPECT_EQ(a.call(get(name, "'k'")), "1");
  }
  EXPECT_EQ(manager.engine.objects(), 5U);
}

TEST_F(DispatcherTest, AnyNumberCanBeAnId) {
  for (const std::uint64_t id : {1ULL, 63ULL, 64ULL, ~0ULL})
    EXPECT_EQ(a.call(length(id)), "NO_SUCH_OBJECT") << id;
}

TEST_F(DispatcherTest, AReferenceOfAnEarlierRunIsToldSo) {
  const std::uint64_t id = a.make(create_dict());
  while (Manager().engine.epoch() == manager.engine.epoch()) {
  }
  Manager later;
  const v1::Outcome outcome = Client(later).ask(length(id));
  EXPECT_EQ(text(outcome), "NO_SUCH_OBJECT");
  EXPECT_THAT(outcome.error().message(), testing::HasSubstr("earlier run"));
}

TEST_F(DispatcherTest, TheKindMustFit) {
  a.call(create_queue("q"));
  EXPECT_EQ(a.call(get("q", "'k'")), "WRONG_KIND");
  EXPECT_EQ(a.call(create_dict("q")), "WRONG_KIND");
}

TEST_F(DispatcherTest, ANameIsGivenOnce) {
  const v1::Outcome again = a.ask(create_dict("d"));
  EXPECT_TRUE(again.dict_create().existed());
  EXPECT_EQ(a.call(create_new_dict("d")), "ALREADY_EXISTS");
  EXPECT_FALSE(a.ask(create_new_dict("e")).dict_create().existed());
  EXPECT_EQ(manager.engine.objects(), 2U);
}

TEST_F(DispatcherTest, ANameCanBeGivenAgainOnceItsObjectIsGone) {
  a.call(set("d", "'k'", "1"));
  a.call(drop("d"));
  EXPECT_EQ(a.call(get("d", "'k'")), "NO_SUCH_OBJECT");
  a.call(create_queue("d"));
  EXPECT_THAT(a.call(size("d")), testing::StartsWith("size=0 maxsize=0 shut_down=False"));
}

TEST_F(DispatcherTest, OwnersWithinASessionAreTold) {
  a.call(create_lock("L"));
  EXPECT_TRUE(a.ask(by_owner(1, acquire("L"))).lock_acquire().acquired());
  EXPECT_EQ(a.call(by_owner(2, release("L"))), "NOT_OWNER");
  EXPECT_EQ(a.call(by_owner(1, release("L"))), "done");
}

TEST_F(DispatcherTest, WithoutASessionACallOwnsNothingButRuns) {
  EXPECT_EQ(unary.call(set("d", "'k'", "1")), "done");
  a.call(create_lock("L"));
  EXPECT_EQ(unary.call(acquire("L")), "NO_SESSION");
  EXPECT_EQ(unary.call(open_child()), "NO_SESSION");
  EXPECT_EQ(unary.call(close_session()), "NO_SESSION");
}

TEST_F(DispatcherTest, AfterShutDownEveryCommandIsRefused) {
  manager.engine.shut_down();
  EXPECT_EQ(a.call(get("d", "'k'")), "MANAGER_SHUT_DOWN");
  EXPECT_EQ(unary.call(get("d", "'k'")), "MANAGER_SHUT_DOWN");
  EXPECT_EQ(a.call(create_dict("e")), "MANAGER_SHUT_DOWN");
  EXPECT_FALSE(manager.engine.open_session({}, "local", {}).ok());
}

TEST_F(DispatcherTest, OutcomesAreWrittenWhenTheSectionsAreLeft) {
  const int before = a.port->flushed;
  a.call(set("d", "'k'", "1"));
  EXPECT_EQ(a.port->flushed, before + 1);
}

// A unary call keeps its own books, since its commands have no seq.
class UnaryPortTest : public DispatcherTest {
 protected:
  UnaryPortTest() { a.call(create_queue("q")); }
};

TEST_F(UnaryPortTest, ItLearnsUnderWhichTicketItsCommandWaits) {
  unary.send(take("q"));
  ASSERT_EQ(unary.port->tickets.size(), 1U);
  const auto [shard, ticket] = unary.port->tickets.front();
  Deliveries deliveries;
  EXPECT_TRUE(Section(*manager.engine.shards()[shard], deliveries).abandon(ticket));
  EXPECT_FALSE(Section(*manager.engine.shards()[shard], deliveries).abandon(ticket));
  a.call(put("q", "1"));
  EXPECT_THAT(unary.outcomes(), testing::IsEmpty());
}

TEST_F(UnaryPortTest, ItCanGiveBackWhatItsCallerNeverGot) {
  a.call(put("q", "1"));
  unary.send(take("q"));
  ASSERT_EQ(unary.port->gifts.size(), 1U);
  const auto& [gift, outcome] = unary.port->gifts.front();
  Deliveries deliveries;
  Section(manager.engine.shard_of({.name = {}, .id = gift.object}), deliveries)
      .take_back(gift, outcome);
  EXPECT_THAT(a.ask(take("q", kNow)), Returns(testing::_, 1));
}

TEST_F(UnaryPortTest, AWaitOfASessionWithoutASeqIsAnsweredWhenTheSessionEnds) {
  Client caller(manager, a.session);
  caller.send_as(0, take("q"));
  a.end();
  EXPECT_THAT(caller.outcomes(), testing::ElementsAre(Fails(0, v1::SESSION_EXPIRED)));
}

}  // namespace
}  // namespace mp::server::engine_test
