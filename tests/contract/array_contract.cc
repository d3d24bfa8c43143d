#include <cstdint>
#include <limits>
#include <mutex>
#include <numeric>
#include <ranges>
#include <string>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

class ArrayContract : public Managers {};
MP_CONTRACT(ArrayContract);

TEST_P(ArrayContract, IsMadeOfALengthOrOfNumbers) {
  EXPECT_THAT(manager().array<int>(3).copy(), ElementsAre(0, 0, 0));
  EXPECT_THAT(manager().array<int>({1, 2}).copy(), ElementsAre(1, 2));
  EXPECT_THAT(manager().array<std::int16_t>(range(3)).copy(), ElementsAre(0, 1, 2));
  EXPECT_THAT(manager().array<bool>({true, false}).copy(), ElementsAre(true, false));
  EXPECT_TRUE(manager().array<double>(0).empty());
}

TEST_P(ArrayContract, IsReadAndWrittenByIndex) {
  auto a = manager().array<double>({1, 2, 3});
  a[0] = 1.5;
  a[-1] += 2;
  EXPECT_EQ(a.at(0), 1.5);
  EXPECT_EQ(a.get(2), 5.0);
  EXPECT_EQ(a.exchange(1, 20), 2.0);
  EXPECT_EQ(a.size(), 3U);
  EXPECT_EQ(str(a), "array('d', [1.5, 20.0, 5.0])");
}

TEST_P(ArrayContract, CarriesAMillionDoublesInSlices) {
  constexpr std::size_t kLength = 1'000'000;
  constexpr std::int64_t kSlice = 100'000;
  auto a = manager().array<double>(kLength);
  std::vector<double> numbers(kLength);
  std::iota(numbers.begin(), numbers.end(), 0.5);
  for (std::int64_t at = 0; at < std::int64_t{kLength}; at += kSlice) {
    const auto part = numbers | std::views::drop(at) | std::views::take(kSlice);
    a.set_slice(slice(at, at + kSlice), part);
  }
  EXPECT_EQ(a.copy(), numbers);
  const std::vector<double> middle(numbers.begin() + 250'000, numbers.begin() + 750'000);
  EXPECT_EQ(a.get_slice(slice(250'000, 750'000)), middle);
  a.set_slice(Slice(), std::vector<double>(kLength, 7));
  EXPECT_THAT(a.at(slice(None, None, 999'999)), ElementsAre(7, 7));
}

TEST_P(ArrayContract, HasPythonsSlices) {
  auto a = manager().array<int>(range(6));
  EXPECT_THAT(a.at(slice(1, -1, 2)), ElementsAre(1, 3));
  EXPECT_THAT(a.at(slice(None, None, -1)), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(a.at(slice(4, 2)), IsEmpty());
  a[slice(0, 2)] = {10, 20};
  a[slice(None, None, -5)] = {-1, -2};
  EXPECT_THAT(a.copy(), ElementsAre(-2, 20, 2, 3, 4, -1));
  a.fill(slice(1, 3), 9);
  EXPECT_THAT(a.to_vector(), ElementsAre(-2, 9, 9, 3, 4, -1));
  a.fill(0);
  EXPECT_THAT(a.copy(), Each(0));
}

TEST_P(ArrayContract, HasTheOperationsOfAnAtomicForEachElement) {
  auto a = manager().array<int>({5, 6});
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
  EXPECT_THAT(a.copy(), ElementsAre(1, 6));
}

TEST_P(ArrayContract, CountsEveryChildsIncrement) {
  MP_NEEDS_FORK();
  auto a = manager().array<std::int64_t>(3);
  std::vector<Process> children;
  for (int c = 0; c < 3; ++c) {
    children.emplace_back([&a] {
      for (int i = 0; i < 100; ++i) a[i % 2] += 1;
      RLockProxy lock = a.get_lock();
      const std::scoped_lock guard(lock);
      a[2] = a[2] + 1000;
    });
  }
  for (auto& child : children) child.start();
  for (auto& child : children) child.join();
  EXPECT_THAT(a.copy(), ElementsAre(150, 150, 3000));
}

TEST_P(ArrayContract, IteratesOverWhatItHeldAtTheBeginning) {
  static_assert(std::ranges::forward_range<ArrayProxy<int>>);
  auto a = manager().array<int>({1, 2});
  auto at = a.begin();
  a.fill(0);
  EXPECT_THAT(std::vector(at, a.end()), ElementsAre(1, 2));
}

TEST_P(ArrayContract, IsTheFirstOneOfItsNameOrOfAnotherForm) {
  auto a = manager().array<int>("samples", std::vector{1, 2, 3});
  EXPECT_THAT(manager().array<int>("samples", 3).copy(), ElementsAre(1, 2, 3));
  EXPECT_THROW(static_cast<void>(manager().array<int>("samples", 4)), WrongKind);
  EXPECT_THROW(static_cast<void>(manager().array<float>("samples", 3)), WrongKind);
  EXPECT_THROW(static_cast<void>(manager().array<int>("samples", std::vector{1})), WrongKind);
  EXPECT_EQ(a.size(), 3U);
}

TEST_P(ArrayContract, RefusesAnIndexOutOfRange) {
  auto a = manager().array<int>({1, 2});
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t index : {std::int64_t{2}, std::int64_t{-3}, kFirst}) {
    int expected = 1;
    EXPECT_THROW(static_cast<void>(a.at(index)), IndexError);
    EXPECT_THROW(a.set(index, 1), IndexError);
    EXPECT_THROW(a.exchange(index, 1), IndexError);
    EXPECT_THROW(a.add(index, 1), IndexError);
    EXPECT_THROW(a.fetch_xor(index, 1), IndexError);
    EXPECT_THROW(a.compare_exchange(index, expected, 2), IndexError);
  }
  EXPECT_THAT(a.copy(), ElementsAre(1, 2));
}

TEST_P(ArrayContract, RefusesWhatDoesNotFitAndStaysAsItWas) {
  auto a = manager().array<std::uint8_t>({1, 255});
  const std::vector<int> large{1, 256};
  EXPECT_THROW(a.add(1, 1), OverflowError);
  EXPECT_THROW(a.fetch_sub(0, 2), OverflowError);
  EXPECT_THROW(a.set_slice(Slice(), large), ValueError);
  EXPECT_THROW(a.set_slice(Slice(), {1, 2, 3}), ValueError);
  EXPECT_THROW(a.set_slice(slice(0, 1), {}), ValueError);
  EXPECT_THROW(a.set_slice(slice(0, 2, 0), {1}), ValueError);
  EXPECT_THROW(static_cast<void>(a.at(slice(None, None, 0))), ValueError);
  EXPECT_THROW(a.fill(slice(0, 2, 0), 7), ValueError);
  EXPECT_THAT(a.copy(), ElementsAre(1, 255));
}

TEST_P(ArrayContract, RefusesALengthThatNobodyHas) {
  const std::size_t before = manager().number_of_objects();
  EXPECT_THROW(static_cast<void>(manager().array<double>(SIZE_MAX)), LimitExceeded);
  EXPECT_THROW(static_cast<void>(manager().array<bool>(std::size_t{1} << 62U)), LimitExceeded);
  EXPECT_EQ(manager().number_of_objects(), before);
}

TEST_P(ArrayContract, IsReadByAChild) {
  MP_NEEDS_FORK();
  auto a = manager().array<int>({0, 1});
  EXPECT_TRUE(in_a_child([&] {
    return a[0] == 0 && a[1] == 1 && a.size() == 2 && std::vector(a.begin(), a.end()) == a.copy();
  }));
}

}  // namespace
}  // namespace mp::contract
