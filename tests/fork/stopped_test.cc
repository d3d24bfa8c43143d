#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>

#include "mp/local/condition.h"
#include "mp/local/event.h"
#include "mp/local/lock.h"
#include "mp/local/semaphore.h"
#include "mp/process.h"
#include "tests/fork/asleep.h"
#include "tests/fork/process_fixture.h"

// A process that is stopped, as by SIGSTOP or a debugger, while it waits: the others go on.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes

class Stopped : public ProcessTest {
 protected:
  // A child that waits for something, and is stopped there.
  class Waiter {
   public:
    explicit Waiter(const std::function<void()>& wait)
        : process_([this, wait] {
            begun_.set();
            wait();
          }) {
      process_.start();
      begun_.wait();
      wait_until_asleep(pid());  // and outside of a critical section
    }
    ~Waiter() {
      go_on();
      process_.join();
      EXPECT_EQ(process_.exitcode(), 0);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    void stop() const {
      siginfo_t info{};
      ::kill(pid(), SIGSTOP);
      ::waitid(P_PID, static_cast<id_t>(pid()), &info, WSTOPPED);
    }
    void go_on() const { ::kill(pid(), SIGCONT); }

   private:
    pid_t pid() const { return process_.pid().value(); }

    const Event begun_;
    Process process_;
  };
};

TEST_F(Stopped, FirstInLineForALockIsPassedOver) {
  const Lock lock;
  lock.acquire();
  const Waiter first([&] {
    lock.acquire();
    lock.release();
  });
  first.stop();
  WaitingThread second([&] { EXPECT_TRUE(lock.acquire(kLong)); });
  lock.release();
  second.join();
  lock.release();
  EXPECT_TRUE(lock.acquire(kLong));
  lock.release();
}

TEST_F(Stopped, ManyInLineForALockArePassedOver) {
  const Lock lock;
  lock.acquire();
  const auto wait = [&] {
    lock.acquire();
    lock.release();
  };
  const Waiter waiters[] = {Waiter(wait), Waiter(wait), Waiter(wait), Waiter(wait)};
  for (const Waiter& waiter : waiters) waiter.stop();
  WaitingThread last([&] { EXPECT_TRUE(lock.acquire(kLong)); });
  lock.release();
  last.join();
  lock.release();
}

TEST_F(Stopped, FirstInLineKeepsItsPlace) {
  const Lock lock;
  const Event has_it;
  lock.acquire();
  const Waiter first([&] {
    lock.acquire();
    has_it.set();
    lock.release();
  });
  first.stop();
  lock.release();
  EXPECT_TRUE(lock.acquire(kLong)) << "it does not come";
  first.go_on();
  lock.release();
  EXPECT_TRUE(has_it.wait(kLong));
}

TEST_F(Stopped, FirstInLineForAPermitIsPassedOver) {
  const Semaphore arrived(0);
  const BoundedSemaphore seats(1);
  seats.acquire();
  const Waiter signalled([&] { arrived.acquire(); });
  const Waiter seated([&] {
    seats.acquire();
    seats.release();
  });
  signalled.stop();
  seated.stop();
  WaitingThread second([&] {
    EXPECT_TRUE(arrived.acquire(kLong));
    EXPECT_TRUE(seats.acquire(kLong));
  });
  arrived.release();
  seats.release();
  second.join();
  arrived.release();
  seats.release();
}

TEST_F(Stopped, OneThatWasNotifiedKeepsNobodyFromTheCondition) {
  const Condition condition;
  const Waiter first([&] {
    condition.acquire();
    condition.wait();
    condition.release();
  });
  first.stop();
  condition.acquire();
  EXPECT_EQ(condition.notify(), 1U);
  condition.release();
  std::atomic<bool> was_notified = false;
  WaitingThread second([&] {
    condition.acquire();
    was_notified = condition.wait(kLong);
    condition.release();
  });
  ASSERT_TRUE(condition.acquire(kLong));
  EXPECT_EQ(condition.notify(), 1U) << "the first has its own";
  condition.release();
  second.join();
  EXPECT_TRUE(was_notified);
}

}  // namespace
}  // namespace mp::test
