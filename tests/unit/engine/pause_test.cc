#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

// A manager that did not run could not read signs of life: nobody loses a session by that.
class PauseTest : public testing::Test {
 protected:
  static bool alive(Manager& manager, const Client& client) {
    return manager.engine.sessions().find(client.session->id()) != nullptr;
  }
  Manager manager;
  Client a{manager};
};

TEST_F(PauseTest, SessionsGetTheTimeInWhichTheManagerDidNotRun) {
  manager.advance(seconds(5));
  manager.pause(hours(1));
  EXPECT_TRUE(alive(manager, a));
  manager.advance(seconds(3));
  EXPECT_TRUE(alive(manager, a));
  manager.advance(seconds(10));
  EXPECT_FALSE(alive(manager, a)) << "it does end in the end";
}

TEST_F(PauseTest, OnePauseAfterAnotherIsForgiven) {
  for (int i = 0; i < 100; ++i) {
    manager.engine.sessions().renew(a.session->id(), manager.engine.now());
    manager.advance(seconds(1));
    manager.pause(seconds(30));
    ASSERT_TRUE(alive(manager, a)) << i;
  }
}

TEST_F(PauseTest, AShortDelayIsNoPause) {
  for (int i = 0; i < 7; ++i) manager.pause(seconds(2));
  EXPECT_FALSE(alive(manager, a));
}

TEST_F(PauseTest, APauseIsShortOrLongByTheShortestTimeToLive) {
  Client brief(manager, *manager.engine.open_session({}, "unary", milliseconds(800)));
  manager.pause(seconds(1));
  EXPECT_TRUE(alive(manager, brief));
  manager.advance(seconds(1));
  EXPECT_FALSE(alive(manager, brief));
}

TEST_F(PauseTest, AChildIsGivenTheSameTime) {
  const auto opened = a.ask(open_child()).session_open_child();
  manager.advance(seconds(5));
  manager.pause(hours(1));
  EXPECT_TRUE(manager.engine.sessions().find(opened.session(), opened.secret()).ok());
}

TEST_F(PauseTest, WaitsAndLeasesEndAllTheSame) {
  a.call(create_lock("L"));
  a.ask(acquire("L", {}, seconds(5)));
  const auto waits = a.send(acquire("L", seconds(4)));
  manager.pause(hours(1));
  EXPECT_THAT(a.outcomes(), testing::ElementsAre(TimesOut(waits)));
  EXPECT_EQ(a.call(locked("L")), "locked=False token=0");
}

TEST_F(PauseTest, WithoutASessionThatCanExpireThereIsNoBeat) {
  manager.engine.watch(a.session->id());
  EXPECT_EQ(manager.engine.tick(), Time::max());
  manager.engine.unwatch(a.session->id(), {});
  EXPECT_EQ(manager.engine.tick(), manager.clock.now() + milliseconds(1250));
}

}  // namespace
}  // namespace mp::server::engine_test
