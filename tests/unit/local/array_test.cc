#include "mp/local/array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <list>
#include <mutex>
#include <ranges>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "mp/errors.h"
#include "mp/range.h"
#include "tests/unit/local/travelling.h"

namespace mp {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

struct Point {
  int x;
  double y;
  bool operator==(const Point&) const = default;
};

template <class A>
concept HasLock = requires(const A& a) {
  a.get_lock();
};

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(Array, IsMadeOfALengthOrOfItems) {
  EXPECT_THAT(Array<int>(3).copy(), ElementsAre(0, 0, 0));
  EXPECT_THAT(Array<int>({1, 2}).copy(), ElementsAre(1, 2));
  EXPECT_THAT(Array<int>({8}).copy(), ElementsAre(8));
  EXPECT_THAT(Array<std::int16_t>(range(3)).copy(), ElementsAre(0, 1, 2));
  EXPECT_THAT(Array<double>(std::list{1, 2}).copy(), ElementsAre(1, 2));
  EXPECT_THAT(Array<bool>({true, false}).copy(), ElementsAre(true, false));
  EXPECT_THAT(Array<Point>({Point{1, 2}, Point{3, 4}}).copy(),
              ElementsAre(Point{1, 2}, Point{3, 4}));
  const std::vector<int> odd{1, 2, 3};
  EXPECT_THAT(Array<int>(odd | std::views::filter([](int i) { return i % 2 == 1; })).copy(),
              ElementsAre(1, 3));
  EXPECT_TRUE(Array<double>(0).empty());
}

TEST(Array, RefusesALengthThatCannotBe) {
  EXPECT_THROW(Array<int>(-1), ValueError);
  EXPECT_THROW(Array<double>(std::numeric_limits<std::int64_t>::max()), MemoryError);
  EXPECT_THAT([] { Array<double>(std::int64_t{1} << 50); },
              ThrowsMessage<MemoryError>(HasSubstr("cannot reserve 9007199254740992 bytes")));
}

TEST(Array, RefusesItemsThatDoNotFit) {
  EXPECT_THROW(Array<std::uint8_t>(std::vector{1, 256}), ValueError);
}

TEST(Array, IsZeroAlsoInMemoryThatWasUsed) {
  for (int round = 0; round < 3; ++round) {
    const Array<int> a(100);
    EXPECT_THAT(a.copy(), Each(0));
    a.fill(7);
  }
}

TEST(Array, IsReadAndWrittenByIndex) {
  const Array<double> a({1, 2, 3});
  a[0] = 1.5;
  a[-1] += 2;
  EXPECT_EQ(a.at(0), 1.5);
  EXPECT_EQ(a.get(2), 5.0);
  EXPECT_EQ(a.exchange(1, 20), 2.0);
  a[1] = a[0];
  const double number = a[1];
  EXPECT_EQ(number, 1.5);
  EXPECT_EQ(a.size(), 3U);
}

TEST(Array, CopiesAreHandlesToTheSame) {
  Array<int> a({1, 2});
  Array<int> b(a);
  b[0] = 5;
  EXPECT_EQ(a.at(0), 5);
  const Array<int> items(b.span());
  items[0] = 6;
  EXPECT_EQ(a.at(0), 5);
}

TEST(Array, HasTheOperationsOfAnAtomicForEachElement) {
  const Array<int> a({5, 6});
  EXPECT_EQ(a.add(0, 2), 7);
  EXPECT_EQ(a.subtract(0, 1), 6);
  EXPECT_EQ(a.fetch_add(1, 1), 6);
  EXPECT_EQ(a.fetch_sub(1, 1), 7);
  EXPECT_EQ(a.fetch_max(-2, 100), 6);
  EXPECT_EQ(a.fetch_min(0, 12), 100);
  EXPECT_EQ(a.fetch_or(0, 3), 12);
  EXPECT_EQ(a.fetch_and(0, 14), 15);
  EXPECT_EQ(a.fetch_xor(0, 2), 14);
  int expected = 0;
  EXPECT_FALSE(a.compare_exchange(0, expected, 1));
  EXPECT_TRUE(a.compare_exchange(0, expected, 1)) << "it is " << expected;
  EXPECT_EQ(a[1]++, 6);
  EXPECT_EQ(a[1] |= 8, 15);
  EXPECT_THAT(a.copy(), ElementsAre(1, 15));
}

TEST(Array, CountsInNeighbouringBytes) {
  const Array<unsigned char> a(2);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([a, t] {
      for (int i = 0; i < 10'000; ++i) a[t] += 1;
    });
  }
  threads.clear();
  EXPECT_THAT(a.copy(), Each(10'000 % 256));
}

TEST(Array, HasPythonsSlices) {
  const Array<int> a(range(6));
  EXPECT_THAT(a.at(slice(1, -1, 2)), ElementsAre(1, 3));
  EXPECT_THAT(a.at(slice(None, None, -1)), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(a.at(slice(4, 2)), IsEmpty());
  a[slice(0, 2)] = {10, 20};
  a[slice(None, None, -5)] = {-1, -2};
  EXPECT_THAT(a.copy(), ElementsAre(-2, 20, 2, 3, 4, -1));
  a.fill(slice(1, 3), 9);
  EXPECT_THAT(a.to_vector(), ElementsAre(-2, 9, 9, 3, 4, -1));
  a[slice(1, 6)] = a[slice(0, 5)];
  EXPECT_THAT(a.copy(), ElementsAre(-2, -2, 9, 9, 3, 4));
  a.set_slice(slice(1, 6), a.span().first(5));
  EXPECT_THAT(a.copy(), ElementsAre(-2, -2, -2, 9, 9, 3));
  a.fill(0);
  EXPECT_THAT(a.copy(), Each(0));
}

TEST(Array, RefusesASliceOfAnotherLengthAndStaysAsItWas) {
  const Array<std::uint8_t> a({1, 255});
  const std::vector<int> large{1, 256};
  EXPECT_THROW(a.set_slice(Slice(), large), ValueError);
  EXPECT_THAT(
      [&] {
        a.set(Slice(), {1, 2, 3});
      },
      ThrowsMessage<ValueError>("cannot set 2 places of an array to 3 items"));
  EXPECT_THROW(a.set(slice(0, 1), {}), ValueError);
  EXPECT_THROW(a.fill(slice(0, 2, 0), 7), ValueError);
  EXPECT_THAT(a.copy(), ElementsAre(1, 255));
}

TEST(Array, RefusesAnIndexOutOfRange) {
  const Array<int> a({1, 2});
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t index : {std::int64_t{2}, std::int64_t{-3}, kFirst}) {
    EXPECT_THROW(static_cast<void>(a.at(index)), IndexError);
    EXPECT_THROW(static_cast<void>(a[index]), IndexError);
    EXPECT_THROW(a.set(index, 1), IndexError);
  }
}

TEST(Array, IteratesOverItsItems) {
  static_assert(std::ranges::random_access_range<const Array<int>>);
  static_assert(std::ranges::sized_range<Array<int>>);
  const Array<int> a({1, 2, 3});
  int sum = 0;
  for (const int item : a) sum += item;
  EXPECT_EQ(sum, 6);
  EXPECT_EQ(*std::ranges::max_element(a), 3);
  EXPECT_EQ(a.end() - a.begin(), 3);
  EXPECT_THAT(std::vector(a.begin() + 1, a.end()), ElementsAre(2, 3));
}

TEST(Array, GivesItsMemory) {
  const Array<int> a({3, 1, 2});
  std::ranges::sort(a.span());
  EXPECT_THAT(a.copy(), ElementsAre(1, 2, 3));
  EXPECT_EQ(a.get_obj().data(), a.span().data());
}

TEST(Array, PrintsAsPythonsList) {
  EXPECT_EQ(printed(Array<int>({0, -1})), "[0, -1]");
  EXPECT_EQ(printed(RawArray<double>({1, 0.5})), "[1.0, 0.5]");
  EXPECT_EQ(printed(Array<bool>({true})), "[True]");
  EXPECT_EQ(str(Array<int>(0)), "[]");
  EXPECT_EQ(printed(Array<char>("ab")), "b'ab'");
}

TEST(Array, OfCharactersIsAText) {
  const Array<char> a("hello");
  EXPECT_EQ(a.size(), 5U);
  EXPECT_EQ(a.value(), "hello");
  a.set_value("ab");
  EXPECT_EQ(a.value(), "ab");
  EXPECT_EQ(a.raw(), std::string("ab\0lo", 5));
  a.set_raw("xyz");
  EXPECT_EQ(a.raw(), "xyzlo");
  a.set_value("world");
  EXPECT_EQ(a.value(), "world");
  EXPECT_THROW(a.set_value("worlds"), ValueError);
  EXPECT_THROW(a.set_raw("worlds"), ValueError);
}

TEST(Array, OfLargeStructsIsReadAndWrittenUnderItsLock) {
  const Array<Point> a(2);
  a[1] = Point{1, 2};
  EXPECT_EQ(a.exchange(1, {3, 4}), (Point{1, 2}));
  EXPECT_EQ(a.at(1), (Point{3, 4}));
  EXPECT_EQ(a.at(0), (Point{0, 0}));
  a[slice(None, None, -1)] = std::vector{Point{5, 6}, Point{7, 8}};
  EXPECT_THAT(a.copy(), ElementsAre(Point{7, 8}, Point{5, 6}));
}

TEST(Array, SetsSlicesOneAfterTheOther) {
  const Array<int> a(100);
  std::vector<std::jthread> threads;
  for (int t = 1; t <= 2; ++t) {
    threads.emplace_back([a, t] {
      for (int i = 0; i < 500; ++i) a.fill(t);
    });
  }
  for (int i = 0; i < 500; ++i) {
    const auto items = a.copy();
    EXPECT_THAT(items, Each(items.front()));
  }
}

TEST(Array, HasTheLockThatItIsGivenOrNone) {
  const Array<int> a({1});
  {
    const std::scoped_lock guard(a);
    EXPECT_TRUE(a.get_lock().locked());
    a[0] = a[0] + 1;
  }
  const Lock lock;
  const Array<int> b(3, lock);
  b.acquire();
  EXPECT_TRUE(lock.locked());
  b.release();
  const Array<int> none(3, no_lock);
  none.fill(1);
  EXPECT_THROW(static_cast<void>(none.get_lock()), AttributeError);
  EXPECT_THROW(none.acquire(), AttributeError);
  static_assert(HasLock<Array<int>> && !HasLock<RawArray<int>>);
}

TEST(Array, IsTheSameWhereItIsSent) {
  const Array<int> a({1, 2});
  const auto b = test::sent(a);
  b[0] += 10;
  EXPECT_THAT(a.copy(), ElementsAre(11, 2));
  const RawArray<Point> raw(100'000);
  test::sent(raw).set(-1, {1, 2});
  EXPECT_EQ(raw.at(-1), (Point{1, 2}));
  EXPECT_THROW(test::sent_as<Array<unsigned>>(a), TypeError);
}

}  // namespace
}  // namespace mp
