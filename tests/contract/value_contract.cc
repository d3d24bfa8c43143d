#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

class ValueContract : public Managers {
 protected:
  // Holds its greatest and its smallest number, and nothing beyond.
  template <class T>
  void expect_whole_range() {
    using Limits = std::numeric_limits<T>;
    auto v = manager().value<T>(Limits::max());
    EXPECT_EQ(v.get(), Limits::max());
    EXPECT_THROW(v += 1, OverflowError);
    EXPECT_EQ(v.get(), Limits::max());
    v = Limits::min();
    EXPECT_THROW(v -= 1, OverflowError);
    EXPECT_EQ(v.get(), Limits::min());
  }
};
MP_CONTRACT(ValueContract);

TEST_P(ValueContract, IsReadAndWritten) {
  auto v = manager().value<int>(3);
  EXPECT_EQ(v.get(), 3);
  EXPECT_EQ(v.value(), 3);
  v = 5;
  EXPECT_EQ(v * 2, 10);
  v.set(6);
  EXPECT_EQ(v.exchange(7), 6);
  EXPECT_EQ(v.get(), 7);
}

TEST_P(ValueContract, IsZeroUnlessTold) {
  EXPECT_EQ(manager().value<double>().get(), 0.0);
  EXPECT_FALSE(manager().value<bool>().get());
}

TEST_P(ValueContract, PrintsAsPythonDoes) {
  std::ostringstream out;
  out << manager().value<int>(3) << ' ' << manager().value<double>(0.5) << ' '
      << manager().value<bool>(true);
  EXPECT_EQ(out.str(), "Value('i', 3) Value('d', 0.5) Value('?', True)");
}

TEST_P(ValueContract, HoldsTheWholeRangeOfEachTypeAndNoMore) {
  expect_whole_range<std::int8_t>();
  expect_whole_range<std::uint8_t>();
  expect_whole_range<std::int16_t>();
  expect_whole_range<std::uint16_t>();
  expect_whole_range<std::int32_t>();
  expect_whole_range<std::uint32_t>();
  expect_whole_range<std::int64_t>();
  expect_whole_range<std::uint64_t>();
  expect_whole_range<char>();
}

TEST_P(ValueContract, HoldsFloatingNumbersAsTheyAre) {
  auto v = manager().value<float>(0.1F);
  EXPECT_EQ(v.get(), 0.1F);
  v = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isinf(v.get()));
  v = std::numeric_limits<float>::max();
  EXPECT_THROW(v += std::numeric_limits<float>::max(), OverflowError) << "finite, and no float";
  auto d = manager().value<double>(std::nan(""));
  EXPECT_TRUE(std::isnan(d.get()));
  double expected = std::nan("");
  EXPECT_TRUE(d.compare_exchange(expected, 1)) << "NaN is taken for NaN";
}

TEST_P(ValueContract, HasTheOperationsOfAnAtomic) {
  auto v = manager().value<int>(5);
  EXPECT_EQ(v.fetch_add(2), 5);
  EXPECT_EQ(v.fetch_sub(1), 7);
  EXPECT_EQ(++v, 7);
  EXPECT_EQ(v--, 7);
  EXPECT_EQ(v.fetch_max(100), 6);
  EXPECT_EQ(v.fetch_min(12), 100);
  EXPECT_EQ(v.fetch_or(3), 12);
  EXPECT_EQ(v.fetch_and(~1), 15);
  EXPECT_EQ(v ^= 2, 12);
  EXPECT_EQ(v.get(), 12);
}

TEST_P(ValueContract, ExchangesOnlyWhatIsExpected) {
  auto v = manager().value<int>(1);
  int expected = 2;
  EXPECT_FALSE(v.compare_exchange(expected, 9));
  EXPECT_EQ(expected, 1);
  EXPECT_TRUE(v.compare_exchange(expected, 9));
  EXPECT_EQ(v.get(), 9);
}

TEST_P(ValueContract, CountsEveryThreadsIncrement) {
  auto v = manager().value<int>();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&v] {
        for (int i = 0; i < 250; ++i) ++v;
      });
    }
  }
  EXPECT_EQ(v.get(), 1000);
}

TEST_P(ValueContract, HasALockForThoseWhoTakeIt) {
  MP_NEEDS_FORK();
  auto v = manager().value<int>();
  const auto count = [&v] {
    for (int i = 0; i < 100; ++i) {
      RLockProxy lock = v.get_lock();
      const std::scoped_lock guard(lock);
      const std::scoped_lock again(lock);
      v = v + 1;
    }
  };
  Process child(count);
  child.start();
  count();
  child.join();
  EXPECT_EQ(v.get(), 200);
}

TEST_P(ValueContract, IsReadWhileAnotherHoldsItsLock) {
  auto v = manager().value<int>("v", 1);
  RLockProxy lock = v.get_lock();
  const std::scoped_lock guard(lock);
  Manager other = another();
  auto same = other.value<int>("v");
  EXPECT_FALSE(same.get_lock().acquire(false));
  same += 1;
  EXPECT_EQ(v.get(), 2);
}

TEST_P(ValueContract, IsTheFirstOneOfItsName) {
  auto v = manager().value<int>("hits", 7);
  EXPECT_EQ(manager().value<int>("hits", 9).get(), 7);
  EXPECT_THROW(static_cast<void>(manager().value<double>("hits")), WrongKind);
  EXPECT_THROW(static_cast<void>(manager().value<unsigned>("hits")), WrongKind);
  EXPECT_EQ(v.get(), 7);
}

TEST_P(ValueContract, StartsItsCallsTogether) {
  auto later = manager().value<int>(1).async();
  auto sum = later.add(2);
  auto exchanged = later.compare_exchange(3, 30);
  auto now = later.get();
  EXPECT_EQ(sum.get(), 3);
  EXPECT_TRUE(exchanged.get());
  EXPECT_EQ(now.get(), 30);
}

TEST_P(ValueContract, IsSetByAChild) {
  MP_NEEDS_FORK();
  auto v = manager().value<int>(1);
  EXPECT_TRUE(in_a_child([&] {
    const bool read = v.value() == 1 && v.get() == 1;
    v.set(2);
    return read;
  }));
  EXPECT_EQ(v.value(), 2);
  EXPECT_EQ(v.get(), 2);
}

}  // namespace
}  // namespace mp::contract
