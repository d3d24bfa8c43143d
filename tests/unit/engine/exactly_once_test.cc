#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ExactlyOnceTest : public testing::Test {
 protected:
  ExactlyOnceTest() {
    b.call(create_dict("d"));
    b.call(create_queue("q"));
    b.acknowledge_but();
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(ExactlyOnceTest, AMutationThatIsSentAgainRunsOnceAndIsAnsweredAgain) {
  const auto seq = a.send(add("d", "'k'", 1));
  a.reconnect();
  a.resend(seq);
  a.resend(seq);
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(seq, 1), Returns(seq, 1)));
  EXPECT_EQ(b.call(get("d", "'k'")), "1");
}

TEST_F(ExactlyOnceTest, AFailureIsKeptToo) {
  const auto seq = a.send(pop("d", "'k'"));
  b.call(set("d", "'k'", "7"));
  a.reconnect();
  a.resend(seq);
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(seq, v1::KEY_ERROR)));
  EXPECT_EQ(b.call(get("d", "'k'")), "7");
}

TEST_F(ExactlyOnceTest, ABatchThatIsSentAgainRunsOnce) {
  const auto seq = a.send(batch({add("d", "'k'", 1), add("d", "'k'", 1)}));
  a.resend(seq);
  EXPECT_EQ(a.outcomes().size(), 2U);
  EXPECT_EQ(b.call(get("d", "'k'")), "2");
}

TEST_F(ExactlyOnceTest, ACreateThatIsSentAgainMakesOneObject) {
  const auto seq = a.send(create_dict());
  a.resend(seq);
  const auto made = a.outcomes();
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].dict_create().ref().id(), made[1].dict_create().ref().id());
  EXPECT_EQ(a.session->references_to(made[0].dict_create().ref().id()), 1U);
}

TEST_F(ExactlyOnceTest, AReadThatIsSentAgainReadsAgain) {
  b.call(set("d", "'k'", "1"));
  const auto seq = a.send(get("d", "'k'"));
  b.call(set("d", "'k'", "2"));
  a.resend(seq);
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(seq, 1), Returns(seq, 2)));
}

TEST_F(ExactlyOnceTest, AReadThatIsSentAgainGrantsItsReferencesOnce) {
  const std::uint64_t id = b.make(create_dict());
  b.call(set("d", "'k'", "ref(dict, " + std::to_string(id) + ")"));
  const auto seq = a.send(get("d", "'k'"));
  a.resend(seq);
  EXPECT_EQ(a.outcomes().size(), 2U);
  EXPECT_EQ(a.session->references_to(id), 1U);
}

TEST_F(ExactlyOnceTest, WhatIsAcknowledgedIsForgottenAndNeverRunsAgain) {
  const auto seq = a.send(add("d", "'k'", 1));
  a.acknowledge_but();
  EXPECT_EQ(a.session->numbers().kept, 0U);
  a.outcomes();
  a.resend(seq);
  EXPECT_THAT(a.outcomes(), IsEmpty());
  EXPECT_EQ(b.call(get("d", "'k'")), "1");
}

TEST_F(ExactlyOnceTest, AWaitThatIsSentAgainJoinsItsWaiterAndIsAnsweredThere) {
  const auto before = a.port;
  const auto waits = a.send(take("q"));
  a.reconnect();
  a.resend(waits);
  EXPECT_THAT(a.outcomes(), IsEmpty());
  b.call(put("q", "1"));
  b.call(put("q", "2"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(waits, 1)));
  EXPECT_THAT(before->take(), IsEmpty());
  EXPECT_THAT(b.call(size("q")), testing::StartsWith("size=1 maxsize=0 shut_down=False"));
}

TEST_F(ExactlyOnceTest,
       AWaitStaysWithTheLatestConnectionThatItWasSentOverThoughAnEarlierOneIsLate) {
  const auto left = a.port;
  a.session->attach(left);
  a.reconnect();
  a.session->attach(a.port);
  const v1::Command command = take("q");
  const auto waits = a.send(command);
  Client late(manager, a.session);
  late.port = left;
  late.send_as(waits, command);  // was sent first, and held up on its way
  b.call(put("q", "1"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(waits, 1)));
  EXPECT_THAT(left->take(), IsEmpty());
}

TEST_F(ExactlyOnceTest, AWaitThatEndedWhileTheConnectionWasLostIsAnsweredWhenItIsSentAgain) {
  const auto waits = a.send(take("q"));
  const auto lost = a.port;
  a.reconnect();
  b.call(put("q", "1"));
  EXPECT_THAT(lost->take(), ElementsAre(Returns(waits, 1)));
  a.resend(waits);
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(waits, 1)));
}

TEST_F(ExactlyOnceTest, OneWaitForEverAndManySetsKeepNothingThatGrows) {
  const auto waits = a.send(take("q"));
  const v1::Command command = set("d", "'k'", "1");
  std::size_t most_intervals = 0;
  for (std::uint64_t seq = waits + 1; seq <= 20'000; ++seq) {
    if (seq % 50 == 0) {
      const std::uint64_t unanswered[] = {seq, 1};
      a.session->acknowledge(waits, unanswered);
      most_intervals = std::max(most_intervals, a.session->numbers().intervals);
      ASSERT_LT(a.session->numbers().kept, 60U);
      a.outcomes();
    }
    a.send_as(seq, command);
  }
  EXPECT_EQ(most_intervals, 1U);
  b.call(put("q", "7"));
  EXPECT_THAT(a.outcomes().back(), Returns(waits, 7));
}

TEST_F(ExactlyOnceTest, UnaryCallsAreNotKept) {
  Client unary(manager, nullptr);
  EXPECT_EQ(unary.call(add("d", "'k'", 1)), "1");
  EXPECT_EQ(unary.call(add("d", "'k'", 1)), "2");
}

TEST_F(ExactlyOnceTest, WhatIsDoneIsAnsweredAgainWhileTheManagerShutsDown) {
  const auto done = a.send(add("d", "'k'", 1));
  const auto waits = a.send(take("q"));
  a.outcomes();
  manager.engine.shut_down();
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(waits, v1::MANAGER_SHUT_DOWN)));
  a.resend(done);
  a.resend(waits);
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(done, 1), Fails(waits, v1::MANAGER_SHUT_DOWN)));
  EXPECT_EQ(a.call(add("d", "'k'", 1)), "MANAGER_SHUT_DOWN");
}

TEST_F(ExactlyOnceTest, ThreadsThatSendOneCommandAtOnceRunItOnce) {
  const v1::Command command = add("d", "'k'", 1);
  Client again(manager, a.session);
  std::uint64_t seq = 0;
  race(
      2000, [&] { a.send_as(seq + 1, command); }, [&] { again.send_as(seq + 1, command); },
      [&] { ++seq; });
  EXPECT_EQ(b.call(get("d", "'k'")), "2000");
  EXPECT_EQ(a.session->numbers().kept, 2000U);
}

class KeptBytesTest : public testing::Test {
 protected:
  static Limits limits() {
    Limits limits;
    limits.max_kept_bytes = 5000;
    return limits;
  }
  KeptBytesTest() {
    a.call(create_dict("d"));
    a.call(set("d", "'n'", "0"));
    v1::Outcome outcome;
    for (int i = 0; i < 1000 && !outcome.has_error(); ++i) outcome = a.ask(add("d", "'n'", 1));
    refused = outcome;
  }
  Manager manager{limits()};
  Client a{manager};
  v1::Outcome refused;
};

TEST_F(KeptBytesTest, PastTheLimitMutationsFailBeforeTheyRun) {
  EXPECT_EQ(text(refused), "LIMIT_EXCEEDED");
  const std::string before = a.call(get("d", "'n'"));
  EXPECT_EQ(a.call(add("d", "'n'", 1)), "LIMIT_EXCEEDED");
  EXPECT_EQ(a.call(get("d", "'n'")), before);
}

TEST_F(KeptBytesTest, ACommandThatWasRefusedRunsWhenItIsSentAgainAfterAnAcknowledgement) {
  const int before = std::stoi(a.call(get("d", "'n'")));
  a.acknowledge_but({refused.seq()});
  a.resend(refused.seq());
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(refused.seq(), before + 1)));
}

TEST_F(KeptBytesTest, AnotherSessionIsNotConcerned) {
  Client b(manager);
  EXPECT_EQ(b.call(set("d", "'m'", "1")), "done");
}

}  // namespace
}  // namespace mp::server::engine_test
