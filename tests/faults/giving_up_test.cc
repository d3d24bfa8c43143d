#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "mp/mp.h"

// Who stops waiting loses nothing, however close the grant is; and many wait at once.

namespace mp {
namespace {

using namespace std::chrono_literals;

TEST(GivingUp, AtTheMomentOfTheGrantLosesNoItem) {
  constexpr int kItems = 2'000;
  Manager manager;
  auto items = manager.queue<int>();
  std::multiset<int> got;
  std::jthread putter([&] {
    for (int i = 0; i < kItems; ++i) items.put(i);
  });
  std::mt19937 random(20240817);
  for (int round = 0; round < 3 * kItems; ++round) {
    auto waiting = items.async().get();
    if (random() % 3 == 0) {
      got.insert(waiting.get(20s));  // whatever its timing, an item that is there
      if (got.size() == kItems) break;
    }
    // else dropped: waiting, granted or on its way
  }
  putter.join();
  while (const auto item = items.try_get(1s)) got.insert(*item);
  ASSERT_EQ(got.size(), static_cast<std::size_t>(kItems));
  EXPECT_EQ(std::set<int>(got.begin(), got.end()).size(), got.size()) << "no item twice";
}

TEST(GivingUp, AtTheMomentOfTheGrantLosesNoLock) {
  Manager manager;
  auto lock = manager.lock();
  std::jthread other([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      lock.acquire();
      lock.release();
    }
  });
  for (int round = 0; round < 2'000; ++round) {
    auto granted = lock.async().acquire();  // and dropped
  }
  other.request_stop();
  other.join();
  EXPECT_TRUE(lock.acquire(20s));
}

TEST(ManyWaiters, AreAllServedInOrder) {
  constexpr int kWaiters = 10'000;
  Manager manager;
  auto items = manager.queue<int>();
  auto later = items.async();
  std::vector<Future<int>> gets;
  for (int i = 0; i < kWaiters; ++i) gets.push_back(later.get());
  later.flush();
  auto putting = items.async();
  std::vector<Future<void>> puts;
  for (int i = 0; i < kWaiters; ++i) puts.push_back(putting.put(i));
  for (auto& put : puts) put.get();
  for (int i = 0; i < kWaiters; ++i) ASSERT_EQ(gets[static_cast<std::size_t>(i)].get(), i);
}

TEST(Pipelining, OfTenThousandLargeAnswersDoesNotDeadlock) {
  Manager manager;
  auto pages = manager.dict<int, std::string>();
  const std::string page(4096, 'x');
  auto later = pages.async();
  std::vector<Future<void>> sets;
  for (int i = 0; i < 10'000; ++i) sets.push_back(later.set(i % 16, page));
  std::vector<Future<std::string>> gets;
  for (int i = 0; i < 10'000; ++i) gets.push_back(later.at(i % 16));
  for (auto& set : sets) set.get();
  for (auto& get : gets) ASSERT_EQ(get.get(), page);
}

TEST(OneThatWaitsForEver, DoesNotHoldBackTheOthersOfItsProcess) {
  Manager manager;
  auto items = manager.queue<int>();
  auto numbers = manager.dict<int, int>();
  std::jthread waiter([&] { EXPECT_EQ(items.get(), 1); });
  auto later = numbers.async();
  for (int round = 0; round < 100; ++round) {
    std::vector<Future<void>> sets;
    for (int i = 0; i < 1'000; ++i) sets.push_back(later.set(i, round));
    for (auto& set : sets) set.get();
  }
  EXPECT_EQ(numbers.at(999), 99);
  items.put(1);
}

}  // namespace
}  // namespace mp
