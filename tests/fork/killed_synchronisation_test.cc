#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "mp/errors.h"
#include "mp/local/event.h"
#include "mp/local/lock.h"
#include "mp/local/rlock.h"
#include "mp/local/semaphore.h"
#include "tests/fork/asleep.h"
#include "tests/fork/kill_at_any_instruction.h"
#include "tests/fork/process_fixture.h"

// A process is killed at any instruction of an operation: the others go on, at once.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes

class KilledSynchronisation : public ProcessTest {
 protected:
  // Free for whoever comes now, and after that too.
  template <class L>
  static void expect_usable(const L& lock) {
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(lock.acquire(false));
      lock.release();
    }
    EXPECT_FALSE(lock.locked());
  }

  std::unique_ptr<WaitingThread> next_;
};

TEST_F(KilledSynchronisation, LeavesALockThatIsFree) {
  const Lock lock;
  const auto hold = [&] {
    lock.acquire();
    lock.release();
  };
  kill_at_any_instruction(
      {.prepare = hold, .operation = hold, .check = [&](bool) { expect_usable(lock); }});
}

TEST_F(KilledSynchronisation, LeavesALockFromWhoseLineItIsGone) {
  const Lock lock;
  lock.acquire();
  KilledOperation waits;
  waits.prepare = [&] { lock.acquire(false); };
  waits.operation = [&] { lock.acquire(1ms); };
  waits.check = [&](bool) {
    EXPECT_FALSE(lock.acquire(false));
    lock.release();
    expect_usable(lock);
    lock.acquire();
  };
  waits.most_kills = 60;
  kill_at_any_instruction(waits);
}

TEST_F(KilledSynchronisation, LeavesALockToTheNextInLine) {
  const Lock lock;
  std::atomic<bool> has_it = false;
  KilledOperation releases;
  releases.prepare = [&] { lock.acquire(); };
  releases.operation = [&] { lock.release(); };
  releases.begin = [&](Victim&) {
    next_ = std::make_unique<WaitingThread>([&] { has_it = lock.acquire(kLong); });
  };
  releases.check = [&](bool) {
    next_->join();
    EXPECT_TRUE(has_it);
    lock.release();
    expect_usable(lock);
  };
  kill_at_any_instruction(releases);
}

TEST_F(KilledSynchronisation, LeavesAnRLockThatNobodyHolds) {
  const RLock lock;
  const auto hold_twice = [&] {
    lock.acquire();
    lock.acquire();
    lock.release();
    lock.release();
  };
  const auto check = [&](bool) {
    ASSERT_TRUE(lock.acquire(false));
    EXPECT_EQ(lock.count(), 1U);
    lock.release();
    EXPECT_THROW(lock.release(), NotOwnerError);
    expect_usable(lock);
  };
  kill_at_any_instruction({.prepare = hold_twice, .operation = hold_twice, .check = check});
}

TEST_F(KilledSynchronisation, LeavesABoundedSemaphoreWhole) {
  const BoundedSemaphore seats(2);
  const auto take_both = [&] {
    seats.acquire();
    seats.acquire();
    seats.release();
    seats.release();
  };
  const auto check = [&](bool) {
    EXPECT_EQ(seats.get_value(), 2U);
    EXPECT_FALSE(seats.is_signal());
    EXPECT_THROW(seats.release(), ValueError);
  };
  kill_at_any_instruction({.prepare = take_both, .operation = take_both, .check = check});
}

TEST_F(KilledSynchronisation, HasMadeABoundedSemaphoreASignalOrHasReleasedNothing) {
  std::optional<BoundedSemaphore> seats;
  const auto make = [&] { seats.emplace(1).acquire(); };
  make();
  KilledOperation releases;
  releases.prepare = [&] { static_cast<void>(seats->get_value()); };
  releases.operation = [&] { seats->release(); };
  releases.check = [&](bool was_through) {
    const bool is_signal = seats->is_signal();  // first: whoever comes by changes what it reads
    EXPECT_TRUE(is_signal || !was_through);
    EXPECT_EQ(seats->get_value(), is_signal ? 1U : 0U);
    make();
  };
  releases.most_kills = 400;  // most instructions ask whether the holder lives
  kill_at_any_instruction(releases);
}

TEST_F(KilledSynchronisation, LeavesASemaphoreWithAllThatItReleasedOrNothing) {
  const Semaphore arrived(0);
  KilledOperation releases;
  releases.operation = [&] { arrived.release(2); };
  releases.begin = [&](Victim&) {
    next_ = std::make_unique<WaitingThread>([&] { EXPECT_TRUE(arrived.acquire(kLong)); });
  };
  releases.check = [&](bool) {
    arrived.release();
    next_->join();
    const std::size_t left = arrived.get_value();
    EXPECT_TRUE(left == 0 || left == 2) << left;
    for (std::size_t i = 0; i < left; ++i) EXPECT_TRUE(arrived.acquire(false));
  };
  kill_at_any_instruction(releases);
}

TEST_F(KilledSynchronisation, LeavesAnEventSetForAllOrForNobody) {
  const Event event;
  KilledOperation sets;
  sets.operation = [&] { event.set(); };
  sets.begin = [&](Victim&) {
    next_ = std::make_unique<WaitingThread>([&] { EXPECT_TRUE(event.wait(kLong)); });
  };
  sets.check = [&](bool was_through) {
    EXPECT_TRUE(event.is_set() || !was_through);
    if (!event.is_set()) event.set();
    next_->join();
    event.clear();
  };
  kill_at_any_instruction(sets);
}

}  // namespace
}  // namespace mp::test
