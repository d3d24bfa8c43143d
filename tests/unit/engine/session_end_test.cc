#include <thread>

#include "server/objects/error.h"
#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SessionEndTest : public testing::Test {
 protected:
  SessionEndTest() {
    Client maker(manager);
    maker.call(create_lock("L"));
    maker.call(create_queue("q"));
    maker.call(create_dict("d"));
    maker.end();
    for (const Client* client : {&a, &b, &c}) manager.engine.watch(client->session->id());
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
  Client c{manager};
};

TEST_F(SessionEndTest, TheLockGoesToTheNextWhoLearnsThatItsOwnerDied) {
  a.lock("L");
  a.acknowledge_but();
  const auto waits = b.send(acquire("L"));
  a.end();
  EXPECT_THAT(b.outcomes(), ElementsAre(GrantsAfterDeath(waits)));
}

// The grant may have arrived and been used all the same.
TEST_F(SessionEndTest, TheNextOwnerLearnsItThoughTheGrantWasNeverAcknowledged) {
  a.lock("L");
  const auto waits = b.send(acquire("L"));
  a.end();
  EXPECT_THAT(b.outcomes(), ElementsAre(GrantsAfterDeath(waits)));
}

TEST_F(SessionEndTest, WhatItWaitedForIsAnsweredAndGoesToOthers) {
  const auto gone = a.send(take("q"));
  const auto stays = b.send(take("q"));
  a.end();
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(gone, v1::SESSION_EXPIRED)));
  c.call(put("q", "1"));
  EXPECT_THAT(b.outcomes(), ElementsAre(Returns(stays, 1)));
  EXPECT_THAT(c.call(size("q")), testing::StartsWith("size=0 "));
}

TEST_F(SessionEndTest, ItemsThatWereNotAcknowledgedComeBackToTheHeadInTheirOrder) {
  for (const char* item : {"1", "2", "3", "4"}) c.call(put("q", item));
  a.call(take("q"));
  a.acknowledge_but();  // 1 has arrived
  a.call(take("q"));
  a.call(take("q"));
  a.end();
  for (const int item : {2, 3, 4}) EXPECT_THAT(b.ask(take("q", kNow)), Returns(testing::_, item));
  EXPECT_EQ(b.call(take("q", kNow)), "EMPTY");
}

TEST_F(SessionEndTest, ItemsThatComeBackReachThoseWhoWaitInTheirOrder) {
  for (const char* item : {"1", "2", "3"}) c.call(put("q", item));
  for (int i = 0; i < 3; ++i) a.call(take("q"));
  const auto first = b.send(take("q"));
  const auto second = c.send(take("q"));
  a.end();
  EXPECT_THAT(b.outcomes(), ElementsAre(Returns(first, 1)));
  EXPECT_THAT(c.outcomes(), ElementsAre(Returns(second, 2)));
}

TEST_F(SessionEndTest, ItemsOfABatchComeBackToo) {
  c.call(put("q", "1"));
  c.call(put("q", "2"));
  a.ask(batch({take("q"), acquire("L"), take("q")}));
  a.end();
  EXPECT_THAT(b.ask(take("q", kNow)), Returns(testing::_, 1));
  EXPECT_THAT(b.ask(take("q", kNow)), Returns(testing::_, 2));
  EXPECT_THAT(b.ask(acquire("L", kNow)), GrantsAfterDeath(3));
}

TEST_F(SessionEndTest, AfterItACommandIsRefusedAndChangesNothing) {
  a.call(set("d", "'k'", "1"));
  a.end();
  EXPECT_EQ(a.call(set("d", "'k'", "2")), "SESSION_EXPIRED");
  EXPECT_EQ(a.call(get("d", "'k'")), "SESSION_EXPIRED");
  EXPECT_EQ(b.call(get("d", "'k'")), "1");
}

TEST_F(SessionEndTest, ACommandThatComesAgainBetweenMarkAndSweepLosesNoItem) {
  c.call(put("q", "1"));
  const auto seq = a.send(take("q"));
  ASSERT_TRUE(a.session->end());  // marked
  a.reconnect();
  a.resend(seq);
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(seq, v1::SESSION_EXPIRED)));
  Deliveries deliveries;
  for (const auto& shard : manager.engine.shards())
    Section(*shard, deliveries).end_session(*a.session, Ending::kDied);
  EXPECT_THAT(b.ask(take("q", kNow)), Returns(testing::_, 1));
}

TEST_F(SessionEndTest, WhatWaitedBetweenMarkAndSweepIsGoneWithItsObject) {
  const auto waits = a.send(take("q"));
  ASSERT_TRUE(a.session->end());
  b.call(put("q", "1"));  // passes over the waiter, which stays parked
  EXPECT_EQ(b.call(drop("q")), "done");
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(waits, v1::NO_SUCH_OBJECT)));
  manager.engine.shut_down();
}

TEST_F(SessionEndTest, ACloseIsAnsweredOnceEverythingIsReleased) {
  a.lock("L");
  EXPECT_EQ(a.call(close_session()), "done");
  EXPECT_GT(a.port->flushed, 0);
  EXPECT_TRUE(b.ask(acquire("L", kNow)).lock_acquire().acquired());
  EXPECT_EQ(a.call(close_session()), "SESSION_EXPIRED");
}

TEST_F(SessionEndTest, ConnectionsLearnOfIt) {
  a.session->attach(a.port);
  a.end();
  EXPECT_TRUE(a.port->over);
  a.reconnect();
  a.session->attach(a.port);  // too late
  EXPECT_TRUE(a.port->over);
}

TEST_F(SessionEndTest, ThereIsOneEnd) {
  EXPECT_TRUE(manager.engine.end_session(a.session));
  EXPECT_FALSE(manager.engine.end_session(a.session));
}

TEST_F(SessionEndTest, WhatALongSessionHeldInObjectsThatAreGoneIsNotRemembered) {
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t lock = a.make(create_lock());
    a.lock(lock);
    a.call(drop(lock));
    a.acknowledge_but();
  }
  a.lock("L");
  a.end();
  EXPECT_TRUE(b.ask(acquire("L", kNow)).lock_acquire().acquired());
}

// The mark is looked at inside the section: whoever began before the sweep is swept, and nobody
// begins after it.
TEST_F(SessionEndTest, NothingIsOwnedAfterAnEndAmidCommands) {
  for (int round = 0; round < 200; ++round) {
    Client dying(manager);
    c.call(put("q", "1"));
    std::atomic<bool> begun{false};
    std::thread busy([&] {
      for (std::uint64_t seq = 1; seq < 100; seq += 4) {
        dying.send_as(seq, acquire("L"));
        dying.send_as(seq + 1, take("q"));
        dying.send_as(seq + 2, put("q", "1"));
        dying.send_as(seq + 3, release("L"));
        begun = true;
      }
    });
    while (!begun) std::this_thread::yield();
    dying.end();
    busy.join();
    ASSERT_EQ(c.call(locked("L")), "locked=False token=0");
    // Puts may have been done; nothing that was taken is lost.
    ASSERT_THAT(c.ask(take("q", kNow)), Returns(testing::_, 1));
    while (c.call(take("q", kNow)) != "EMPTY") c.acknowledge_but();
    c.acknowledge_but();
  }
}

class TimeToLiveTest : public testing::Test {
 protected:
  bool alive(const Client& client) {
    return manager.engine.sessions().find(client.session->id()) != nullptr;
  }
  Manager manager;
  Client a{manager};
  SessionId id = a.session->id();
};

TEST_F(TimeToLiveTest, ASessionThatNobodyWatchesEndsAfterItsTime) {
  manager.advance(seconds(9));
  EXPECT_TRUE(alive(a));
  manager.advance(seconds(1));
  EXPECT_FALSE(alive(a));
  EXPECT_EQ(a.call(create_dict("d")), "SESSION_EXPIRED");
}

TEST_F(TimeToLiveTest, ItsTimeBeginsAnewWhenItIsRenewed) {
  manager.advance(seconds(9));
  EXPECT_EQ(manager.engine.sessions().renew(id, manager.engine.now()), Duration(seconds(10)));
  manager.advance(seconds(9));
  EXPECT_TRUE(alive(a));
}

TEST_F(TimeToLiveTest, ASessionThatIsWatchedLivesUntilNobodyWatchesIt) {
  manager.engine.watch(id);
  manager.advance(hours(1));
  EXPECT_TRUE(alive(a));
  manager.engine.unwatch(id, seconds(3));
  manager.advance(seconds(2));
  EXPECT_TRUE(alive(a));
  manager.advance(seconds(1));
  EXPECT_FALSE(alive(a));
}

TEST_F(TimeToLiveTest, ItStandsStillWhileAUnaryCallWaits) {
  manager.engine.begin_wait(id);
  manager.advance(hours(1));
  EXPECT_TRUE(alive(a));
  manager.engine.end_wait(id);
  manager.advance(seconds(10));
  EXPECT_FALSE(alive(a));
}

TEST_F(TimeToLiveTest, ATimeBeyondTheEndOfTimeDoesNotComeEarly) {
  Client b(manager, *manager.engine.open_session({}, "unary", Duration::max()));
  manager.advance(hours(1));
  EXPECT_TRUE(alive(b));
}

TEST_F(TimeToLiveTest, AChildEndsIfItIsNotTakenUpIn30Seconds) {
  manager.engine.watch(id);
  const v1::Outcome opened = a.ask(open_child());
  const auto& child = opened.session_open_child();
  EXPECT_TRUE(manager.engine.sessions().find(child.session(), child.secret()).ok());
  manager.advance(seconds(29));
  EXPECT_TRUE(manager.engine.sessions().find(child.session(), child.secret()).ok());
  manager.advance(seconds(1));
  EXPECT_FALSE(manager.engine.sessions().find(child.session(), child.secret()).ok());
}

TEST_F(TimeToLiveTest, ASecretThatIsNotTheSessionsIsToldFromASessionThatIsOver) {
  EXPECT_EQ(code_of(manager.engine.sessions().find(id, "wrong").status()), v1::BAD_SECRET);
  EXPECT_EQ(code_of(manager.engine.sessions().find(id - 1, "of an earlier run").status()),
            v1::SESSION_EXPIRED);
}

}  // namespace
}  // namespace mp::server::engine_test
