#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class SemaphoreContract : public Managers {
 protected:
  // What Python's tests do with either sort of two permits.
  static void take_two_and_give_them_back(const SemaphoreProxy& s) {
    EXPECT_EQ(s.get_value(), 2U);
    EXPECT_TRUE(s.acquire());
    EXPECT_EQ(s.get_value(), 1U);
    EXPECT_FALSE(s.locked());
    EXPECT_TRUE(s.acquire());
    EXPECT_EQ(s.get_value(), 0U);
    EXPECT_TRUE(s.locked());
    EXPECT_FALSE(s.acquire(false));
    EXPECT_EQ(s.get_value(), 0U);
    s.release();
    EXPECT_EQ(s.get_value(), 1U);
    s.release();
    EXPECT_EQ(s.get_value(), 2U);
  }
  // A child that acquires a permit and is killed.
  void acquire_and_die(const SemaphoreProxy& s) {
    auto acquired = manager().event();
    Process child([&] {
      s.acquire();
      acquired.set();
      manager().event().wait();
    });
    child.start();
    ASSERT_TRUE(acquired.wait(kLong));
    child.kill();
    child.join();
  }
};
MP_CONTRACT(SemaphoreContract);

TEST_P(SemaphoreContract, CountsItsPermitsAndHasAsManyAsAreReleased) {
  auto s = manager().semaphore(2);
  take_two_and_give_them_back(s);
  s.release();
  EXPECT_EQ(s.get_value(), 3U);
  s.release();
  EXPECT_EQ(s.get_value(), 4U);
}

TEST_P(SemaphoreContract, HasNoMoreThanAtFirstIfItIsBounded) {
  auto s = manager().bounded_semaphore(2);
  take_two_and_give_them_back(s);
  EXPECT_THROW(s.release(), ValueError);
  EXPECT_EQ(s.get_value(), 2U);
  s.acquire();
  EXPECT_THROW(s.release(2), ValueError);
  EXPECT_EQ(s.get_value(), 1U) << "all or none";
  s.release();
  EXPECT_EQ(s.get_value(), 2U);
}

TEST_P(SemaphoreContract, GivesUpAfterTheTimeout) {
  auto s = manager().semaphore(0);
  EXPECT_FALSE(s.acquire(false));
  EXPECT_FALSE(s.acquire(false, None));
  EXPECT_FALSE(s.acquire(false, 1h));
  EXPECT_FALSE(s.acquire(true, 1ms));
  EXPECT_FALSE(s.acquire({.timeout = 1ms}));
  EXPECT_FALSE(s.acquire(-1s));
  EXPECT_EQ(s.get_value(), 0U);
}

TEST_P(SemaphoreContract, HasTheMethodsOfTheStandards) {
  auto s = manager().semaphore(1);
  {
    const std::scoped_lock seat(s);
    EXPECT_FALSE(s.try_acquire());
    EXPECT_FALSE(s.try_acquire_for(1ms));
    EXPECT_FALSE(s.try_acquire_until(std::chrono::steady_clock::now()));
    EXPECT_FALSE(s.try_lock());
  }
  EXPECT_TRUE(s.try_acquire());
  s.release(3);
  EXPECT_EQ(s.get_value(), 3U);
}

TEST_P(SemaphoreContract, LetsInAsManyAsItHasPermits) {
  auto s = manager().semaphore(2);
  auto inside = manager().value<int>();
  auto most = manager().value<int>();
  Crowd crowd(GetParam(), 6, [&](int) {
    for (int round = 0; round < 20; ++round) {
      const std::scoped_lock seat(s);
      most.fetch_max(inside.add(1));
      inside.subtract(1);
    }
  });
  crowd.join();
  EXPECT_LE(most.get(), 2);
  EXPECT_EQ(s.get_value(), 2U);
}

TEST_P(SemaphoreContract, GrantsInOrderOfArrival) {
  auto s = manager().semaphore("seats", {.value = 0, .signal = true});
  auto first = s.async().acquire();
  EXPECT_EQ(s.get_value(), 0U);  // and so the one before is in line
  Manager other = another();
  auto theirs = other.semaphore("seats");
  auto second = theirs.async().acquire();
  EXPECT_EQ(theirs.get_value(), 0U);
  s.release();
  EXPECT_TRUE(first.get(kLong));
  EXPECT_FALSE(second.ready());
  s.release();
  EXPECT_TRUE(second.get(kLong));
}

TEST_P(SemaphoreContract, IsReleasedByWhoDidNotAcquire) {
  auto s = manager().semaphore(0);
  elsewhere(GetParam(), [&] { s.release(); });
  EXPECT_TRUE(s.is_signal());
  EXPECT_TRUE(s.acquire(false));
  EXPECT_EQ(s.token(), 0U);
}

TEST_P(SemaphoreContract, HasThePermitOfAChildThatEndedWithItBack) {
  MP_NEEDS_FORK();
  auto s = manager().semaphore();
  elsewhere(GetParam(), [&] { s.acquire(); });
  ASSERT_TRUE(s.acquire(kLong));
  EXPECT_TRUE(s.previous_owner_died());
  s.release();
  EXPECT_EQ(s.get_value(), 1U);
  s.release();
  EXPECT_EQ(s.get_value(), 2U) << "the parent may release what it did not acquire";
}

TEST_P(SemaphoreContract, HasThePermitOfAChildThatEndedWithItBackIfItIsBounded) {
  MP_NEEDS_FORK();
  auto s = manager().bounded_semaphore();
  elsewhere(GetParam(), [&] { s.acquire(); });
  ASSERT_TRUE(s.acquire(kLong));
  s.release();
  EXPECT_EQ(s.get_value(), 1U);
  EXPECT_THROW(s.release(), ValueError);
}

TEST_P(SemaphoreContract, HasThePermitOfAProcessThatWasKilledBack) {
  MP_NEEDS_FORK();
  auto s = manager().semaphore(1);
  acquire_and_die(s);
  ASSERT_TRUE(s.acquire(kLong));
  EXPECT_TRUE(s.previous_owner_died());
  EXPECT_NE(s.token(), 0U);
  s.release();
  ASSERT_TRUE(s.acquire());
  EXPECT_FALSE(s.previous_owner_died());
}

TEST_P(SemaphoreContract, TakesNothingBackFromTheDeadIfItIsASignal) {
  MP_NEEDS_FORK();
  auto s = manager().semaphore("made", {.value = 1, .signal = true});
  auto seat = manager().lock();
  auto acquired = manager().event();
  Process child([&] {
    seat.acquire();
    s.acquire();
    acquired.set();
    manager().event().wait();
  });
  child.start();
  ASSERT_TRUE(acquired.wait(kLong));
  child.kill();
  ASSERT_TRUE(seat.acquire(kLong));  // its session is at its end
  EXPECT_EQ(s.get_value(), 0U);
  EXPECT_FALSE(s.acquire(1ms));
}

TEST_P(SemaphoreContract, HasThePermitBackWhenItsLeaseIsOver) {
  auto s = manager().semaphore("leased");
  ASSERT_TRUE(s.acquire({.lease = 20ms}));
  Manager other = another();
  auto theirs = other.semaphore("leased");
  ASSERT_TRUE(theirs.acquire(kLong));
  EXPECT_TRUE(theirs.previous_owner_died());
  EXPECT_THROW(s.release(), NotOwnerError) << "it came back without this";
  EXPECT_EQ(theirs.get_value(), 0U);
}

TEST_P(SemaphoreContract, GivesEachPermitATokenThatFencesWrites) {
  auto s = manager().semaphore(2);
  auto d = manager().dict<std::string, int>();
  s.acquire();
  const std::uint64_t first = s.token();
  s.acquire();
  const std::uint64_t second = s.token();
  EXPECT_GT(second, first);
  d.fenced_by(s, first)["k"] = 1;
  s.release();  // the last acquired
  EXPECT_THROW(d.fenced_by(s, second).set("k", 2), StaleTokenError);
  d.fenced_by(s, first)["k"] = 3;
  EXPECT_EQ(d.at("k"), 3);
}

TEST_P(SemaphoreContract, RefusesCountsAndLeasesThatAreNone) {
  auto s = manager().semaphore(2);
  EXPECT_THROW(s.release(0), ValueError);
  EXPECT_THROW(s.release(-1), ValueError);
  EXPECT_THROW(static_cast<void>(s.acquire({.lease = 0s})), ValueError);
  EXPECT_THROW(static_cast<void>(s.acquire({.lease = -1s})), ValueError);
  EXPECT_THROW(s.release(std::numeric_limits<std::int64_t>::max()), ValueError) << "more than fit";
  EXPECT_EQ(s.get_value(), 2U);
  EXPECT_FALSE(s.is_signal());
  EXPECT_THROW(manager().semaphore(std::numeric_limits<std::uint64_t>::max()), ValueError);
}

TEST_P(SemaphoreContract, IsFoundByItsNameIfItIsOfTheSameSort) {
  auto s = manager().semaphore("seats", {.value = 3});
  Manager other = another();
  EXPECT_EQ(other.semaphore("seats").get_value(), 3U);
  EXPECT_THROW(other.bounded_semaphore("seats"), WrongKind);
  EXPECT_THROW(other.semaphore("seats", {.signal = true}), WrongKind);
  EXPECT_THROW(other.lock("seats"), WrongKind);
  EXPECT_THROW(other.semaphore("seats", {.create = Create::kMustNotExist}), AlreadyExists);
  EXPECT_EQ(s.get_value(), 3U);
}

}  // namespace
}  // namespace mp::contract
