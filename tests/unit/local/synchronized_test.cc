#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <mutex>

#include "mp/local/array.h"
#include "mp/local/lock.h"
#include "mp/local/value.h"

// Raw values and arrays that get a lock, or are copied.

namespace mp {
namespace {

using testing::Each;
using testing::ElementsAre;

struct Wide {
  std::array<std::int64_t, 5> words;
  bool operator==(const Wide&) const = default;
};

TEST(Synchronized, IsTheSameValueWithALock) {
  const RawValue<int> raw(3);
  const Value<int> v = synchronized(raw);
  v += 4;
  EXPECT_EQ(raw.get(), 7);
  raw.set(8);
  EXPECT_EQ(v.get(), 8);
  const std::scoped_lock guard(v);
  EXPECT_TRUE(v.get_lock().locked());
}

TEST(Synchronized, TakesTheLockThatItIsGiven) {
  const Lock lock;
  const Value<double> v = synchronized(RawValue<double>(1.5), lock);
  const Array<int> a = synchronized(RawArray<int>({1, 2}), lock);
  v.acquire();
  EXPECT_TRUE(lock.locked());
  EXPECT_FALSE(a.acquire(false));
  v.release();
  EXPECT_EQ(str(v), "Value('d', 1.5)");
}

TEST(Synchronized, IsTheSameArrayWithALock) {
  const RawArray<int> raw({1, 2, 3});
  const Array<int> a = synchronized(raw);
  a[mp::slice(0, 2)] = {7, 8};
  EXPECT_THAT(raw.copy(), ElementsAre(7, 8, 3));
}

TEST(Synchronized, SetsAlsoWhatIsTooLargeForOneInstruction) {
  const RawArray<Wide> raw(3);
  const Array<Wide> a = synchronized(raw);
  a[1] = Wide{{1, 2, 3, 4, 5}};
  EXPECT_EQ(raw.at(1), (Wide{{1, 2, 3, 4, 5}}));
  EXPECT_EQ(raw.at(0), Wide{});
  EXPECT_EQ(raw.at(2), Wide{});
}

TEST(Copy, IsAnotherValueOrArray) {
  const RawValue<Wide> v(Wide{{1, 2, 3, 4, 5}});
  const RawArray<double> a({1, 2});
  const auto w = copy(v);
  const auto b = copy(a);
  EXPECT_EQ(w.get(), v.get());
  v.set(Wide{});
  a.fill(0);
  EXPECT_EQ(w.get(), (Wide{{1, 2, 3, 4, 5}}));
  EXPECT_THAT(b.copy(), ElementsAre(1, 2));
  EXPECT_THAT(a.copy(), Each(0));
}

}  // namespace
}  // namespace mp
