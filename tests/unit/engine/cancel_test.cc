#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kCancelled = "cancelled=True lock_let_go=False";
constexpr const char* kStands = "cancelled=False lock_let_go=False";

class CancelTest : public testing::Test {
 protected:
  CancelTest() {
    b.call(create_lock("L"));
    b.call(create_queue("q"));
    b.call(create_dict("d"));
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(CancelTest, AWaitEndsAndTakesNothing) {
  const auto waits = a.send(take("q"));
  EXPECT_EQ(a.call(cancel(waits)), kCancelled);
  b.call(put("q", "1"));
  EXPECT_THAT(a.outcomes(), IsEmpty());
  EXPECT_THAT(b.call(size("q")), testing::StartsWith("size=1 maxsize=0 shut_down=False"));
}

TEST_F(CancelTest, ALockThatWasJustGrantedGoesToTheNext) {
  a.lock("L");
  const auto waits = b.send(acquire("L"));
  EXPECT_EQ(a.call(cancel(1)), kCancelled);
  EXPECT_THAT(b.outcomes(), ElementsAre(Grants(waits)));
}

TEST_F(CancelTest, AnItemThatWasJustGivenComesBackToItsPlace) {
  b.call(put("q", "1"));
  b.call(put("q", "2"));
  const auto seq = a.send(take("q"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(seq, 1)));
  EXPECT_EQ(a.call(cancel(seq)), kCancelled);
  EXPECT_THAT(b.ask(take("q")), Returns(testing::_, 1));
}

TEST_F(CancelTest, AReferenceThatCameWithTheItemGoesBackWithIt) {
  const std::uint64_t id = b.make(create_dict());
  b.call(put("q", "ref(dict, " + std::to_string(id) + ")"));
  const auto seq = a.send(take("q"));
  a.outcomes();
  EXPECT_EQ(a.session->references_to(id), 1U);
  EXPECT_EQ(a.call(cancel(seq)), kCancelled);
  EXPECT_EQ(a.session->references_to(id), 0U);
  b.call(unref(id));
  EXPECT_EQ(manager.engine.collect(), 0U) << "the queue holds it again";
}

TEST_F(CancelTest, TheOutcomeOfWhatIsDoneStands) {
  const auto seq = a.send(set("d", "'k'", "1"));
  a.outcomes();
  EXPECT_EQ(a.call(cancel(seq)), kStands);
  a.resend(seq);
  EXPECT_THAT(a.outcomes(), ElementsAre(Done(seq)));
}

TEST_F(CancelTest, WhatABatchWasGivenStands) {
  const auto seq = a.send(batch({acquire("L"), set("d", "'k'", "1")}));
  a.outcomes();
  EXPECT_EQ(a.call(cancel(seq)), kStands);
  EXPECT_FALSE(b.ask(acquire("L", kNow)).lock_acquire().acquired());
}

TEST_F(CancelTest, WhatWasNeverSeenIsDroppedWhenItArrivesLate) {
  EXPECT_EQ(a.call(cancel(50)), kCancelled);
  a.send_as(50, set("d", "'k'", "1"));
  EXPECT_THAT(a.outcomes(), IsEmpty());
  EXPECT_EQ(b.call(get("d", "'k'")), "KEY_ERROR");
}

TEST_F(CancelTest, WhatWasAcknowledgedStands) {
  a.lock("L");
  a.acknowledge_but();
  EXPECT_EQ(a.call(cancel(1)), kStands);
  EXPECT_FALSE(b.ask(acquire("L", kNow)).lock_acquire().acquired());
}

TEST_F(CancelTest, SentAgainItIsAnsweredAsBefore) {
  const auto waits = a.send(take("q"));
  const auto gives_up = a.send(cancel(waits));
  a.reconnect();
  a.acknowledge_but({gives_up});  // of the wait nothing more is expected
  a.resend(gives_up);
  const auto again = a.outcomes();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(text(again[0]), kCancelled);
}

TEST_F(CancelTest, ACancelledCommandIsNotRevivedWhenItIsSentAgain) {
  const auto waits = a.send(take("q"));
  a.call(cancel(waits));
  a.resend(waits);
  b.call(put("q", "1"));
  EXPECT_THAT(a.outcomes(), IsEmpty());
}

TEST_F(CancelTest, WithoutASessionThereIsNothingToCancel) {
  EXPECT_EQ(Client(manager, nullptr).call(cancel(1)), "NO_SESSION");
}

TEST_F(CancelTest, AfterTheEndOfTheSessionNothingComesBackTwice) {
  b.call(put("q", "1"));
  const auto seq = a.send(take("q"));
  a.end();
  a.outcomes();
  EXPECT_EQ(a.call(cancel(seq)), "SESSION_EXPIRED");
  EXPECT_THAT(b.call(size("q")), testing::StartsWith("size=1 maxsize=0 shut_down=False"));
}

class CancelRaceTest : public CancelTest {
 protected:
  // The answer to `seq` among all that has arrived at `client`.
  static std::string answer(Client& client, std::uint64_t seq) {
    std::string found;
    for (const v1::Outcome& outcome : client.outcomes()) {
      if (outcome.seq() == seq) found = text(outcome);
    }
    return found;
  }
  void forget_all() {
    for (Client* client : {&a, &b, &c}) {
      client->outcomes();
      client->acknowledge_but();
    }
  }
  Client c{manager};
  std::uint64_t waits = a.send(take("q"));
  std::uint64_t gives_up = 0;
};

// The item comes at the very moment at which the getter gives up: it is neither lost nor doubled.
TEST_F(CancelRaceTest, WithAPutLosesNoItem) {
  race(
      2000, [&] { gives_up = a.send(cancel(waits)); }, [&] { b.send(put("q", "1")); },
      [&] {
        ASSERT_EQ(answer(a, gives_up),
                  kCancelled);  // an item that was not acknowledged can always be given back
        forget_all();
        ASSERT_THAT(b.ask(take("q", kNow)), Returns(testing::_, 1));
        ASSERT_EQ(b.call(take("q", kNow)), "EMPTY");
        forget_all();
        waits = a.send(take("q"));
      });
}

// The item arrives, and is acknowledged while the getter gives up: either is true, and never both.
TEST_F(CancelRaceTest, WithAnAcknowledgementGivesTheItemToOne) {
  int stood = 0;
  b.call(put("q", "1"));
  race(
      2000, [&] { gives_up = a.send(cancel(waits)); },
      [&] {
        const std::uint64_t unanswered[] = {waits + 1, 1000};
        a.session->acknowledge(waits + 1, unanswered);
      },
      [&] {
        const bool cancelled = answer(a, gives_up) == kCancelled;
        ASSERT_EQ(b.ask(take("q", kNow)).has_queue_get(), cancelled);
        stood += cancelled ? 0 : 1;
        forget_all();
        waits = a.send(take("q"));
        b.call(put("q", "1"));
      });
  RecordProperty("stood", stood);
}

// The lock comes at the very moment, and a third waits for it.
TEST_F(CancelRaceTest, WithAReleaseLosesNoLock) {
  std::uint64_t next = 0;
  const auto set_up = [&] {
    forget_all();
    b.lock("L");
    waits = a.send(acquire("L"));
    next = c.send(acquire("L"));
  };
  set_up();
  race(
      2000, [&] { gives_up = a.send(cancel(waits)); }, [&] { b.send(release("L")); },
      [&] {
        ASSERT_EQ(answer(a, gives_up), kCancelled);
        ASSERT_THAT(c.outcomes(), ElementsAre(Grants(next)));
        c.call(release("L"));
        set_up();
      });
}

// A command that is on its way is either dropped or waits, and then gives up.
TEST_F(CancelRaceTest, WithTheCommandItselfLeavesNoWaiter) {
  Client late(manager, a.session);
  std::uint64_t seq = 1'000'000;
  race(
      2000, [&] { gives_up = a.send(cancel(seq)); }, [&] { late.send_as(seq, take("q")); },
      [&] {
        ASSERT_EQ(answer(a, gives_up), kCancelled);
        ASSERT_THAT(late.outcomes(), IsEmpty());
        ++seq;
      });
  a.call(cancel(waits));
  EXPECT_EQ(manager.engine.collect(), 0U);
  b.call(put("q", "1"));
  EXPECT_THAT(b.call(size("q")), testing::StartsWith("size=1 maxsize=0 shut_down=False"));
}

}  // namespace
}  // namespace mp::server::engine_test
