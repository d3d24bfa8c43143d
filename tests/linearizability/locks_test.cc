#include <gtest/gtest.h>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/lock.h"
#include "tests/linearizability/models/semaphore.h"

// Locks and semaphores: never more holders than there may be, tokens that grow, and what a dead
// holder had passes on.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObjects = 2;

// What a client does with the lock, or the permits, of one object.
template <class Proxy>
class Holder {
 public:
  Holder(Client& client, Proxy proxy, int object)
      : client_(client), proxy_(std::move(proxy)), object_(object) {}

  bool acquire(TimeLimit patience) {
    const Result got = client_.run(object_, Code::kAcquire, [&] {
      if (!proxy_.acquire(patience)) return kRefusal;
      return Result{.value = static_cast<std::int64_t>(proxy_.token()),
                    .extra = proxy_.previous_owner_died() ? 1 : 0};
    });
    if (got.outcome == Outcome::kDone) ++held_;
    return got.outcome == Outcome::kDone;
  }

  void release() {
    client_.run(object_, Code::kRelease, [&] { proxy_.release(); });
    --held_;
  }

  void look() {
    if constexpr (requires { proxy_.get_value(); }) {
      client_.run(object_, Code::kGet, [&] { return proxy_.get_value(); });
    } else {
      client_.run(object_, Code::kLocked, [&] { return proxy_.locked(); });
    }
  }

  // Acquires up to so many times, and gives it all back sooner or later.
  void step(int most) {
    const int chance = client_.any(6);
    if (chance == 0) {
      look();
    } else if (held_ > 0 && (held_ >= most || chance < 4)) {
      release();
    } else {
      acquire(client_.any(4) * 1ms);
    }
  }

 private:
  Client& client_;
  Proxy proxy_;
  int object_;
  int held_ = 0;
};

// A client with one of these for each object.
template <class Proxy>
using Holders = std::vector<Holder<Proxy>>;

template <class Proxy, class Make>
Plan plan_with(const Make& make, int most) {
  const auto holders_of = [=](Client& client) {
    Holders<Proxy> holders;
    for (int object = 0; object < kObjects; ++object)
      holders.emplace_back(client, make(client.manager(), "o" + std::to_string(object)), object);
    return holders;
  };
  return {
      .work = [=](Client& client) -> Plan::Step {
        return [=, &client, holders = holders_of(client)]() mutable {
          holders[static_cast<std::size_t>(client.any(kObjects))].step(most);
        };
      },
      .finish =
          [=](Client& client, const Happened&) {
            for (auto& holder : holders_of(client)) {
              EXPECT_TRUE(holder.acquire(kLong)) << "nobody is left who has it";
              holder.look();
              holder.release();
              holder.look();
            }
          },
  };
}

History of_owners(const Happened& happened) {
  return with_all_ends(happened.history, happened, kObjects);
}

MP_HISTORIES(LockHistories);

TEST_P(LockHistories, AreThoseOfOneHolderAtATime) {
  const auto make = [](const Manager& manager, const std::string& name) {
    return manager.lock(name);
  };
  check_histories<Lock>(plan_with<LockProxy>(make, 1), of_owners);
}

MP_HISTORIES(RLockHistories);

TEST_P(RLockHistories, AreThoseOfOneHolderThatMayComeAgain) {
  const auto make = [](const Manager& manager, const std::string& name) {
    return manager.rlock(name);
  };
  check_histories<RLock>(plan_with<RLockProxy>(make, 3), of_owners);
}

MP_HISTORIES(SemaphoreHistories);

TEST_P(SemaphoreHistories, NeverHaveMoreHoldersThanPermits) {
  const auto make = [](const Manager& manager, const std::string& name) {
    return manager.semaphore(name, {.value = 3});
  };
  check_histories<Semaphore<3>>(plan_with<SemaphoreProxy>(make, 2), of_owners);
}

MP_HISTORIES(BoundedSemaphoreHistories);

TEST_P(BoundedSemaphoreHistories, NeverHaveMoreHoldersThanPermits) {
  const auto make = [](const Manager& manager, const std::string& name) {
    return manager.bounded_semaphore(name, {.value = 2});
  };
  check_histories<Semaphore<2>>(plan_with<SemaphoreProxy>(make, 2), of_owners);
}

}  // namespace
}  // namespace mp::linearizability
