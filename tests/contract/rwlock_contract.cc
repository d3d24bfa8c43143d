#include <chrono>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;

class RWLockContract : public Managers {
 protected:
  // A child that holds this side, says so, and waits for its death.
  Process holder(const OwnedLockProxy& side) {
    return Process([this, side] {
      side.acquire();
      held_.set();
      manager().event().wait();
    });
  }
  void start(Process& child) {
    child.start();
    ASSERT_TRUE(held_.wait(kLong));
  }

  EventProxy held_ = manager().event();
  RWLockProxy lock = manager().rwlock();
  OwnedLockProxy reading = lock.read_lock();
  OwnedLockProxy writing = lock.write_lock();
};
MP_CONTRACT(RWLockContract);

TEST_P(RWLockContract, IsReadByManyAndWrittenByOne) {
  reading.acquire();
  std::jthread([&] {
    EXPECT_FALSE(writing.acquire(1ms)) << "the other thread reads";
    EXPECT_TRUE(lock.try_lock_shared());
    EXPECT_EQ(lock.readers(), 2U);
    lock.unlock_shared();
  }).join();
  reading.release();
  writing.acquire();
  std::jthread([&] {
    EXPECT_FALSE(lock.try_lock_shared());
    EXPECT_FALSE(lock.try_lock());
    EXPECT_THROW(writing.release(), NotOwnerError);
  }).join();
  EXPECT_TRUE(writing.locked());
  EXPECT_FALSE(reading.locked());
  writing.release();
  EXPECT_FALSE(writing.locked());
}

TEST_P(RWLockContract, MeetsSharedTimedLockable) {
  {
    std::shared_lock one(lock);
    std::shared_lock two(lock, 1s);
    EXPECT_TRUE(one.owns_lock() && two.owns_lock());
    EXPECT_EQ(lock.readers(), 1U) << "however often";
  }
  EXPECT_EQ(lock.readers(), 0U);
  {
    std::unique_lock one(lock, 1s);
    EXPECT_TRUE(one.owns_lock());
    const std::scoped_lock two(lock);
  }
  EXPECT_FALSE(writing.locked());
  EXPECT_TRUE(lock.try_lock_shared_until(std::chrono::steady_clock::now() - 1s));
  lock.unlock_shared();
  EXPECT_TRUE(lock.try_lock_until(std::chrono::steady_clock::now() - 1s));
  lock.unlock();
  EXPECT_EQ(lock.last_error(), "");
}

TEST_P(RWLockContract, AReaderThatComesAfterAWaitingWriterWaitsBehindIt) {
  reading.acquire();
  const std::uint64_t order = reading.token();
  auto done = manager().event();
  Crowd writer(GetParam(), 1, [&](int) {
    auto wait = writing.async().acquire();
    held_.set();  // it is before it in line
    demand(wait.get(), "granted");
    demand(writing.token() > order, "after the reader");
    done.set();
    writing.release();
  });
  ASSERT_TRUE(held_.wait(kLong));
  std::jthread([&] { EXPECT_FALSE(reading.acquire(1ms)); }).join();
  EXPECT_TRUE(reading.acquire(kLong)) << "who reads already need not wait";
  EXPECT_FALSE(done.is_set());
  reading.release();
  reading.release();
  writer.join();
  EXPECT_TRUE(done.is_set());
}

TEST_P(RWLockContract, AWriterBecomesAReaderWithNobodyInBetween) {
  writing.acquire();
  reading.acquire();
  EXPECT_NE(reading.token(), writing.token());
  std::jthread([&] { EXPECT_FALSE(lock.try_lock_shared()); }).join();
  writing.release();
  EXPECT_EQ(writing.token(), 0U);
  EXPECT_NE(reading.token(), 0U);
  std::jthread([&] {
    EXPECT_FALSE(lock.try_lock());
    EXPECT_TRUE(lock.try_lock_shared());
    lock.unlock_shared();
  }).join();
  reading.release();
  EXPECT_THROW(reading.release(), NotOwnerError);
}

TEST_P(RWLockContract, AReaderThatWantsToWriteIsRefused) {
  const std::shared_lock guard(lock);
  EXPECT_THROW(lock.lock(), DeadlockError);
  EXPECT_THROW(static_cast<void>(lock.try_lock()), DeadlockError);
  EXPECT_EQ(writing.token(), 0U);
  EXPECT_TRUE(reading.locked());
}

TEST_P(RWLockContract, GivesTokensOfBothSidesThatFenceWhatIsDone) {
  auto d = manager().dict<std::string, int>();
  writing.acquire();
  const std::uint64_t write_token = writing.token();
  d.fenced_by(lock, write_token)["k"] = 1;
  reading.acquire();
  const std::uint64_t read_token = reading.token();
  writing.release();
  EXPECT_THROW(d.fenced_by(lock, write_token).set("k", 2), StaleTokenError) << "it only reads now";
  d.fenced_by(reading, read_token)["k"] = 3;
  reading.release();
  EXPECT_THROW(d.fenced_by(lock, read_token).set("k", 4), StaleTokenError);
  writing.acquire();
  EXPECT_GT(writing.token(), read_token);
  writing.release();
  EXPECT_EQ(d.at("k"), 3);
}

TEST_P(RWLockContract, PassesOnWhenItsWriterIsKilledAndTellsWhoComesNext) {
  MP_NEEDS_FORK();
  Process owner = holder(writing);
  start(owner);
  auto next = reading.async().acquire();
  EXPECT_FALSE(next.ready());
  owner.kill();
  EXPECT_TRUE(next.get(kLong));
  EXPECT_TRUE(reading.previous_owner_died());
  reading.release();
  writing.acquire();
  EXPECT_TRUE(writing.previous_owner_died()) << "who can mend it";
  writing.release();
  writing.acquire();
  EXPECT_FALSE(writing.previous_owner_died());
  writing.release();
}

TEST_P(RWLockContract, PassesOnWhenItsReaderIsKilledAndSaysNothing) {
  MP_NEEDS_FORK();
  Process owner = holder(reading);
  start(owner);
  auto next = writing.async().acquire();
  EXPECT_FALSE(next.ready());
  owner.kill();
  EXPECT_TRUE(next.get(kLong));
  EXPECT_FALSE(writing.previous_owner_died());
  writing.release();
}

TEST_P(RWLockContract, IsHeldUpByNoWriterThatWasKilledInLine) {
  MP_NEEDS_FORK();
  reading.acquire();
  Process waiter([&] {
    auto wait = writing.async().acquire();
    held_.set();  // the wait is before it in line
    wait.get();
  });
  start(waiter);
  waiter.kill();
  std::jthread([&] {
    EXPECT_TRUE(reading.acquire(kLong));
    reading.release();
  }).join();
  reading.release();
}

TEST_P(RWLockContract, IsNotTheChildsThoughItsParentHoldsIt) {
  MP_NEEDS_FORK();
  reading.acquire();
  Process child([&] {
    demand(reading.token() == 0, "the parent's");
    try {
      reading.release();
    } catch (const NotOwnerError&) {
      exit(7);
    }
  });
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 7);
  EXPECT_EQ(lock.readers(), 1U);
  reading.release();
}

TEST_P(RWLockContract, IsLostWithItsLease) {
  auto mine = manager().rwlock("leased");
  ASSERT_TRUE(mine.write_lock().acquire({.lease = 20ms}));
  Manager other = another();
  auto theirs = other.rwlock("leased");
  EXPECT_TRUE(theirs.read_lock().acquire(kLong));
  EXPECT_TRUE(theirs.read_lock().previous_owner_died());
  EXPECT_TRUE(mine.write_lock().lost());
  EXPECT_FALSE(mine.read_lock().lost()) << "it was never held";
  EXPECT_THROW(mine.write_lock().release(), NotOwnerError);
  EXPECT_FALSE(theirs.read_lock().lost());
}

TEST_P(RWLockContract, KeepsWhatReadersSeeWholeAcrossProcesses) {
  MP_NEEDS_FORK();
  auto pair = manager().dict<std::string, int>({{"a", 0}, {"b", 0}});
  Crowd crowd(GetParam(), 6, [&](int who) {
    for (int i = 0; i < 20; ++i) {
      if (who % 3 == 0) {
        const std::unique_lock guard(lock);
        pair["a"] += 1;
        pair["b"] += 1;
      } else {
        const std::shared_lock guard(lock);
        const int a = pair.at("a");
        demand(a == pair.at("b"), "nobody writes while somebody reads");
      }
    }
  });
  crowd.join();
  EXPECT_EQ(pair.at("a"), 40);
}

TEST_P(RWLockContract, IsAcquiredInABatchOrNotAtAll) {
  auto d = manager().dict<std::string, int>();
  Batch batch = manager().batch();
  Future<bool> write = batch.on(writing).acquire();
  Future<bool> read = batch.on(reading).acquire();
  batch.on(d).set("k", 1);
  ASSERT_TRUE(batch.commit() && write.get() && read.get());
  Batch late = manager().batch();
  late.on(reading).release();
  late.on(writing).release();
  late.on(d).pop("nobody");
  EXPECT_THROW(late.commit(), KeyError);
  EXPECT_TRUE(writing.locked() && reading.locked()) << "undone";
  writing.release();
  reading.release();
}

TEST_P(RWLockContract, ShowsWhoHoldsItAndWhoWaits) {
  auto named = manager().rwlock("table");
  named.lock_shared();
  EXPECT_THAT(manager().debug_info(), ContainsRegex("rwlock 'table' .*: length 1,"));
  EXPECT_THROW(manager().lock("table"), WrongKind);
  EXPECT_THROW(manager().condition(named.read_lock()), WrongKind);
  named.unlock_shared();
}

TEST_P(RWLockContract, GoesInAContainer) {
  auto locks = manager().dict<std::string, RWLockProxy>();
  locks["table"] = lock;
  const auto found = locks.at("table");
  found.lock();
  EXPECT_TRUE(writing.locked());
  lock.unlock();
  EXPECT_FALSE(found.write_lock().locked());
}

}  // namespace
}  // namespace mp::contract
