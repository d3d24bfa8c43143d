#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "mp/errors.h"
#include "mp/local/barrier.h"
#include "mp/local/condition.h"
#include "tests/fork/asleep.h"
#include "tests/fork/kill_at_any_instruction.h"
#include "tests/fork/process_fixture.h"

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes

class KilledWhereOthersWait : public ProcessTest {
 protected:
  std::unique_ptr<WaitingThread> waiter(std::atomic<bool>& was_notified) {
    return std::make_unique<WaitingThread>([&] {
      condition.acquire();
      was_notified = condition.wait(kLong);
      condition.release();
    });
  }
  // Waits until so many wait.
  void await_waiters(int count) const {
    const std::string expected = ", " + std::to_string(count) + ")>";
    for (;;) {
      std::ostringstream out;
      out << condition;
      if (out.str().ends_with(expected)) return;
      std::this_thread::yield();
    }
  }
  std::size_t notify() const {
    condition.acquire();
    const std::size_t woken = condition.notify();
    condition.release();
    return woken;
  }
  // Within more time than it takes to find a dead one.
  static bool is_done_soon(const WaitingThread& thread) {
    const auto deadline = std::chrono::steady_clock::now() + 2500ms;
    while (!thread.is_done() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    return thread.is_done();
  }
  // 0 if it passed.
  static int wait_at(const Barrier& barrier, TimeLimit timeout = kLong) {
    try {
      barrier.wait(timeout);
      return 0;
    } catch (const BrokenBarrierError&) {
      return 1;
    }
  }
  // Two threads of this process pass it.
  static void expect_whole(const Barrier& barrier) {
    std::atomic<int> broken = 0;
    WaitingThread other([&] { broken += wait_at(barrier); });
    broken += wait_at(barrier);
    other.join();
    EXPECT_EQ(broken, 0);
    EXPECT_EQ(barrier.n_waiting(), 0U);
  }

  Condition condition;
  Barrier barrier = Barrier(2);
};

TEST_F(KilledWhereOthersWait, IsGoneFromACondition) {
  KilledOperation waits;
  waits.prepare = [&] {
    condition.acquire();
    condition.wait(0s);
  };
  waits.operation = [&] { condition.wait(1ms); };
  waits.check = [&](bool) {
    ASSERT_TRUE(condition.acquire(false));
    EXPECT_LE(condition.notify_all(), 1U) << "who died a moment ago";
    EXPECT_FALSE(condition.wait(0s));
    condition.release();
    EXPECT_FALSE(condition.locked());
  };
  waits.most_kills = 60;
  kill_at_any_instruction(waits);
}

TEST_F(KilledWhereOthersWait, HasNotifiedOrNot) {
  std::atomic<bool> was_notified = false;
  std::unique_ptr<WaitingThread> other = waiter(was_notified);
  KilledOperation notifies;
  notifies.prepare = [&] {
    await_waiters(1);
    condition.acquire();
  };
  notifies.operation = [&] {
    condition.notify();
    condition.release();
  };
  notifies.check = [&](bool was_through) {
    if (!was_through) notify();
    other->join();
    EXPECT_TRUE(was_notified);
    EXPECT_EQ(notify(), 0U);
    other = waiter(was_notified);
  };
  kill_at_any_instruction(notifies);
  await_waiters(1);
  notify();
}

// It is killed while it comes back from its wait.
TEST_F(KilledWhereOthersWait, HasItsNotificationPassedOnUnlessItsWaitWasOver) {
  std::atomic<bool> was_notified = false;
  std::unique_ptr<WaitingThread> other;
  int overs = 0;
  KilledOperation comes_back;
  comes_back.prepare = [&] { condition.acquire(); };
  comes_back.operation = [&] { condition.wait(kLong); };
  comes_back.begin = [&](Victim& first) {
    first.run_freely();
    await_waiters(1);
    was_notified = false;
    other = waiter(was_notified);
    await_waiters(2);
    first.halt();
    EXPECT_EQ(notify(), 1U);
  };
  comes_back.check = [&](bool was_through) {
    const bool passed_on = !was_through && is_done_soon(*other);
    if (!passed_on) notify();
    if (!passed_on && !was_through) ++overs;
    other->join();
    EXPECT_TRUE(was_notified);
    EXPECT_EQ(notify(), 0U);
  };
  comes_back.most_kills = 60;
  kill_at_any_instruction(comes_back);
  EXPECT_LE(overs, 15) << "of sixty, for the last instructions on the way out";
}

TEST_F(KilledWhereOthersWait, PassesABarrierOrBreaksIt) {
  std::unique_ptr<WaitingThread> other;
  std::atomic<int> broken = 0;
  KilledOperation comes_last;
  comes_last.operation = [&] { barrier.wait(kLong); };
  comes_last.begin = [&](Victim&) {
    broken = 0;
    other = std::make_unique<WaitingThread>([&] { broken = wait_at(barrier); });
  };
  comes_last.check = [&](bool was_through) {
    if (!was_through && barrier.n_waiting() == 1) barrier.wait(kLong);  // it had not come yet
    other->join();
    EXPECT_FALSE(was_through && broken != 0);
    EXPECT_EQ(barrier.broken(), broken != 0);
    barrier.reset();
    expect_whole(barrier);
  };
  comes_last.most_kills = 60;
  kill_at_any_instruction(comes_last);
}

TEST_F(KilledWhereOthersWait, IsNoPartyAnyMore) {
  std::atomic<bool> is_gone = false;
  std::optional<std::jthread> other;
  KilledOperation comes_first;
  comes_first.operation = [&] { barrier.wait(kLong); };
  comes_first.begin = [&](Victim&) {
    is_gone = false;
    other.emplace([&] {
      while (!is_gone && barrier.n_waiting() == 0) std::this_thread::yield();
      if (!is_gone) wait_at(barrier);
    });
  };
  comes_first.check = [&](bool) {
    is_gone = true;
    other->join();
    EXPECT_EQ(barrier.n_waiting(), 0U);
    barrier.reset();
    EXPECT_FALSE(barrier.broken());
    expect_whole(barrier);
  };
  comes_first.most_kills = 60;
  kill_at_any_instruction(comes_first);
}

}  // namespace
}  // namespace mp::test
