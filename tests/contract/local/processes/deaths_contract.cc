#include <chrono>
#include <string>
#include <utility>

#include "mp/errors.h"
#include "tests/contract/local/processes/deadly_contract.h"
#include "tests/contract/local/sleepers.h"

// Processes that are killed while others wait for them.

namespace mp::contract {
namespace {

class LocalConditionDeaths : public WithSleepers<DeadlyContract> {};
INSTANTIATE_TEST_SUITE_P(By, LocalConditionDeaths, testing::ValuesIn(all_ways()), name_of_param);

TEST_P(LocalConditionDeaths, HasAWaiterThatIsKilledOutOfItsLine) {
  Process doomed = started(sleep, 0, condition, signals, std::chrono::milliseconds(kLong));
  ASSERT_TRUE(signals.sleeping.acquire(kLong));
  condition.acquire();  // it waits
  condition.release();
  const auto crowd = sleepers(1, condition);
  kill(doomed);
  EXPECT_EQ(notify(condition), 1U);
  expect(woken, 1);
}

TEST_P(LocalConditionDeaths, PassesItsLockOnWhenWhoNotifiedIsKilled) {
  const auto crowd = sleepers(1, condition);
  const auto acquire_and_notify = [](const Condition& its) {
    its.acquire();
    its.notify();
  };
  and_die(acquire_and_notify, condition);
  expect(woken, 1);
}

class LocalEventDeaths : public DeadlyContract {
 protected:
  Event event;
};
INSTANTIATE_TEST_SUITE_P(By, LocalEventDeaths, testing::ValuesIn(all_ways()), name_of_param);

void set(const Event& event) { event.set(); }

TEST_P(LocalEventDeaths, StaysAsItIsWhenWhoSetItIsKilled) {
  and_die(set, event);
  EXPECT_TRUE(event.is_set());
}

class LocalQueueDeaths : public DeadlyContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalQueueDeaths, testing::ValuesIn(all_ways()), name_of_param);

TEST_P(LocalQueueDeaths, KeepsTheItemsOfTheDead) {
  const Queue<std::string> q;
  const auto put_two = [](const Queue<std::string>& its) {
    its.put("first");
    its.put(std::string(1'000'000, 'x'));
  };
  and_die(put_two, q);
  EXPECT_EQ(q.get(kLong), "first");
  EXPECT_EQ(q.get(kLong).size(), 1'000'000U);
}

class LocalConnectionDeaths : public DeadlyContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalConnectionDeaths, testing::ValuesIn(all_ways()), name_of_param);

void wait_for_ever(const Connection& out) {
  out.send("runs");
  Event().wait();
}

TEST_P(LocalConnectionDeaths, EndsWithTheProcessThatIsKilled) {
  auto [mine, theirs] = Pipe();
  Process child = started(wait_for_ever, std::move(theirs));
  EXPECT_EQ(mine.recv<std::string>(), "runs");
  kill(child);
  EXPECT_THROW(mine.recv(), EOFError);
  EXPECT_THROW(mine.send("anybody?"), ConnectionError);
}

}  // namespace
}  // namespace mp::contract
