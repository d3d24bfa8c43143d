#include "server/objects/ordered_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/objects/harness.h"

namespace mp::server {
namespace {

using Compaction = OrderedMap::Compaction;
using Position = OrderedMap::Position;
using Contents = std::vector<std::pair<std::int64_t, std::int64_t>>;

Value number(std::int64_t i) { return Value::integer(i); }

Contents contents_of(const OrderedMap& map) {
  Contents contents;
  map.for_each([&](const OrderedMap::Entry& entry) {
    contents.emplace_back(entry.key.as_int(), entry.value.as_int());
  });
  return contents;
}

TEST(OrderedMapTest, RemembersTheOrderOfInsertion) {
  OrderedMap map;
  for (const std::int64_t key : {5, 1, 9, 3}) map.insert(number(key), number(key * 10));
  EXPECT_EQ(contents_of(map), (Contents{{5, 50}, {1, 10}, {9, 90}, {3, 30}}));
}

TEST(OrderedMapTest, AKeyThatReturnsGoesToTheEnd) {
  OrderedMap map;
  const Position first = map.insert(number(1), number(1));
  map.insert(number(2), number(2));
  map.erase(first);
  map.insert(number(1), number(3));
  EXPECT_EQ(contents_of(map), (Contents{{2, 2}, {1, 3}}));
}

TEST(OrderedMapTest, ARestoredEntryStandsInItsOldPlace) {
  OrderedMap map;
  for (std::int64_t key = 0; key < 3; ++key) map.insert(number(key), number(key));
  OrderedMap::Entry entry = map.erase(*map.find(number(1)));
  EXPECT_FALSE(map.find(number(1)));
  map.restore(1, std::move(entry));
  EXPECT_EQ(contents_of(map), (Contents{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(map.find(number(1)), Position{1});
}

TEST(OrderedMapTest, ARestoredEntryIsFoundAlsoAfterTheTableHasGrown) {
  OrderedMap map;
  map.insert(number(-1), number(0));
  OrderedMap::Entry entry = map.erase(0);
  for (std::int64_t key = 0; key < 100; ++key)
    map.insert(number(key), number(key), Compaction::kForbidden);
  map.restore(0, std::move(entry));
  EXPECT_EQ(map.find(number(-1)), Position{0});
  EXPECT_EQ(map.size(), 101U);
}

TEST(OrderedMapTest, TheLastEntryIsTheLastLiveOne) {
  OrderedMap map;
  EXPECT_FALSE(map.last());
  for (std::int64_t key = 0; key < 4; ++key) map.insert(number(key), number(key));
  map.erase(3);
  OrderedMap::Entry two = map.erase(2);
  EXPECT_EQ(map.last(), Position{1});
  map.restore(2, std::move(two));
  EXPECT_EQ(map.last(), Position{2});
  for (const Position at : {0U, 1U, 2U}) map.erase(at);
  EXPECT_FALSE(map.last());
}

TEST(OrderedMapTest, InsertingAndErasingForEverTakesBoundedMemory) {
  OrderedMap map;
  std::size_t most = 0;
  for (std::int64_t key = 0; key < 10'000; ++key) {
    map.insert(number(key), number(key));
    if (key >= 10) map.erase(*map.find(number(key - 10)));
    most = std::max(most, map.heap_bytes());
  }
  EXPECT_EQ(map.size(), 10U);
  EXPECT_LT(most, 8192U);
}

TEST(OrderedMapTest, TheMemoryOfErasedEntriesComesBackWithTheNextInsertion) {
  OrderedMap map;
  for (std::int64_t key = 0; key < 10'000; ++key) map.insert(number(key), number(key));
  for (Position at = 0; at < 9'990; ++at) map.erase(at);
  map.insert(number(-1), number(0));
  EXPECT_LT(map.heap_bytes(), 2048U);
  EXPECT_EQ(map.size(), 11U);
  EXPECT_EQ(contents_of(map).front().first, 9'990);
  EXPECT_TRUE(map.find(number(9'999)));
}

TEST(OrderedMapTest, PositionsAreStableWhileCompactionIsForbidden) {
  OrderedMap map;
  for (std::int64_t key = 0; key < 1000; ++key) {
    EXPECT_EQ(map.insert(number(key), number(key), Compaction::kForbidden),
              static_cast<Position>(key));
    if (key % 10 != 0) map.erase(static_cast<Position>(key));
  }
  for (std::int64_t key = 0; key < 1000; key += 10) {
    EXPECT_EQ(map.find(number(key)), static_cast<Position>(key));
  }
}

// Against a vector of pairs. In batches, which forbid compaction, every change can be taken back,
// last first.
class Model {
 public:
  explicit Model(unsigned seed) : random_(seed) {}

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      if (below(30) == 0) {
        in_batch_ = !in_batch_;
        undo_.clear();
      }
      change(below(60), step);
      check();
      for (std::int64_t n = below(8) == 0 ? below(12) : 0; n > 0 && !undo_.empty(); --n) {
        undo_last();
        check();
      }
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  struct Undo {
    std::function<void()> step;
    Contents before;
  };

  std::int64_t below(std::int64_t bound) {
    return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random_);
  }
  Contents::iterator find(std::int64_t key) {
    return std::ranges::find(model_, key, &Contents::value_type::first);
  }

  void change(std::int64_t key, std::int64_t value) {
    Contents before = model_;
    std::function<void()> undo;
    if (const auto at = map_.find(number(key)); !at) {
      const auto compaction = in_batch_ ? Compaction::kForbidden : Compaction::kAllowed;
      const Position inserted = map_.insert(number(key), number(value), compaction);
      model_.emplace_back(key, value);
      undo = [this, inserted] { map_.erase(inserted); };
    } else if (below(4) == 0) {
      undo = [this, at, old = map_.value_at(*at)] { map_.value_at(*at) = old; };
      map_.value_at(*at) = number(value);
      find(key)->second = value;
    } else if (below(200) == 0) {
      undo = [this, old = map_] { map_ = old; };
      map_.clear();
      model_.clear();
    } else {
      undo = [this, at, entry = map_.erase(*at)] { map_.restore(*at, entry); };
      model_.erase(find(key));
    }
    if (in_batch_) undo_.push_back({std::move(undo), std::move(before)});
  }

  void undo_last() {
    undo_.back().step();
    model_ = std::move(undo_.back().before);
    undo_.pop_back();
  }

  void check() {
    ASSERT_EQ(contents_of(map_), model_);
    ASSERT_EQ(map_.size(), model_.size());
    ASSERT_EQ(map_.last().has_value(), !model_.empty());
    if (!model_.empty()) {
      ASSERT_EQ(map_.entry_at(*map_.last()).key.as_int(), model_.back().first);
    }
    for (std::int64_t key = 0; key < 60; ++key) {
      ASSERT_EQ(map_.find(number(key)).has_value(), find(key) != model_.end()) << key;
    }
  }

  std::mt19937 random_;
  OrderedMap map_;
  Contents model_;
  std::vector<Undo> undo_;
  bool in_batch_ = false;
};

TEST(OrderedMapTest, BehavesAsAVectorOfPairsUnderRandomChanges) {
  for (const unsigned seed : test::seeds(15)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model(seed).run(600);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace mp::server
