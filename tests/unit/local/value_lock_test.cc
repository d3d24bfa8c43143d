#include <gtest/gtest.h>

#include <mutex>

#include "mp/errors.h"
#include "mp/local/lock.h"
#include "mp/local/rlock.h"
#include "mp/local/value.h"

// The lock that goes with a Value, or does not.

namespace mp {
namespace {

struct Point {
  int x;
  double y;
  bool operator==(const Point&) const = default;
};

template <class V>
concept HasLock = requires(const V& v) {
  v.get_lock();
};

TEST(Value, IsAcquiredAndReleasedAsItsLock) {
  const Value<int> v(0);
  {
    const std::scoped_lock guard(v);
    EXPECT_TRUE(v.get_lock().locked());
    const std::scoped_lock again(v);
    v += 1;
  }
  EXPECT_FALSE(v.get_lock().locked());
  EXPECT_TRUE(v.acquire(false));
  v.get_lock().release();
  EXPECT_THROW(v.release(), NotOwnerError);
  EXPECT_FALSE(v.get_lock().previous_owner_died());
}

TEST(Value, SharesTheLockThatItIsGiven) {
  const Lock lock;
  const RLock rlock;
  const Value<int> v(1, lock);
  const Value<Point> w({1, 2}, rlock);
  const Value<int> u(3, w.get_lock());
  v.acquire();
  w.acquire();
  EXPECT_TRUE(lock.locked());
  EXPECT_EQ(rlock.count(), 1U);
  u.acquire();
  EXPECT_EQ(rlock.count(), 2U);
  for (int i = 0; i < 2; ++i) rlock.release();
  lock.release();
  EXPECT_THROW(v.release(), ValueError);
}

TEST(Value, WithoutALockHasNone) {
  const Value<Point> v({1, 2}, no_lock);
  v.set({3, 4});
  EXPECT_EQ(v.get(), (Point{3, 4}));
  EXPECT_THROW(static_cast<void>(v.get_lock()), AttributeError);
  EXPECT_THROW(v.acquire(), AttributeError);
  EXPECT_THROW(v.release(), AttributeError);
}

TEST(RawValue, IsAValueWithoutALock) {
  static_assert(HasLock<Value<int>> && !HasLock<RawValue<int>>);
  RawValue<int> v(1);
  v = 2;
  v += 3;
  EXPECT_EQ(v.get(), 5);
  RawValue<Point> point({1, 2});
  point = Point{3, 4};
  EXPECT_EQ(point.value(), (Point{3, 4}));
}

}  // namespace
}  // namespace mp
