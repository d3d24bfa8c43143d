#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"
#include "tests/fork/asleep.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

using LocalSemaphoreContract = LocalFixture;

class LocalSemaphoreInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalSemaphoreInProcesses, testing::ValuesIn(all_ways()),
                         name_of_param);

// What Python's tests do with either sort of two permits.
template <class S>
void take_two_and_give_them_back(const S& s) {
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

template <class S>
void release(const S& s) {
  s.release();
}

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

// Never more inside than there are permits.
template <class S>
void go_in_and_out(int /*party*/, const S& s, const Value<int>& inside) {
  for (int round = 0; round < 300; ++round) {
    const std::scoped_lock seat(s);
    demand(++inside <= 2, "no more than permits");
    --inside;
  }
}

TEST_P(LocalSemaphoreInProcesses, LetsInAsManyAsItHasPermits) {
  const Value<int> inside(0);
  const Semaphore s(2);
  all(6, go_in_and_out<Semaphore>, s, inside);
  EXPECT_EQ(s.get_value(), 2U);
  const BoundedSemaphore b(2);
  all(6, go_in_and_out<BoundedSemaphore>, b, inside);
  EXPECT_EQ(b.get_value(), 2U);
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

TEST_P(LocalSemaphoreInProcesses, IsReleasedByWhoDidNotAcquire) {
  const Semaphore s(0);
  elsewhere(release<Semaphore>, s);
  EXPECT_TRUE(s.acquire(false));
  const BoundedSemaphore seats(1);
  seats.acquire();
  elsewhere(release<BoundedSemaphore>, seats);
  EXPECT_TRUE(seats.is_signal());
  EXPECT_TRUE(seats.acquire(false));
}

TEST_F(LocalSemaphoreContract, RefusesCountsThatAreNone) {
  const auto refuses = [](const auto& s) {
    EXPECT_THROW(s.release(0), ValueError);
    EXPECT_THROW(s.release(-1), ValueError);
    EXPECT_THROW(s.release(std::numeric_limits<std::int64_t>::max()), ValueError);
    EXPECT_EQ(s.get_value(), 2U);
  };
  refuses(Semaphore(2));
  refuses(BoundedSemaphore(2));
}

}  // namespace
}  // namespace mp::contract
