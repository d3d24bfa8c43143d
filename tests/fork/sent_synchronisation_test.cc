#include <chrono>
#include <csignal>
#include <mutex>
#include <stdexcept>

#include "mp/errors.h"
#include "mp/local/barrier.h"
#include "mp/local/condition.h"
#include "mp/local/event.h"
#include "mp/local/lock.h"
#include "mp/local/rlock.h"
#include "mp/local/semaphore.h"
#include "tests/fork/start_fixture.h"

// Locks and the like as arguments of children, however they are started: it is the same object.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes

static_assert(internal::Sendable<Lock> && internal::Sendable<RLock> &&
              internal::Sendable<Semaphore> && internal::Sendable<BoundedSemaphore> &&
              internal::Sendable<Condition> && internal::Sendable<Event> &&
              internal::Sendable<Barrier>);

void demand(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

class SentSynchronisation : public EveryMethod {};
INSTANTIATE_TEST_SUITE_P(By, SentSynchronisation,
                         testing::Values(StartMethod::kFork, StartMethod::kSpawn,
                                         StartMethod::kForkserver),
                         name_of_param);

TEST_P(SentSynchronisation, OfLocksHeldByTheParent) {
  const Lock lock;
  const RLock rlock;
  lock.acquire();
  rlock.acquire();
  const auto child = [](const Lock& a, const RLock& b) {
    demand(a.locked() && b.locked() && b.count() == 1, "held");
    demand(!a.acquire(false) && !b.acquire(1ms), "by another");
    a.release();
  };
  EXPECT_EQ(exitcode_of_call(child, lock, rlock), 0);
  EXPECT_FALSE(lock.locked());
  rlock.release();
}

TEST_P(SentSynchronisation, OfALockThatTheChildDiesWith) {
  const RLock lock;
  const auto child = [](const RLock& its) {
    its.acquire();
    ::raise(SIGKILL);
  };
  EXPECT_EQ(exitcode_of_call(child, lock), -SIGKILL);
  EXPECT_TRUE(lock.acquire(false));
  EXPECT_TRUE(lock.previous_owner_died());
}

TEST_P(SentSynchronisation, OfSemaphores) {
  const Semaphore signal(0);
  const BoundedSemaphore seats(2);
  const auto child = [](const Semaphore& s, const BoundedSemaphore& b) {
    b.acquire();
    s.release(3);
    demand(b.get_value() == 1, "one seat is left");
  };
  EXPECT_EQ(exitcode_of_call(child, signal, seats), 0);
  EXPECT_EQ(signal.get_value(), 3U);
  EXPECT_EQ(seats.get_value(), 2U) << "it ended with one";
  EXPECT_THROW(seats.release(), ValueError);
}

TEST_P(SentSynchronisation, OfAConditionWithItsLock) {
  const auto child = [](const Condition& condition, const Event& waits) {
    const std::scoped_lock guard(condition);
    waits.set();
    demand(condition.wait(kLong), "notified");
  };
  for (const Condition& condition : {Condition(), Condition(Lock())}) {
    const Event waits;
    Process waiter = process(child, condition, waits);
    waiter.start();
    EXPECT_TRUE(waits.wait(kLong));
    EXPECT_TRUE(condition.acquire(kLong));
    EXPECT_EQ(condition.notify(), 1U);
    condition.release();
    waiter.join();
    EXPECT_EQ(waiter.exitcode(), 0);
  }
}

TEST_P(SentSynchronisation, OfABarrierWithoutItsAction) {
  int runs = 0;
  const Barrier barrier(
      2, [&] { ++runs; }, kLong);
  Process child = process([](const Barrier& its) { its.wait(); }, barrier);
  child.start();
  barrier.wait();
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
  const bool child_has_it = GetParam() == StartMethod::kFork;
  EXPECT_TRUE(runs == 1 || (runs == 0 && child_has_it)) << runs;
}

}  // namespace
}  // namespace mp::test
