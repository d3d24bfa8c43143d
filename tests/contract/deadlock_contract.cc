#include <chrono>
#include <future>
#include <optional>
#include <string>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class DeadlockContract : public Managers {
 protected:
  // Locks `first` and then, when somebody else has done the same, `second`. Gives the cycle if that
  // was refused; then `first` is free again, and `second` its other owner's.
  std::optional<Deadlock> lock_both(const auto& first, const auto& second) {
    first.lock();
    both_.wait();
    std::optional<Deadlock> cycle;
    try {
      second.lock();
      second.unlock();
    } catch (const DeadlockError& error) {
      cycle = error.cycle();
    }
    first.unlock();
    return cycle;
  }
  // How many of two threads are refused that lock these in opposite order.
  int refused_of_two(const auto& lock) {
    auto other = std::async(std::launch::async, [&] { return lock_both(lock, one_); });
    const bool refused = lock_both(one_, lock).has_value();
    return (refused ? 1 : 0) + (other.get() ? 1 : 0);
  }

  LockProxy one_ = manager().lock("one");
  LockProxy two_ = manager().lock("two");
  BarrierProxy both_ = manager().barrier(2);
};
MP_CONTRACT(DeadlockContract);

TEST_P(DeadlockContract, OfTwoThreadsThatLockInOppositeOrderOneIsRefusedAndTheOtherGoesOn) {
  auto other = std::async(std::launch::async, [&] { return lock_both(two_, one_); });
  const std::optional<Deadlock> mine = lock_both(one_, two_);
  const std::optional<Deadlock> theirs = other.get();
  ASSERT_NE(mine.has_value(), theirs.has_value());
  const Deadlock& cycle = mine ? *mine : *theirs;
  ASSERT_EQ(cycle.size(), 2U);
  EXPECT_EQ(cycle[0].name, mine ? "two" : "one");
  EXPECT_EQ(cycle[1].name, mine ? "one" : "two");
  EXPECT_EQ(cycle[0].kind, "lock");
  EXPECT_EQ(cycle[0].waiter.pid, current_process().pid());
  EXPECT_NE(cycle[0].waiter.owner, cycle[0].holder.owner);
  EXPECT_EQ(cycle[0].holder.owner, cycle[1].waiter.owner);
  EXPECT_EQ(cycle[0].waiter.owner, cycle[1].holder.owner);
  EXPECT_GT(cycle[0].held_since.time_since_epoch().count(), 0);
  EXPECT_GE(cycle[1].waiting_since, cycle[0].held_since);
}

TEST_P(DeadlockContract, OfTwoProcessesThatLockInOppositeOrderOneIsRefusedAndTheOtherGoesOn) {
  MP_NEEDS_FORK();
  auto told = manager().queue<std::string>();
  const auto party = [&](const std::string& name, const LockProxy& first, const LockProxy& second) {
    return Process({.name = name}, [&, name, first, second] {
      const std::optional<Deadlock> refused = lock_both(first, second);
      if (!refused) return told.put(name + " had both");
      told.put(name + " waited for " + refused->front().name + ", held by " +
               refused->front().holder.process_name);
    });
  };
  Process left = party("left", one_, two_);
  Process right = party("right", two_, one_);
  left.start();
  right.start();
  std::string all = told.get(kLong) + "; " + told.get(kLong);
  left.join();
  right.join();
  EXPECT_THAT(all,
              testing::AnyOf(
                  testing::AllOf(HasSubstr("left had both"), HasSubstr("right waited for one")),
                  testing::AllOf(HasSubstr("right had both"), HasSubstr("left waited for two"))));
}

TEST_P(DeadlockContract, WhoLocksItsOwnLockAgainIsRefused) {
  one_.lock();
  try {
    one_.lock();
    FAIL() << "locked twice";
  } catch (const DeadlockError& error) {
    EXPECT_EQ(error.cycle().size(), 1U);
    EXPECT_THAT(error.what(), HasSubstr("waits for lock 'one', held since"));
  }
  EXPECT_FALSE(one_.try_lock_for(1ms)) << "that ends by itself";
  one_.release();
  EXPECT_TRUE(one_.try_lock());
  one_.release();
}

TEST_P(DeadlockContract, WhoDoesNotWaitForItsAcquireIsNotRefused) {
  one_.lock();
  Future<bool> again = one_.async().acquire();
  one_.async().flush();
  EXPECT_FALSE(again.wait(1ms));
  one_.release();
  EXPECT_TRUE(again.get());
  one_.release();
}

TEST_P(DeadlockContract, IsFoundOverLocksOfAllKinds) {
  EXPECT_EQ(refused_of_two(manager().rlock()), 1);
  EXPECT_EQ(refused_of_two(manager().bounded_semaphore("place", {.value = 1})), 1);
  EXPECT_EQ(refused_of_two(manager().rwlock().write_lock()), 1);
  EXPECT_EQ(refused_of_two(manager().condition().get_lock()), 1);
  EXPECT_EQ(refused_of_two(manager().value<int>("cell").get_lock()), 1);
}

// By two semaphores, each of which one acquires and the other releases. Anew each time, since it is
// the first waits that could be taken for deadlocks.
TEST_P(DeadlockContract, WhoTakeTurnsAreNotRefused) {
  for (int i = 0; i < 20; ++i) {
    const SemaphoreProxy mine = manager().semaphore(1);
    const SemaphoreProxy theirs = manager().semaphore(0);
    int turns = 0;  // passes from one to the other with the turn
    const auto take_turns = [&](const SemaphoreProxy& turn, const SemaphoreProxy& next) {
      for (int turn_of_mine = 0; turn_of_mine < 3; ++turn_of_mine) {
        turn.acquire();
        ++turns;
        next.release();
      }
    };
    auto other = std::async(std::launch::async, [&] { take_turns(theirs, mine); });
    EXPECT_NO_THROW(take_turns(mine, theirs));
    EXPECT_NO_THROW(other.get());
    EXPECT_EQ(turns, 6);
  }
}

}  // namespace
}  // namespace mp::contract
