#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Scores = DictProxy<std::string, int>;
using Event = WatchEvent<std::string, int>;

// "2 mp.v1.Dict/Set alice: 1 -> 2"
std::string text(const Event& event) {
  std::string text = std::to_string(event.version);
  if (!event.operation.empty()) text += " " + event.operation;
  if (event.everything) text += " everything";
  if (event.resync) text += " resync";
  if (event.deleted) text += " deleted";
  const auto side = [](const std::optional<int>& value) {
    return value ? std::to_string(*value) : "-";
  };
  for (const auto& change : event.changes) {
    text += " " + change.key.value_or("?") + ": " + side(change.old_value) + " -> " +
            side(change.new_value);
  }
  return text;
}

class WatchContract : public Managers {
 protected:
  Scores scores = manager().dict<std::string, int>("scores");
  Watch<std::string, int> watch = manager().watch(scores, {.old_values = true, .new_values = true});

  // What there is now.
  static std::vector<std::string> read(const Watch<std::string, int>& watch) {
    std::vector<std::string> events;
    while (const auto event = watch.next(0s)) events.push_back(text(*event));
    return events;
  }
};
MP_CONTRACT(WatchContract);

TEST_P(WatchContract, TellsWhatOthersChange) {
  Manager other = another();
  auto theirs = other.dict<std::string, int>("scores");
  theirs.set("alice", 1);
  theirs.add("alice", 2);
  theirs.erase("alice");
  EXPECT_THAT(read(watch),
              ElementsAre("1 mp.v1.Dict/Set alice: - -> 1", "2 mp.v1.Dict/Add alice: 1 -> 3",
                          "3 mp.v1.Dict/Delete alice: 3 -> -"));
}

TEST_P(WatchContract, WaitsForAChange) {
  EXPECT_FALSE(watch.next(0s).has_value());
  EXPECT_FALSE(watch.next(10ms).has_value());
  elsewhere(GetParam(), [&] { scores.set("alice", 1); });
  EXPECT_EQ(watch.next(kLong)->version, 1U);
}

TEST_P(WatchContract, TellsOfItsKeysOnly) {
  auto alice = manager().watch(scores, {.keys = {"alice"}, .new_values = true});
  scores.set("bob", 1);
  scores.update({{"bob", 2}, {"alice", 3}});
  EXPECT_THAT(read(alice), ElementsAre("2 mp.v1.Dict/Update alice: - -> 3"));
}

TEST_P(WatchContract, EveryChangeRaisesTheVersion) {
  EXPECT_EQ(scores.version(), 0U);
  scores.set("alice", 1);
  scores.get("alice");
  EXPECT_EQ(scores.version(), 1U);
  scores.clear();
  EXPECT_EQ(scores.version(), 2U);
}

TEST_P(WatchContract, TellsOfABatchOnce) {
  auto batch = manager().batch();
  batch.on(scores).set("alice", 1);
  batch.on(scores).set("bob", 2);
  batch.commit();
  EXPECT_THAT(read(watch), ElementsAre("2 mp.v1.Batches/Run alice: - -> 1 bob: - -> 2"));
}

TEST_P(WatchContract, GoesThroughEventsToTheDeletion) {
  scores.set("alice", 1);
  manager().remove("scores");
  std::vector<std::string> events;
  for (const auto& event : watch) events.push_back(text(event));
  EXPECT_THAT(events, ElementsAre("1 mp.v1.Dict/Set alice: - -> 1", "2 deleted"));
  EXPECT_THROW(watch.next(0s), NoSuchObject);
}

TEST_P(WatchContract, ResumesFromAPosition) {
  scores.set("alice", 1);
  scores.set("alice", 2);
  ASSERT_EQ(watch.next(0s)->version, 1U);
  const WatchPosition position = watch.position();
  Manager other = another();
  auto theirs = other.dict<std::string, int>("scores");
  auto resumed = other.watch(theirs, {.old_values = true, .new_values = true, .resume = position});
  EXPECT_THAT(read(resumed), ElementsAre("2 mp.v1.Dict/Set alice: 1 -> 2"));
}

TEST_P(WatchContract, ResynchronizesWhoComesFromAnotherObject) {
  scores.set("alice", 1);
  auto resumed = manager().watch(scores, {.resume = WatchPosition{.object = 1, .version = 0}});
  EXPECT_THAT(read(resumed), ElementsAre("1 resync"));
}

TEST_P(WatchContract, TellsACallbackBeforeTheReplyReturns) {
  std::vector<std::string> told;
  watch.on_change([&](const Event& event) { told.push_back(text(event)); });
  scores.set("alice", 1);
  EXPECT_THAT(told, ElementsAre("1 mp.v1.Dict/Set alice: - -> 1"));
}

TEST_P(WatchContract, TellsACallbackOfWhatHappenedBeforeAReplyOnAnotherObject) {
  auto queue = manager().queue<int>("queue");
  std::vector<int> told;
  watch.on_change([&](const Event& event) { told.push_back(*event.changes.at(0).new_value); });
  Manager other = another();
  other.dict<std::string, int>("scores").set("alice", 7);
  other.queue<int>("queue").put(1);
  EXPECT_THAT(told, IsEmpty()) << "nobody has called";
  queue.get(kLong);
  EXPECT_THAT(told, ElementsAre(7));
}

TEST_P(WatchContract, TellsWhatACallbackItselfChangesAfterIt) {
  std::vector<int> told;
  watch.on_change([&](const Event& event) {
    const int value = *event.changes.at(0).new_value;
    if (value < 3) scores.set("alice", value + 1);
    told.push_back(value);
  });
  scores.set("alice", 1);
  EXPECT_THAT(told, ElementsAre(1, 2, 3));
}

TEST_P(WatchContract, TellsCallbacksOfABatchBeforeItsReplyReturnsAndOfItsChangesInOrder) {
  auto list = manager().list<int>();
  const auto items = manager().watch(list, {.new_values = true});
  std::vector<std::string> told;
  watch.on_change([&](const Event& event) { told.push_back(text(event)); });
  items.on_change([&](const WatchEvent<std::int64_t, int>& event) {
    for (const auto& item : event.changes) told.push_back(std::to_string(*item.new_value));
  });
  auto batch = manager().batch();
  batch.on(scores).set("alice", 1);
  batch.on(list).append(5);
  batch.on(scores).set("bob", 2);
  batch.on(list).append(6);
  batch.on(scores).set("alice", 3);
  batch.commit();
  EXPECT_THAT(told,
              ElementsAre("3 mp.v1.Batches/Run alice: - -> 1 bob: - -> 2 alice: 1 -> 3", "5", "6"));
}

TEST_P(WatchContract, TellsNothingOfABatchThatIsUndone) {
  std::vector<std::string> told;
  watch.on_change([&](const Event& event) { told.push_back(text(event)); });
  auto batch = manager().batch();
  batch.on(scores).set("alice", 1);
  batch.on(scores).at("nobody");
  EXPECT_THROW(batch.commit(), KeyError);
  scores.set("bob", 2);
  EXPECT_THAT(told, ElementsAre("1 mp.v1.Dict/Set bob: - -> 2"));
}

TEST_P(WatchContract, TellsACallbackBeforeTheResultOfAFutureIsThere) {
  std::vector<int> told;
  watch.on_change([&](const Event& event) { told.push_back(*event.changes.at(0).new_value); });
  auto later = scores.async();
  std::vector<Future<void>> sets;
  for (int i = 1; i <= 3; ++i) sets.push_back(later.set("alice", i));
  sets.at(2).get();
  EXPECT_THAT(told, ElementsAre(1, 2, 3));
}

TEST_P(WatchContract, HasOneReader) {
  watch.on_change([](const Event&) {});
  EXPECT_THROW(watch.next(0s), ValueError);
  EXPECT_THROW(watch.on_change([](const Event&) {}), ValueError);
}

TEST_P(WatchContract, TellsAHundredSubscribers) {
  std::vector<Watch<std::string, int>> watches;
  for (int i = 0; i < 100; ++i) watches.push_back(manager().watch(scores, {.new_values = true}));
  scores.set("alice", 1);
  for (const auto& each : watches)
    ASSERT_THAT(read(each), ElementsAre("1 mp.v1.Dict/Set alice: - -> 1"));
}

TEST_P(WatchContract, GoesOnInAForkedChildFromWhereItsParentWas) {
  MP_NEEDS_FORK();
  scores.set("alice", 1);
  ASSERT_EQ(watch.next(0s)->version, 1U);
  scores.set("alice", 2);
  EXPECT_TRUE(in_a_child([&] { return watch.next(kLong)->version == 2; }));
  EXPECT_EQ(watch.next(0s)->version, 2U) << "the child has a watch of its own";
}

TEST_P(WatchContract, TellsOfKindsWithoutKeys) {
  auto lock = manager().lock();
  auto locked = manager().watch(lock);
  lock.acquire();
  lock.release();
  EXPECT_EQ(locked.next(0s)->operation, "mp.v1.Lock/Acquire");
  EXPECT_EQ(locked.next(0s)->operation, "mp.v1.Lock/Release");
}

TEST_P(WatchContract, TellsOfEachKindInItsTypes) {
  auto list = manager().list<int>();
  auto items = manager().watch(list, {.new_values = true});
  list.append(5);
  EXPECT_EQ(items.next(0s)->changes.at(0).key, 0);
  auto value = manager().value<int>();
  auto numbers = manager().watch(value, {.old_values = true, .new_values = true});
  value += 4;
  const auto changed = numbers.next(0s)->changes.at(0);
  EXPECT_EQ(changed.key, std::nullopt);
  EXPECT_EQ(changed.old_value, 0);
  EXPECT_EQ(changed.new_value, 4);
  auto space = manager().namespace_();
  auto attributes = manager().watch(space, {.new_values = true});
  space.set("x", 1);
  EXPECT_EQ(attributes.next(0s)->changes.at(0).key, "x");
}

}  // namespace
}  // namespace mp::contract
