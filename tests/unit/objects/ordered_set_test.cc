#include "server/objects/ordered_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace mp::server {
namespace {

using Compaction = OrderedSet::Compaction;
using Position = OrderedSet::Position;
using Contents = std::vector<std::int64_t>;

Value number(std::int64_t i) { return Value::integer(i); }

Contents contents_of(const OrderedSet& set) {
  Contents contents;
  set.for_each([&](const Value& item) { contents.push_back(item.as_int()); });
  return contents;
}

OrderedSet numbers_below(std::int64_t end) {
  OrderedSet set;
  for (std::int64_t item = 0; item < end; ++item) set.insert(number(item));
  return set;
}

TEST(OrderedSetTest, RemembersTheOrderOfInsertion) {
  OrderedSet set;
  for (const std::int64_t item : {5, 1, 9, 3}) set.insert(number(item));
  set.erase(*set.find(number(5)));
  set.insert(number(5));
  EXPECT_EQ(contents_of(set), (Contents{1, 9, 3, 5}));
}

TEST(OrderedSetTest, ARestoredItemStandsInItsOldPlace) {
  OrderedSet set = numbers_below(3);
  Value one = set.erase(1);
  EXPECT_FALSE(set.contains(number(1)));
  set.restore(1, std::move(one));
  EXPECT_EQ(contents_of(set), (Contents{0, 1, 2}));
  EXPECT_EQ(set.find(number(1)), Position{1});
}

TEST(OrderedSetTest, ARestoredItemIsFoundAlsoAfterTheTableHasGrown) {
  OrderedSet set;
  set.insert(number(-1));
  Value item = set.erase(0);
  for (std::int64_t i = 0; i < 100; ++i) set.insert(number(i), Compaction::kForbidden);
  set.restore(0, std::move(item));
  EXPECT_EQ(set.find(number(-1)), Position{0});
  EXPECT_EQ(set.size(), 101U);
}

TEST(OrderedSetTest, TheFirstItemIsTheFirstLiveOne) {
  OrderedSet set;
  EXPECT_FALSE(set.first());
  set = numbers_below(4);
  Value zero = set.erase(0);
  set.erase(1);
  EXPECT_EQ(set.first(), Position{2});
  set.restore(0, std::move(zero));
  EXPECT_EQ(set.first(), Position{0});
  for (const Position at : {0U, 2U, 3U}) set.erase(at);
  EXPECT_FALSE(set.first());
}

TEST(OrderedSetTest, TheFirstItemIsFoundAfterACompaction) {
  OrderedSet set = numbers_below(1000);
  for (Position at = 0; at < 995; ++at) set.erase(*set.first());
  set.insert(number(-1));
  EXPECT_EQ(set.first(), Position{0});
  EXPECT_EQ(contents_of(set), (Contents{995, 996, 997, 998, 999, -1}));
}

TEST(OrderedSetTest, InsertingAndTakingTheFirstForEverTakesBoundedMemory) {
  OrderedSet set;
  std::size_t most = 0;
  for (std::int64_t item = 0; item < 10'000; ++item) {
    set.insert(number(item));
    if (item >= 10) set.erase(*set.first());
    most = std::max(most, set.heap_bytes());
  }
  EXPECT_EQ(contents_of(set).front(), 9'990);
  EXPECT_EQ(set.size(), 10U);
  EXPECT_LT(most, 4096U);
}

TEST(OrderedSetTest, TheMemoryOfErasedItemsComesBackWithTheNextInsertion) {
  OrderedSet set = numbers_below(10'000);
  for (Position at = 0; at < 9'990; ++at) set.erase(at);
  set.insert(number(-1));
  EXPECT_LT(set.heap_bytes(), 1024U);
  EXPECT_EQ(set.size(), 11U);
  EXPECT_TRUE(set.contains(number(9'999)));
}

TEST(OrderedSetTest, AMillionIntegersTakeNoMoreThan26BytesEach) {
  EXPECT_LT(numbers_below(1'000'000).heap_bytes(), 26'000'000U);
}

TEST(OrderedSetTest, PositionsAreStableWhileCompactionIsForbidden) {
  OrderedSet set;
  for (std::int64_t item = 0; item < 1000; ++item) {
    EXPECT_EQ(set.insert(number(item), Compaction::kForbidden), static_cast<Position>(item));
    if (item % 10 != 0) set.erase(static_cast<Position>(item));
  }
  for (std::int64_t item = 0; item < 1000; item += 10)
    EXPECT_EQ(set.find(number(item)), static_cast<Position>(item));
}

}  // namespace
}  // namespace mp::server
