#include <chrono>

#include "tests/contract/local/local_contract.h"
#include "tests/fork/asleep.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalEventContract : public LocalFixture {
 protected:
  Event event;
};

class LocalEventInProcesses : public LocalContract {
 protected:
  Event event;
};
INSTANTIATE_TEST_SUITE_P(By, LocalEventInProcesses, testing::ValuesIn(all_ways()), name_of_param);

void set(const Event& event) { event.set(); }

TEST_F(LocalEventContract, IsNotSetAtFirst) {
  EXPECT_FALSE(event.is_set());
  EXPECT_FALSE(event.wait(0s));
  EXPECT_FALSE(event.wait(10ms));
  EXPECT_FALSE(event.wait(-1s)) << "a negative timeout does not wait";
}

TEST_F(LocalEventContract, LetsEverybodyThroughWhileItIsSet) {
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

TEST_P(LocalEventInProcesses, WakesWhoWaitsForItWhenAnotherSetsIt) {
  test::WaitingThread waiting([&] { EXPECT_TRUE(event.wait(kLong)); });
  elsewhere(set, event);
  waiting.join();
  EXPECT_TRUE(event.wait());
}

void come_and_wait(int /*party*/, const Event& event, const Semaphore& coming) {
  coming.release();
  demand(event.wait(kLong), "set in time");
}

TEST_P(LocalEventInProcesses, WakesAllWhoWaitInProcessesAndThreads) {
  const Semaphore coming(0);
  Parties crowd = parties(6, come_and_wait, event, coming);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(coming.acquire(kLong));
  event.set();
  crowd.join();
}

void use(const Event& event) {
  demand(event.is_set(), "set by the parent");
  demand(event.wait(), "no wait");
  event.clear();
  demand(!event.wait(1ms), "cleared");
}

TEST_P(LocalEventInProcesses, IsUsedByAChildAndItsParent) {
  event.set();
  elsewhere(use, event);
  EXPECT_FALSE(event.is_set());
  EXPECT_FALSE(event.wait(1ms));
}

}  // namespace
}  // namespace mp::contract
