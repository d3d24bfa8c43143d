#include "mp/local/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "mp/errors.h"
#include "tests/unit/local/travelling.h"

namespace mp {
namespace {

using internal::LockFree;
using internal::Shareable;
using std::chrono_literals::operator""ms;
using testing::HasSubstr;

struct Point {
  int x;
  double y;
  bool operator==(const Point&) const = default;
};
struct Pair {
  int a, b;
  bool operator==(const Pair&) const = default;
};
struct Named {
  const char* name;
};
struct Nested {
  Point point;
  Named named;
};
struct Bits {
  int a : 3;
  int b : 5;
};
struct Virtual {
  virtual ~Virtual() = default;
};
enum class Colour { kRed, kGreen };

template <class V>
concept Adds = requires(const V& v) {
  v += 1;
};
template <class V>
concept HasBits = requires(const V& v) {
  v |= 1;
};

TEST(Value, TakesTypesThatAreAsGoodAsTheirBytes) {
  static_assert(Shareable<int> && Shareable<long double> && Shareable<Colour>);
  static_assert(Shareable<Point> && Shareable<Bits> && Shareable<std::optional<int>>);
  static_assert(Shareable<std::array<Point, 3>>);
  static_assert(!Shareable<std::string> && !Shareable<std::vector<int>> && !Shareable<Virtual>);
  static_assert(!Shareable<const int> && !Shareable<int&> && !Shareable<int[3]>);
}

TEST(Value, TakesNoPointers) {
  static_assert(!Shareable<int*> && !Shareable<void (*)()> && !Shareable<int Point::*>);
  static_assert(!Shareable<std::string_view> && !Shareable<std::span<int>>);
  static_assert(!Shareable<std::reference_wrapper<int>> && !Shareable<std::array<int*, 2>>);
  static_assert(!Shareable<Named> && !Shareable<Nested>);
}

struct WithArray {
  char text[8];
  int n;
};

TEST(Value, CanBeSentThoughItsTypeCannot) {
  static_assert(!internal::Sendable<WithArray> && internal::Sendable<Value<WithArray>>);
  static_assert(internal::Sendable<Value<Bits>> && internal::Sendable<RawValue<Bits>>);
}

TEST(Value, IsReadAndWrittenAsTheNumberThatItIs) {
  Value<double> v(3.5);
  EXPECT_EQ(v, 3.5);
  v = 4;
  EXPECT_EQ(v.value(), 4.0);
  v.set(5);
  EXPECT_EQ(v.get(), 5.0);
  const double number = v;
  EXPECT_EQ(number, 5.0);
  EXPECT_EQ(v.exchange(6), 5.0);
  v.get_obj() = 7;
  EXPECT_EQ(v.get(), 7.0);
}

TEST(Value, CopiesAreHandlesToTheSame) {
  Value<int> v(1);
  Value<int> w = v;
  w = 2;
  EXPECT_EQ(v.get(), 2);
  const Value<int> other(10);
  w = Value<int>(other);
  w += 1;
  EXPECT_EQ(other.get(), 11);
  EXPECT_EQ(v.get(), 2);
}

TEST(Value, HasTheOperationsOfAnAtomic) {
  const Value<int> v(5);
  EXPECT_EQ(v.add(2), 7);
  EXPECT_EQ(v.subtract(1), 6);
  EXPECT_EQ(v.fetch_add(1), 6);
  EXPECT_EQ(v.fetch_sub(1), 7);
  EXPECT_EQ(v.fetch_max(12), 6);
  EXPECT_EQ(v.fetch_max(3), 12);
  EXPECT_EQ(v.fetch_min(12), 12);
  EXPECT_EQ(v.fetch_or(3), 12);
  EXPECT_EQ(v.fetch_and(14), 15);
  EXPECT_EQ(v.fetch_xor(2), 14);
  EXPECT_EQ(v += 3, 15);
  EXPECT_EQ(v -= 5, 10);
  EXPECT_EQ(++v, 11);
  EXPECT_EQ(v++, 11);
  EXPECT_EQ(--v, 11);
  EXPECT_EQ(v--, 11);
  EXPECT_EQ(v &= 14, 10);
  EXPECT_EQ(v |= 1, 11);
  EXPECT_EQ(v ^= 2, 9);
}

TEST(Value, OfABoolHasThoseOnBits) {
  const Value<bool> v(true);
  EXPECT_FALSE(v &= false);
  EXPECT_FALSE(v.fetch_or(true));
  EXPECT_FALSE(v ^= true);
  static_assert(HasBits<Value<bool>> && !Adds<Value<bool>>);
  static_assert(Adds<Value<double>> && !HasBits<Value<double>>);
}

TEST(Value, ExchangesIfItIsAsExpected) {
  const Value<int> v(1);
  int expected = 0;
  EXPECT_FALSE(v.compare_exchange(expected, 5));
  EXPECT_EQ(expected, 1);
  EXPECT_TRUE(v.compare_exchange(expected, 5));
  EXPECT_EQ(v.get(), 5);
}

TEST(Value, TakesNaNForNaN) {
  const Value<double> v(std::nan("1"));
  double expected = std::nan("2");
  EXPECT_TRUE(v.compare_exchange(expected, -0.0));
  expected = 0.0;
  EXPECT_TRUE(v.compare_exchange(expected, 1.0)) << "-0.0 is 0.0";
  EXPECT_TRUE(std::signbit(expected));
}

TEST(Value, WrapsAround) {
  const Value<int> most(std::numeric_limits<int>::max());
  EXPECT_EQ(++most, std::numeric_limits<int>::min());
  const Value<signed char> small(127);
  EXPECT_EQ(small += 1, -128);
  EXPECT_EQ(small--, -128);
  EXPECT_EQ(small.get(), 127);
  const Value<std::uint64_t> none(0);
  EXPECT_EQ(none -= 1, std::numeric_limits<std::uint64_t>::max());
}

template <class T>
T counted_by_threads() {
  const Value<T> v(0);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([v] {
      for (int i = 0; i < 10'000; ++i) v += 1;
    });
  }
  threads.clear();
  return v.get();
}

TEST(Value, CountsEveryThreadsIncrement) {
  EXPECT_EQ(counted_by_threads<int>(), 40'000);
  EXPECT_EQ(counted_by_threads<double>(), 40'000.0);
}

TEST(Value, IsAnEnumeratorOrASmallStructInOneInstruction) {
  static_assert(LockFree<Colour> && LockFree<Pair> && !LockFree<Point>);
  Value<Colour> colour(Colour::kRed);
  colour = Colour::kGreen;
  EXPECT_EQ(colour.get(), Colour::kGreen);
  const Value<Pair> pair({1, 2});
  EXPECT_EQ(pair.exchange({3, 4}), (Pair{1, 2}));
  EXPECT_EQ(pair.get(), (Pair{3, 4}));
}

TEST(Value, OfALargeStructIsSetUnderItsLock) {
  Value<Point> v({1, 0.5});
  EXPECT_EQ(v.get(), (Point{1, 0.5}));
  v = Point{2, 1.5};
  EXPECT_EQ(v.exchange({3, 2.5}), (Point{2, 1.5}));
  v.get_obj().x = 4;
  const Point point = v;
  EXPECT_EQ(point, (Point{4, 2.5}));
  const std::scoped_lock guard(v);
  v = Point{5, 5};  // its lock is an RLock
  EXPECT_EQ(v.get().x, 5);
  std::jthread([v] { EXPECT_FALSE(v.acquire(1ms)); });
}

TEST(Value, OfALargeStructIsNeverSeenHalfSet) {
  using Wide = std::array<int, 64>;
  const Value<Wide> v(Wide{});
  std::jthread writer([v] {
    for (int i = 1; i <= 2000; ++i) {
      Wide wide;
      wide.fill(i);
      v.set(wide);
    }
  });
  for (int i = 0; i < 2000; ++i) {
    const Wide wide = v.get();
    ASSERT_EQ(wide.front(), wide.back());
  }
}

TEST(Value, PrintsAsTheProxies) {
  std::ostringstream out;
  out << Value<int>(3) << ' ' << RawValue<double>(0.5) << ' ' << str(Value<bool>(true));
  EXPECT_EQ(out.str(), "Value('i', 3) RawValue('d', 0.5) Value('?', True)");
}

TEST(Value, IsTheSameWhereItIsSent) {
  const Value<int> v(1);
  const auto w = test::sent(v);
  w += 1;
  EXPECT_EQ(v.get(), 2);
  v.acquire();
  EXPECT_TRUE(w.get_lock().locked());
  v.release();
  const Value<Point> point({1, 2}, Lock());
  test::sent(point).set({3, 4});
  EXPECT_EQ(point.get(), (Point{3, 4}));
  const RawValue<double> raw(1);
  test::sent(raw).set(2);
  EXPECT_EQ(raw.get(), 2);
  EXPECT_THROW(static_cast<void>(test::sent(Value<int>(1, no_lock)).get_lock()), AttributeError);
}

TEST(Value, IsNotTakenForOneOfAnotherType) {
  EXPECT_THROW(test::sent_as<Value<unsigned>>(Value<int>(1)), TypeError);
  EXPECT_THROW(test::sent_as<Value<std::int64_t>>(Value<Pair>({1, 2})), TypeError);
}

TEST(Value, CannotBeSentWhereItsMemoryCannotGoAlong) {
  std::string bytes;
  EXPECT_THAT([&] { internal::write_value(bytes, Value<int>(1)); },
              testing::ThrowsMessage<ProcessError>(HasSubstr("a Value")));
}

}  // namespace
}  // namespace mp
