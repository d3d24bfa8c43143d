#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>

#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"
#include "mp/local/event.h"
#include "mp/local/semaphore.h"
#include "tests/contract/local/local_contract.h"
#include "tests/fork/asleep.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class LocalSemaphoreContract : public LocalContract {
 protected:
  // What Python's tests do with either sort of two permits.
  template <class S>
  static void take_two_and_give_them_back(const S& s) {
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
  // Never more inside than there are permits.
  template <class S>
  static void let_in_as_many_as_there_are_permits(const S& s) {
    const auto block = internal::Block::make(sizeof(std::atomic<int>));
    auto& inside = internal::construct_in<std::atomic<int>>(block);
    all(6, [&](int) {
      for (int round = 0; round < 300; ++round) {
        const std::scoped_lock seat(s);
        demand(++inside <= 2, "no more than permits");
        --inside;
      }
    });
    EXPECT_EQ(s.get_value(), 2U);
  }
};

TEST_F(LocalSemaphoreContract, CountsItsPermitsAndHasAsManyAsAreReleased) {
  const Semaphore s(2);
  take_two_and_give_them_back(s);
  s.release();
  EXPECT_EQ(s.get_value(), 3U);
  s.release();
  EXPECT_EQ(s.get_value(), 4U);
}

TEST_F(LocalSemaphoreContract, HasNoMoreThanAtFirstIfItIsBounded) {
  const BoundedSemaphore s(2);
  take_two_and_give_them_back(s);
  EXPECT_THROW(s.release(), ValueError);
  EXPECT_EQ(s.get_value(), 2U);
  s.acquire();
  EXPECT_THROW(s.release(2), ValueError);
  EXPECT_EQ(s.get_value(), 1U) << "all or none";
  s.release();
  EXPECT_EQ(s.get_value(), 2U);
}

TEST_F(LocalSemaphoreContract, GivesUpAfterTheTimeout) {
  const auto gives_up = [](const auto& s) {
    EXPECT_FALSE(s.acquire(false));
    EXPECT_FALSE(s.acquire(false, None));
    EXPECT_FALSE(s.acquire(false, 1h));
    EXPECT_FALSE(s.acquire(true, 1ms));
    EXPECT_FALSE(s.acquire(1ms));
    EXPECT_FALSE(s.acquire(-1s));
    EXPECT_EQ(s.get_value(), 0U);
  };
  gives_up(Semaphore(0));
  gives_up(BoundedSemaphore(0));
}

TEST_F(LocalSemaphoreContract, HasTheMethodsOfTheStandards) {
  const Semaphore s(1);
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

TEST_F(LocalSemaphoreContract, LetsInAsManyAsItHasPermits) {
  let_in_as_many_as_there_are_permits(Semaphore(2));
  let_in_as_many_as_there_are_permits(BoundedSemaphore(2));
}

TEST_F(LocalSemaphoreContract, WakesAsManyAsAreReleased) {
  const Semaphore s(0);
  test::WaitingThread first([&] { EXPECT_TRUE(s.acquire(kLong)); });
  test::WaitingThread second([&] { EXPECT_TRUE(s.acquire(kLong)); });
  s.release(3);
  first.join();
  second.join();
  EXPECT_EQ(s.get_value(), 1U);
}

TEST_F(LocalSemaphoreContract, IsReleasedByWhoDidNotAcquire) {
  const Semaphore s(0);
  elsewhere([&] { s.release(); });
  EXPECT_TRUE(s.acquire(false));
  const BoundedSemaphore seats(1);
  seats.acquire();
  elsewhere([&] { seats.release(); });
  EXPECT_TRUE(seats.is_signal());
  EXPECT_TRUE(seats.acquire(false));
}

TEST_F(LocalSemaphoreContract, TakesNothingBackFromTheDeadIfItIsNotBounded) {
  const Semaphore s(1);
  and_die([&] { s.acquire(); });
  EXPECT_EQ(s.get_value(), 0U);
  EXPECT_FALSE(s.acquire(1ms));
}

TEST_F(LocalSemaphoreContract, HasThePermitOfAChildThatEndedWithItBackIfItIsBounded) {
  const BoundedSemaphore s;
  elsewhere([&] { s.acquire(); });
  EXPECT_EQ(s.get_value(), 1U);
  ASSERT_TRUE(s.acquire(false));
  EXPECT_TRUE(s.previous_owner_died());
  s.release();
  EXPECT_EQ(s.get_value(), 1U);
  EXPECT_THROW(s.release(), ValueError);
  s.acquire();
  EXPECT_FALSE(s.previous_owner_died());
}

TEST_F(LocalSemaphoreContract, HasAllPermitsOfAProcessThatWasKilledBackIfItIsBounded) {
  const BoundedSemaphore s(3);
  and_die([&] {
    s.acquire();
    s.acquire();
  });
  test::WaitingThread all_three([&] {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(s.acquire(kLong));
  });
  all_three.join();
  EXPECT_EQ(s.get_value(), 0U);
  s.release(3);
  EXPECT_FALSE(s.is_signal());
}

TEST_F(LocalSemaphoreContract, GivesAPermitOfTheDeadToWhoWaitsForOne) {
  const BoundedSemaphore s(1);
  const Event acquired;
  Process owner([&] {
    s.acquire();
    acquired.set();
    Event().wait();
  });
  owner.start();
  ASSERT_TRUE(acquired.wait(kLong));
  test::WaitingThread next([&] { EXPECT_TRUE(s.acquire(kLong)); });
  owner.kill();
  next.join();
  owner.join();
  EXPECT_TRUE(s.previous_owner_died());
}

TEST_F(LocalSemaphoreContract, IsNotASignalAnyLessForADeathAfterwards) {
  const BoundedSemaphore s(2);
  and_die([&] {
    s.acquire();
    s.release();
    s.acquire();
    elsewhere([&] { s.release(); });  // of a permit that is another's
  });
  EXPECT_TRUE(s.is_signal());
  EXPECT_EQ(s.get_value(), 2U);
}

TEST_F(LocalSemaphoreContract, RefusesCountsThatAreNone) {
  EXPECT_THROW(Semaphore(-1), ValueError);
  EXPECT_THROW(BoundedSemaphore(-1), ValueError);
  EXPECT_THROW(Semaphore(std::numeric_limits<std::int64_t>::max()), ValueError);
  const auto refuses = [](const auto& s) {
    EXPECT_THROW(s.release(0), ValueError);
    EXPECT_THROW(s.release(-1), ValueError);
    EXPECT_THROW(s.release(std::numeric_limits<std::int64_t>::max()), ValueError);
    EXPECT_EQ(s.get_value(), 2U);
  };
  refuses(Semaphore(2));
  refuses(BoundedSemaphore(2));
}

TEST_F(LocalSemaphoreContract, PrintsAsInPython) {
  EXPECT_EQ(printed(Semaphore(3)), "<Semaphore(value=3)>");
  const BoundedSemaphore seats(2);
  seats.acquire();
  EXPECT_EQ(printed(seats), "<BoundedSemaphore(value=1, maxvalue=2)>");
}

}  // namespace
}  // namespace mp::contract
