#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/contract/child.h"
#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;

// A dict with a near cache, and another client's proxy of it.
class NearCacheContract : public Managers {
 protected:
  DictProxy<std::string, int> near = manager().dict<std::string, int>("d", {.near_cache = true});
  Manager other = another();
  DictProxy<std::string, int> far = other.dict<std::string, int>("d");
  QueueProxy<int> news = manager().queue<int>("news");

  // From here on this process knows what was done before.
  void hear_news() {
    other.queue<int>("news").put(1);
    news.get(kLong);
  }
};
MP_CONTRACT(NearCacheContract);

TEST_P(NearCacheContract, ReadsWhatIsThere) {
  far.set("a", 1);
  EXPECT_EQ(near.get("a"), 1);
  EXPECT_EQ(near.get("a"), 1);
  EXPECT_EQ(near.at("a"), 1);
  EXPECT_TRUE(near.contains("a"));
  EXPECT_EQ(near.get("b"), std::nullopt);
  EXPECT_FALSE(near.contains("b"));
  EXPECT_EQ(near.get("b", 7), 7);
  EXPECT_THROW(near.at("b"), KeyError);
}

TEST_P(NearCacheContract, MayAnswerWithoutTheManager) {
  far.set("a", 1);
  EXPECT_EQ(near.get("a"), 1);
  far.set("a", 2);
  EXPECT_EQ(near.get("a"), 1) << "nothing that this process has seen tells of the change";
  hear_news();
  EXPECT_EQ(near.get("a"), 2);
}

TEST_P(NearCacheContract, SeesItsOwnWrites) {
  near.set("a", 1);
  EXPECT_EQ(near.get("a"), 1);
  near.set("a", 2);
  EXPECT_EQ(near.get("a"), 2);
  EXPECT_EQ(near.add("a", 5), 7);
  EXPECT_EQ(near.get("a"), 7);
  near["a"] += 1;
  EXPECT_EQ(near.get("a"), 8);
  near.erase("a");
  EXPECT_EQ(near.get("a"), std::nullopt);
  near.update({{"a", 1}, {"b", 2}});
  EXPECT_EQ(near.get("a"), 1);
  near.clear();
  EXPECT_EQ(near.get("b"), std::nullopt);
}

TEST_P(NearCacheContract, SeesItsOwnAsynchronousWritesAndBatches) {
  near.set("a", 1);
  near.async().set("a", 2).get();
  EXPECT_EQ(near.get("a"), 2);
  auto batch = manager().batch();
  batch.on(near).set("a", 3);
  batch.commit();
  EXPECT_EQ(near.get("a"), 3);
}

TEST_P(NearCacheContract, SeesAllOfABatchOrNothingOfIt) {
  far.update({{"a", 1}, {"b", 1}});
  EXPECT_EQ(near.at("a") + near.at("b"), 2);
  auto batch = other.batch();
  batch.on(far).set("a", 2);
  batch.on(far).set("b", 2);
  batch.commit();
  EXPECT_EQ(near.at("a") + near.at("b"), 2) << "nothing that this process has seen tells of it";
  hear_news();
  EXPECT_EQ(near.at("a") + near.at("b"), 4);
}

TEST_P(NearCacheContract, SeesThatAKeyHasComeAndGone) {
  EXPECT_EQ(near.get("a"), std::nullopt);
  far.set("a", 1);
  hear_news();
  EXPECT_EQ(near.get("a"), 1);
  far.erase("a");
  hear_news();
  EXPECT_EQ(near.get("a"), std::nullopt);
}

TEST_P(NearCacheContract, SeesThatTheDictIsGone) {
  far.set("a", 1);
  EXPECT_EQ(near.get("a"), 1);
  other.remove("d");
  hear_news();
  EXPECT_THROW(near.get("a"), NoSuchObject);
}

TEST_P(NearCacheContract, KeepsReferencesInTheManager) {
  auto outer = manager().dict<std::string, ListProxy<int>>("outer", {.near_cache = true});
  outer.set("list", manager().list<int>({1, 2}));
  EXPECT_EQ(outer.at("list").size(), 2U);
  EXPECT_EQ(outer.at("list").size(), 2U);
}

TEST_P(NearCacheContract, IsRightForKeysThatItDoesNotKeep) {
  auto floats = manager().dict<double, int>("floats", {.near_cache = true});
  floats.set(0.0, 1);
  EXPECT_EQ(floats.get(-0.0), 1);
  floats.set(-0.0, 2);
  EXPECT_EQ(floats.get(0.0), 2);
  const std::string large(1000, 'x');
  near.set(large, 1);
  EXPECT_EQ(near.get(large), 1);
  near.set(large, 2);
  EXPECT_EQ(near.get(large), 2);
}

TEST_P(NearCacheContract, IsBounded) {
  auto small =
      manager().dict<int, std::string>("small", {.near_cache = true, .near_cache_bytes = 4096});
  for (int i = 0; i < 200; ++i) small.set(i, std::string(100, 'x'));
  for (int i = 0; i < 200; ++i) ASSERT_EQ(small.get(i)->size(), 100U);
}

TEST_P(NearCacheContract, IsOfItsOwnInAForkedChild) {
  MP_NEEDS_FORK();
  near.set("a", 1);
  EXPECT_EQ(near.get("a"), 1);
  EXPECT_TRUE(in_a_child([&] {
    if (near.get("a") != 1) return false;
    near.set("a", 2);
    return near.get("a") == 2;
  }));
  hear_news();
  EXPECT_EQ(near.get("a"), 2);
}

TEST_P(NearCacheContract, IsForValuesToo) {
  auto value = manager().value<int>("v", 3, {.near_cache = true});
  auto theirs = other.value<int>("v");
  EXPECT_EQ(value.get(), 3);
  theirs.set(4);
  EXPECT_EQ(value.get(), 3) << "nothing that this process has seen tells of the change";
  theirs.set(3);
  value += 2;
  EXPECT_EQ(value.get(), 5);
  theirs.set(9);
  hear_news();
  EXPECT_EQ(value.get(), 9);
  EXPECT_TRUE(value.get_lock().acquire());
  value.get_lock().release();
}

TEST_P(NearCacheContract, IsNotForOtherKinds) {
  EXPECT_THROW(manager().list<int>("list", {.near_cache = true}), ValueError);
}

// A writer elsewhere counts a key up, and says so over a queue: once a thread of this process has
// heard of a number, no thread reads a lower one.
TEST_P(NearCacheContract, IsNeverOlderThanTheLastReplyThatAnyThreadSaw) {
  constexpr int kKeys = 4;
  constexpr int kRounds = 300;
  std::array<std::atomic<int>, kKeys> heard{};
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  std::jthread writer([&] {
    for (int i = 0; i < kRounds; ++i) {
      const int key = i % kKeys;
      const int count = far.add(std::to_string(key), 1);
      other.queue<int>("news").put(key * 1'000'000 + count);
    }
  });
  std::jthread listener([&] {
    for (int i = 0; i < kRounds; ++i) {
      const int told = news.get(kLong);
      heard.at(static_cast<std::size_t>(told / 1'000'000)).store(told % 1'000'000);
    }
    over = true;
  });
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      for (int i = reader; !over.load(); ++i) {
        const int key = i % kKeys;
        const int least = heard.at(static_cast<std::size_t>(key)).load();
        if (near.get(std::to_string(key)).value_or(0) < least) ++wrong;
        if (reader == 0 && i % 50 == 0) near.set("own", i);
      }
    });
  }
  readers.clear();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace mp::contract
