#include "tests/unit/engine/harness.h"

// References on their way to another process: a session holds them until that process takes it.

namespace mp::server::engine_test {
namespace {

class SentReferencesTest : public testing::Test {
 protected:
  SentReferencesTest() {
    manager.engine.watch(a.session->id());
    manager.engine.watch(b.session->id());
  }
  v1::SessionOpenChildReply send(v1::Command command) {
    return a.ask(std::move(command)).session_open_child();
  }
  bool waits(const v1::SessionOpenChildReply& sent) {
    return manager.engine.sessions().find(sent.session(), sent.secret()).ok();
  }

  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(SentReferencesTest, AreThoseThatAreNamedAndNoOthers) {
  const std::uint64_t dict = a.make(create_dict());
  const std::uint64_t list = a.make(create_list());
  const auto sent = send(open_child_with({dict, dict}));
  a.end();
  EXPECT_EQ(manager.engine.collect(), 1U);
  EXPECT_EQ(b.call(retain(list)), "NO_SUCH_OBJECT");
  EXPECT_THAT(b.ask(take_session(sent)).retained(), testing::ElementsAre(dict, dict));
  EXPECT_EQ(b.session->references_to(dict), 2U);
}

TEST_F(SentReferencesTest, AreTheTakersOnceTaken) {
  const std::uint64_t id = a.make(create_dict());
  const auto sent = send(open_child_with({id}));
  a.call(unref(id));
  EXPECT_EQ(b.call(take_session(sent)), "done");
  EXPECT_FALSE(waits(sent));
  EXPECT_EQ(manager.engine.collect(), 0U);
  EXPECT_EQ(b.call(unref(id)), "done");
  EXPECT_EQ(manager.engine.collect(), 1U);
}

TEST_F(SentReferencesTest, CanBeTakenOnce) {
  const auto sent = send(open_child_with({a.make(create_dict())}));
  b.call(take_session(sent));
  EXPECT_EQ(b.call(take_session(sent)), "NO_SESSION");
  EXPECT_EQ(a.call(take_session(sent)), "NO_SESSION");
}

TEST_F(SentReferencesTest, TakenAgainByAResendAreCountedOnce) {
  const std::uint64_t id = a.make(create_dict());
  const auto sent = send(open_child_with({id}));
  const std::uint64_t seq = b.send(take_session(sent));
  b.resend(seq);
  EXPECT_EQ(b.outcomes().size(), 2U);
  EXPECT_EQ(b.session->references_to(id), 1U);
}

TEST_F(SentReferencesTest, AreNobodysWithoutTheirSecret) {
  auto sent = send(open_child_with({a.make(create_dict())}));
  sent.set_secret("guessed");
  EXPECT_EQ(b.call(take_session(sent)), "NO_SESSION");
}

TEST_F(SentReferencesTest, AreNoOwnSessionsToTake) {
  v1::SessionOpenChildReply own;
  own.set_session(b.session->id());
  own.set_secret(b.session->secret());
  EXPECT_EQ(b.call(take_session(own)), "NO_SESSION");
  EXPECT_FALSE(b.session->ended());
}

TEST_F(SentReferencesTest, GoAfter30SecondsIfNobodyTakesThem) {
  const auto sent = send(open_child_with({a.make(create_dict())}));
  manager.advance(seconds(29));
  EXPECT_TRUE(waits(sent));
  manager.advance(seconds(1));
  EXPECT_FALSE(waits(sent));
}

TEST_F(SentReferencesTest, ThatWaitWithTheirSenderStayForAsLongAsThat) {
  const auto sent = send(open_messenger(a.make(create_dict())));
  manager.advance(hours(1));
  EXPECT_TRUE(waits(sent));
}

TEST_F(SentReferencesTest, ThatWaitWithTheirSenderHave30SecondsAfterItsEnd) {
  const auto sent = send(open_messenger(a.make(create_dict())));
  manager.advance(seconds(50));
  a.end();
  manager.advance(seconds(29));
  EXPECT_TRUE(waits(sent));
  manager.advance(seconds(31));
  EXPECT_FALSE(waits(sent));
}

TEST_F(SentReferencesTest, WaitWithNobodyAnyMoreOnceAProcessSaysHelloWithThem) {
  const auto sent = send(open_messenger(a.make(create_dict())));
  manager.engine.watch(sent.session());
  manager.engine.unwatch(sent.session(), seconds(10));
  manager.advance(seconds(10));
  EXPECT_FALSE(waits(sent));
}

}  // namespace
}  // namespace mp::server::engine_test
