#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "tests/contract/local/local_contract.h"

// Parties that wait for a condition.

namespace mp::contract {

inline std::size_t notify(const Condition& c, int waiters = 1) {
  const std::scoped_lock guard(c);
  return c.notify(waiters);
}

// What those who wait tell: that they are about to, and how it ended.
struct Signals {
  Semaphore sleeping = Semaphore(0);
  Semaphore woken = Semaphore(0);
  Semaphore late = Semaphore(0);
};

inline void sleep(int /*party*/, const Condition& c, const Signals& signals,
                  std::chrono::milliseconds timeout) {
  c.acquire();
  signals.sleeping.release();
  const bool notified = c.wait(timeout);
  (notified ? signals.woken : signals.late).release();
  c.release();
}

inline void expect(const Semaphore& signal, int count) {
  for (int i = 0; i < count; ++i) EXPECT_TRUE(signal.acquire(kLong));
  EXPECT_EQ(signal.get_value(), 0U);
}

template <class Contract>
class WithSleepers : public Contract {
 protected:
  using Parties = typename Contract::Parties;

  // Parties that wait for the condition. Who acquires its lock from now on knows that all of them
  // do.
  std::unique_ptr<Parties> sleepers(int count, const Condition& c,
                                    std::chrono::milliseconds timeout = kLong) {
    std::unique_ptr<Parties> crowd(
        new Parties(Contract::parties(count, sleep, c, signals, timeout)));
    expect(signals.sleeping, count);
    return crowd;
  }

  Condition condition;
  Signals signals;
  const Semaphore& woken = signals.woken;
  const Semaphore& late = signals.late;
  Value<int> state = Value<int>(0);
};

}  // namespace mp::contract
