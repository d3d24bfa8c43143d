#include "server/engine/timers.h"

#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Time kStart{hours(1)};

TEST(TimersTest, FallDueByTimeAndThenByTicket) {
  Timers timers;
  timers.add({kStart + seconds(2), 1, 0});
  timers.add({kStart + seconds(1), 3, 0});
  timers.add({kStart + seconds(1), 2, 0});
  EXPECT_EQ(timers.next(), kStart + seconds(1));
  EXPECT_EQ(timers.pop_due(kStart), std::nullopt);
  std::vector<Ticket> due;
  while (const auto timer = timers.pop_due(kStart + seconds(5))) due.push_back(timer->ticket);
  EXPECT_THAT(due, ElementsAre(2, 3, 1));
  EXPECT_EQ(timers.next(), Time::max());
}

TEST(TimersTest, WhatIsWantedSurvivesTheSurplus) {
  Timers timers;
  for (Ticket ticket = 1; ticket <= 3000; ++ticket)
    timers.add({kStart + seconds(ticket % 7), ticket, 0});
  timers.drop_surplus([](const Timers::Timer& timer) { return timer.ticket % 1000 == 0; });
  EXPECT_EQ(timers.size(), 3U);
  std::vector<Ticket> due;
  while (const auto timer = timers.pop_due(kStart + seconds(7))) due.push_back(timer->ticket);
  EXPECT_THAT(due, ElementsAre(3000, 2000, 1000));  // at 4, 5 and 6 s
}

class EngineTimersTest : public testing::Test {
 protected:
  EngineTimersTest() {
    a.call(create_lock("L"));
    a.call(create_queue("q"));
    for (const Client* client : {&a, &b}) manager.engine.watch(client->session->id());
  }
  std::size_t timers(const Which& object) {
    Deliveries deliveries;
    return Section(manager.engine.shard_of({.name = object.name, .id = object.id}), deliveries)
        .timers();
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(EngineTimersTest, WithoutTimeACommandIsAnsweredAtOnce) {
  a.lock("L");
  EXPECT_THAT(b.ask(acquire("L", kNow)), TimesOut(1));
  EXPECT_EQ(b.call(take("q", kNow)), "EMPTY");
  EXPECT_EQ(b.call(take("q", seconds(-5))), "EMPTY");
}

TEST_F(EngineTimersTest, DeadlinesAreMetInTheirOrder) {
  const auto late = a.send(take("q", seconds(3)));
  const auto early = a.send(take("q", seconds(1)));
  const auto never = a.send(take("q"));
  EXPECT_THAT(a.outcomes(), IsEmpty());
  manager.advance(seconds(1));
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(early, v1::EMPTY)));
  manager.advance(seconds(2));
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(late, v1::EMPTY)));
  manager.advance(hours(1));
  EXPECT_THAT(a.outcomes(), IsEmpty());
  b.call(put("q", "7"));
  EXPECT_THAT(a.outcomes(), ElementsAre(Returns(never, 7)));
}

TEST_F(EngineTimersTest, TheEngineSaysWhenItWantsToBeCalledNext) {
  a.send(take("q", seconds(3)));
  EXPECT_EQ(manager.engine.tick(), manager.clock.now() + seconds(3));
}

TEST_F(EngineTimersTest, WhatIsDueExpiresBeforeACommandThatComesAtThatMoment) {
  const auto waits = a.send(take("q", seconds(1)));
  manager.clock.set(manager.clock.now() + seconds(1));  // and nobody ticks
  EXPECT_EQ(b.call(put("q", "7")), "done");
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(waits, v1::EMPTY)));
  EXPECT_THAT(b.call(size("q")), testing::StartsWith("size=1 "));
}

TEST_F(EngineTimersTest, ALeaseThatEndsGivesTheLockToTheNext) {
  a.ask(acquire("L", {}, seconds(2)));
  const auto waits = b.send(acquire("L"));
  manager.advance(seconds(1));
  EXPECT_THAT(b.outcomes(), IsEmpty());
  manager.advance(seconds(1));
  EXPECT_THAT(b.outcomes(), ElementsAre(GrantsAfterDeath(waits)));
  EXPECT_EQ(a.call(release("L")), "NOT_OWNER");
}

TEST_F(EngineTimersTest, TimersOfWaitersThatWereServedDoNotPileUp) {
  for (int i = 0; i < 10'000; ++i) {
    const auto waits = a.send(take("q", hours(1)));
    b.call(put("q", "1"));
    ASSERT_THAT(a.outcomes(), ElementsAre(Returns(waits, 1)));
  }
  EXPECT_LE(timers("q"), Timers::kLeastBound);
}

// An alarm is set before its object knows its ticket, and a batch may bring back a grant whose
// alarm it has dropped.
TEST_F(EngineTimersTest, DroppingSurplusTimersSparesTheLeaseThatBeginsJustNow) {
  for (std::size_t served = timers("L"); served < Timers::kLeastBound; ++served) {
    a.lock("L");
    const auto waits = b.send(acquire("L", hours(1)));
    a.call(release("L"));
    ASSERT_THAT(b.outcomes(), ElementsAre(Grants(waits)));
    b.call(release("L"));
  }
  a.ask(acquire("L", {}, seconds(2)));
  b.call(locked("L"));  // enters the shard once more
  manager.advance(seconds(2));
  EXPECT_THAT(b.ask(acquire("L", kNow)).lock_acquire().acquired(), true);
}

}  // namespace
}  // namespace mp::server::engine_test
