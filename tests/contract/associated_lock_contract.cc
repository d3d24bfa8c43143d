#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

// The lock that each Value and Array has.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

class AssociatedLockContract : public Managers {
 protected:
  ValueProxy<int> value = manager().value<int>(1);
  ArrayProxy<double> array = manager().array<double>({1, 2});
};
MP_CONTRACT(AssociatedLockContract);

TEST_P(AssociatedLockContract, IsAnRLockOfTheThreadThatTakesIt) {
  for (const RLockProxy& lock : {value.get_lock(), array.get_lock()}) {
    EXPECT_FALSE(lock.locked());
    lock.acquire();
    lock.acquire();
    EXPECT_EQ(lock.count(), 2U);
    std::jthread([&lock] {
      EXPECT_FALSE(lock.acquire(false));
      EXPECT_THROW(lock.release(), NotOwnerError);
    }).join();
    lock.release();
    lock.release();
    EXPECT_FALSE(lock.locked());
    EXPECT_THROW(lock.release(), NotOwnerError);
  }
}

TEST_P(AssociatedLockContract, IsTheSameForEveryProxyThatGivesIt) {
  value.get_lock().acquire();
  const std::uint64_t token = value.get_lock().token();
  EXPECT_NE(token, 0U);
  EXPECT_FALSE(value.get_lock().lost());
  auto d = manager().dict<std::string, int>();
  d.fenced_by(value.get_lock(), token)["k"] = 1;
  value.get_lock().release();
  EXPECT_EQ(value.get_lock().token(), 0U);
}

TEST_P(AssociatedLockContract, KeepsNobodyFromTheNumbersThemselves) {
  value.get_lock().acquire();
  array.get_lock().acquire();
  elsewhere(GetParam(), [&] {
    value += 1;
    array[0] += 1;
  });
  EXPECT_EQ(value, 2);
  EXPECT_EQ(array.at(0), 2);
}

TEST_P(AssociatedLockContract, MakesReadingAndWritingOneStepForThoseWhoTakeIt) {
  Crowd crowd(GetParam(), 4, [&](int) {
    const RLockProxy first = value.get_lock();
    const RLockProxy second = array.get_lock();
    for (int i = 0; i < 25; ++i) {
      const std::scoped_lock guard(first, second);
      value = value + 1;
      array[0] = array.at(0) + 1;
    }
  });
  crowd.join();
  EXPECT_EQ(value, 101);
  EXPECT_EQ(array.at(0), 101);
}

TEST_P(AssociatedLockContract, IsOneForAllWhoFoundTheObjectByItsName) {
  auto hits = manager().value<int>("hits");
  auto samples = manager().array<int>("samples", 3);
  hits.get_lock().acquire();
  samples.get_lock().acquire();
  Manager other = another();
  EXPECT_TRUE(other.value<int>("hits").get_lock().locked());
  EXPECT_FALSE(other.value<int>("hits").get_lock().acquire(false));
  EXPECT_FALSE(other.array<int>("samples", 3).get_lock().acquire(1ms));
}

TEST_P(AssociatedLockContract, PassesOnWhenItsOwnerIsKilled) {
  MP_NEEDS_FORK();
  auto held = manager().event();
  Process owner([&] {
    value.get_lock().acquire();
    array.get_lock().acquire();
    held.set();
    manager().event().wait();
  });
  owner.start();
  ASSERT_TRUE(held.wait(kLong));
  EXPECT_TRUE(value.get_lock().locked());
  owner.kill();
  for (const RLockProxy& lock : {value.get_lock(), array.get_lock()}) {
    ASSERT_TRUE(lock.acquire(kLong));
    EXPECT_TRUE(lock.previous_owner_died());
    lock.release();
  }
  EXPECT_EQ(value, 1);
}

TEST_P(AssociatedLockContract, IsALockThatAConditionMayBeOver) {
  auto changed = manager().condition(value.get_lock());
  EXPECT_EQ(changed.get_lock(), value.get_lock());
  Crowd other(GetParam(), 1, [&](int) {
    const RLockProxy lock = value.get_lock();
    const std::scoped_lock guard(lock);
    demand(changed.wait_for([&] { return value == 5; }, kLong), "5 in time");
    value = 6;
    changed.notify();
  });
  {
    const std::scoped_lock guard(changed);
    EXPECT_TRUE(value.get_lock().locked());
    EXPECT_NE(changed.token(), 0U);
    value = 5;
    changed.notify();
    EXPECT_TRUE(changed.wait_for([&] { return value == 6; }, kLong));
  }
  other.join();
}

TEST_P(AssociatedLockContract, IsFoundAsTheLockOfAConditionThatAnotherClientFound) {
  auto samples = manager().array<int>("samples", 3);
  auto changed = manager().condition("changed", samples.get_lock());
  Manager other = another();
  auto found = other.condition("changed");
  const std::scoped_lock guard(found);
  EXPECT_TRUE(samples.get_lock().locked());
  EXPECT_FALSE(samples.get_lock().acquire(false));
  EXPECT_EQ(other.condition("changed", other.array<int>("samples", 3).get_lock()), found);
  EXPECT_THROW(other.condition("changed", other.lock("l")), WrongKind);
  EXPECT_FALSE(found.wait(0s));
  EXPECT_TRUE(found.locked());
}

TEST_P(AssociatedLockContract, TakesItsConditionsWithItWhenTheObjectGoes) {
  auto samples = manager().array<int>("samples", 3);
  auto changed = manager().condition(samples.get_lock());
  changed.acquire();
  auto waits = changed.async().wait(kLong);
  manager().remove("samples");
  EXPECT_THROW(waits.get(), NoSuchObject);
}

}  // namespace
}  // namespace mp::contract
