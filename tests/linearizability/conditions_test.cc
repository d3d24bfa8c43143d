#include <gtest/gtest.h>

#include <utility>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/condition.h"

// Conditions: the first to sleep are the first to be woken, nobody is woken without a notify(), who
// wakes has the lock, and nothing of it is lost with a client that dies.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObject = 0;

// What a client does with a lock and the conditions over it, which are one object to the checker.
class Sleeper {
 public:
  Sleeper(Client& client, std::vector<ConditionProxy> conditions)
      : client_(client),
        conditions_(std::move(conditions)),
        lock_(conditions_.front().get_lock()) {}

  bool acquire(TimeLimit patience) {
    const Result got = client_.run(kObject, Code::kAcquire, [&] {
      return lock_.acquire(patience) ? granted(Outcome::kDone) : kRefusal;
    });
    if (got.outcome == Outcome::kDone) ++held_;
    return got.outcome == Outcome::kDone;
  }

  void release() {
    client_.run(kObject, Code::kRelease, [&] { lock_.release(); });
    --held_;
  }

  void look() {
    client_.run(kObject, Code::kLocked, [&] { return lock_.locked(); });
  }

  // Mostly longer than a step or two of others.
  void wait(int condition) {
    const std::chrono::nanoseconds patience = client_.any(6) * 2ms;
    client_.run(kObject, Code::kWait, patience.count(), condition, [&] {
      const bool notified = at(condition).wait(patience);
      return granted(notified ? Outcome::kDone : Outcome::kRefused);
    });
  }

  void notify(int condition, std::int64_t waiters) {
    client_.run(kObject, Code::kNotify, waiters, condition,
                [&] { return at(condition).notify(waiters); });
  }
  void notify_all(int condition) {
    client_.run(kObject, Code::kNotify, kNever, condition,
                [&] { return at(condition).notify_all(); });
  }

  // Acquires up to so many times, and while it holds the lock waits or wakes others.
  void step(int most) {
    if (held_ == 0) {
      if (client_.any(8) == 0) return look();
      acquire(client_.any(4) * 1ms);
      return;
    }
    const int condition = client_.any(static_cast<int>(conditions_.size()));
    switch (client_.any(10)) {
      case 0:
        return look();
      case 1:
      case 2:
        return notify(condition, 1 + client_.any(2));
      case 3:
        return notify_all(condition);
      case 4:
        return held_ < most ? static_cast<void>(acquire(kLong)) : release();
      case 5:
      case 6:
        return release();
      default:
        return wait(condition);
    }
  }

  // At the end, with nobody else.
  void finish() {
    EXPECT_TRUE(acquire(kLong)) << "nobody is left who has it";
    for (int i = 0; i < static_cast<int>(conditions_.size()); ++i) notify_all(i);
    release();
    look();
  }

 private:
  const ConditionProxy& at(int condition) const {
    return conditions_[static_cast<std::size_t>(condition)];
  }
  Result granted(Outcome outcome) const {
    return {.outcome = outcome,
            .value = static_cast<std::int64_t>(lock_.token()),
            .extra = lock_.previous_owner_died() ? 1 : 0};
  }

  Client& client_;
  std::vector<ConditionProxy> conditions_;
  OwnedLockProxy lock_;
  int held_ = 0;
};

// All clients at one lock, so that some of them sleep at a time.
template <class Make>
Plan plan_with(const Make& make, int most) {
  return {
      .work = [=](Client& client) -> Plan::Step {
        return [most, sleeper = Sleeper(client, make(client.manager()))]() mutable {
          sleeper.step(most);
        };
      },
      .finish = [=](Client& client,
                    const Happened&) { Sleeper(client, make(client.manager())).finish(); },
  };
}

History of_waits(const Happened& happened) {
  return in_three(with_all_ends(with_returns(happened, {Code::kWait}), happened, 1));
}

MP_HISTORIES(ConditionHistories);

TEST_P(ConditionHistories, AreThoseOfALineOfSleepers) {
  const auto make = [](const Manager& manager) { return std::vector{manager.condition("c")}; };
  check_histories<Condition<Reentry::kCounts>>(plan_with(make, 3), of_waits);
}

MP_HISTORIES(SharedConditionHistories);

TEST_P(SharedConditionHistories, AreThoseOfALineOfSleepersForEachConditionOverOneLock) {
  const auto make = [](const Manager& manager) {
    const LockProxy lock = manager.lock("l");
    return std::vector{manager.condition("not empty", lock), manager.condition("not full", lock)};
  };
  check_histories<Condition<Reentry::kWaits>>(plan_with(make, 1), of_waits);
}

}  // namespace
}  // namespace mp::linearizability
