#include <gtest/gtest.h>

#include <array>

#include "tests/linearizability/histories.h"
#include "tests/linearizability/models/rwlock.h"

// Read-write locks: many readers or one writer, tokens that grow, and who learns that a writer
// died.

namespace mp::linearizability {
namespace {

using namespace std::chrono_literals;

constexpr int kObjects = 2;

template <class Both>
auto& at(Both& both, std::int64_t side) {
  return both[static_cast<std::size_t>(side)];
}

// What a client does with the two sides of one lock. It reads and writes by turns, and now and then
// wants to write while it reads.
class ReaderAndWriter {
 public:
  ReaderAndWriter(Client& client, int object)
      : client_(client),
        object_(object),
        sides_{lock(client, object).read_lock(), lock(client, object).write_lock()} {}

  bool acquire(std::int64_t side, TimeLimit patience) {
    const OwnedLockProxy& proxy = at(sides_, side);
    const Result got = client_.run(object_, Code::kAcquire, side, [&] {
      return unless<DeadlockError>([&] {
        if (!proxy.acquire(patience)) return kRefusal;
        return Result{.value = static_cast<std::int64_t>(proxy.token()),
                      .extra = proxy.previous_owner_died() ? 1 : 0};
      });
    });
    if (got.outcome == Outcome::kDone) ++at(held_, side);
    return got.outcome == Outcome::kDone;
  }
  void release(std::int64_t side) {
    client_.run(object_, Code::kRelease, side, [&] { at(sides_, side).release(); });
    --at(held_, side);
  }
  void look(std::int64_t side) {
    client_.run(object_, Code::kLocked, side, [&] { return at(sides_, side).locked(); });
  }

  void step() {
    const std::int64_t side = client_.any(2);
    const int chance = client_.any(6);
    if (chance == 0) {
      look(side);
    } else if (at(held_, side) > 0 && (at(held_, side) > 1 || chance < 5)) {
      release(side);
    } else {
      acquire(side, client_.any(4) * 1ms);
    }
  }

 private:
  static RWLockProxy lock(const Client& client, int object) {
    return client.manager().rwlock("t" + std::to_string(object));
  }

  Client& client_;
  int object_;
  std::array<OwnedLockProxy, 2> sides_;
  std::array<int, 2> held_{};
};

std::vector<ReaderAndWriter> all_of(Client& client) {
  std::vector<ReaderAndWriter> all;
  for (int object = 0; object < kObjects; ++object) all.emplace_back(client, object);
  return all;
}

Plan plan() {
  return {
      .work = [](Client& client) -> Plan::Step {
        return [&client, all = all_of(client)]() mutable {
          all[static_cast<std::size_t>(client.any(kObjects))].step();
        };
      },
      .finish =
          [](Client& client, const Happened&) {
            for (ReaderAndWriter& one : all_of(client)) {
              EXPECT_TRUE(one.acquire(RWLock::kWrite, kLong)) << "nobody is left who has it";
              EXPECT_TRUE(one.acquire(RWLock::kRead, kLong));
              one.release(RWLock::kWrite);
              one.look(RWLock::kWrite);
              one.release(RWLock::kRead);
              one.look(RWLock::kRead);
            }
          },
  };
}

History of_owners(const Happened& happened) {
  return with_all_ends(happened.history, happened, kObjects);
}

MP_HISTORIES(RWLockHistories);

TEST_P(RWLockHistories, AreThoseOfManyReadersOrOneWriter) {
  check_histories<RWLock>(plan(), of_owners);
}

}  // namespace
}  // namespace mp::linearizability
