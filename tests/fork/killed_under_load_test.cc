#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <iostream>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"
#include "mp/local/barrier.h"
#include "mp/local/condition.h"
#include "mp/local/event.h"
#include "mp/local/lock.h"
#include "mp/local/rlock.h"
#include "mp/local/semaphore.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"

// Processes that are killed at random moments, wherever they are, while others do the same.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes
constexpr int kWorkers = 6;

class KilledUnderLoad : public ProcessTest {
 protected:
  KilledUnderLoad() { std::cout << "seed " << seed_ << '\n'; }
  ~KilledUnderLoad() override {
    for (const pid_t pid : workers_) kill_one(pid);
  }

  // Each worker does this again and again. After each kill, `check` runs, and another worker starts
  // in the place of the killed one.
  void kill_many(const std::function<void()>& work, const std::function<void()>& check) {
    for (int i = 0; i < kWorkers; ++i) workers_.push_back(start(work));
    for (int i = 0; i < kRandomKills && !HasFailure(); ++i) {
      pid_t& victim = workers_[random_() % workers_.size()];
      for (std::atomic<std::uint64_t> turns = random_() % 20000; turns > 0; --turns) {
      }
      kill_one(victim);
      check();
      victim = start(work);
    }
    for (const pid_t pid : workers_) kill_one(pid);
    workers_.clear();
  }

 private:
  static pid_t start(const std::function<void()>& work) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    try {
      for (;;) work();
    } catch (const std::exception& error) {
      std::cerr << "a worker failed: " << error.what() << '\n';
    }
    ::_exit(1);
  }
  static void kill_one(pid_t pid) {
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it failed before";
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  std::vector<pid_t> workers_;
};

// Two numbers that are equal whenever nobody died between them.
struct Pair {
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
};

template <class L>
void change(const L& lock, Pair& pair) {
  lock.acquire();
  if (lock.previous_owner_died()) pair.second = pair.first.load();
  if (pair.first != pair.second) throw std::logic_error("a death was not told, or two are inside");
  ++pair.first;
  ++pair.second;
  lock.release();
}

TEST_F(KilledUnderLoad, LeaveALockThatTellsOfEachDeath) {
  const Lock lock;
  const auto block = internal::Block::make(sizeof(Pair));
  auto& pair = internal::construct_in<Pair>(block);
  const auto change_it = [&] { change(lock, pair); };
  kill_many(change_it, change_it);
  EXPECT_TRUE(lock.acquire(false));
}

TEST_F(KilledUnderLoad, LeaveAnRLockThatTellsOfEachDeath) {
  const RLock lock;
  const auto block = internal::Block::make(sizeof(Pair));
  auto& pair = internal::construct_in<Pair>(block);
  const auto change_twice_inside = [&] {
    lock.acquire();
    if (lock.previous_owner_died()) pair.second = pair.first.load();
    ++pair.first;
    lock.acquire();
    if (lock.count() != 2) throw std::logic_error("it is held once more than it is");
    ++pair.second;
    lock.release();
    lock.release();
  };
  kill_many(change_twice_inside, change_twice_inside);
  EXPECT_TRUE(lock.acquire(false));
  EXPECT_EQ(lock.count(), 1U);
}

TEST_F(KilledUnderLoad, LeaveABoundedSemaphoreWithAllItsPermits) {
  const BoundedSemaphore seats(3);
  const auto ride = [&] {
    seats.acquire();
    if (seats.get_value() > 2) throw std::logic_error("more permits than there are");
    seats.release();
  };
  kill_many(ride, ride);
  EXPECT_EQ(seats.get_value(), 3U);
  EXPECT_FALSE(seats.is_signal());
  EXPECT_THROW(seats.release(), ValueError);
}

// Whoever is killed between a permit and the note of it leaves them one apart.
TEST_F(KilledUnderLoad, LeaveASemaphoreThatCounts) {
  const Semaphore tokens(0);
  const auto block = internal::Block::make(sizeof(Pair));
  auto& [made, taken] = internal::construct_in<Pair>(block);
  const auto take_or_make = [&tokens, &made = made, &taken = taken] {
    if (tokens.acquire(1ms)) {
      ++taken;
    } else {
      ++made;
      tokens.release();
    }
  };
  kill_many(take_or_make, take_or_make);
  const int left = static_cast<int>(tokens.get_value());
  EXPECT_LE(left, made - taken);
  EXPECT_GE(left + kRandomKills + kWorkers, made - taken);
  for (int i = 0; i < left; ++i) EXPECT_TRUE(tokens.acquire(false));
  EXPECT_FALSE(tokens.acquire(false));
  std::jthread other([&] { EXPECT_TRUE(tokens.acquire(kLong)); });
  tokens.release();
}

TEST_F(KilledUnderLoad, LeaveAnEventThatIsSetAndCleared) {
  const Event event;
  const auto turn = [&] {
    if (event.wait(1ms)) {
      event.clear();
    } else {
      event.set();
    }
  };
  kill_many(turn, turn);
  event.clear();
  EXPECT_FALSE(event.wait(0s));
  std::jthread other([&] { EXPECT_TRUE(event.wait(kLong)); });
  event.set();
}

TEST_F(KilledUnderLoad, LeaveAConditionOnWhichOthersMeet) {
  const Condition condition;
  const auto meet = [&] {
    condition.acquire();
    if (condition.notify() == 0) condition.wait(2ms);
    condition.release();
  };
  kill_many(meet, meet);
  ASSERT_TRUE(condition.acquire(false));
  condition.notify_all();
  EXPECT_EQ(condition.notify_all(), 0U);
  EXPECT_FALSE(condition.wait(0s));
  condition.release();
}

TEST_F(KilledUnderLoad, BreakABarrierForThoseWhoWaitAndNobodyElse) {
  const Barrier barrier(2);
  const auto pass = [&] {
    try {
      barrier.wait();
    } catch (const BrokenBarrierError&) {
      barrier.reset();
    }
  };
  kill_many(pass, pass);
  barrier.reset();
  EXPECT_EQ(barrier.n_waiting(), 0U);
  std::jthread other([&] { EXPECT_NO_THROW(barrier.wait(kLong)); });
  EXPECT_NO_THROW(barrier.wait(kLong));
}

}  // namespace
}  // namespace mp::test
