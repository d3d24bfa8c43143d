#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "client_lib/local/shared/memory.h"
#include "mp/local/barrier.h"
#include "mp/local/condition.h"
#include "mp/local/event.h"
#include "mp/local/lock.h"
#include "mp/local/queue.h"
#include "mp/local/rlock.h"
#include "mp/local/semaphore.h"
#include "mp/process.h"
#include "tests/fork/asleep.h"
#include "tests/fork/process_fixture.h"

// Many who want the same, and one who wants it all the time.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes
constexpr int kMany = 300;   // more than there are places in a line

// An item that is to be had by one at a time.
class TheItem {
 public:
  TheItem() { release(); }
  bool acquire(TimeLimit timeout) const { return items_.try_get(timeout).has_value(); }
  void release() const { items_.put(1); }
  void lock() const { acquire(None); }
  void unlock() const { release(); }

 private:
  const Queue<int> items_;
};

// A place for an item, likewise.
class ThePlace {
 public:
  bool acquire(TimeLimit timeout) const { return items_.try_put(1, timeout); }
  void release() const { items_.get(); }
  void lock() const { acquire(None); }
  void unlock() const { release(); }

 private:
  const Queue<int> items_{1};
};

class Crowded : public ProcessTest {
 protected:
  static std::vector<std::jthread> crowd(int size, const std::function<void()>& member) {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) threads.emplace_back(member);
    return threads;
  }
  // In a child that was forked without our knowledge.
  static int exitcode_of_raw_child(const std::function<bool()>& body) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(body() ? 0 : 1);
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // One process acquires and releases as fast as it can; others have their turns nevertheless.
  template <class L>
  void expect_turns_beside_a_hog(const L& lock) {
    const Event hog_runs;
    const auto block = internal::Block::make(sizeof(std::atomic<bool>));
    auto& is_over = internal::construct_in<std::atomic<bool>>(block);
    Process hog([&] {
      while (!is_over) {
        const std::scoped_lock guard(lock);
        hog_runs.set();
      }
    });
    hog.start();
    ASSERT_TRUE(hog_runs.wait(kLong));
    for (int turn = 0; turn < 50; ++turn) {
      ASSERT_TRUE(lock.acquire(kLong));
      lock.release();
    }
    is_over = true;
    hog.join();
    EXPECT_EQ(hog.exitcode(), 0);
  }
};

TEST_F(Crowded, LockIsHadByAllThoughTheLineIsTooShort) {
  const Lock lock;
  int inside = 0;
  lock.acquire();
  auto waiting = crowd(kMany, [&] {
    const std::scoped_lock guard(lock);
    ++inside;
  });
  lock.release();
  waiting.clear();
  EXPECT_EQ(inside, kMany);
  EXPECT_FALSE(lock.locked());
}

TEST_F(Crowded, SemaphoreIsHadByAllThoughTheLineIsTooShort) {
  const Semaphore arrived(0);
  const BoundedSemaphore seats(2);
  std::atomic<int> rides = 0;
  auto waiting = crowd(kMany, [&] {
    arrived.acquire();
    const std::scoped_lock seat(seats);
    ++rides;
  });
  arrived.release(kMany);
  waiting.clear();
  EXPECT_EQ(rides, kMany);
  EXPECT_EQ(arrived.get_value(), 0U);
  EXPECT_EQ(seats.get_value(), 2U);
}

TEST_F(Crowded, ConditionWakesAll) {
  const Condition condition;
  const Semaphore waits(0);
  std::atomic<int> woken = 0;
  auto waiting = crowd(kMany, [&] {
    const std::scoped_lock guard(condition);
    waits.release();
    if (condition.wait(kLong)) ++woken;
  });
  for (int i = 0; i < kMany; ++i) ASSERT_TRUE(waits.acquire(kLong));
  condition.acquire();
  EXPECT_EQ(condition.notify(100), 100U);
  EXPECT_EQ(condition.notify_all(), 200U);
  condition.release();
  waiting.clear();
  EXPECT_EQ(woken, kMany);
}

TEST_F(Crowded, BarrierIsPassedByAll) {
  const Barrier barrier(kMany);
  std::atomic<std::size_t> sum = 0;
  crowd(kMany, [&] {
    for (int round = 0; round < 3; ++round) sum += barrier.wait(kLong);
  }).clear();
  EXPECT_EQ(sum, 3U * kMany * (kMany - 1) / 2);
}

TEST_F(Crowded, EventWakesAll) {
  const Event event;
  std::atomic<int> woken = 0;
  auto waiting = crowd(kMany, [&] {
    if (event.wait(kLong)) ++woken;
  });
  event.set();
  waiting.clear();
  EXPECT_EQ(woken, kMany);
}

TEST_F(Crowded, LockIsHadBesideAHog) { expect_turns_beside_a_hog(Lock()); }

TEST_F(Crowded, RLockIsHadBesideAHog) { expect_turns_beside_a_hog(RLock()); }

TEST_F(Crowded, SemaphoreIsHadBesideAHog) { expect_turns_beside_a_hog(Semaphore(1)); }

TEST_F(Crowded, BoundedSemaphoreIsHadBesideAHog) { expect_turns_beside_a_hog(BoundedSemaphore(1)); }

TEST_F(Crowded, QueueIsGotFromBesideAHog) { expect_turns_beside_a_hog(TheItem()); }

TEST_F(Crowded, QueueIsPutToBesideAHog) { expect_turns_beside_a_hog(ThePlace()); }

// The children's only thread is the one that forked; the others may be anywhere in our code.
TEST_F(Crowded, ParentsThreadsDoNotDisturbItsForkedChildren) {
  const Lock lock;
  const RLock rlock;
  const BoundedSemaphore seats(2);
  std::atomic<bool> is_over = false;
  auto busy = crowd(4, [&] {
    while (!is_over) {
      const std::scoped_lock both(lock, rlock);
      const std::scoped_lock seat(seats);
      const Event made;
      made.set();
    }
  });
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(exitcode_of_raw_child([&] {
                if (!lock.acquire(kLong)) return false;
                lock.release();
                if (!rlock.acquire(kLong) || rlock.count() != 1) return false;
                rlock.release();
                if (!seats.acquire(kLong)) return false;
                seats.release();
                const Lock own;
                return own.acquire(false) && !own.previous_owner_died();
              }),
              0);
  }
  is_over = true;
  busy.clear();
  EXPECT_EQ(seats.get_value(), 2U);
}

}  // namespace
}  // namespace mp::test
