#include <chrono>
#include <string>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

class EventContract : public Managers {
 protected:
  EventProxy event = manager().event();
};
MP_CONTRACT(EventContract);

TEST_P(EventContract, IsNotSetAtFirst) {
  EXPECT_FALSE(event.is_set());
  EXPECT_FALSE(event.wait(0s));
  EXPECT_FALSE(event.wait(10ms));
  EXPECT_FALSE(event.wait(-1s)) << "a negative timeout does not wait";
}

TEST_P(EventContract, IsSetAtFirstIfItIsMadeSo) {
  EXPECT_TRUE(manager().event({.set = true}).wait(0s));
  auto open = manager().event("open", {.set = true});
  EXPECT_TRUE(open.is_set());
  open.clear();
  EXPECT_FALSE(another().event("open", {.set = true}).is_set()) << "it is not made now";
}

TEST_P(EventContract, LetsEverybodyThroughWhileItIsSet) {
  event.set();
  EXPECT_TRUE(event.is_set());
  EXPECT_TRUE(event.wait());
  EXPECT_TRUE(event.wait(0s));
  EXPECT_TRUE(event.wait(10ms));
  event.set();
  event.clear();
  EXPECT_FALSE(event.is_set());
  event.clear();
  EXPECT_FALSE(event.wait(0s));
}

TEST_P(EventContract, WakesWhoWaitsForItWhenAnotherSetsIt) {
  auto waiting = event.async().wait();
  EXPECT_FALSE(waiting.ready());
  elsewhere(GetParam(), [&] { event.set(); });
  EXPECT_TRUE(waiting.get(kLong));
  EXPECT_TRUE(event.wait());
}

TEST_P(EventContract, WakesAllWhoWaitInProcessesAndThreads) {
  auto waiting = manager().semaphore("waiting", {.value = 0, .signal = true});
  Crowd crowd(GetParam(), 6, [&](int) {
    auto set = event.async().wait(kLong);
    waiting.release();  // the wait is before it in line
    demand(set.get(), "set in time");
  });
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(waiting.acquire(kLong));
  event.set();
  crowd.join();
}

TEST_P(EventContract, LetsWhoWaitedGoOnThoughItIsClearedAtOnce) {
  std::vector<Future<bool>> waits;
  for (int i = 0; i < 3; ++i) waits.push_back(event.async().wait());
  event.set();
  event.clear();
  for (Future<bool>& wait : waits) EXPECT_TRUE(wait.get(kLong));
  EXPECT_FALSE(event.is_set());
}

TEST_P(EventContract, IsFoundByItsName) {
  auto ready = manager().event("ready");
  Manager other = another();
  auto same = other.event("ready");
  EXPECT_EQ(ready, same);
  same.set();
  EXPECT_TRUE(ready.is_set());
  EXPECT_THROW(other.lock("ready"), WrongKind);
  EXPECT_THROW(other.event("ready", {.create = Create::kMustNotExist}), AlreadyExists);
}

TEST_P(EventContract, StaysAsItIsWhenWhoSetItIsKilled) {
  MP_NEEDS_FORK();
  auto done = manager().event();
  Process child([&] {
    event.set();
    done.wait();
  });
  child.start();
  ASSERT_TRUE(event.wait(kLong));
  child.kill();
  child.join();
  EXPECT_TRUE(event.is_set());
  EXPECT_FALSE(done.is_set());
}

TEST_P(EventContract, ForgetsAWaitThatIsGivenUp) {
  { auto dropped = event.async().wait(); }
  event.set();
  EXPECT_TRUE(event.is_set());
}

TEST_P(EventContract, PrintsAsPythonsLocalOne) {
  EXPECT_THAT(str(event), MatchesRegex("<Event at 0x[0-9a-f]+ unset>"));
  event.set();
  EXPECT_THAT(str(event), MatchesRegex("<Event at 0x[0-9a-f]+ set>"));
  event.clear();
  EXPECT_THAT(str(event), MatchesRegex("<Event at 0x[0-9a-f]+ unset>"));
  EXPECT_THAT(repr(event), MatchesRegex("<EventProxy object, typeid 'event' at 0x[0-9a-f]+>"));
}

TEST_P(EventContract, IsUsedByAChildAndItsParent) {
  event.set();
  elsewhere(GetParam(), [&] {
    demand(event.is_set(), "set by the parent");
    demand(event.wait(), "no wait");
    event.clear();
    demand(!event.wait(1ms), "cleared");
  });
  EXPECT_FALSE(event.is_set());
  EXPECT_FALSE(event.wait(1ms));
}

TEST_P(EventContract, GoesInAContainer) {
  auto events = manager().dict<std::string, EventProxy>();
  events["ready"] = event;
  events.at("ready").set();
  EXPECT_TRUE(event.is_set());
}

}  // namespace
}  // namespace mp::contract
